--- Where a result comes from: the script that runs, its sha256 and the words behind its name.
local core = require "mlp.core"

local M = {}

local known -- for the script of this process, read once
local lesson -- the script is one of the lecture, run by its name

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

--- A word as a shell reads it; of a path the name alone where it starts at the root.
local function quoted(word)
  word = word:find "^/" and word:match "[^/]*$" or word
  if word:find "^[%w_./=,:@%%+-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- The options of mlprun itself that change what a script does: not where it writes, and the seed
--- is told apart.
local function own_options(words)
  local list, first, skip = {}, 0, false
  while words[first - 1] do first = first - 1 end
  for i = first + 1, lesson and -3 or -1 do -- up to `lecture NAME`
    local word = tostring(words[i])
    if skip then
      skip = false
    elseif word == "--out" or word == "--seed" then
      skip = true
    elseif not word:find "^%-%-out=" and not word:find "^%-%-seed=" then
      list[#list + 1] = quoted(word)
    end
  end
  return #list > 0 and table.concat(list, " ") or nil
end

--- The seed is the one that the script began with: it may have set others since.
local function describe(path, text, seed)
  local options = {}
  for i, word in ipairs(_G.arg) do options[i] = quoted(tostring(word)) end
  return {
    ["mlprun options"] = own_options(_G.arg),
    script = path:sub(1, 1) == "/" and path:match "[^/]*$" or path, -- no path of this machine
    lecture = lesson,
    ["script sha256"] = core.sha256(text), seed = tostring(seed),
    options = #options > 0 and table.concat(options, " ") or nil,
  }
end

--- Say that this is the script that runs, where it is not a file by that name.
--- @param path string
--- @param text string
--- @param name? string  of a script of the lecture
function M.is(path, text, name)
  lesson = name
  known = describe(path, text, core.seed())
end

--- The command line that runs the script of this process once more; nil where that cannot be.
--- @return string[]?
function M.command()
  local words, list, first = rawget(_G, "arg"), {}, 0
  if type(words) ~= "table" or type(words[0]) ~= "string" then return nil end
  if not lesson and (words[0] == "-" or not read(words[0])) then return nil end
  while words[first - 1] do first = first - 1 end
  for i = first, #words do
    if not (lesson and i == 0) then list[#list + 1] = tostring(words[i]) end
  end
  return list
end

--- Text for a picture or a file: script, "script sha256", options, seed; lecture: a script of the
--- lecture that was run by this name. Empty where none runs.
--- @return table<string, string>
function M.script()
  local words = rawget(_G, "arg")
  local path = not known and type(words) == "table" and words[0]
  local text = type(path) == "string" and read(path)
  known = known or text and describe(path, text, core.first_seed or core.seed()) or {}
  return known
end

return M
