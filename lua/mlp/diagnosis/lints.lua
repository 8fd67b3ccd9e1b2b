--- What is seen at compile: outputs that cannot mean what the loss takes them for.
local check = require "mlp.check"
local core = require "mlp.core"
local inside = require "mlp.inside"

local M = {}

-- Activations that give probabilities, by the loss that takes them.
local FITTING <const> = {
  binary_crossentropy = { sigmoid = true, hard_sigmoid = true, softmax = true },
  categorical_crossentropy = { softmax = true, sparsemax = true, sigmoid = true },
}
FITTING.binary_focal_crossentropy = FITTING.binary_crossentropy
FITTING.sparse_categorical_crossentropy = FITTING.categorical_crossentropy
FITTING.categorical_focal_crossentropy = FITTING.categorical_crossentropy

--- The softmax of one number is 1 whatever the number: it has no gradient (lecture, T2).
local function refuse_single_softmax(layer)
  if layer.units == 1 and inside.activation(layer) == "softmax" then
    check.raise("argument", "compile: layer '%s': expected softmax over several units, got 1, "
      .. "whose softmax is always 1; for two classes take sigmoid and binary_crossentropy",
      layer.name)
  end
end

local LOGITS <const> = "compile: %s takes probabilities, and layer '%s' ends with %s, which gives "
  .. "any numbers; end with %s, or take the loss with from_logits = true"
local said = {} -- each warning once

--- A cross-entropy of numbers that are no probabilities (lecture, T15).
local function warn_of_logits(layer, loss)
  local fitting = core.type(loss) == "mlp.Object" and FITTING[loss.kind]
  if not fitting or loss.from_logits or fitting[inside.activation(layer)] then return end
  local text = LOGITS:format(loss.kind, layer.name, inside.activation(layer),
    fitting.hard_sigmoid and "sigmoid" or "softmax")
  if not said[text] then core.warn(text) end
  said[text] = true
end

--- For compile: raise or warn where an output does not fit its loss.
--- @param model mlp.Model
--- @param losses any[]  one an output
function M.compile(model, losses)
  local uses = core.model_uses(model)
  for i, output in ipairs(model.outputs) do
    local layer = uses[output.use] and uses[output.use].layer
    if layer and layer.kind == "dense" then
      refuse_single_softmax(layer)
      warn_of_logits(layer, losses[i])
    end
  end
end

return M
