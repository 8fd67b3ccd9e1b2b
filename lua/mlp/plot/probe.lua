--- Looking into a model for the charts of its layers: outputs and gradients, layer by layer.

local check = require "mlp.check"
local core = require "mlp.core"

local M = {}

--- Is it a model (of ours), rather than data for a chart?
--- @param v any
--- @return boolean
function M.is_model(v) return type(v) == "userdata" and core.type(v) == "mlp.Model" end

--- x and y of a dataset or a table { x =, y = }; at most `rows` of them, the first.
--- @param who string
--- @param data any
--- @param rows? integer
--- @return mlp.Tensor, mlp.Tensor?
function M.arrays(who, data, rows)
  local x, y = data, nil
  if not core.is_tensor(data) then
    if type(data) ~= "userdata" and type(data) ~= "table" then
      check.raise("argument", "%s: expected a dataset, a table { x =, y = } or a tensor, got %s",
        who, type(data))
    end
    x, y = data.x, data.y
  end
  if not core.is_tensor(x) then
    check.raise("argument", "%s: expected data with features x, got none", who)
  end
  local n = x.shape[1]
  if rows and rows < n then x, y = x:slice(1, rows), y and y:slice(1, rows) end
  return x, y
end

--- "dense_1: tanh"
local function title_of(layer)
  local activation = layer.kind ~= "activation" and layer.activation or nil
  local kind = activation and activation.kind
  return kind and kind ~= "linear" and layer.name .. ": " .. kind or layer.name, kind
end

--- The output of every layer for x, in order: { name, kind, activation, title, values }.
--- @param model mlp.Model
--- @param x mlp.Tensor
--- @return table[]
function M.outputs(model, x)
  local values, list = { [0] = x }, {}
  core.no_grad(function()
    for i, use in ipairs(core.model_uses(model)) do
      local inputs = {}
      for k, j in ipairs(use.inputs) do inputs[k] = values[j] end
      values[i] = core.layer_call(use.layer, #inputs == 1 and inputs[1] or inputs, false)
      local title, activation = title_of(use.layer)
      list[i] = { name = use.layer.name, kind = use.layer.kind, activation = activation,
                  title = title, values = values[i] }
    end
  end)
  return list
end

--- Layers that have trainable weights: { name, kernel } with the largest tensor of each.
--- @param model mlp.Model
--- @return table[]
function M.weighted(model)
  local list = {}
  for _, layer in ipairs(model.layers) do
    local kernel
    for _, w in ipairs(layer:weights()) do
      if w.trainable ~= false and (not kernel or w.tensor:numel() > kernel:numel()) then
        kernel = w.tensor
      end
    end
    if kernel then list[#list + 1] = { name = layer.name, kernel = kernel } end
  end
  return list
end

--- The Euclidean norm of a tensor's elements.
--- @param t mlp.Tensor
--- @return number
function M.norm(t) return math.sqrt((t:detach():double() ^ 2):sum():item()) end

--- The gradient of the loss on the rows for the kernel of every layer; the model's own gradients
--- are zero afterwards.
--- @param model mlp.Model compiled
--- @param x mlp.Tensor
--- @param y mlp.Tensor
--- @return string[] names, mlp.Tensor[] gradients
function M.gradients(model, x, y)
  local names, gradients = {}, {}
  model:zero_grad()
  model:loss(y, model(x)):backward()
  for i, w in ipairs(M.weighted(model)) do
    names[i] = w.name
    gradients[i] = (w.kernel.grad or core.zeros(w.kernel.shape)):detach():clone()
  end
  model:zero_grad()
  return names, gradients
end

--- Units that are at the end of their activation: saturated (tanh, sigmoid...) or dead (0 for every
--- row; relu...). nil where the activation has no such end.
--- @param activation string?
--- @param values mlp.Tensor (rows, units)
--- @return number? share, string? word
function M.ends(activation, values)
  if not activation then return nil end
  local v, flat = values:double(), nil
  if activation == "tanh" or activation == "softsign" or activation == "hard_tanh" then
    flat = v:abs():gt(0.95)
  elseif activation == "sigmoid" or activation == "hard_sigmoid" then
    flat = (v - 0.5):abs():gt(0.45)
  elseif activation:find "relu" and activation ~= "leaky_relu" and v.ndim == 2 then
    local alive = v:abs():sum(1):gt(0):double():mean():item()
    return 1 - alive, "dead"
  end
  if not flat then return nil end
  return flat:double():mean():item(), "saturated"
end

return M
