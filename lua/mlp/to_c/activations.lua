--- Activations as C for model:to_c: the formulas of runtime/activation/, in their order of
--- operations. tests/to_c_spec.lua compares the bits of each with the kernel.
local emit = require "mlp.to_c.emit"

local M = {}

-- y from x; $name is an option, t a temporary.
local FORMULA <const> = {
  celu = "x > 0 ? x : $alpha * v_expm1(x / $alpha)",
  elu = "x > 0 ? x : $alpha * v_expm1(x)",
  exponential = "v_exp(x)",
  hard_shrink = "v_abs(x) <= $threshold ? 0 : x",
  hard_sigmoid = "(t = x * R(0.16666666666666667) + R(0.5), t < 0 ? 0 : t > 1 ? 1 : t)",
  hard_silu = "(t = x * R(0.16666666666666667) + R(0.5), x * (t < 0 ? 0 : t > 1 ? 1 : t))",
  hard_tanh = "x < -1 ? -1 : x > 1 ? 1 : x",
  leaky_relu = "x > 0 ? x : $negative_slope * x",
  lecun_tanh = "R(1.7159) * v_tanh(x * R(0.66666666666666667))",
  linear = "x",
  log_sigmoid = "-v_softplus(-x)",
  mish = "x * v_tanh(v_softplus(x))",
  relu6 = "x <= 0 ? 0 : x > 6 ? 6 : x",
  selu = "x > 0 ? R(1.0507009873554805) * x : "
    .. "R(1.0507009873554805) * R(1.6732632423543772) * v_expm1(x)",
  sigmoid = "v_sigmoid(x)",
  silu = "x * v_sigmoid(x)",
  soft_shrink = "(t = x > 0 ? x - $threshold : x + $threshold, v_abs(x) <= $threshold ? 0 : t)",
  softplus = "v_softplus(x)",
  softsign = "x / (1 + v_abs(x))",
  sparse_plus = "x <= -1 ? 0 : x < 1 ? R(0.25) * (x + 1) * (x + 1) : x",
  sparse_sigmoid = "(t = R(0.5) * (x + 1), t < 0 ? 0 : t > 1 ? 1 : t)",
  squareplus = "R(0.5) * (x + SQRT(x * x + $b))",
  tanh = "v_tanh(x)",
  tanh_shrink = "x - v_tanh(x)",
  threshold = "x <= $threshold ? $default_value : x",
}

local ROWWISE <const> = { softmax = true, log_softmax = true, sparsemax = true }

local function relu(net, object)
  local slope, most = object.negative_slope, object.max_value
  local threshold = emit.constant(net, object.threshold)
  local low = slope == 0 and "(x == x ? 0 : x)"
    or ("%s * (x - %s)"):format(emit.constant(net, slope), threshold)
  local y = ("x > %s ? x : %s"):format(threshold, low)
  if most == math.huge then return y end
  return ("(t = %s, t > %s ? %s : t)"):format(y, emit.constant(net, most), emit.constant(net, most))
end

local function gelu(_, object)
  if object.approximate == true or object.approximate == 1 then
    return "R(0.5) * x * (1 + v_tanh(R(0.7978845608028654) * (x + R(0.044715) * x * x * x)))"
  end
  return "x * R(0.5) * (1 + v_erf(x * R(0.7071067811865476)))"
end

local function formula(net, object)
  if object.kind == "relu" then return relu(net, object) end
  if object.kind == "gelu" then return gelu(net, object) end
  local text = FORMULA[object.kind]
  return text and text:gsub("%$([%a_]+)", function(option)
    return emit.constant(net, object[option])
  end)
end

--- Apply an activation to a use's values, in place: row by row where it must be.
function M.apply(net, use, object)
  local kind = object and object.kind or "linear"
  if kind == "linear" then return end
  if ROWWISE[kind] then return emit.rows(net, use, kind) end
  local expression = formula(net, object)
  if not expression then
    emit.refuse(use.layer, ("expected an activation that C can be written for, got '%s'"):format(
      kind))
  end
  emit.add(net, "  for (i = 0; i < %d; i++) {\n    const REAL x = %s[i];\n    REAL t = 0;\n"
    .. "    %s[i] = %s;\n    (void)t;\n  }", use.size, use.to, use.to, expression)
end

return M
