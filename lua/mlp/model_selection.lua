--- mlp.model_selection: how well a model does on rows that it has not seen, under scikit-learn's
--- names.
local folds = require "mlp.selection.folds"
local validate = require "mlp.selection.validate"
local curves = require "mlp.selection.curves"
local split = require "mlp.selection.split"

local M = {}

for _, functions in ipairs { folds.kinds, validate.functions, curves, split } do
  for name, f in pairs(functions) do M[name] = f end
end

return M
