--- Options tables: presets, types, unknown keys.
local core = require "mlp.core"

local M = {}

--- Raise an error object of that kind ("argument", "shape", "state"...), with the script's line.
--- @param kind string
--- @param fmt string
function M.raise(kind, fmt, ...)
  core.raise(kind, fmt:format(...))
end

--- What a value is, for "got ...": 'text', 3, a tensor (32, 10), a table.
--- @return string
function M.what(v)
  local kind = core.type(v)
  if core.is_tensor(v) then return ("a tensor (%s)"):format(table.concat(v.shape, ", ")) end
  if type(v) == "string" then return "'" .. v .. "'" end
  if v == nil then return "none" end
  if type(v) == "number" or type(v) == "boolean" then return tostring(v) end
  local word = (kind:match "[^.]+$"):lower()
  return (word:find "^[aeiou]" and "an " or "a ") .. word
end

local function sorted_keys(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  return keys
end
M.sorted_keys = sorted_keys

--- "; did you mean 'x'?", or nothing.
function M.hint(name, known)
  local near = core.nearest(tostring(name), known)
  return near and ("; did you mean '%s'?"):format(near) or ""
end

--- For xpcall: an error that is a text with the script's lines that led to it, or all lines where
--- the fault is the library's own; any other value as it is.
--- @param e any
--- @return any
function M.trace(e)
  if type(e) ~= "string" then return e end
  local lines, own = { e }, e:find "^mlp/" ~= nil
  for line in debug.traceback("", 2):gmatch "[^\n]+" do
    local library = line:find "^\t%[C%]:" or line:find "^\tmlp/"
    if own or not library then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end

--- Options of which the first may be given alone, or without its name in front of others.
--- @param options any
--- @param first string  its name
function M.first(options, first)
  if options == nil then return nil end
  if type(options) ~= "table" then return { [first] = options } end
  if options[1] == nil or options[first] ~= nil then return options end
  local o = { [first] = options[1] }
  for k, v in pairs(options) do
    if k ~= 1 then o[k] = v end
  end
  return o
end

local Any = { __name = "any type" }

--- A preset whose option may be of another type.
function M.any(preset) return setmetatable({ preset = preset }, Any) end

--- Fill in presets and refuse what is not known. `presets` maps each option to its preset;
--- `M.none` marks one that has none. The type of a preset is the type that is wanted, but for
--- M.any.
--- @generic T
--- @param who string  what the message names
--- @param options table?
--- @param presets T
--- @return T
function M.options(who, options, presets)
  if options ~= nil and type(options) ~= "table" then
    M.raise("argument", "%s: expected a table of options, got %s%s", who, M.what(options),
      who == "fit" and core.is_tensor(options)
      and "; x and y go together: fit({ x = x, y = y }, { epochs = 10 })" or "")
  end
  local filled = {}
  for k, v in pairs(presets) do
    if getmetatable(v) == Any then v = v.preset end
    if v ~= M.none then filled[k] = v end
  end
  for k, v in pairs(options or {}) do
    local preset = presets[k]
    if preset == nil then
      local known = sorted_keys(presets)
      M.raise("argument", "%s: unknown option '%s'%s; known options: %s", who, tostring(k),
        M.hint(k, known), table.concat(known, ", "))
    end
    if preset ~= M.none and getmetatable(preset) ~= Any and type(v) ~= type(preset) then
      M.raise("argument", "%s: option '%s': expected a %s, got %s", who, k, type(preset), M.what(v))
    end
    filled[k] = v
  end
  return filled
end

M.none = setmetatable({}, { __name = "no preset" })

--- Refuse what is not the object of a method: `model.fit(data)` for `model:fit(data)`.
function M.self(v, type_name, method)
  if core.type(v) == type_name then return end
  local short = type_name:match "[^.]+$":lower()
  M.raise("argument", "%s: expected it to be called as %s:%s(...), with a colon; got %s in front",
    method, short, method, M.what(v))
end

--- A whole number of at least `least`.
function M.whole(who, name, v, least)
  if math.type(v) ~= "integer" and not (type(v) == "number" and v == math.floor(v)
    and v < 2 ^ 53) then
    local most = type(v) == "number" and v == math.floor(v) and " below 2^53" or ""
    M.raise("argument", "%s: option '%s': expected a whole number%s, got %s", who, name, most,
      M.what(v))
  end
  if v < least then
    M.raise("argument", "%s: option '%s': expected at least %d, got %s", who, name, least,
      tostring(v))
  end
  return math.tointeger(v)
end

--- A number in [low, high].
function M.number(who, name, v, low, high)
  if type(v) ~= "number" or not (v >= low and v <= high) then
    M.raise("argument", "%s: option '%s': expected a number from %g to %g, got %s", who, name, low,
      high, M.what(v))
  end
  return v
end

--- The name of a file, which is a function's first argument.
--- @return string
function M.path(who, path)
  if type(path) ~= "string" or path == "" or path:find "\0" then
    M.raise("argument", "%s: argument 1 'path': expected a file name, got %s", who, M.what(path))
  end
  return path
end

return M
