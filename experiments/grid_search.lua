-- Grid search: just try everything (S67, S68). The slide's grid of learning rate, dropout and batch
-- size has 3 x 3 x 7 points. No trial needs the results of another, so they may run side by side;
-- and the best is that of the grid only: what lies between its points is never tried (T20).
--   mlprun experiments/grid_search.lua
local mlp = require "mlp"
local data = mlp.datasets.moons { n = 200, noise = 0.25, seed = 1 }
local rates, drops = { 0.1, 0.01, 0.001 }, { 0.3, 0.35, 0.4 }
local batches = { 4, 8, 16, 32, 64, 128, 256 }

local function accuracy(rate, dropout, batch)
  local model = mlp.Sequential { mlp.Dense { 16, "relu" }, mlp.Dropout(dropout),
    mlp.Dense { 1, "sigmoid" } }
  model:compile { optimizer = mlp.Adam(rate), loss = "binary_crossentropy",
    metrics = { "accuracy" } }
  local history = model:fit(data, { epochs = 10, batch_size = batch, validation_split = 0.5,
    verbose = 0 })
  return history.val_accuracy[10]
end

local function search(together)
  local sampler = mlp.tune.GridSampler { { "rate", rates }, { "batch", batches },
    { "dropout", drops } } -- the last changes fastest
  local study = mlp.study { direction = "maximize", sampler = sampler, pruner = "none" }
  return study:optimize(function(t)
    return accuracy(t:Choice("rate", rates), t:Choice("dropout", drops),
      t:Choice("batch", batches))
  end, { together = together, verbose = 0 })
end

local study = search()
local best, lines, points = {}, {}, 0
for _, t in ipairs(study:trials()) do
  local p = t.params
  local key = ("%g %g %d"):format(p.rate, p.dropout, p.batch)
  points, lines[key] = points + (lines[key] and 0 or 1), t.value
  local cell = ("%g %d"):format(p.rate, p.batch)
  best[cell] = math.max(best[cell] or 0, t.value)
end
print(("C1 = (0.1, 0.3, 4): accuracy %.1f %%"):format(100 * lines["0.1 0.3 4"]))
print(("C2 = (0.1, 0.35, 4): accuracy %.1f %%"):format(100 * lines["0.1 0.35 4"]))
print("best of the grid: ", study:best())

mlp.claim("all points of 3 x 3 x 7, none twice", { slide = "S67", expect = "== 63",
  measure = #study:trials() == points and points or 0 })
local first = study:trial(0).params
mlp.claim("C1 is the first", { slide = "S67", expect = true,
  measure = first.rate == 0.1 and first.dropout == 0.3 and first.batch == 4 })
local function values(of) return table.concat(of:column "value", " ") end
mlp.claim("21 side by side give what they give alone", { slide = "S68", expect = true,
  measure = values(search(21)) == values(study) })

local cells = {}
for i, rate in ipairs(rates) do
  cells[i] = {}
  for k, batch in ipairs(batches) do cells[i][k] = best[("%g %d"):format(rate, batch)] end
end
mlp.plot.heatmap(cells, { xnames = batches, ynames = rates, xlabel = "batch size",
  ylabel = "learning rate", title = "validation accuracy, best of three dropouts", annotate = true,
  format = "%.2f" })
  :save(mlp.out "grid_search.png")
print("wrote " .. mlp.out "grid_search.png")
