--- A compiled model's loss over all rows as a function of its trainable weights, laid end to end.
local core = require "mlp.core"
local check = require "mlp.check"
local data = require "mlp.fit.data"

local M = {}

local function weights_of(model)
  local list = {}
  for _, layer in ipairs(model.layers) do
    for _, w in ipairs(layer.trainable and layer:weights() or {}) do
      if w.trainable then list[#list + 1] = w.tensor end
    end
  end
  return list
end

local function joined(parts)
  return #parts == 1 and parts[1]:clone() or core.concat(parts, 1)
end

--- Set the weights to the numbers of a flat tensor.
local function set(weights, flat)
  core.no_grad(function()
    local at = 1
    for _, w in ipairs(weights) do
      local n = w:numel()
      w:copy_(flat:slice(at, at + n - 1):reshape(w.shape))
      at = at + n
    end
  end)
end

local function gradient(weights, like)
  local parts = {}
  for i, w in ipairs(weights) do
    parts[i] = w.grad and w.grad:reshape(-1) or core.zeros(w:numel(), { dtype = like.dtype })
  end
  return joined(parts)
end

--- x0, evaluate(x), finish(x) for a model and the rows of its data.
function M.problem(model, given, counts, optimizer)
  local x, y = data.arrays("minimize", given)
  if not core.is_tensor(x) or not core.is_tensor(y) then
    check.raise("argument", "minimize: expected data with one x and one y")
  end
  if not model.optimizer then
    check.raise("state", "minimize: expected a compiled model, for its loss")
  end
  local _ = model.built or model(x:slice(1, 1))
  local weights = weights_of(model)
  if #weights == 0 then
    check.raise("argument", "minimize: expected a model with trainable weights, got none")
  end
  if #weights > 64 then
    check.raise("argument", "minimize: expected at most 64 weight arrays, got %d", #weights)
  end
  local parts = {}
  for i, w in ipairs(weights) do parts[i] = w:detach():reshape(-1) end
  local function evaluate(flat)
    set(weights, flat)
    model:zero_grad()
    local loss = model:loss(y, model(x, { training = true }))
    optimizer:scale_loss(loss):backward()
    counts.evaluations = counts.evaluations + 1
    return loss:item(), gradient(weights, flat)
  end
  local function finish(flat)
    set(weights, flat)
    model:zero_grad()
    return model
  end
  return joined(parts), evaluate, finish
end

return M
