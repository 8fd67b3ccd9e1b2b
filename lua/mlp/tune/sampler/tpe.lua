--- Tree-structured Parzen estimators: points that are likely among the good trials and unlikely
--- among the others, all hyper-parameters together. Trials that run count as bad, so that workers
--- look elsewhere (a constant liar).
--- Source: Bergstra et al. 2011, NIPS 24; Watanabe 2023, arXiv:2304.11127; settings of Optuna 4.
local core = require "mlp.core"
local check = require "mlp.check"
local base = require "mlp.tune.sampler.base"
local model = require "mlp.tune.sampler.model"
local random = require "mlp.tune.sampler.random"

local Tpe = base.class { name = "tpe", uses_values = true }

local GOOD <const> = 25 -- at most
local BAD <const> = 400 -- at most: the last ones; older ones would have little weight

--- Insert trial i into the list of indexes by value.
local function insert(sorted, value, i)
  local low, high = 1, #sorted + 1
  while low < high do
    local middle = (low + high) // 2
    if value[sorted[middle]] <= value[i] then low = middle + 1 else high = middle end
  end
  table.insert(sorted, low, i)
end

local function take(self, i, value)
  if not value then return end
  self.value[i] = value
  self.order[#self.order + 1] = i
  insert(self.sorted, self.value, i)
end

local function catch_up(self, view)
  local h = view.history
  local function one(i) take(self, i, self.values:of(h, i)) end
  if view.upto then
    while self.next_number < view.upto do
      one(h.at[self.next_number])
      self.next_number = self.next_number + 1
    end
    return
  end
  for i = self.taken + 1, h.n do one(i) end
  self.taken = h.n
end

local function restart(self)
  self.taken, self.next_number, self.value = 0, 0, {}
  self.order, self.sorted, self.values, self.places = {}, {}, model.values(), {}
end

--- Several objectives: all anew, with this trial's weights.
local function rank(self, view)
  restart(self)
  local scalar = model.scalariser(view)
  for i = 1, view.history.n do
    if view.history.value[i] and view.visible(i) then take(self, i, scalar(i)) end
  end
end

--- The places of trial i, computed once while it is of use.
local function places_of(self, view, names, i)
  local list = self.places[i]
  if not list then
    list = model.places(view.history, names, i)
    self.places[i] = list
  end
  return list
end

--- Places of the good and of the bad.
local function groups(self, view, names)
  local n, is_good, good, bad = #self.order, {}, {}, {}
  for k = 1, math.min(math.ceil(0.1 * n), GOOD) do is_good[self.sorted[k]] = true end
  for k = 1, n do
    local i = self.order[k]
    if is_good[i] then
      good[#good + 1] = places_of(self, view, names, i)
    elseif k > n - BAD then
      bad[#bad + 1] = places_of(self, view, names, i)
    else
      self.places[i] = nil
    end
  end
  for _, plan in ipairs(view.pending) do
    bad[#bad + 1] = model.plan_places(view.space, names, plan)
  end
  return good, bad
end

function Tpe:plan(view)
  local names, axes = model.axes(view.space)
  if view.study.several then rank(self, view) else catch_up(self, view) end
  local signature = model.signature(view.space, names)
  if signature ~= self.signature then self.signature, self.places = signature, {} end
  if #names == 0 or #names > 60 or #self.order < self.startup then return self.first:plan(view) end
  local good, bad = groups(self, view, names)
  local points = core.tpe { axes = axes, good = good, bad = bad, seed = view.seed,
    number = view.number, candidates = self.candidates, count = 8 }
  return base.distinct(view, function(attempt)
    local places = points[attempt + 1]
    return places and model.plan(view.space, names, places) or base.uniform(view, attempt)
  end)
end

--- @param o? table  startup 10 (random trials first), candidates 24
return function(o)
  o = check.options("TPESampler", o, { startup = 10, candidates = 24 })
  local self = setmetatable({ startup = check.whole("TPESampler", "startup", o.startup, 1),
    candidates = check.whole("TPESampler", "candidates", o.candidates, 1), first = random() }, Tpe)
  restart(self)
  return self
end
