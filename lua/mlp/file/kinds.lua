--- The descriptor of every kind that a file may name.
local core = require "mlp.core"
local custom = require "mlp.custom"

local kinds = {} -- kinds[family][name]: the descriptor
for family, list in pairs(core.registry()) do
  kinds[family] = {}
  for _, kind in ipairs(list) do kinds[family][kind.name] = kind end
end

local NO_OPTIONS <const> = { options = {} }

--- The descriptor of a kind; of one that a script registered, without options; nil: there is none.
--- @param family string
--- @param name string
return function(family, name)
  return kinds[family][name] or (custom.find(family, name) and NO_OPTIONS)
end
