-- program.lua: the mlprun program as a shell or a user at a terminal sees it.
local M = {}

local build = os.getenv "MLPRUN_BUILD" or "build"
M.path = build .. "/mlprun"

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

--- Is this mlprun, and not stock Lua (make test-module)?
M.inside = package.preload["mlp.core"] ~= nil

--- Skip the test that runs, by name, where the program is not what is tested.
function M.needed()
  -- The `pending` of a test is in its environment only; this one throws the same.
  if not M.inside then require "busted.core"().pending "this is not the mlprun program" end
end

--- A temporary file with that text; its path.
function M.file(text)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  return path
end

local function take(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  os.remove(path)
  return text
end

--- Run `mlprun ARGUMENTS`. `before` is shell text in front: variables, `echo x |`.
--- @param arguments string[]
--- @param before? string
--- @return string stdout, string stderr, integer code
function M.run(arguments, before)
  M.needed()
  local out, err, words = os.tmpname(), os.tmpname(), {}
  for i, word in ipairs(arguments) do words[i] = quote(word) end
  local _, _, code = os.execute(("%s %s %s >%s 2>%s"):format(
    before or "", M.path, table.concat(words, " "), out, err))
  return take(out), take(err), code
end

--- Run `mlprun ARGUMENTS` on a terminal of its own; `dialogue` is a script for tests/pty.c.
--- @return string shown, integer code
function M.at_terminal(dialogue, arguments, before)
  M.needed()
  local script, words = M.file(dialogue), {}
  for i, word in ipairs(arguments or {}) do words[i] = quote(word) end
  local pipe = io.popen(("%s %s/tests/pty %s %s %s"):format(
    before or "", build, script, M.path, table.concat(words, " ")))
  local shown = pipe:read "a"
  pipe:close()
  os.remove(script)
  shown = shown:gsub("\r\n", "\n")
  return shown, math.tointeger(shown:match "exit (%d+)\n$")
end

return M
