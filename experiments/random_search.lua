-- Random search: just try some candidates (S69). A hyper-parameter is drawn from a list or from a
-- distribution, and the number of trials is chosen. One that does not matter costs nothing: of nine
-- trials, a grid tries three values of the one that does, random search nine (Bergstra & Bengio
-- 2012). What the slide says of previous calculations is not so: each draw is new (T19).
--   mlprun experiments/random_search.lua
local mlp = require "mlp"

--- How good a rate is; `idle` does not matter.
local function score(rate) return math.exp(-(math.log(rate, 10) + 2.4) ^ 2 / 0.05) end

local function search(sampler, seed, n, idle)
  local study = mlp.study { direction = "maximize", sampler = sampler, pruner = "none",
    seed = seed, duplicates = true }
  return study:optimize(function(t)
    local rate = t:Float("rate", 1e-4, 1, { sampling = "log" })
    for i = 1, idle do t:Float("idle" .. i, 0, 1) end
    return score(rate)
  end, { n_trials = n, verbose = 0 })
end

local function log10(list) return (mlp.tensor(list):log() / math.log(10)):totable() end

local grid = mlp.tune.GridSampler { rate = { 1, 0.01, 0.0001 }, idle1 = { 0, 0.5, 1 } }
local with_grid, by_chance = search(grid, 1, 9, 1), search("random", 4, 9, 1)
local fig = mlp.plot.figure { cols = 3, width = 12, height = 4 }
local curve, height = mlp.linspace(-4, 0, 200):totable(), {}
for k, u in ipairs(curve) do height[k] = 1.1 + 0.3 * score(10 ^ u) end
for i, study in ipairs { with_grid, by_chance } do
  local rates, gain = log10(study:column "rate"), mlp.tensor(study:column "value") * 0.3 + 1.1
  fig:panel(1, i):line(curve, height, { color = "C2", label = "score" })
    :scatter(rates, gain, { color = "C1", size = 4, label = "score of a trial" })
    :scatter(rates, study:column "idle1", { color = "C0", label = "trial" })
    :set { title = i == 1 and "grid: 3 rates in 9 trials" or "random: 9 rates in 9 trials",
      xlabel = "log10 of the rate", ylabel = "what does not matter", legend = i == 1,
      ylim = { -0.1, 1.5 } }
end
local logs = log10(search("random", 1, 2000, 0):column "rate")
mlp.plot.hist(logs, { bins = 16, panel = fig:panel(1, 3), title = "2000 draws on a log scale",
  xlabel = "log10 of the rate" })
fig:save(mlp.out "random_search.png")
print("wrote " .. mlp.out "random_search.png")

local far = 0 -- from equal shares, the distance of Kolmogorov and Smirnov
table.sort(logs)
for i, u in ipairs(logs) do far = math.max(far, math.abs((u + 4) / 4 - i / #logs)) end
-- 1.95 / sqrt(2000) is 0.0436: one in a thousand is farther
mlp.claim { "2000 draws are even on a log scale", far, "< 0.0436", slide = "S69" }
mlp.claim { "three idle hyper-parameters make it no worse", function(seed)
  return search("random", seed, 27, 3):best().value - search("random", seed, 27, 0):best().value
end, ">= 0", slide = "S69" }
mlp.claim { "nine trials by chance find better than a grid of nine", function(seed)
  return search("random", seed, 9, 1):best().value - with_grid:best().value
end, "> 0", slide = "S69" }
