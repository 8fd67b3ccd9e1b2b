-- Optimizers race: gradient descent, momentum, Nesterov, RMSprop, Adam on four surfaces.
-- A ravine (steep across, flat along), a saddle, Rosenbrock's valley, Beale's plain.
--   mlprun experiments/optimizers.lua
local mlp = require "mlp"

--- Each takes numbers or tensors x and y. rates: of the five optimizers.
local surfaces = {
  { "ravine", f = function(x, y) return x * x * 0.05 + y * y * 2 end, start = { -4, 1 },
    extent = { -5, 2, -2, 2 }, minimum = { 0, 0 }, rates = { 0.2, 0.1, 0.1, 0.05, 0.2 } },
  { "saddle", f = function(x, y) return x * x - y * y + y ^ 4 * 0.1 end, start = { -2, 0.001 },
    extent = { -2.5, 2.5, -3, 3 }, minimum = { 0, math.sqrt(5) },
    rates = { 0.02, 0.02, 0.02, 0.05, 0.1 } },
  { "Rosenbrock", f = function(x, y) return (x * -1 + 1) ^ 2 + (y - x * x) ^ 2 * 100 end,
    start = { -1.5, 1.5 }, extent = { -2, 2, -1, 3 }, minimum = { 1, 1 },
    rates = { 5e-4, 2e-4, 2e-4, 0.01, 0.1 } },
  { "Beale", f = function(x, y)
    return (x * y - x + 1.5) ^ 2 + (x * y * y - x + 2.25) ^ 2 + (x * y * y * y - x + 2.625) ^ 2
  end, start = { 1, 1.5 }, extent = { -1, 4.5, -2, 2.5 }, minimum = { 3, 0.5 },
    rates = { 5e-3, 1e-3, 1e-3, 0.02, 0.1 } },
}
local names = { "SGD", "momentum", "Nesterov", "RMSprop", "Adam" }
local function optimizer(i, rate)
  if i == 4 then return mlp.RMSprop(rate) end
  if i == 5 then return mlp.Adam(rate) end
  return mlp.SGD { learning_rate = rate, momentum = i > 1 and 0.9 or 0, nesterov = i == 3 }
end

--- The path of optimizer i: the kernel of a layer with input 1 is the point.
local function race(surface, i, steps)
  local model = mlp.Sequential { mlp.Dense { 2, use_bias = false } }:build { 1 }
  model:compile { optimizer = optimizer(i, surface.rates[i]), loss = function(_, p)
    return surface.f(p[{ {}, { 1, 1 } }], p[{ {}, { 2, 2 } }])
  end }
  model:set_weights { mlp.tensor { surface.start } }
  local path, x, y = { surface.start, loss = {} }, mlp.ones(1, 1), mlp.zeros(1, 2)
  for step = 1, steps do
    path.loss[step] = model:train_on_batch(x, y)
    path[step + 1] = model:get_weights()[1]:totable()[1]
  end
  return path
end

local fig, ends = mlp.plot.figure { rows = 2, cols = 4, width = 13, height = 6.5 }, {}
for k, surface in ipairs(surfaces) do
  local paths = {}
  ends[surface[1]] = {}
  for i = 1, 5 do
    paths[i] = race(surface, i, 200)
    local last = paths[i][201]
    ends[surface[1]][i] = surface.f(last[1], last[2]) - surface.f(table.unpack(surface.minimum))
  end
  mlp.plot.trajectories(surface.f, paths, { panel = fig:panel(1, k), labels = names,
    extent = surface.extent, minimum = surface.minimum, inset = false, title = surface[1] })
  if k > 1 then fig:panel(1, k):set { legend = false } end
  local low = surface.f(table.unpack(surface.minimum))
  for i, path in ipairs(paths) do
    local above = {}
    for step, v in ipairs(path.loss) do above[step] = math.max(v - low, 1e-8) end
    fig:panel(2, k):line(nil, above, { label = names[i] })
  end
  fig:panel(2, k):set { xlabel = "step", ylabel = "loss above the minimum", yscale = "log",
    legend = false }
  print(("%-12s"):format(surface[1]), table.concat(names, "  "))
  for i = 1, 5 do io.write(("  %.2g"):format(ends[surface[1]][i])) end
  print()
end
fig:save(mlp.out "optimizers.png")
print("wrote " .. mlp.out "optimizers.png")

local function claim(slide, text, value, expect)
  mlp.claim(text, { slide = slide, measure = value, expect = expect })
end
local ravine = ends.ravine
claim("S61", "in the ravine momentum gets further than SGD", ravine[2] - ravine[1], "< 0")
claim("S61", "Adam too", ravine[5] - ravine[1], "< 0")
claim("S61", "Adam leaves the saddle", ends.saddle[5], "< 0.1")
claim("S61", "Adam is nearer in Rosenbrock's valley than SGD", ends.Rosenbrock[5]
  - ends.Rosenbrock[1], "< 0")
-- First steps by the formulas: Adam moves each weight by its rate against the sign of the slope.
local first = race(surfaces[1], 5, 1)[2]
claim("S60, S20", "Adam's first step is its learning rate, along x", first[1]
  - surfaces[1].start[1], "0.2 +- 1e-5")
claim("S60, S20", "and along y, where the slope is ten times as large", first[2]
  - surfaces[1].start[2], "-0.2 +- 1e-5")
claim("S60", "SGD's is the rate times the slope", race(surfaces[1], 1, 1)[2][2] - 1, "-0.8 +- 1e-6")
