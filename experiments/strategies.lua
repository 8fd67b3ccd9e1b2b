-- Four ways to choose hyper-parameters (S63 to S72): by hand, grid, random, Bayesian. One task, the
-- same number of trials; the lecture's table with numbers instead of words.
--   mlprun experiments/strategies.lua [--trials 27] [--seeds 3] [--jobs 2]
local mlp = require "mlp"
local args = mlp.args { trials = 27, seeds = 3, jobs = 1 }

local train = mlp.datasets.moons { n = 300, noise = 0.25, seed = 1 }

local function score(rate, dropout, batch)
  local model = mlp.Sequential {
    mlp.Dense { units = 16, activation = "relu" },
    mlp.Dropout(dropout),
    mlp.Dense { units = 1, activation = "sigmoid" },
  }
  model:compile { optimizer = mlp.SGD { learning_rate = rate, momentum = 0.9 },
    loss = "binary_crossentropy" }
  local h = model:fit(train, { epochs = 15, batch_size = batch, validation_split = 0.3,
    verbose = 0 })
  return h.val_loss[#h]
end

--
-- By hand: each choice with its reason, as one writes it into a notebook (S65).
--

local notebook = {
  { 0.1, 0.5, 32, "a usual start: half of the units dropped" },
  { 0.01, 0.5, 32, "is the rate too large? ten times smaller" },
  { 0.01, 0.2, 32, "worse; both losses are high, it underfits: less dropout" },
  { 0.03, 0.2, 16, "better, but slow: a larger rate, and more steps an epoch" },
  { 0.03, 0.2, 8, "more steps again, before turning elsewhere" },
}

local function by_hand()
  local best = math.huge
  for i, entry in ipairs(notebook) do
    mlp.seed(i)
    local v = score(entry[1], entry[2], entry[3])
    best = math.min(best, v)
    print(("  %d. rate %-5g dropout %.1f batch %-3d  val_loss %.4f   %s"):format(i, entry[1],
      entry[2], entry[3], v, entry[4]))
  end
  return best
end

--
-- By a sampler.
--

local function objective(t)
  return score(t:Float("rate", 1e-3, 1, { sampling = "log" }), t:Float("dropout", 0, 0.5),
    t:Choice("batch", { 4, 8, 16, 32, 64, 128, 256 }))
end

local grid = { { "rate", { 0.1, 0.01, 0.001 } }, { "dropout", { 0.1, 0.3, 0.5 } },
  { "batch", { 4, 32, 256 } } }

local samplers = {
  grid = function() return mlp.tune.GridSampler(grid) end,
  random = function() return mlp.tune.RandomSampler() end,
  bayesian = function() return mlp.tune.BayesianSampler() end,
}

local studies = {}

local function search(name, seed)
  local study = mlp.study { name = name .. seed, sampler = samplers[name](), pruner = "none",
    seed = seed }
  study:optimize(objective, { n_trials = args.trials, verbose = 0 })
  studies[name] = study
  return study:best().value
end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

print "by hand:"
local rows = { { "by hand", by_hand(), #notebook, "serial", "in the head" } }
for _, name in ipairs { "grid", "random", "bayesian" } do
  local values = {}
  for seed = 1, args.seeds do values[seed] = search(name, seed) end
  rows[#rows + 1] = { name, median(values), args.trials,
    name == "bayesian" and "with fantasies" or "at will", name == "bayesian" and "all" or "none" }
end

print(("\n%-10s %-10s %-7s %-16s %s"):format("strategy", "val_loss", "trials", "parallel",
  "history"))
for _, row in ipairs(rows) do
  print(("%-10s %-10.4f %-7d %-16s %s"):format(row[1], row[2], row[3], row[4], row[5]))
end

mlp.claim("every search finds better than the notebook", { slide = "S71", expect = "< 0",
  measure = math.max(rows[2][2], rows[3][2], rows[4][2]) - rows[1][2] })
mlp.claim("Bayesian search is ahead of random search", { slide = "S71 S81", expect = "< 0",
  measure = rows[4][2] - rows[3][2] })

local function best_so_far(study)
  local list, best = {}, math.huge
  for i, t in ipairs(study:trials()) do
    best = math.min(best, t.value)
    list[i] = best
  end
  return list
end

local curves = {}
for i, name in ipairs { "grid", "random", "bayesian" } do curves[i] = best_so_far(studies[name]) end
mlp.plot.line(nil, curves, { labels = { "grid", "random", "bayesian" }, xlabel = "trial",
  ylabel = "best val_loss so far", title = "strategies of search" })
  :save(mlp.out "strategies.png")
print "drawn: out/strategies.png"
