--- What a model is asked to do that cannot work, or hardly does what was meant: found before the
--- first step, and said with its remedy.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

--- The layer of a use; of one that is made around another, that one.
local function layer_of(use)
  return use.layer.kind == "spectral_normalization" and use.layer.layer or use.layer
end

--- The activation that made the output of a use: its own, or that of the layer before it where it
--- only passes it on; and that use.
local function activation_of(uses, i)
  while i > 0 do
    local layer = layer_of(uses[i])
    local kind = layer.kind
    if kind == "activation" or kind == "dense" then return layer.activation.kind, i end
    if kind ~= "activity_regularization" and kind ~= "dropout" and kind ~= "flatten" then
      return kind, i
    end
    i = uses[i].inputs[1]
  end
  return nil, 0
end

--- How many numbers a use gives a row, where that is known before the model is built.
local function width_of(uses, i)
  while i > 0 do
    local layer = layer_of(uses[i])
    if layer.kind == "dense" then return layer.units end
    if layer.kind ~= "activation" and layer.kind ~= "softmax" then return nil end
    i = uses[i].inputs[1]
  end
end

local function place(uses, i) return ("layer %d '%s'"):format(i, uses[i].layer.name) end

--- Softmax over one number is 1 whatever it is.
local function check_softmax(uses)
  for i, use in ipairs(uses) do
    local layer = layer_of(use)
    local softmax = layer.kind == "softmax" or
      (layer.kind == "dense" or layer.kind == "activation") and layer.activation.kind == "softmax"
    if softmax and width_of(uses, i) == 1 then
      check.raise("argument", "compile: %s: softmax of 1 unit is always 1, so that nothing is "
        .. "learnt; for two classes use units = 1, activation = 'sigmoid' and loss = "
        .. "'binary_crossentropy'", place(uses, i))
    end
  end
end

-- Activations that give probabilities, by the loss that takes them.
local FITTING <const> = {
  binary_crossentropy = { sigmoid = true, hard_sigmoid = true, softmax = true },
  categorical_crossentropy = { softmax = true, sparsemax = true, sigmoid = true },
}
FITTING.binary_focal_crossentropy = FITTING.binary_crossentropy
FITTING.sparse_categorical_crossentropy = FITTING.categorical_crossentropy
FITTING.categorical_focal_crossentropy = FITTING.categorical_crossentropy

local said = {} -- each warning once

--- A cross-entropy of numbers that are no probabilities (lecture, T15).
local function check_probabilities(uses, output, loss)
  local layer = uses[output.use] and layer_of(uses[output.use])
  local fitting = core.type(loss) == "mlp.Object" and FITTING[loss.kind]
  if not fitting or loss.from_logits or not layer or layer.kind ~= "dense" then return end
  local activation = layer.activation.kind
  if fitting[activation] then return end
  local text = ("compile: %s takes probabilities, and layer '%s' ends with %s, which gives any "
    .. "numbers; end with %s, or take the loss with from_logits = true"):format(loss.kind,
    uses[output.use].layer.name, activation, fitting.hard_sigmoid and "sigmoid" or "softmax")
  if not said[text] then core.warn(text) end
  said[text] = true
end

--- A loss that takes logits behind what makes probabilities.
local function check_logits(uses, output, loss)
  local activation, i = activation_of(uses, output.use)
  local logits = core.type(loss) == "mlp.Object" and loss.from_logits
  if logits and (activation == "softmax" or activation == "sigmoid") then
    core.warn(("compile: %s has from_logits = true, but %s ends with %s: that is applied twice; "
      .. "leave out one of them"):format(loss.kind, place(uses, i), activation))
  end
end

--- Look at the losses of a model, one an output; false: none.
function M.losses(model, losses)
  local uses = core.model_uses(model)
  check_softmax(uses)
  for i, output in ipairs(model.outputs) do
    if losses[i] then
      check_probabilities(uses, output, losses[i])
      check_logits(uses, output, losses[i])
    end
  end
end

--- A name that is a metric's and no loss's has no gradient.
function M.name_of_loss(name, is_kind)
  if is_kind("loss", name) or not is_kind("metric", name) then return end
  check.raise("argument", "compile: option 'loss': '%s' is a metric: its gradient is 0 almost "
    .. "everywhere, so that it cannot be trained by; say loss = 'binary_crossentropy' (one output) "
    .. "or 'sparse_categorical_crossentropy' (several), and metrics = { '%s' }", name, name)
end

return M
