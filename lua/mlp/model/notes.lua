--- What belongs to a model and is Lua's: its name, losses and metrics as they were typed, targets.
--- It dies with the model.
local core = require "mlp.core"

local notes = setmetatable({}, { __mode = "k" })

--- @class mlp.Notes
--- @field name string
--- @field losses userdata[]  one an output; false: none
--- @field metrics table[]  { object, output, weighted }
--- @field metric_names string[]  of each, as it is logged
--- @field of_logs table[]  metrics that are functions of what is logged
--- @field class_names string[]?
--- @field last integer?  of a Sequential: the use that the next layer comes behind
--- @field found table?  what was found of its outputs
--- @field compat string?  "keras" or "torch", for what its compile makes

local M = {}

--- The notes of a model; new ones for a new model, or one that a host made or kept.
--- @return mlp.Notes
function M.of(model)
  local n = notes[model]
  if not n then
    local losses, weights, metrics = core.model_objects(model)
    local names = {}
    for i, metric in ipairs(metrics) do names[i] = metric[1].kind end
    n = {
      name = "model", losses = losses, loss_weights = weights, metrics = metrics,
      metric_names = names, of_logs = {},
    }
    notes[model] = n
  end
  return n
end

--- The kind of the loss of output i ("function": written in Lua, without a name); nil: none.
function M.loss_kind(model, i)
  local loss = M.of(model).losses[i or 1]
  return loss and loss.kind or nil
end

--- Is output i a label in each column, which are right or wrong alone? So it is where a binary loss
--- sees several outputs that are no softmax.
--- @param loss? string  its kind, where the model is not compiled yet
function M.is_multi_label(model, i, loss)
  loss = loss or M.loss_kind(model, i)
  if not loss or not loss:find "^binary_" then return false end
  local uses = core.model_uses(model)
  local use = uses[model.outputs[i].use]
  local last = use.layer
  if (last.activation and last.activation.kind or last.kind) == "softmax" then return false end
  while use and not use.layer.units and #use.inputs == 1 do use = uses[use.inputs[1]] end
  return use ~= nil and (use.layer.units or 1) > 1
end

return M
