--- A value as a line that a person can read: tables with their fields, what has a __tostring by it.
local core = require "mlp.core"

local ENTRIES <const> = 20 -- shown of a table

local function order(a, b)
  if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
  return type(a) < type(b)
end

local inspect

local function key_text(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return key end
  return "[" .. inspect(key, 1) .. "]"
end

local function table_text(t, depth)
  local parts, keys = {}, {}
  for i = 1, math.min(rawlen(t), ENTRIES + 1) do parts[i] = inspect(rawget(t, i), depth + 1) end
  for key in next, t do
    if math.type(key) ~= "integer" or key < 1 or key > rawlen(t) then keys[#keys + 1] = key end
  end
  table.sort(keys, order)
  for _, key in ipairs(keys) do
    if #parts > ENTRIES then break end
    parts[#parts + 1] = key_text(key) .. " = " .. inspect(rawget(t, key), depth + 1)
  end
  if #parts > ENTRIES then parts[ENTRIES + 1] = "..." end
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

local FEW <const> = 8 -- numbers of a tensor inside a table that are shown

--- A tensor inside a table: few numbers with their type and shape, of many these alone.
local function tensor_text(t)
  local text = tostring(t)
  if t.ndim > 1 or t:numel() > FEW then text = text:match "%[[^%[]*%]$" or text end
  return (text:gsub("%s+", " "):gsub("^ ", ""))
end

--- @param value any
--- @param depth? integer of nesting; tables deeper than two are not opened
--- @return string
function inspect(value, depth)
  depth = depth or 0
  local meta = type(value) == "table" and getmetatable(value)
  if type(value) == "string" then return depth > 0 and ("%q"):format(value) or value end
  if depth > 0 and core.is_tensor(value) then return tensor_text(value) end
  if type(value) ~= "table" or (meta and (meta.__tostring or meta.__name)) or depth > 2 then
    return tostring(value)
  end
  return table_text(value, depth)
end

-- Tables that functions give, such as a batch or a model's weights.
core.extend("mlp.Fields", nil, { __tostring = function(t) return table_text(t, 0) end })

return inspect
