--- Layers as C for model:to_c. Each writes its buffer `use.to` from the buffers `use.from`, in the
--- order of operations of runtime/layer/.
local activations = require "mlp.to_c.activations"
local emit = require "mlp.to_c.emit"

local add, array, constant, weight = emit.add, emit.array, emit.constant, emit.weight

local LAYER = {}

for name in ("dropout alpha_dropout gaussian_dropout gaussian_noise activity_regularization "
  .. "flatten reshape spatial_dropout1d"):gmatch "%S+" do
  LAYER[name] = emit.copy
end

--- Each value with the weight of its feature, where the layer has that weight.
local function by_feature(net, use, op, name)
  local w = weight(use.layer, name)
  if not w then return end
  add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[i] %s %s[i %% %d];", use.size, use.to, use.to,
    op, array(net, w), use.shape[#use.shape])
end

function LAYER.dense(net, use, o)
  local kernel = weight(use.layer, "kernel")
  local k, n = kernel.shape[1], kernel.shape[2]
  add(net, "  NET_dense(%d, %d, %d, %s, %s, %s);", use.size // n, k, n, use.from[1].at,
    array(net, kernel), use.to)
  by_feature(net, use, "+", "bias")
  activations.apply(net, use, o.activation)
end

function LAYER.activation(net, use, o)
  emit.copy(net, use)
  activations.apply(net, use, o.activation)
end

function LAYER.softmax(net, use)
  emit.copy(net, use)
  activations.apply(net, use, { kind = "softmax" })
end

function LAYER.rescaling(net, use, o)
  emit.each(net, use, ("x * %s + %s"):format(constant(net, o.scale), constant(net, o.offset)))
end

local RELU <const> = "(x > 0 ? x : x == x ? 0 : x)"
local LEFT <const> = "(-x > 0 ? -x : x == x ? 0 : -x)"

function LAYER.leaky_relu(net, use, o)
  emit.each(net, use, ("%s - %s * %s"):format(RELU, LEFT, constant(net, o.negative_slope)))
end

function LAYER.prelu(net, use)
  local alpha = weight(use.layer, "alpha") or use.layer:weights()[1].tensor
  emit.each(net, use, ("%s - %s * %s[i %% %d]"):format(RELU, LEFT, array(net, alpha),
    alpha:numel()))
end

local function scale_and_shift(net, use)
  by_feature(net, use, "*", "gamma")
  by_feature(net, use, "+", "beta")
end

function LAYER.batch_normalization(net, use, o)
  local mean, variance = weight(use.layer, "moving_mean"), weight(use.layer, "moving_variance")
  local n = use.shape[#use.shape]
  emit.each(net, use, ("(x - %s[i %% %d]) / SQRT(%s[i %% %d] + %s)"):format(array(net, mean), n,
    array(net, variance), n, constant(net, o.epsilon)))
  scale_and_shift(net, use)
end

function LAYER.layer_normalization(net, use, o)
  emit.copy(net, use)
  emit.rows(net, use, "standardize", constant(net, o.epsilon))
  scale_and_shift(net, use)
end

function LAYER.elu(net, use, o)
  emit.each(net, use, ("(x <= 0 ? 0 : x) + v_expm1(x > 0 ? 0 : x) * %s"):format(
    constant(net, o.alpha)))
end

function LAYER.rms_normalization(net, use, o)
  emit.copy(net, use)
  emit.rows(net, use, "rms", constant(net, o.epsilon))
  by_feature(net, use, "*", "scale")
end

function LAYER.unit_normalization(net, use)
  emit.copy(net, use)
  emit.rows(net, use, "unit", constant(net, 1e-24))
end

--- What was adapted to the data; inverted, back to its units.
function LAYER.normalization(net, use, o)
  local mean, variance = weight(use.layer, "mean"), weight(use.layer, "variance")
  local n = use.shape[#use.shape]
  local m = ("%s[i %% %d]"):format(array(net, mean), n)
  local v = ("%s[i %% %d]"):format(array(net, variance), n)
  emit.each(net, use, o.invert and ("x * SQRT(x * 0 + %s) + %s"):format(v, m)
    or ("(x - %s) / SQRT(%s + 0)"):format(m, v))
end

--- Layers of several inputs: a op b, then op c...
local MERGE <const> = {
  add = "a + b", subtract = "a - b", multiply = "a * b",
  maximum = "a > b || a != a ? a : b", minimum = "a < b || a != a ? a : b",
}

for kind, expression in pairs(MERGE) do
  LAYER[kind] = function(net, use)
    for _, from in ipairs(use.from) do
      if from.size ~= use.size then emit.refuse(use.layer, "expected inputs of one shape") end
    end
    emit.copy(net, use)
    for k = 2, #use.from do
      add(net, "  for (i = 0; i < %d; i++) {\n    const REAL a = %s[i], b = %s[i];\n"
        .. "    %s[i] = %s;\n  }", use.size, use.to, use.from[k].at, use.to, expression)
    end
  end
end

function LAYER.average(net, use, o)
  LAYER.add(net, use, o)
  add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[i] / %s;", use.size, use.to, use.to,
    constant(net, #use.from))
end

function LAYER.concatenate(net, use, o)
  if o.axis ~= -1 and o.axis ~= #use.shape then
    emit.refuse(use.layer, "expected inputs side by side along the last dimension")
  end
  local n, at = use.shape[#use.shape], 0
  for _, from in ipairs(use.from) do
    local width = from.width
    add(net, "  for (i = 0; i < %d; i++)\n    memcpy(%s + i * %d + %d, %s + i * %d, "
      .. "%d * sizeof(REAL));", use.size // n, use.to, n, at, from.at, width, width)
    at = at + width
  end
end

return LAYER
