--- Lua values as JSON can hold them and back: every bit of a number, NaN and infinities, tables
--- with any keys of text and whole numbers, and tensors, which go into a list of arrays beside.
local check = require "mlp.check"
local core = require "mlp.core"

local M = {}

local NUMBERS <const> = { nan = 0 / 0, inf = math.huge, ["-inf"] = -math.huge }

local function number_name(v)
  if v ~= v then return "nan" end
  return v > 0 and "inf" or "-inf"
end

local encode

local function encode_table(t, arrays, place)
  local out = {}
  for key, v in pairs(t) do
    local name = math.type(key) == "integer" and "#" .. key or "." .. tostring(key)
    out[name] = encode(v, arrays, place .. "/" .. tostring(key))
  end
  return { table = next(out) and out or false }
end

--- What stands for v; arrays gets { name, tensor } for each tensor in it.
function encode(v, arrays, place)
  if core.is_tensor(v) then
    arrays[#arrays + 1] = { ("training/%d"):format(#arrays + 1), v }
    return { tensor = arrays[#arrays][1] }
  end
  local kind = type(v)
  if kind == "table" then return encode_table(v, arrays, place) end
  if kind == "number" and math.type(v) == "float" and v - v ~= 0 then
    return { number = number_name(v) }
  end
  if kind == "number" or kind == "string" or kind == "boolean" then return v end
  check.raise("argument", "checkpoint: expected numbers, texts, truth values, tensors and tables "
    .. "of them, got a %s in the state '%s'", kind, place)
end

--- @param array fun(name: string): mlp.Tensor
local function decode(v, array)
  if type(v) ~= "table" then return v end
  if v.tensor then return array(v.tensor) end
  if v.number then return NUMBERS[v.number] end
  local out = {}
  for name, inner in pairs(v.table or {}) do
    local key = name:sub(2)
    out[name:sub(1, 1) == "#" and math.tointeger(tonumber(key)) or key] = decode(inner, array)
  end
  return out
end

M.encode, M.decode = encode, decode

return M
