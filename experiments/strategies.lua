-- Four ways to choose hyper-parameters (S65, S71, S72, S81): by hand, grid, random, Bayesian. One
-- task, the lecture's table with numbers instead of words. Explored is how far the rates of the
-- trials lie apart (deviation, in powers of ten): who learns from history stays where it is good.
-- Trials in parallel know nothing of each other; Bayesian search guesses what those that run give.
--   mlprun experiments/strategies.lua [--trials 27] [--seeds 5]
local mlp = require "mlp"
local args = mlp.args { trials = 27, seeds = 5 }
local train, valid = mlp.datasets.moons { n = 600, noise = 0.2, seed = 1 }:split { test = 0.5 }

local function objective(t)
  local model = mlp.Sequential { mlp.Dense { 16, "relu" }, mlp.Dropout(t:Float("dropout", 0, 0.5)),
    mlp.Dense { 1, "sigmoid" } }
  local rate = t:Float("rate", 1e-3, 1, { sampling = "log" })
  model:compile { optimizer = mlp.SGD { rate, momentum = 0.9 }, loss = "binary_crossentropy" }
  local batch = t:Choice("batch", { 4, 8, 16, 32, 64, 128, 256 })
  return model:fit(train, { epochs = 15, batch_size = batch, validation_data = valid,
    verbose = 0 }).val_loss[15]
end

local by_hand = { -- a notebook: each choice with its reason
  { rate = 0.1, dropout = 0.5, batch = 32 }, -- a usual start: half of the units dropped
  { rate = 0.01, dropout = 0.5, batch = 32 }, -- is the rate too large? ten times smaller
  { rate = 0.01, dropout = 0.2, batch = 32 }, -- both losses are high, it underfits: less dropout
  { rate = 0.03, dropout = 0.2, batch = 16 }, -- slow: a larger rate, and more steps an epoch
  { rate = 0.03, dropout = 0.2, batch = 8 }, -- more steps again, before turning elsewhere
}
local grid = { rate = { 0.1, 0.01, 0.001 }, dropout = { 0.1, 0.3, 0.5 }, batch = { 4, 32, 256 } }

local search = mlp.memoize(function(strategy, seed)
  local samplers = { grid = mlp.tune.GridSampler(grid), bayesian = "bayesian" }
  local study = mlp.study { name = strategy, sampler = samplers[strategy] or "random",
    pruner = "none", seed = seed }
  local points = strategy == "by hand" and by_hand or {}
  for _, params in ipairs(points) do study:enqueue(params) end
  return study:optimize(objective, { n_trials = #points > 0 and #points or args.trials,
    verbose = 0 })
end)

local function best(study) return study:best().value end
local function explored(study)
  return (mlp.tensor(study:column "rate"):log() / math.log(10)):std():item()
end
local function median(measure, strategy)
  return mlp.repeats(args.seeds, function(seed) return measure(search(strategy, seed)) end).median
end

local studies, labels = {}, {}
print "strategy   trials  val_loss  explored  history      parallel"
for _, row in ipairs { { "by hand", "in the head", "no" }, { "grid", "none", "yes" },
  { "random", "none", "yes" }, { "bayesian", "all of it", "by guesses" } } do
  for seed = 1, args.seeds do
    studies[#studies + 1], labels[#labels + 1] = search(row[1], seed), row[1]
  end
  print(("%-10s %-7d %-9.4f %-9.2f %-12s %s"):format(row[1], #studies[#studies]:trials(),
    median(best, row[1]), median(explored, row[1]), row[2], row[3]))
end
mlp.plot.runs(studies, { labels = labels, band = "quartiles", title = "strategies of search" })
  :save(mlp.out "strategies.png")
print("wrote " .. mlp.out "strategies.png")

local function gap(measure, other)
  return function(seed) return measure(search("bayesian", seed)) - measure(search(other, seed)) end
end
mlp.claim { "Bayesian search finds better than the notebook", gap(best, "by hand"), "< 0",
  slide = "S65, S71" }
mlp.claim { "and better than random search", gap(best, "random"), "< 0", slide = "S71, S81" }
mlp.claim { "it explores less than random search", gap(explored, "random"), "< 0", slide = "S71" }
