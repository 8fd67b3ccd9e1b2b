--- Objects of a search: a field or method that they do not have is a mistake, and not nil.
local core = require "mlp.core"
local check = require "mlp.check"

--- Make `class` the index of its objects.
--- @param class table  with __name
--- @param properties table<string, function>  fields that are worked out when they are read
--- @param unset table<string, boolean>  names of fields that may be nil
return function(class, properties, unset)
  local word = class.__name:match "[^.]+$":lower()
  function class.__index(self, key)
    local value = class[key]
    if value ~= nil then return value end
    if properties[key] then return properties[key](self) end
    if unset[key] or type(key) ~= "string" then return nil end
    local known = {}
    for _, names in ipairs { class, properties, self } do
      for name in pairs(names) do
        if type(name) == "string" and not name:find "^_" then known[#known + 1] = name end
      end
    end
    table.sort(known)
    core.raise("argument", ("%s: no field or method '%s'%s"):format(word, key,
      check.hint(key, known)))
  end
end
