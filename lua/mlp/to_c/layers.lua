--- Layers as C for model:to_c. Each writes its buffer `use.to` from the buffers `use.from`, in the
--- order of operations of runtime/layer/.
local core = require "mlp.core"
local activations = require "mlp.to_c.activations"
local emit = require "mlp.to_c.emit"

local add, array, constant, weight = emit.add, emit.array, emit.constant, emit.weight

local LAYER = {}

for name in ("dropout alpha_dropout gaussian_dropout gaussian_noise activity_regularization "
  .. "flatten reshape spatial_dropout1d identity"):gmatch "%S+" do
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

--- The products of all pieces first, then the largest of each unit's; NaN wins.
function LAYER.maxout(net, use, o)
  local kernel, bias = weight(use.layer, "kernel"), weight(use.layer, "bias")
  local k, n = kernel.shape[1], kernel.shape[2]
  local all = emit.buffer(net, n)
  add(net, "  NET_dense(1, %d, %d, %s, %s, %s);", k, n, use.from[1].at, array(net, kernel), all)
  add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[i] + %s[i];", n, all, all, array(net, bias))
  add(net, "  for (i = 0; i < %d; i++) %s[i] = NET_most(%d, %s + i * %d);", use.size, use.to,
    o.pieces, all, o.pieces)
end

--- Rows of a table by whole numbers from 1; NaN for a number that it does not have.
function LAYER.embedding(net, use, o)
  local exact = net.dtype == "float32" and 2 ^ 24 or 2 ^ 53
  if o.input_dim > exact then
    emit.refuse(use.layer, ("expected an input_dim of at most %d, which %s tells apart, got %d")
      :format(exact, net.dtype, o.input_dim))
  end
  local n = o.output_dim
  add(net, "  for (i = 0; i < %d; i++) {\n    const REAL x = %s[i / %d];\n"
    .. "    %s[i] = x >= 1 && x <= %d ? %s[((size_t)x - 1) * %d + i %% %d] : (REAL)NAN;\n  }",
    use.size, use.from[1].at, n, use.to, o.input_dim, array(net, weight(use.layer, "embeddings")),
    n, n)
end

--- Each element from its place in the input: the strides of the input in the order of the output.
function LAYER.permute(net, use, o)
  local shape, stride, from, step = {}, {}, {}, 1
  for d, at in ipairs(o.dims) do shape[at] = use.shape[d] end
  for d = #shape, 1, -1 do stride[d], step = step, step * shape[d] end
  step = 1
  for d = #shape, 1, -1 do
    table.insert(from, 1, ("i / %d %% %d * %d"):format(step, use.shape[d], stride[o.dims[d]]))
    step = step * use.shape[d]
  end
  add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[%s];", use.size, use.to, use.from[1].at,
    table.concat(from, " + "))
end

