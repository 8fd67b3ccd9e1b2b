--- mlp.check.gradients: how long the gradient of each weight is, without a step.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

--- One { layer, weight, norm } for each trainable weight, in order, norms at 0.
local function rows_of(model)
  local rows = {}
  for _, layer in ipairs(model.layers) do
    for _, weight in ipairs(layer:weights()) do
      if weight.trainable then
        rows[#rows + 1] = { layer = layer.name, weight = weight.name, norm = 0,
          tensor = weight.tensor }
      end
    end
  end
  return rows
end

--- One number a layer: the norm of its bias; of a layer behind which normalization takes the mean
--- away, that of the normalization's beta.
local function by_layer(rows)
  local list, last = {}, nil
  for _, row in ipairs(rows) do
    if row.weight == "bias" then
      list[#list + 1], last = row.norm, row
    elseif row.weight == "beta" then
      list[last and #list or #list + 1], last = row.norm, nil
    end
  end
  return list
end

--- The length of the gradient of each weight: its mean over the batches of an epoch, with the
--- weights of now. The model stays as it is. by_layer has one number a layer: of its bias, or of
--- the beta of the batch normalization behind it.
--- @param model mlp.Model  compiled
--- @param data mlp.Dataset
--- @param options? table  batch_size 32; a smaller last batch is left out
--- @return { layer: string, weight: string, norm: number, by_layer: number[] }[]
--- @usage for _, g in ipairs(mlp.check.gradients(model, train)) do print(g.layer, g.norm) end
function M.gradients(model, data, options)
  local o = check.options("gradients", options, { batch_size = 32 })
  if core.type(data) ~= "mlp.Dataset" then
    check.raise("argument", "gradients: expected a dataset, got %s", check.what(data))
  end
  if not model.optimizer then
    check.raise("state", "gradients: expected a compiled model; call model:compile{...} first")
  end
  local _ = model.built or model(data.x:slice(1, 1))
  local rows, n, before = rows_of(model), 0, model:get_weights()
  for batch in data:batches { batch_size = math.min(o.batch_size, #data), drop_last = true } do
    model:zero_grad()
    model:loss(batch.y, model(batch.x, { training = true })):backward()
    for _, row in ipairs(rows) do
      row.norm = row.norm + (row.tensor.grad and row.tensor.grad:norm():item() or 0)
    end
    n = n + 1
  end
  model:zero_grad()
  model:set_weights(before) -- moving averages are as they were
  for _, row in ipairs(rows) do row.norm, row.tensor = row.norm / n, nil end
  rows.by_layer = by_layer(rows)
  return rows
end

return M
