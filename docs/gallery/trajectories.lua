-- Gradient descent, momentum and Adam in Rosenbrock's valley.
local mlp = require "mlp"

local function rosenbrock(x, y) return (1 - x) ^ 2 + 100 * (y - x * x) ^ 2 end

local function path(rule)
  local x, y, points, state = -1.5, 2, { { -1.5, 2 } }, {}
  for t = 1, 1500 do
    local gx, gy = -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)
    local dx, dy = rule(gx, gy, state, t)
    x, y = x - dx, y - dy
    points[t + 1] = { x, y }
  end
  return points
end

local function descent(gx, gy) return 5e-4 * gx, 5e-4 * gy end
local function momentum(gx, gy, s)
  s.x, s.y = 0.9 * (s.x or 0) + 5e-4 * gx, 0.9 * (s.y or 0) + 5e-4 * gy
  return s.x, s.y
end
local function adam(gx, gy, s, t)
  local function step(g, k)
    s[k], s[-k] = 0.9 * (s[k] or 0) + 0.1 * g, 0.999 * (s[-k] or 0) + 0.001 * g * g
    return 0.05 * s[k] / (1 - 0.9 ^ t) / (math.sqrt(s[-k] / (1 - 0.999 ^ t)) + 1e-8)
  end
  return step(gx, 1), step(gy, 2)
end

mlp.plot.trajectories(rosenbrock, { path(descent), path(momentum), path(adam) }, {
  labels = { "descent", "momentum", "Adam" }, minimum = { 1, 1 }, extent = { -2, 2, -1, 3 },
}):save(mlp.out "trajectories.png")
