--- What samplers that learn from results share: trials as places on axes, with a value each.
---
--- What a trial's state means to them: COMPLETE: its value. PRUNED: the last value that it
--- reported, but no better than the median of the complete ones, since that is why it was pruned.
--- FAIL: as bad as the worst so far. Neither of these is ever the best.
local core = require "mlp.core"

local M = {}

local MANY <const> = 64 -- values of a discrete number, from which on it counts as continuous

--- The names of the space with more than one value, and how each is an axis.
function M.axes(space)
  local names, axes = {}, {}
  for _, name in ipairs(space.order) do
    local d = space.distribution[name]
    if d.n ~= 1 then
      names[#names + 1] = name
      local categorical = d.kind == "categorical" and not d.ordered
      axes[#axes + 1] = { n = (d.n and (categorical or d.n <= MANY)) and d.n or 0,
        categorical = categorical }
    end
  end
  return names, axes
end

--- A text that changes where the axes do.
function M.signature(space, names)
  local parts = {}
  for i, name in ipairs(names) do parts[i] = name .. "=" .. space.distribution[name]:json() end
  return table.concat(parts, "\n")
end

--- The places of trial i of the history; false where it did not have a parameter.
function M.places(history, names, i)
  local list = {}
  for k, name in ipairs(names) do
    local x = history.param[name][i]
    list[k] = x and history.distribution[name]:to_unit(x) or false
  end
  return list
end

--- The places of a plan.
function M.plan_places(space, names, plan)
  local list = {}
  for k, name in ipairs(names) do
    list[k] = plan[name] and space.distribution[name]:to_unit(plan[name]) or false
  end
  return list
end

--- A plan from places, with the parameters that have one value only.
function M.plan(space, names, places)
  local plan = {}
  for _, name in ipairs(space.order) do
    local d = space.distribution[name]
    if d.n == 1 then plan[name] = d:nth(0) end
  end
  for k, name in ipairs(names) do plan[name] = space.distribution[name]:from_unit(places[k]) end
  return plan
end

local function median(values)
  table.sort(values)
  local n = #values
  return n > 0 and (values[(n + 1) // 2] + values[n // 2 + 1]) / 2 or nil
end

--- The last value that a pruned trial reported, turned so that less is better.
local function last_report(history, i)
  local _, values = history.storage:reports(history.id[i])
  local v = values[#values]
  return v and v - v == 0 and history.sign * v or nil
end

--- Several objectives as one, with weights that differ from trial to trial.
--- Source: Knowles 2006, ParEGO: the augmented Tchebycheff function.
function M.scalariser(view)
  local study, weights, sum = view.study, {}, 0
  local lows, highs = {}, {}
  for k in ipairs(study.directions) do
    weights[k] = core.study_uniform(view.seed, view.number, "weight", k) + 1e-3
    sum = sum + weights[k]
    lows[k], highs[k] = math.huge, -math.huge
  end
  local function turned(i, k)
    return (study.directions[k] == "maximize" and -1 or 1) * view.history.values[i][k]
  end
  for i = 1, view.history.n do
    if view.history.value[i] and view.visible(i) then
      for k in ipairs(weights) do
        lows[k], highs[k] = math.min(lows[k], turned(i, k)), math.max(highs[k], turned(i, k))
      end
    end
  end
  return function(i)
    local most, total = -math.huge, 0
    for k, weight in ipairs(weights) do
      local range = highs[k] > lows[k] and highs[k] - lows[k] or 1
      local v = weight / sum * (turned(i, k) - lows[k]) / range
      most, total = math.max(most, v), total + v
    end
    return most + 0.05 * total
  end
end

--- Values of trials as they are added: see the top of this file.
local Values = {}
Values.__index = Values

function M.values() return setmetatable({ complete = {}, worst = nil }, Values) end

--- The value that trial i counts with; nil where nothing can be said yet.
function Values:of(history, i)
  local v = history.value[i]
  if v then
    self.complete[#self.complete + 1] = v
    self.worst = math.max(self.worst or v, v)
    return v
  end
  if history.state[i] == "FAIL" then return self.worst end
  local middle = median { table.unpack(self.complete, math.max(1, #self.complete - 100)) }
  local last = last_report(history, i)
  return middle and math.max(middle, last or self.worst)
end

return M
