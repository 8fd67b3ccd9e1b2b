--- What is given for the inputs or outputs of a model: by position, by name, or the one.
local check = require "mlp.check"
local core = require "mlp.core"

local M = {}

local function names_of(ports)
  local names = {}
  for i, port in ipairs(ports) do names[i] = port.name or tostring(i) end
  return names
end

--- The place of a port by its name.
local function place(who, what, ports, name)
  for i, port in ipairs(ports) do
    if port.name == name then return i end
  end
  local known = names_of(ports)
  check.raise("argument", "%s: option '%s': there is no '%s'%s; there are: %s", who, what,
    tostring(name), check.hint(name, known), table.concat(known, ", "))
end

local function too_many(who, what, ports, n)
  check.raise("argument", "%s: option '%s': expected %d, one each for %s, got %d", who, what,
    #ports, table.concat(names_of(ports), ", "), n)
end

--- A list as long as `ports`, false where nothing was given. `one(value)` says whether a value is
--- for a single port; for several `all` says whether it stands for each of them.
--- @param who string
--- @param what string  the option, for messages
--- @param ports table[]  model.inputs or model.outputs
--- @param value any
--- @param one fun(v: any): boolean
--- @param all? boolean
--- @return table
function M.list(who, what, ports, value, one, all)
  local list = {}
  for i = 1, #ports do list[i] = false end
  if value == nil then return list end
  if one(value) then
    if #ports > 1 and not all then
      check.raise("argument", "%s: option '%s': expected a table, by name or in order, for %s", who,
        what, table.concat(names_of(ports), ", "))
    end
    for i = 1, #ports do list[i] = value end
    return list
  end
  if type(value) ~= "table" then
    check.raise("argument", "%s: option '%s': expected a table, got %s", who, what,
      check.what(value))
  end
  for key, v in pairs(value) do
    if math.type(key) ~= "integer" then
      key = place(who, what, ports, key)
    elseif key < 1 or key > #ports then
      too_many(who, what, ports, key)
    end
    list[key] = v
  end
  return list
end

--- Is it a table of numbers, of rows of numbers...?
local function is_nested(v)
  while type(v) == "table" do
    if type(v[1]) == "number" then return true end
    v = v[1]
  end
  return false
end

--- Tensors, one a port; a nested table of numbers becomes one of the port's type.
--- @param dtype_of? fun(i: integer): string
function M.tensors(who, what, ports, value, dtype_of)
  if type(value) == "table" and type(value[1]) == "string" then
    check.raise("argument", "%s: option '%s': expected numbers, got texts; mlp.dataset { x = x, "
      .. "y = y } makes classes of them", who, what)
  end
  if value ~= nil and type(value) ~= "table" and not core.is_tensor(value) then
    check.raise("argument", "%s: option '%s': expected a tensor or a table of numbers, got %s", who,
      what, check.what(value))
  end
  local function one(v) return core.is_tensor(v) or #ports == 1 and is_nested(v) end
  local list = M.list(who, what, ports, value, one)
  for i, t in ipairs(list) do
    if is_nested(t) then
      t = core.tensor(t, { dtype = dtype_of and dtype_of(i) })
      list[i] = t
    end
    if t and not core.is_tensor(t) then
      check.raise("argument", "%s: %s of '%s': expected a tensor, got %s", who, what,
        ports[i].name or i, check.what(t))
    end
  end
  return list
end

return M
