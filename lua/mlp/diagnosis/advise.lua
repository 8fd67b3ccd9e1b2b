--- model:advise(): the lecture's rule by depth (S32), and what in the model differs from it.
local core = require "mlp.core"
local inside = require "mlp.inside"

local M = {}

-- "What have we learned", lines 319 to 328 of the lecture.
local RULES <const> = {
  { most = 3, text = "1 to 3 hidden layers: tanh or sigmoid, random_uniform(-0.5, 0.5)" },
  { most = 8, text = "4 to 8 hidden layers: relu with he_uniform", activation = "relu" },
  { most = 25, text = "9 to 25 hidden layers: residual connections and batch normalization",
    activation = "relu", residual = true, norm = true },
}

--- @class mlp.Advice
--- @field depth integer  hidden layers with weights
--- @field rule string
--- @field [integer] string  what differs from the rule
local Advice = { __name = "mlp.Advice" }
Advice.__index = Advice

function Advice:__tostring()
  local lines = { ("%d hidden layers; %s"):format(self.depth, self.rule) }
  for _, text in ipairs(self) do lines[#lines + 1] = "  " .. text end
  if #self == 0 then lines[2] = "  the model is so" end
  return table.concat(lines, "\n")
end

--- What the hidden part of a model is made of: depth, kinds of activation, of layers, initializers.
local function parts_of(model)
  local parts, weighted = { depth = -1, activation = {}, kind = {}, initializer = {} }, {}
  for i, use in ipairs(core.model_uses(model)) do
    local layer = use.layer
    parts.kind[layer.kind] = true
    if layer.kind == "dense" or layer.kind == "maxout" then
      parts.depth, weighted = parts.depth + 1, { i }
    end
  end
  for i, use in ipairs(core.model_uses(model)) do
    local name = inside.activation(use.layer)
    if i < (weighted[1] or 0) then
      parts.activation[name] = true
      local ok, initializer = pcall(function() return use.layer.kernel_initializer end)
      if ok and initializer then parts.initializer[initializer.kind] = true end
    end
  end
  return parts
end

local function differences(advice, rule, parts)
  local function say(fmt, ...) advice[#advice + 1] = fmt:format(...) end
  for _, name in ipairs { "sigmoid", "tanh" } do
    if rule.activation and parts.activation[name] and not parts.kind.batch_normalization then
      say("%s: its slope shrinks the gradient in each layer; take relu", name)
    end
  end
  if parts.activation.relu and not rule.residual and not parts.initializer.he_uniform
    and not parts.initializer.he_normal and parts.depth > 3 then
    say("relu: take kernel_initializer = 'he_uniform'")
  end
  if rule.residual and not parts.kind.add then say("no residual connections: add h + layer(h)") end
  if rule.norm and not parts.kind.batch_normalization then
    say("no batch normalization: put one between each dense layer and its activation")
  end
end

--- @see mlp.Model.advise
function M.advise(model)
  local parts = parts_of(model)
  local rule = RULES[#RULES]
  for i = #RULES, 1, -1 do
    if parts.depth <= RULES[i].most then rule = RULES[i] end
  end
  local advice = setmetatable({ depth = math.max(0, parts.depth), rule = rule.text }, Advice)
  differences(advice, rule, parts)
  if parts.depth > 25 then advice[#advice + 1] = "deeper than what the lecture tried" end
  return advice
end

return M
