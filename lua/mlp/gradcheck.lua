--- mlp.gradcheck: gradients against central differences.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local Report = {}
Report.__index = Report
Report.__name = "mlp.GradCheck"

--- One line that says how it went; the worst element of each input that is off.
function Report:__tostring()
  if self.ok then
    return ("gradcheck: %d elements of %d inputs agree; largest error %.2e"):format(self.checked,
      #self.inputs, self.max_error)
  end
  local lines = {}
  for _, w in ipairs(self.inputs) do
    if w.wrong > 0 then
      lines[#lines + 1] = ("gradcheck: %s: %d of %d elements are off; the worst is {%s}: "
        .. "backward gives %.9g, differences %.9g"):format(w.name, w.wrong, w.checked,
        table.concat(w.index, ", "), w.backward, w.numeric)
    end
  end
  return table.concat(lines, "\n")
end

--- Where element k (from 1, row by row) is.
local function index_of(shape, k)
  local index, rest = {}, k - 1
  for d = #shape, 1, -1 do
    index[d] = rest % shape[d] + 1
    rest = rest // shape[d]
  end
  return index
end

local function check_float64(name, t)
  if not core.is_tensor(t) then
    check.raise("argument", "gradcheck: %s: expected a tensor, got %s", name, check.what(t))
  end
  if t.dtype ~= "float64" then
    check.raise("type", "gradcheck: %s: expected float64, got %s; use :double()", name, t.dtype)
  end
end

--- What is looked at: leaves of their own from the inputs, and weights, where they are.
local function leaves_of(inputs, weights)
  local leaves, arguments = {}, {}
  for i, t in ipairs(inputs) do
    local name = "input " .. i
    if core.is_tensor(t) and (t.dtype == "int64" or t.dtype == "uint8") then
      arguments[i] = t -- classes, masks: no gradient
    else
      check_float64(name, t)
      arguments[i] = t:detach():clone():requires_grad_()
      leaves[#leaves + 1] = { name = name, t = arguments[i] }
    end
  end
  for _, w in ipairs(weights) do
    if w.trainable then
      check_float64(w.name, w.tensor)
      leaves[#leaves + 1] = { name = w.name, t = w.tensor }
    end
  end
  return leaves, arguments
end

--- The sum of the result times fixed numbers, so that every element of it counts.
local function weighted(result, factors)
  if not core.is_tensor(result) then
    check.raise("argument", "gradcheck: expected a function that returns a tensor, got %s",
      tostring(result))
  end
  if result:numel() == 1 then return result:reshape({}) end
  factors[1] = factors[1] or core.arange(1, result:numel(), 1, { dtype = "float64" })
    :mul(0.7):sin():add(1.5):reshape(result.shape)
  return (result * factors[1]):sum()
end

local function numeric(value, t, flat, k, eps)
  local x = flat[k]:item()
  local function at(v)
    core.no_grad(function() flat[k]:fill_(v) end)
    return value()
  end
  local up, down = x + eps, x - eps
  local high, low = at(up), at(down)
  core.no_grad(function() flat[k]:fill_(x) end)
  return (high - low) / (up - down), t
end

local function compare(leaf, value, o, report)
  local t = leaf.t
  local n, gradient = t:numel(), t.grad and t.grad:reshape(-1) or core.zeros(t:numel())
  local flat = t:detach():reshape(-1)
  local worst = { name = leaf.name, wrong = 0, checked = 0, error = -1 }
  local step = math.max(1, n // o.elements)
  for k = 1, n, step do
    local a, b = gradient[k]:item(), numeric(value, t, flat, k, o.eps)
    local off = math.abs(a - b)
    local wrong = off > o.atol + o.rtol * math.max(math.abs(a), math.abs(b)) or off ~= off
    worst.checked = worst.checked + 1
    if wrong then worst.wrong = worst.wrong + 1 end
    if wrong and (off > worst.error or off ~= off) then
      worst.error, worst.backward, worst.numeric, worst.index = off, a, b, index_of(t.shape, k)
    end
    if off > report.max_error or off ~= off then report.max_error = off end
  end
  report.checked = report.checked + worst.checked
  report.ok = report.ok and worst.wrong == 0
  report.inputs[#report.inputs + 1] = worst
end

--- The weights of a layer or model, named.
local function weights_of(f)
  local list = {}
  local kind = core.type(f)
  local layers = kind == "mlp.Model" and f.layers or kind == "mlp.Layer" and { f } or {}
  for _, layer in ipairs(layers) do
    for _, w in ipairs(layer:weights()) do
      list[#list + 1] = {
        name = ("%s.%s"):format(layer.name, w.name), tensor = w.tensor,
        trainable = w.trainable ~= false and layer.trainable,
      }
    end
  end
  return list
end

local WORD <const> = { ["mlp.Model"] = "the model", ["mlp.Layer"] = "the layer",
  ["mlp.Object"] = "the object", ["function"] = "the function", table = "the table" }

--- What f is called on, as a list.
local function list_of(f, inputs)
  local what, kind = WORD[core.type(f)], core.type(inputs)
  if not what or type(f) == "table" and not (getmetatable(f) or {}).__call then
    check.raise("argument", "gradcheck: argument 1 'f': expected a function of tensors, a layer or "
      .. "a model, got %s", check.what(f))
  end
  if core.is_tensor(inputs) then return { inputs } end
  if kind == "table" and #inputs > 0 then return inputs end
  check.raise("argument", "gradcheck: argument 2 'inputs': expected what %s is to be called on, a "
    .. "tensor of float64 or a list of tensors, got %s%s", what, check.what(inputs),
    kind == "mlp.Dataset" and "; take data.x:double()" or "")
end

--- Weights that are there already have the type that they have.
local function check_weights(weights)
  for _, w in ipairs(weights) do
    if w.tensor.dtype ~= "float64" then
      check.raise("type", "gradcheck: '%s': expected a weight of float64, which differences need, "
        .. "got %s; check a model that is built as model:build({ features }, \"float64\"), or a "
        .. "layer that was made on such tensors", w.name, w.tensor.dtype)
    end
  end
end

local function check_options(options)
  if core.is_tensor(options) then
    check.raise("argument", "gradcheck: argument 3 'options': expected a table of options, got %s; "
      .. "several inputs go in a list, and a loss in a function: gradcheck(function(p) return "
      .. "loss(y, p) end, p)", check.what(options))
  end
  return check.options("gradcheck", options, {
    eps = 1e-6, atol = 1e-7, rtol = 1e-5, elements = 100, raise = true,
  })
end

--- @see mlp.gradcheck
function M.gradcheck(f, inputs, options)
  local o = check_options(options)
  inputs = list_of(f, inputs)
  leaves_of(inputs, {}) -- before f sees them
  check_weights(weights_of(f))
  core.no_grad(function() return f(table.unpack(inputs)) end) -- builds a model
  local leaves, arguments = leaves_of(inputs, weights_of(f))
  local factors = {}
  for _, leaf in ipairs(leaves) do leaf.t:zero_grad() end
  weighted(f(table.unpack(arguments)), factors):backward()
  local function value()
    return core.no_grad(function() return weighted(f(table.unpack(arguments)), factors) end):item()
  end
  local report = setmetatable({ ok = true, checked = 0, max_error = 0, inputs = {} }, Report)
  for _, leaf in ipairs(leaves) do compare(leaf, value, o, report) end
  for _, leaf in ipairs(leaves) do leaf.t:zero_grad() end
  if not report.ok and o.raise then check.raise("numeric", "%s", tostring(report)) end
  return report
end

return M
