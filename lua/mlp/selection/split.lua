--- train_test_split, as scikit-learn has it; data:split is the same in this library's words.
local check = require "mlp.check"
local core = require "mlp.core"

local M = {}

--- Two parts of a dataset: the rest, and a share that is cut off.
--- @param data mlp.Dataset
--- @param options? table  test_size 0.25, shuffle true, stratify false (true, or data.y: each class
---   gives its share), random_state (the run's seed)
--- @return mlp.Dataset train
--- @return mlp.Dataset test
--- @usage local train, test = mlp.model_selection.train_test_split(data, { test_size = 0.2 })
function M.train_test_split(data, options, more)
  if core.type(data) ~= "mlp.Dataset" or core.is_tensor(options) or more ~= nil then
    check.raise("argument", "train_test_split: expected a dataset and options, got %s%s; make one "
      .. "of x and y by mlp.dataset { x = x, y = y }", check.what(data),
      options ~= nil and " and " .. check.what(options) or "")
  end
  local o = check.options("train_test_split", options, { test_size = 0.25, shuffle = true,
    stratify = check.any(false), random_state = check.any(-1) })
  local how = not o.shuffle and "tail" or o.stratify and "stratified" or "shuffle"
  return data:split { test = o.test_size, how = how, seed = o.random_state }
end

return M
