--- Several models as one: each is trained from weights of its own, and they vote or are averaged.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

--- @class mlp.EnsembleModel
--- @field models mlp.Model[]
--- @field voting string
local Ensemble = { __name = "mlp.Ensemble" }
Ensemble.__index = Ensemble

local function build_members(o)
  if type(o.build) ~= "function" then
    check.raise("argument", "Ensemble: option 'build': expected a function that returns a compiled "
      .. "model, got %s", check.what(o.build))
  end
  local models = {}
  for i = 1, check.whole("Ensemble", "n", o.n, 1) do models[i] = o.build { member = i } end
  return models
end

--- @see mlp.Ensemble
function M.new(options)
  local o = check.options("Ensemble", options, { n = 5, build = check.none, models = check.none,
    voting = "hard" })
  if o.voting ~= "hard" and o.voting ~= "soft" then
    check.raise("argument", "Ensemble: option 'voting': expected 'hard' or 'soft', got '%s'",
      o.voting)
  end
  local models = o.models or build_members(o)
  if type(models) ~= "table" or #models == 0 then
    check.raise("argument", "Ensemble: option 'models': expected a list of models, got %s",
      check.what(models))
  end
  for i, model in ipairs(models) do
    if core.type(model) ~= "mlp.Model" then
      check.raise("argument", "Ensemble: model %d: expected a model, got %s", i, check.what(model))
    end
  end
  return setmetatable({ models = models, voting = o.voting }, Ensemble)
end

--- Train each member on the data, with the same options.
--- @param data mlp.Dataset|table
--- @param options? table  as model:fit's
--- @return mlp.History[]  one a member
function Ensemble:fit(data, options)
  local histories = {}
  for i, model in ipairs(self.models) do histories[i] = model:fit(data, options) end
  return histories
end

--- What each member gives, by one of its methods.
local function of_members(self, method, x)
  local list = {}
  for i, model in ipairs(self.models) do list[i] = model[method](model, x) end
  return list
end

local function mean(list)
  local sum = list[1]:double()
  for i = 2, #list do sum = sum + list[i]:double() end
  return (sum / #list):to(list[1].dtype)
end

--- The mean of the members' outputs: of a classifier probabilities.
--- @param x mlp.Dataset|mlp.Tensor
--- @return mlp.Tensor
function Ensemble:predict_proba(x) return mean(of_members(self, "predict_proba", x)) end

--- The class with the most votes, the lowest of equal ones.
local function vote(list)
  local most = 1
  for _, classes in ipairs(list) do most = math.max(most,
    math.tointeger(classes:double():max():item())) end
  local votes = list[1]:one_hot(most)
  for i = 2, #list do votes = votes + list[i]:one_hot(most) end
  return votes:argmax(-1)
end

--- Classes: those with the most votes, of equal ones the lowest (voting = "soft": those of the mean
--- probability); values: their mean.
--- Source: scikit-learn, VotingClassifier and VotingRegressor.
--- @param x mlp.Dataset|mlp.Tensor
--- @return mlp.Tensor
function Ensemble:predict(x)
  local list = of_members(self, "predict", x)
  if list[1].dtype ~= "int64" then return mean(list) end
  if self.voting == "hard" then return vote(list) end
  local p = self:predict_proba(x)
  if p.shape[p.ndim] > 1 then return p:argmax(-1) end
  return p:gt(0.5):long():reshape(p.shape[1]):double():add(1):long()
end

--- How far the members' outputs lie apart: their standard deviation (over n), of the shape of
--- predict_proba, or of values that of predict.
--- @param x mlp.Dataset|mlp.Tensor
--- @return mlp.Tensor
function Ensemble:spread(x)
  local list = of_members(self, "predict", x)
  if list[1].dtype == "int64" then list = of_members(self, "predict_proba", x) end
  local center, sum = mean(list):double(), nil
  for _, p in ipairs(list) do
    local square = (p:double() - center):square()
    sum = sum and sum + square or square
  end
  return (sum / #list):sqrt():to(list[1].dtype)
end

--- A score of the whole and of each member.
--- @param data mlp.Dataset
--- @param options? table  scoring: as mlp.model_selection.cross_validate (one); preset accuracy of
---   classes, r2 of values
--- @return table  { score = number, members = number[] }
function Ensemble:evaluate(data, options)
  local scorers = require "mlp.selection.scorers"
  local o = check.options("evaluate", options, { scoring = check.none })
  local list = scorers.read("evaluate", o.scoring, data)
  local result = { score = scorers.apply(list[1], self, data), members = {} }
  for i, model in ipairs(self.models) do result.members[i] = scorers.apply(list[1], model, data) end
  return result
end

function Ensemble:__tostring()
  return ("ensemble of %d models, %s voting"):format(#self.models, self.voting)
end

return M
