--- mlp.check.sanity: what can be seen before training, as the lecture asks (S38).
local check = require "mlp.check"
local core = require "mlp.core"
local inside = require "mlp.inside"
local reference = require "mlp.diagnosis.reference"
local score = require "mlp.diagnosis.score"

local M = {}

local ROWS <const> = 1000

--- @class mlp.Sanity
--- @field ok boolean
--- @field loss number  before training
--- @field expected_loss number?  ln K for K classes
--- @field accuracy number?
--- @field expected_accuracy number?  1/K
--- @field [integer] string  what is wrong
local Sanity = { __name = "mlp.Sanity" }
Sanity.__index = Sanity

function Sanity:__tostring()
  local lines = { ("loss before training %.4f"):format(self.loss) }
  if self.expected_loss then
    lines[1] = lines[1] .. (", expected ln K = %.4f"):format(self.expected_loss)
    lines[2] = ("accuracy %.3f, expected 1/K = %.3f"):format(self.accuracy, self.expected_accuracy)
  end
  for _, text in ipairs(self) do lines[#lines + 1] = "PROBLEM: " .. text end
  if self.ok then lines[#lines + 1] = "nothing wrong before training" end
  return table.concat(lines, "\n")
end

local function look_at_loss(self, model, x, y)
  local output = core.no_grad(function() return model(x) end)
  self.loss = core.no_grad(function() return model:loss(y, output):item() end)
  local kind = score.loss_kind(model)
  local target = score.target(y, kind:find "crossentropy" ~= nil)
  if not target.classes or not kind:find "crossentropy" then return end
  local probabilities = model:predict_proba(x)
  local k = math.max(target.k, probabilities.shape[probabilities.ndim])
  local hits, recall = 0, score.recall(target, probabilities)
  for c, share in ipairs(target.share) do hits = hits + share * recall[c] end
  self.expected_loss, self.expected_accuracy, self.accuracy = math.log(k), 1 / k, hits
  -- Cross-entropy of the rows alone: the model's loss may hold penalties on weights.
  local own = core.no_grad(function() return core.model_objects(model)[1](y, output):item() end)
  self.data_loss = own
  if math.abs(own - self.expected_loss) > self.tolerance * self.expected_loss then
    self:add("the loss is %.4f; a model that knows nothing has ln %d = %.4f: the first weights are "
      .. "too large, or the inputs too far from 0", own, k, self.expected_loss)
  end
end

function Sanity:add(fmt, ...) self[#self + 1] = fmt:format(...) end

local function look_at_input(self, x)
  local s = core.stats(x:float())
  if s.nonfinite > 0 then self:add("%d features are NaN or infinite", s.nonfinite) end
  local size = math.max(math.abs(s.mean), s.sd)
  if size > 10 then
    self:add("features have a mean of %.3g and a deviation of %.3g: standardize them", s.mean, s.sd)
  end
  if s.sd == 0 then self:add("all features are the same") end
end

--- Do all units of a hidden layer have the same weights? How many are at the end of their range?
local function look_at_layers(self, model, x)
  local values, uses, last = inside.outputs(model, { x }), core.model_uses(model), 0
  for i, use in ipairs(uses) do if use.layer.kind == "dense" then last = i end end
  for i, use in ipairs(uses) do
    local layer, limits = use.layer, inside.limits(use.layer)
    if i >= last then break end
    local s = core.stats(values[i]:float(), { low = limits[1], high = limits[2], units = true })
    if layer.kind == "dense" and layer.kernel.shape[2] > 1 then
      local k = layer.kernel:detach():double()
      if (k:max(2) - k:min(2)):abs():max():item() == 0 then
        self:add("all units of %s have equal weights and will stay equal", layer.name)
      end
    end
    if s.saturated and s.saturated > 0.3 then
      self:add("%.0f %% of the outputs of %s are at the end of their range", 100 * s.saturated,
        layer.name)
    end
    if inside.activation(layer) == "relu" and s.dead > 0.5 then
      self:add("%.0f %% of the units of %s are zero for all rows", 100 * s.dead, layer.name)
    end
  end
end

--- @see mlp.check.sanity
function M.sanity(model, data, options)
  local o = check.options("sanity", options, { tolerance = 0.15 })
  if not model.optimizer then
    check.raise("state", "sanity: expected a compiled model; call model:compile{...} first")
  end
  local x, y = require("mlp.fit.data").arrays("sanity", data)
  x, y = reference.some_rows(x, ROWS), reference.some_rows(y, ROWS)
  if not model.built then core.no_grad(function() model(x:slice(1, 1)) end) end
  local self = setmetatable({ tolerance = o.tolerance }, Sanity)
  look_at_loss(self, model, x, y)
  look_at_input(self, x)
  look_at_layers(self, model, x)
  self.ok = #self == 0
  return self
end

return M