function LAYER.repeat_vector(net, use)
  add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[i %% %d];", use.size, use.to, use.from[1].at,
    use.shape[#use.shape])
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

function LAYER.relu(net, use, o)
  emit.copy(net, use)
  activations.apply(net, use, { kind = "relu", max_value = o.max_value,
    negative_slope = o.negative_slope, threshold = o.threshold })
end

--- Each feature's values side by side, then one call of them.
local function pool(net, use, call)
  local steps, features = table.unpack(use.from[1].shape)
  use.row = steps
  add(net, "  for (i = 0; i < %d; i++) {\n    size_t j;\n    for (j = 0; j < %d; j++) "
    .. "NET_row[j] = %s[j * %d + i];\n    %s[i] = %s;\n  }", features, steps, use.from[1].at,
    features, use.to, call:format(steps))
end

function LAYER.global_average_pooling1d(net, use)
  pool(net, use, "NET_total(%d, NET_row, NULL) / (REAL)" .. use.from[1].shape[1])
end

function LAYER.global_max_pooling1d(net, use) pool(net, use, "NET_most(%d, NET_row)") end

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

--- As many groups of features as the layer has; -1: each feature is one.
function LAYER.group_normalization(net, use, o)
  local features = use.shape[#use.shape]
  local groups = o.groups < 0 and features or o.groups
  use.row = use.size // groups
  emit.copy(net, use)
  add(net, "  NET_groups(%d, %d, %d, %s, %s);", use.size // features, groups, features // groups,
    use.to, constant(net, o.epsilon))
  scale_and_shift(net, use)
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

--- The sigmoids of all features first, then half of the values times half of those.
function LAYER.glu(net, use)
  local n, from = use.shape[#use.shape], use.from[1]
  local gate = emit.buffer(net, from.size)
  local all = { size = from.size, to = gate, from = use.from, shape = from.shape }
  emit.copy(net, all)
  activations.apply(net, all, { kind = "sigmoid" })
  add(net, "  for (i = 0; i < %d; i++)\n    %s[i] = %s[i / %d * %d + i %% %d] * "
    .. "%s[i / %d * %d + %d + i %% %d];", use.size, use.to, from.at, n, 2 * n, n, gate, n, 2 * n,
    n, n)
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

--- The inner products of rows; normalized, of rows of length 1.
function LAYER.dot(net, use, o)
  local a, b = use.from[1], use.from[2]
  if a.size ~= b.size then emit.refuse(use.layer, "expected inputs of one shape") end
  use.row = a.size // use.size
  local from = { a.at, b.at }
  if o.normalize then
    for k = 1, 2 do
      local unit = emit.buffer(net, a.size)
      emit.copy(net, { size = a.size, to = unit, from = { use.from[k] } })
      add(net, "  for (i = 0; i < %d; i++) NET_unit(%d, %s + i * %d, %s);", use.size, use.row, unit,
        use.row, constant(net, 1e-14))
      from[k] = unit
    end
  end
  add(net, "  for (i = 0; i < %d; i++) {\n    size_t j;\n    for (j = 0; j < %d; j++)\n"
    .. "      NET_row[j] = %s[i * %d + j] * %s[i * %d + j];\n"
    .. "    %s[i] = NET_total(%d, NET_row, NULL);\n  }", use.size, use.row, from[1], use.row,
    from[2], use.row, use.to, use.row)
end

--- The blocks that lie behind one index of the dimensions in front of the axis, one after another.
--- The axis counts that of the rows as the first.
function LAYER.concatenate(net, use, o)
  local axis = o.axis < 0 and #use.shape + 1 + o.axis or o.axis - 1
  if axis < 1 then emit.refuse(use.layer, "expected an axis of a row, got that of the rows") end
  local outer, at = 1, 0
  for d = 1, axis - 1 do outer = outer * use.shape[d] end
  for _, from in ipairs(use.from) do
    local width = from.size // outer
    add(net, "  for (i = 0; i < %d; i++)\n    memcpy(%s + i * %d + %d, %s + i * %d, "
      .. "%d * sizeof(REAL));", outer, use.to, use.size // outer, at, from.at, width, width)
    at = at + width
  end
end

--- The kernel as it is used, w / (v w u), in the order of runtime/layer/spectral_normalization.c
--- when it does not train.
local function normalized(w, u)
  local function unit(t)
    local length = t:norm()
    return length:item() > 0 and t / length or t
  end
  u = unit(u:reshape(-1))
  local sigma = unit(u:matmul(w:t())):matmul(w):matmul(u)
  return sigma:item() == 0 and w or w / sigma
end

--- As its layer, with that kernel.
function LAYER.spectral_normalization(net, use, o)
  local inner, list = o.layer, {}
  for i, w in ipairs(inner:weights()) do
    local divided = w.name == "kernel" or w.name == "embeddings"
    list[i] = { name = w.name, tensor = divided and
      core.no_grad(normalized, w.tensor, use.layer.vector_u) or w.tensor }
  end
  use.layer = { kind = inner.kind, name = use.layer.name, weights = function() return list end }
  LAYER[inner.kind](net, use, core.layer_options(inner))
end

--- The inner layers one after another, then what was skipped: x, or its Dense layer.
function LAYER.residual(net, use)
  local self, outer = core.layer_table(use.layer), use.from[1]
  local function inside(layer, from)
    local shape = { table.unpack(from.shape) }
    if layer.kind == "dense" then shape[#shape] = self.units end
    local to = emit.buffer(net, emit.size_of(shape))
    local inner = { layer = layer, from = { from }, to = to, shape = shape,
      size = emit.size_of(shape) }
    use.row = math.max(use.row or 1, shape[#shape])
    LAYER[layer.kind](net, inner, core.layer_options(layer))
    return { at = to, shape = shape, size = inner.size }
  end
  local y = outer
  for _, layer in ipairs(self.inner) do y = inside(layer, y) end
  local x = self.skip and inside(self.skip, outer) or outer
  add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[i] + %s[i];", use.size, use.to, x.at, y.at)
end

return LAYER
