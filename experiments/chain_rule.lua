-- The chain rule under a microscope: four sigmoid neurons in a row, the gradient as a product.
-- C = s(w4 s(w3 s(w2 s(w1 a0 + b1) + b2) + b3) + b4), with all w = 1, b = 0 and a0 = 0.5.
-- The slide's formula prints b2, b2, b1 for the inner biases: they are b4, b3, b2, b1; and since
-- C = a4, the last factor dC/da4 is 1.
--   mlprun experiments/chain_rule.lua
local mlp = require "mlp"

local function number(v) return mlp.tensor({ v }, { dtype = "float64", requires_grad = true }) end
local function forward(b1)
  local a, z, b = { [0] = number(0.5) }, {}, { b1, number(0), number(0), number(0) }
  for i = 1, 4 do
    z[i] = a[i - 1] * 1 + b[i]
    a[i] = z[i]:sigmoid()
  end
  return a, z, b
end

local a, _, b = forward(number(0))
a[4]:sum():backward()
local tape = b[1].grad:item()

local product, slopes, values, running = 1, {}, {}, {}
for i = 1, 4 do
  values[i] = a[i]:item()
  slopes[i] = values[i] * (1 - values[i]) -- the derivative of the sigmoid, by its value
  product = product * slopes[i]
  running[i] = product
  print(("a%d = %.6f   slope %.6f   product so far %.8f"):format(i, values[i], slopes[i], product))
end
local h = 1e-4
local difference = (forward(number(h))[4]:item() - forward(number(-h))[4]:item()) / (2 * h)
print(("dC/db1: tape %.8f, product %.8f, difference %.8f"):format(tape, product, difference))

local fig = mlp.plot.figure { cols = 2 }
fig:panel(1, 1):bars(nil, slopes):hline(0.25, { dash = "dashed", label = "bound 1/4" })
  :set { xlabel = "neuron", ylabel = "slope of the sigmoid", ylim = { 0, 0.3 } }
fig:panel(1, 2):line(nil, running, { marker = "circle" })
  :set { xlabel = "factors", ylabel = "product", yscale = "log", xinteger = true }
fig:save(mlp.out "chain_rule.png")
mlp.plot.slope_bound { depth = 20 }:save(mlp.out "chain_rule_bound.png")
print("wrote " .. mlp.out "chain_rule.png" .. " and " .. mlp.out "chain_rule_bound.png")

local off = (mlp.tensor(values) - mlp.tensor { 0.622459, 0.650778, 0.657186, 0.658628 }):abs()
mlp.claim { "a1 to a4 are 0.622459, 0.650778, 0.657186, 0.658628", off:max():item(), "< 1e-6",
  slide = "S34" }
mlp.claim { "the tape's gradient is 0.00270536", tape, "0.00270536 +- 5e-9", slide = "S35" }
mlp.claim { "it is the product of the factors, the last of which is 1", tape - product,
  "0 +- 1e-12", slide = "S35, T10" }
mlp.claim { "and the difference quotient", tape - difference, "0 +- 1e-9", slide = "S35" }
-- The slide says "less than 1/4"; at z = 0 it is 1/4 (T8).
local z = mlp.linspace(-6, 6, 1201, { dtype = "float64" })
local s = z:sigmoid()
mlp.claim { "the largest slope is 1/4, at 0", (s - s * s):max():item(), "0.25 +- 1e-12",
  slide = "S36, T8" }
mlp.claim { "(1/4)^2", 0.25 ^ 2, "== 0.0625", slide = "S36" }
mlp.claim { "(1/4)^4", 0.25 ^ 4, "== 0.00390625", slide = "S36" }
mlp.claim { "(1/4)^8, rounded to 0.00001526 on the slide", 0.25 ^ 8, "1.52587890625e-5 +- 1e-20",
  slide = "S36" }
-- Weights drawn from N(0, 1) are not all within 1, as the slide has it: a third are larger (T9).
mlp.claim { "share of N(0, 1) beyond 1", slide = "T9", expect = "0.3173 +- 0.01",
  measure = mlp.randn(100000):abs():gt(1):double():mean():item() }
