-- Optimizers race: gradient descent, momentum, Nesterov, RMSprop, Adam on four surfaces.
-- A ravine (steep across, flat along), a saddle, Rosenbrock's valley, Beale's plain.
--   mlprun experiments/optimizers.lua
local mlp = require "mlp"

--- Each takes numbers, or tensors to be minimized. rates: of the five optimizers.
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

--- The path of optimizer i, with the loss at each step.
local function race(surface, i, steps)
  local start = { mlp.tensor { surface.start[1] }, mlp.tensor { surface.start[2] } }
  return mlp.minimize(function(x, y) return surface.f(x, y):sum() end, start,
    { optimizer = optimizer(i, surface.rates[i]), steps = steps, tol = 0, path = true }).path
end

local fig, ends = mlp.plot.figure { rows = 2, cols = 4, width = 13, height = 6.5 }, {}
for k, surface in ipairs(surfaces) do
  local paths, above, left, least = {}, {}, {}, surface.f(table.unpack(surface.minimum))
  for i = 1, 5 do -- above the minimum; a logarithmic axis knows no 0
    paths[i] = race(surface, i, 200)
    above[i] = (mlp.tensor(paths[i].loss) - least):clamp(1e-7, 1e9):totable()
    left[i] = above[i][#above[i]]
  end
  mlp.plot.trajectories(surface.f, paths, { panel = fig:panel(1, k), labels = names,
    extent = surface.extent, minimum = surface.minimum, inset = false, title = surface[1],
    legend = k == #surfaces })
  mlp.plot.runs(above, { panel = fig:panel(2, k), labels = names, log = true, xlabel = "step",
    ylabel = "loss above the minimum", legend = false })
  print(("%-10s left after 200 steps: SGD %.2g, momentum %.2g, Nesterov %.2g, RMSprop %.2g, "
    .. "Adam %.2g"):format(surface[1], table.unpack(left)))
  ends[surface[1]] = left
end
fig:save(mlp.out "optimizers.png")
print("wrote " .. mlp.out "optimizers.png")

local ravine, valley = ends.ravine, ends.Rosenbrock
mlp.claim { "momentum gets further in the ravine", ravine[2] - ravine[1], "< 0", slide = "S61" }
mlp.claim { "Adam too", ravine[5] - ravine[1], "< 0", slide = "S61" }
mlp.claim { "Adam leaves the saddle", ends.saddle[5], "< 0.1", slide = "S61" }
mlp.claim { "Adam is nearer in the valley than SGD", valley[5] - valley[1], "< 0", slide = "S61" }
-- First steps by the formulas: Adam moves each weight by its rate against the sign of the slope.
local adam, sgd = race(surfaces[1], 5, 1)[2], race(surfaces[1], 1, 1)[2]
mlp.claim { "Adam's first step along x is its rate", adam[1] + 4, "0.2 +- 1e-5",
  slide = "S60, S20" }
mlp.claim { "along y, ten times as steep, too", adam[2] - 1, "-0.2 +- 1e-5", slide = "S60, S20" }
mlp.claim { "SGD's is the rate times the slope", sgd[2] - 1, "-0.8 +- 1e-6", slide = "S60" }
