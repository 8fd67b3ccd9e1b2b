--- A script's own options, from the command line after its name.
---
---   local opt = mlp.args { lr = 0.01, epochs = 10, verbose = false, sizes = { 16, 16 } }
---
--- with `mlprun x.lua --lr 0.1 --sizes=32,32 --verbose` gives lr 0.1, sizes { 32, 32 }, verbose
--- true. The preset's type is the option's: a float, an integer, a string, a boolean (`--verbose`,
--- `--no-verbose`) or a list of numbers or strings (comma-separated). A preset written
--- `lr = { 0.01, help = "step size" }` carries a line for `--help`.

local core = require "mlp.core"

--- @class mlp.ArgsRow
--- @field name string
--- @field preset any
--- @field help string

local function is_list(value) return type(value) == "table" end

local function kind_of(value)
  if is_list(value) then return "list" end
  return math.type(value) or type(value)
end

local EXPECTED = {
  float = "a number", integer = "a whole number", string = "a text",
  list = "a list such as 1,2,3", boolean = "true or false",
}

--- The presets as rows sorted by name.
local function read_presets(presets)
  local rows = {}
  for name, preset in pairs(presets) do
    local help = ""
    if is_list(preset) and preset.help then
      help = preset.help
      preset = preset[1]
    end
    if type(name) ~= "string" or not EXPECTED[kind_of(preset)] then
      error(("args: preset '%s': expected a number, string, boolean or list, got a %s")
        :format(name, type(preset)), 3)
    end
    rows[#rows + 1] = { name = name, preset = preset, help = help }
    rows[name] = rows[#rows]
  end
  table.sort(rows, function(a, b) return a.name < b.name end)
  return rows
end

local function to_text(value)
  if is_list(value) then return table.concat(value, ",") end
  return tostring(value)
end

local function print_help(rows, script)
  print(("usage: mlprun %s [options]\n"):format(script))
  for _, row in ipairs(rows) do
    local flag = "--" .. row.name:gsub("_", "-")
    if kind_of(row.preset) ~= "boolean" then flag = flag .. " " .. kind_of(row.preset):upper() end
    print(("  %-24s %s (%s)"):format(flag, row.help, to_text(row.preset)))
  end
  print(("  %-24s show this list"):format "--help")
end

--- Wrong usage of the script: one line and exit code 2, as mlprun's own options have it.
local function refuse(message)
  io.stdout:flush()
  io.stderr:write(message, "\n")
  os.exit(2, true)
end

local function unknown(name, rows)
  local flags = {}
  for i, row in ipairs(rows) do flags[i] = "--" .. row.name:gsub("_", "-") end
  flags[#flags + 1] = "--help"
  local flag = "--" .. name:gsub("_", "-")
  local near = core.nearest(flag, flags)
  refuse(("args: unknown option '%s'%s; known options: %s"):format(
    flag, near and ("; did you mean '%s'?"):format(near) or "", table.concat(flags, " ")))
end

local convert = {}
function convert.float(text) return tonumber(text) and tonumber(text) + 0.0 end
function convert.integer(text) return math.tointeger(tonumber(text)) end
function convert.string(text) return text end
function convert.boolean(text) return ({ ["true"] = true, ["false"] = false })[text] end
function convert.list(text, preset)
  local list, numbers = {}, type(preset[1]) ~= "string"
  for item in text:gmatch "[^,]+" do
    list[#list + 1] = numbers and tonumber(item) or not numbers and item or nil
    if numbers and not tonumber(item) then return nil end
  end
  return list
end

local function set(options, row, text)
  local kind = kind_of(row.preset)
  local value
  if text then value = convert[kind](text, row.preset) end
  if value == nil then
    refuse(("args: option '--%s': expected %s, got %s"):format(
      row.name:gsub("_", "-"), EXPECTED[kind], text and "'" .. text .. "'" or "nothing"))
  end
  options[row.name] = value
end

--- Take the option at words[i]; the index of the next one.
local function take(words, i, rows, options)
  local name, value = words[i]:match "^%-%-([^=]+)=?(.*)$"
  if not name then refuse(("args: expected an option --NAME, got '%s'"):format(words[i])) end
  local attached = words[i]:find("=", 1, true)
  name = name:gsub("-", "_")
  local row, negated = rows[name], rows[name:match "^no_(.+)$"]
  if row and type(row.preset) == "boolean" then
    set(options, row, attached and value or "true")
  elseif row then
    set(options, row, attached and value or words[i + 1])
    return attached and i + 1 or i + 2
  elseif negated and type(negated.preset) == "boolean" and not attached then
    options[negated.name] = false
  else
    unknown(name, rows)
  end
  return i + 1
end

--- @generic T: table
--- @param presets T names and presets of the options
--- @return T
return function(presets)
  local rows, options, words = read_presets(presets), {}, _G.arg or {}
  for _, row in ipairs(rows) do options[row.name] = row.preset end
  for i = 1, #words do
    if words[i] == "--help" then
      print_help(rows, words[0] or "script.lua")
      os.exit(0, true)
    end
  end
  local i = 1
  while i <= #words do i = take(words, i, rows, options) end
  return options
end
