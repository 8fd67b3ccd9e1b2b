--- What fit trains and validates on.
local core = require "mlp.core"
local check = require "mlp.check"
local dataset = require("mlp.data").dataset

local M = {}

--- x and y of what fit was given: a dataset, or a table { x =, y = }.
function M.arrays(who, data)
  if type(data) == "userdata" and not core.is_tensor(data) then return data.x, data.y end
  if type(data) == "table" and core.is_tensor(data.x) then return data.x, data.y end
  check.raise("argument", "%s: expected a dataset, or a table { x = tensor, y = tensor }, got %s",
    who, type(data))
end

--- The data to train on and to validate on.
function M.split(data, options)
  if options.validation_data ~= nil then return data, options.validation_data end
  local share = check.number("fit", "validation_split", options.validation_split, 0, 1)
  if share == 0 then return data, nil end
  if share == 1 then
    check.raise("argument", "fit: option 'validation_split': expected less than 1, got 1")
  end
  if type(data) == "table" then data = dataset { x = data.x, y = data.y } end
  local train, validation = data:split { test = share, how = options.validation_how }
  if #validation == 0 then
    check.raise("argument",
      "fit: validation_split = %g of %d rows is no row; give more data or a larger share",
      share, #data)
  end
  return train, validation
end

return M
