--- The interactive loop of mlprun. `host` is what runtime/host/repl.c offers: read, remember, run,
--- report, append, and the fields terminal, color, editor, version.
local core = require "mlp.core"
local inspect = require "mlp.inspect"
local settings = require "mlp.settings"

local M = {}

local HISTORY = 10000 -- entries kept
local SLOW = 0.1 -- seconds; what takes longer is timed

-- History: a file of one entry a line, newlines and backslashes escaped. ------

local function history_path()
  local path = os.getenv "MLPRUN_HISTORY"
  if path then return path ~= "" and path or nil end
  local state, home = os.getenv "XDG_STATE_HOME", os.getenv "HOME"
  if not state and home then state = home .. "/.local/state" end
  if not state or not pcall(core.make_folder, state .. "/mlprun") then return nil end
  return state .. "/mlprun/history"
end

local function escape(entry) return (entry:gsub("[\\\n]", { ["\\"] = "\\\\", ["\n"] = "\\n" })) end
local function unescape(line) return (line:gsub("\\(.)", { n = "\n", ["\\"] = "\\" })) end

--- The last entries, oldest first, each but once: where it was used last.
--- @param path string
--- @return string[] lines, boolean changed whether the file holds more than these
function M.read_history(path)
  local file = io.open(path)
  if not file then return {}, false end
  local all = {}
  for line in file:lines() do all[#all + 1] = line end
  file:close()
  local kept, seen = {}, {}
  for i = #all, 1, -1 do
    if not seen[all[i]] and #kept < HISTORY then
      seen[all[i]] = true
      kept[#kept + 1] = all[i]
    end
  end
  local lines = table.move(kept, 1, #kept, 1, {})
  for i = 1, #kept do lines[i] = kept[#kept + 1 - i] end
  return lines, #lines < #all
end

local function open_history(host)
  local path = host.terminal and history_path()
  if not path then return end
  local lines, changed = M.read_history(path)
  for _, line in ipairs(lines) do host.remember(unescape(line)) end
  if changed then
    local fresh = path .. ".new"
    os.remove(fresh)
    if host.append(fresh, table.concat(lines, "\n") .. "\n") then os.rename(fresh, path) end
  end
  return path, lines[#lines]
end

-- Completion. ---------------------------------------------------------------

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch "%a+" do
  KEYWORDS[word] = true
end

local function add_keys(keys, t)
  for key in next, t do
    if type(key) == "string" and key:find "^[%a_][%w_]*$" then keys[key] = true end
  end
end

--- Names that may follow `object.`: its fields, then those that its metatable's __index gives.
local function keys_of(object)
  local keys, seen = {}, {}
  while object ~= nil and not seen[object] do
    seen[object] = true
    if type(object) == "table" then add_keys(keys, object) end
    local meta = debug.getmetatable(object) -- __metatable hides it from the other one
    object = meta and rawget(meta, "__index")
    if type(object) == "function" then -- C's closures hold their table of methods
      local _, methods = debug.getupvalue(object, 1)
      object = methods
    end
    if type(object) ~= "table" and type(object) ~= "userdata" then break end
  end
  return keys
end

--- The value of a path such as "mlp.plot"; nil where it breaks off or raises.
local function value_of(path)
  local value = _G
  for name in path:gmatch "[%a_][%w_]*" do
    local ok, field = pcall(function() return value[name] end)
    if not ok or field == nil then return nil end
    value = field
  end
  return value
end

--- What `word`, at the end of `before .. word`, may become; nil inside strings: file names.
--- @param word string
--- @param before string
--- @return string[]|nil
function M.complete(word, before)
  local unquoted = before:gsub("\\.", ""):gsub('"[^"]*"', ""):gsub("'[^']*'", "")
  if unquoted:find "[\"']" then return nil end
  local path, dot, prefix = word:match "^(.-)([.:]?)([%w_]*)$"
  local object = _G
  if dot ~= "" then object = value_of(path) end
  if object == nil then return {} end
  local keys = keys_of(object)
  if dot == "" and not before:find "^%?" then
    for keyword in pairs(KEYWORDS) do keys[keyword] = true end
  end
  local found = {}
  for key in pairs(keys) do
    local hidden = prefix == "" and key:find "^_"
    local wrong = dot == ":" and type(value_of(path .. "." .. key)) ~= "function"
    if key:sub(1, #prefix) == prefix and not hidden and not wrong then
      found[#found + 1] = path .. dot .. key
    end
  end
  table.sort(found)
  return found
end

-- Reading, running, printing. -------------------------------------------------

--- Compile as an expression, else as statements.
--- @return function|nil chunk, string|nil err, boolean|nil incomplete more lines are needed
local function compile(text)
  local chunk, expression_err = load("return " .. text, "=stdin")
  if chunk then return chunk end
  local err
  chunk, err = load(text, "=stdin")
  if chunk then return chunk end
  return nil, err, (err .. "\n" .. expression_err):find "<eof>'?%f[\n\0]" ~= nil
end

--- A statement is a chunk of its own, with which its locals go: where it begins with "local", what
--- follows is global, so that scripts can be typed in, or pasted.
--- @param text string
function M.without_local(text)
  local head, at = text:match "^%s*local%s+([%a_][%w_]*)()"
  if not head then return text end
  local rest = text:match "^%s*local%s+(.*)$"
  if head == "function" then return rest end
  local stop = at
  repeat
    at = stop
    stop = text:match("^%s*,%s*[%a_][%w_]*()", at)
  until not stop
  if text:find("^%s*=[^=]", at) then return rest end
  if text:find("^%s*<", at) then return text end
  return rest:gsub("^[%w_,%s]+$", "%0 = nil")
end

--- Read a statement of one or more lines.
--- @return string|nil|false text nil at the end, false after Ctrl-C
--- @return function|nil chunk
--- @return string|nil err
local function read(host)
  local text = host.read(_G._PROMPT and tostring(_G._PROMPT) or "> ")
  if not text or text:find "^%s*%?" then return text end
  while true do
    local chunk, err, incomplete = compile(text)
    if chunk then chunk = compile(M.without_local(text)) end
    if not incomplete then return text, chunk, err end
    local more = host.read(_G._PROMPT2 and tostring(_G._PROMPT2) or ">> ")
    if more == nil then return text, nil, err end
    if more == false then return false end
    text = text .. "\n" .. more
  end
end

--- Print what a statement gave, and keep it in _, _1, _2...
local function show(text, ...)
  local n = select("#", ...)
  if n == 0 then return end
  _G._ = ...
  for i = 1, n do _G["_" .. i] = (select(i, ...)) end
  if text:find ";%s*$" then return end
  local parts = {}
  for i = 1, n do parts[i] = inspect((select(i, ...))) end
  print(table.concat(parts, "\t"))
end

local function explain(name)
  local mlp = require "mlp"
  local text, e = mlp.try(mlp.help, name ~= "" and name or nil)
  print(text or e.message)
end

local function dim(host, text)
  io.stdout:write(host.color and "\27[2m" .. text .. "\27[0m" or text, "\n")
end

local function run(host, chunk, text)
  settings.prompt = { stopped = false }
  local started = core.clock()
  local results = table.pack(host.run(chunk))
  local seconds = core.clock() - started
  if not results[1] then return host.report(results[2]) end
  local ok, report = host.run(function() show(text, table.unpack(results, 2, results.n)) end)
  if not ok then host.report(report) end
  if seconds > SLOW then dim(host, ("%.2f s"):format(seconds)) end
end

--- One turn.
--- @return string|false|nil entry for the history; nil at the end
local function turn(host)
  local text, chunk, err = read(host)
  if not text then return text end
  local word = text:match "^%s*(%l+)%s*%(?%s*%)?%s*$"
  if (word == "exit" or word == "quit") and _G[word] == nil then return nil end
  if word == "help" and _G.help == nil then text = "?" end
  local name = text:match "^%s*%?%s*(.-)%s*$"
  if name then
    chunk = function() explain(name) end
  end
  if chunk then
    run(host, chunk, name and "" or text)
  else
    host.report(err)
  end
  return text
end

function M.run(host)
  local path, last = open_history(host)
  if host.terminal then
    print(("mlprun %s: ? NAME explains, Ctrl-D leaves"):format(host.version))
  end
  local ok, mlp = pcall(require, "mlp")
  if ok and _G.mlp == nil then _G.mlp = mlp end
  for entry in turn, host do
    if entry and entry:find "%S" and escape(entry) ~= last then
      last = escape(entry)
      host.remember(entry)
      if path then host.append(path, last .. "\n") end
    end
  end
  if host.terminal then print() end
end

return M
