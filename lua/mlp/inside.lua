--- Looking into a model: what its layers give, and what the ends of their ranges are.
local core = require "mlp.core"

local M = {}

-- Outputs at or beyond these are counted as saturated: 97 % of the way to an asymptote.
local LIMITS <const> = {
  tanh = { -0.97, 0.97 }, sigmoid = { 0.015, 0.985 }, softsign = { -0.97, 0.97 },
  lecun_tanh = { -0.97 * 1.7159, 0.97 * 1.7159 }, hard_tanh = { -1, 1 }, hard_sigmoid = { 0, 1 },
  relu6 = { 0, 6 },
}

--- The name of the activation that a layer ends with, or its kind where it has none.
--- @param layer mlp.Layer
--- @return string
function M.activation(layer)
  local activation = layer.activation
  return activation and activation.kind or layer.kind
end

--- Low and high end of its outputs; infinite where there is none.
--- @param layer mlp.Layer
--- @return number[]
function M.limits(layer) return LIMITS[M.activation(layer)] or { -math.huge, math.huge } end

local function outputs(model, inputs, training)
  local values = {}
  for i, use in ipairs(core.model_uses(model)) do
    local given = {}
    for j, k in ipairs(use.inputs) do given[j] = k > 0 and values[k] or inputs[1 - k] end
    values[i] = core.layer_call(use.layer, #given == 1 and given[1] or given, training)
  end
  return values
end

--- The outputs of all uses of layers, in order, without a tape.
--- @param model mlp.Model
--- @param inputs mlp.Tensor[]
--- @param training? boolean  false
--- @return mlp.Tensor[]
function M.outputs(model, inputs, training)
  return core.no_grad(outputs, model, inputs, training or false)
end

return M
