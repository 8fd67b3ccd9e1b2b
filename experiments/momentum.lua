-- Momentum, a little flick: a ball that rolls on instead of a walker who looks at each step.
-- v = lambda v - eta grad L; theta = theta + v. The other slide's W - beta grad W - alpha grad J is
-- a paraphrase with loose signs: this is the rule, and Keras's.
--   mlprun experiments/momentum.lua
local mlp = require "mlp"

--- A surface with a shallow valley at -1 and a deep one at 2, for numbers and tensors.
local function height(x) return x ^ 4 * 0.05 - x ^ 3 * 0.1 - x * x * 0.2 + x * 0.1 end
local function slope(x) return 0.2 * x ^ 3 - 0.3 * x ^ 2 - 0.4 * x + 0.1 end
local RATE <const>, LAMBDA <const>, START <const> = 0.05, 0.9, -3

--- Where it is after 0, 1... 120 steps.
local function roll(momentum)
  local found = mlp.minimize(function(x) return height(x):sum() end, mlp.tensor { START }, {
    optimizer = mlp.SGD { learning_rate = RATE, momentum = momentum }, steps = 120, tol = 0,
    path = true })
  local places = {}
  for i, at in ipairs(found.path) do places[i] = at[1] end
  return places
end
local walker, ball = roll(0), roll(LAMBDA)
print(("after 120 steps: gradient descent at %.2f, with momentum at %.2f"):format(walker[#walker],
  ball[#ball]))

-- The same by hand, from the slide's two lines.
local x, v, apart = START, 0, 0
for step = 1, 20 do
  v = LAMBDA * v - RATE * slope(x)
  x = x + v
  apart = math.max(apart, math.abs(x - ball[step + 1]))
end

local xs = mlp.linspace(-3.2, 3.7, 200)
local function draw(panel, path, title)
  local places = mlp.tensor(path)
  panel:line(xs, height(xs), { color = "fore" })
    :scatter(places, height(places), { color = "C1", size = 5, edge = "white" })
    :set { title = title, xlabel = "θ", ylabel = "loss", xlim = { -3.3, 3.8 } }
end
local fig = mlp.plot.figure { cols = 2 }
draw(fig:panel(1, 1), walker, "gradient descent")
draw(fig:panel(1, 2), ball, "momentum 0.9")
fig:save(mlp.out "momentum.png")
mlp.plot.animate(20, { f = function(i)
  local frame = mlp.plot.figure { width = 4, height = 2.8 }
  draw(frame:panel(1, 1), table.move(ball, math.max(1, i * 3 - 9), i * 3, 1, {}), "a ball rolls")
  return frame
end }):save(mlp.out "momentum_ball.png")
print("wrote " .. mlp.out "momentum.png" .. " and " .. mlp.out "momentum_ball.png" .. " (animated)")

mlp.claim { "theta 1 is theta 0 - eta grad L", walker[2] - (START - RATE * slope(START)),
  "0 +- 1e-6", slide = "S54" }
mlp.claim { "momentum is the slide's recurrence", apart, "< 1e-4", slide = "S55, T13" }
mlp.claim { "gradient descent stays in the shallow valley", walker[#walker], "< 0", slide = "S53" }
mlp.claim { "momentum rolls through it", ball[#ball], "> 1", slide = "S53, S59" }
-- "But still no guarantee": with less momentum the ball stays too.
local slow = roll(0.5)
mlp.claim { "with momentum 0.5 it stays", slow[#slow], "< 0", slide = "S53" }
