--- Looking into a model for the charts of its layers: outputs and gradients, layer by layer.

local check = require "mlp.check"
local core = require "mlp.core"
local inside = require "mlp.inside"

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

--- The outputs of every layer for x, in order, with the share of units that are dead (0 for every
--- row), and of outputs at the end of their range where there is one.
--- @param model mlp.Model
--- @param x mlp.Tensor
--- @return table[] { name, kind, activation, title, values, dead, saturated? }
function M.outputs(model, x)
  local values, list = inside.outputs(model, { x }), {}
  for i, use in ipairs(core.model_uses(model)) do
    local layer, limits = use.layer, inside.limits(use.layer)
    local activation = inside.activation(layer)
    local plain = activation == "linear" or activation == layer.kind
    local stats = core.stats(values[i], { low = limits[1], high = limits[2], units = true })
    list[i] = {
      name = layer.name, kind = layer.kind, activation = activation, values = values[i],
      title = plain and layer.name or layer.name .. ": " .. activation, dead = stats.dead,
      saturated = limits[2] < math.huge and stats.saturated or nil,
    }
  end
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

return M
