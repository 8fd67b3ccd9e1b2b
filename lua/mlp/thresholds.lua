--- A metric at several thresholds: Precision { thresholds = { 0.2, 0.5 } } stands for two metrics,
--- which are logged as precision_0.2 and precision_0.5.
local check = require "mlp.check"

local M = {}

local List = { __name = "mlp.MetricList" }

function M.is_list(v) return getmetatable(v) == List end

local function name_of(kind, threshold) return ("%s_%.6g"):format(kind, threshold) end

--- One metric, or where `options.thresholds` is a list one for each of them.
--- @param kind string
--- @param options? any
--- @param make fun(options: any): userdata
--- @return userdata|table  a list of { metric, name }
function M.spread(kind, options, make)
  local given = type(options) == "table" and options.thresholds
  if type(given) ~= "table" then return make(options) end
  local list = setmetatable({ kind = kind }, List)
  for i, threshold in ipairs(given) do
    local o = {}
    for key, v in pairs(options) do o[key] = v end
    o.thresholds = check.number(kind, "thresholds", threshold, 0, 1)
    list[i] = { make(o), name_of(kind, threshold) }
  end
  if #list == 0 then
    check.raise("argument", "%s: option 'thresholds': expected a number in [0, 1], or a list of "
      .. "them, got an empty list", kind)
  end
  return list
end

return M
