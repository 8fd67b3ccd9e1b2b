--- Where a result comes from: the script that runs, its sha256 and the words behind its name.
local core = require "mlp.core"

local M = {}

local known -- for the script of this process, read once

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
  for i = first + 1, -1 do
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
    ["script sha256"] = core.sha256(text), seed = tostring(seed),
    options = #options > 0 and table.concat(options, " ") or nil,
  }
end

--- Say that this is the script that runs, where it is not a file by that name.
--- @param path string
--- @param text string
function M.is(path, text)
  known = describe(path, text, core.seed())
end

--- Text for a picture or a file: script, "script sha256", options, seed. Empty where none runs.
--- @return table<string, string>
function M.script()
  local words = rawget(_G, "arg")
  local path = not known and type(words) == "table" and words[0]
  local text = type(path) == "string" and read(path)
  known = known or text and describe(path, text, core.first_seed) or {}
  return known
end

return M
