--- mlp.repeats: the same measurement over seeds, and whether two of them differ.
local check = require "mlp.check"
local core = require "mlp.core"
local studies = require "mlp.tune.study"
local workers = require "mlp.tune.workers"

local M = {}

--- @class mlp.Repeats
--- @field values number[] by seed: of seed 1, 2...
--- @field median number
--- @field low number
--- @field high number ends of an interval that holds the median with at least 95 %
local Repeats = { __name = "mlp.Repeats" }
Repeats.__index = Repeats

local function sorted(values)
  local list = { table.unpack(values) }
  table.sort(list)
  return list
end

local function median(list)
  return (list[(#list + 1) // 2] + list[#list // 2 + 1]) / 2
end

--- How many of the least and greatest values may be left out, so that what is between holds the
--- median with at least 95 %: by the binomial distribution. Source: Conover 1999, 3.2.
local function left_out(n)
  local p, sum, k = 0.5 ^ n, 0, 0
  while sum + p <= 0.025 do
    sum, k = sum + p, k + 1
    p = p * (n - k + 1) / k
  end
  return k
end

--- Values by seed, summed up.
--- @param values number[]
--- @return mlp.Repeats
function M.of(values)
  local list = sorted(values)
  local k = math.max(1, left_out(#list))
  return setmetatable({ values = values, median = median(list), low = list[k],
    high = list[#list + 1 - k] }, Repeats)
end

function Repeats:__tostring()
  return ("median %.5g [%.5g, %.5g] over %d seeds"):format(self.median, self.low, self.high,
    #self.values)
end

--- Ranks of absolute differences, equal ones sharing theirs; sums of those of positive and of all.
local function signed_ranks(differences)
  table.sort(differences, function(a, b) return math.abs(a) < math.abs(b) end)
  local ranks, i = {}, 1
  while i <= #differences do
    local j = i
    while j < #differences and math.abs(differences[j + 1]) == math.abs(differences[i]) do
      j = j + 1
    end
    for k = i, j do ranks[k] = (i + j) / 2 end
    i = j + 1
  end
  return ranks
end

--- How likely a sum of ranks at least as far from its mean is, by counting all signs.
local function exact(ranks, positive)
  local counts, total = { [0] = 1 }, 0 -- of twice the sum, which is whole
  for _, rank in ipairs(ranks) do
    local step = math.floor(2 * rank + 0.5)
    total = total + step
    for s = total, step, -1 do counts[s] = (counts[s] or 0) + (counts[s - step] or 0) end
  end
  local far, sum = math.abs(2 * positive - total / 2), 0
  for s = 0, total do
    if math.abs(s - total / 2) >= far - 1e-9 then sum = sum + (counts[s] or 0) end
  end
  return sum / 2.0 ^ #ranks
end

--- Is this better or worse than another run over the same seeds? Wilcoxon's signed-rank test,
--- exact. Source: Wilcoxon 1945; Conover 1999, 5.7.
--- @param other mlp.Repeats
--- @return table  difference (median of this minus other, seed by seed), p
function Repeats:compare(other)
  local n = #self.values
  if getmetatable(other) ~= Repeats or #other.values ~= n then
    check.raise("argument", "compare: expected another result of mlp.repeats over %d seeds", n)
  end
  local all, nonzero, positive = {}, {}, 0
  for i = 1, n do
    all[i] = self.values[i] - other.values[i]
    if all[i] ~= 0 then nonzero[#nonzero + 1] = all[i] end
  end
  local ranks = signed_ranks(nonzero)
  for i, d in ipairs(nonzero) do
    if d > 0 then positive = positive + ranks[i] end
  end
  return core.mark_fields { difference = median(sorted(all)),
    p = #nonzero > 0 and exact(ranks, positive) or 1.0 }
end

local calls = 0

--- Run f(seed) for the seeds 1 to n, each with random numbers that follow from that seed alone.
--- @param n integer  at least 6 for an interval of 95 %
--- @param f fun(seed: integer): number
--- @param options? table  n_jobs 1: processes, and together 1: runs side by side in each, as those
---   of study:optimize
--- @return mlp.Repeats
--- @usage local adam, sgd = mlp.repeats(20, run_adam), mlp.repeats(20, run_sgd)
function M.repeats(n, f, options)
  local o = check.options("repeats", options, { n_jobs = 1, together = 1 })
  n = check.whole("repeats", "n", n, 1)
  if type(f) ~= "function" then
    check.raise("argument", "repeats: expected a function of the seed, got %s", tostring(f))
  end
  calls = calls + 1
  local path
  if o.n_jobs > 1 then path = workers.shared_file() end
  local study = studies.study { name = "repeats " .. calls, storage = path, pruner = "none",
    sampler = require("mlp.tune.sampler.grid") {}, keep = 0, duplicates = true }
  study.sampler = { name = "seeds", uses_values = false, plan = function() return {} end,
    by_number = function() return true end }
  study:optimize(function(trial)
    local seed = trial.number + 1
    core.run_state(seed, 0, 0)
    return f(seed)
  end, { n_trials = n, n_jobs = o.n_jobs, together = o.together, verbose = 0,
    max_consecutive_failed_trials = 1 })
  local values = {}
  for i, trial in ipairs(study:trials()) do values[i] = trial.value end
  study:close()
  return M.of(values)
end

return M
