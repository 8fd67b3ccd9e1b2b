-- Momentum, a little flick: a ball that rolls on instead of a walker who looks at each step.
-- v = lambda v - eta grad L; theta = theta + v. The other slide's W - beta grad W - alpha grad J is
-- a paraphrase with loose signs: this is the rule, and Keras's.
--   mlprun experiments/momentum.lua
local mlp = require "mlp"

--- A surface with a shallow valley at -1 and a deep one at 2.
local function height(x) return 0.05 * x ^ 4 - 0.1 * x ^ 3 - 0.2 * x ^ 2 + 0.1 * x end
local function tensor_height(x) return x ^ 4 * 0.05 - x ^ 3 * 0.1 - x * x * 0.2 + x * 0.1 end

--- Roll from x for some steps with our own optimizer; the places.
local function roll(optimizer, x, steps)
  local model = mlp.Sequential { mlp.Dense { 1, use_bias = false } }:build { 1 }
  model:compile { optimizer = optimizer, loss = function(_, p) return tensor_height(p) end }
  model:set_weights { mlp.tensor { { x } } }
  local path, one = { x }, mlp.ones(1, 1)
  for step = 1, steps do
    model:train_on_batch(one, one)
    path[step + 1] = model:get_weights()[1]:item()
  end
  return path
end

local RATE <const>, LAMBDA <const>, START <const> = 0.05, 0.9, -3
local walker = roll(mlp.SGD { learning_rate = RATE }, START, 120)
local ball = roll(mlp.SGD { learning_rate = RATE, momentum = LAMBDA }, START, 120)
print(("after 120 steps: gradient descent at %.2f, with momentum at %.2f"):format(walker[121],
  ball[121]))

-- The same by hand, from the slide's two lines.
local function slope(x) return 0.2 * x ^ 3 - 0.3 * x ^ 2 - 0.4 * x + 0.1 end
local x, v, apart = START, 0, 0
for step = 1, 20 do
  v = LAMBDA * v - RATE * slope(x)
  x = x + v
  apart = math.max(apart, math.abs(x - ball[step + 1]))
end

local xs, ys = {}, {}
for i = 1, 200 do
  xs[i] = -3.2 + 6.9 * (i - 1) / 199
  ys[i] = height(xs[i])
end
local function draw(panel, path, title)
  local h = {}
  for i, place in ipairs(path) do h[i] = height(place) end
  panel:line(xs, ys, { color = "fore" })
  panel:scatter(path, h, { color = "C1", size = 5, edge = "white" })
  panel:set { title = title, xlabel = "θ", ylabel = "loss", xlim = { -3.3, 3.8 } }
end
local fig = mlp.plot.figure { cols = 2 }
draw(fig:panel(1, 1), walker, "gradient descent")
draw(fig:panel(1, 2), ball, "momentum 0.9")
fig:save(mlp.out "momentum.png")
local film = mlp.plot.animate(20, { f = function(i)
  local frame = mlp.plot.figure { width = 4, height = 2.8 }
  local part = table.move(ball, math.max(1, i * 3 - 9), i * 3, 1, {})
  draw(frame:panel(1, 1), part, "a ball on a surface")
  return frame
end })
film:save(mlp.out "momentum_ball.png")
print("wrote " .. mlp.out "momentum.png" .. " and " .. mlp.out "momentum_ball.png" .. " (animated)")

local function claim(slide, text, value, expect)
  mlp.claim(text, { slide = slide, measure = value, expect = expect })
end
claim("S54", "theta 1 is theta 0 - eta grad L", walker[2] - (START - RATE * slope(START)),
  "0 +- 1e-6")
claim("S55, T13", "momentum is the slide's recurrence", apart, "< 1e-4")
claim("S53", "gradient descent stays in the shallow valley", walker[121], "< 0")
claim("S53, S59", "momentum rolls through it", ball[121], "> 1")
-- "But still no guarantee": with less momentum, or from elsewhere, the ball stays too.
claim("S53", "with momentum 0.5 it stays", roll(mlp.SGD { learning_rate = RATE, momentum = 0.5 },
  START, 120)[121], "< 0")
