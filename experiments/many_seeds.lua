-- How much of a result is luck? 32 nets that differ in their seed alone, for three learning rates,
-- trained together: mlp.fit_many gives each the bits of its own fit, in less time.
--   mlprun experiments/many_seeds.lua
local mlp = require "mlp"

local SEEDS <const> = 32
local train, test = mlp.datasets.moons { n = 400, noise = 0.25 }:split { test = 0.5 }
local RATES <const> = { 0.001, 0.01, 0.1 }

local function build(rate)
  return mlp.Sequential { mlp.Dense { 16, "relu" }, mlp.Dense { 16, "relu" },
    mlp.Dense { 1, "sigmoid" } }
    :compile { loss = "binary_crossentropy", optimizer = mlp.Adam(rate), metrics = { "accuracy" } }
end

local models, seeds, rate_of = {}, {}, {}
for _, rate in ipairs(RATES) do
  for seed = 1, SEEDS do
    mlp.seed(seed)
    models[#models + 1], seeds[#seeds + 1] = build(rate), seed
    rate_of[#models] = rate
  end
end
local histories = mlp.fit_many(models, train, { epochs = 30, batch_size = 8, seeds = seeds,
  validation_data = test, verbose = 0 })

local fig, spread = mlp.plot.figure { cols = #RATES }, {}
for i, rate in ipairs(RATES) do
  local scores = {}
  for k, history in ipairs(histories) do
    if rate_of[k] == rate then table.insert(scores, history[-1].val_accuracy) end
  end
  table.sort(scores)
  spread[i] = scores[#scores] - scores[1]
  print(("rate %-5g validation accuracy: lowest %.3f, median %.3f, highest %.3f"):format(rate,
    scores[1], scores[#scores // 2], scores[#scores]))
  mlp.plot.hist(scores, { panel = fig:panel(1, i), bins = 20, range = { 0.8, 1 },
    xlabel = "validation accuracy", title = ("rate %g, %d seeds"):format(rate, SEEDS) })
end
fig:save(mlp.out "many_seeds.png")
print("wrote " .. mlp.out "many_seeds.png")

mlp.seed(seeds[1]) -- the first of them by itself
local alone = build(RATES[1])
alone:fit(train, { epochs = 30, batch_size = 8, validation_data = test, verbose = 0 })
mlp.claim("a net among others has the weights that it has alone", {
  measure = alone:hash() == models[1]:hash(), expect = true })
mlp.claim("seeds alone move the accuracy by some percent", {
  measure = math.max(table.unpack(spread)), expect = ">= 0.03" })
