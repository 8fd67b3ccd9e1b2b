-- The softmax table of the lecture: scores, their exponentials, probabilities, log loss.
-- Softmax turns any numbers into probabilities: p[i] = exp(z[i]) / sum of exp(z[j]). The slide
-- prints exp(i), without the z: it means the score, not its index.
--   mlprun experiments/softmax.lua
local mlp = require "mlp"

local names = { "Dog", "Cat", "Boat", "Airplane" }
local z = mlp.tensor({ -3.44, 1.16, -0.81, 3.91 }, { dtype = "float64" })

local exponential = z:exp()
local p = z:softmax()
local loss = -p:log()

print(("%-10s %8s %12s %12s %12s"):format("", "score", "exp(score)", "probability", "log loss"))
for i, name in ipairs(names) do
  print(("%-10s %8.2f %12.4f %12.4f %12.6f"):format(name, z[i]:item(), exponential[i]:item(),
    p[i]:item(), loss[i]:item()))
end
local best = p:argmax():item()
print(("predict: %d (%s); predict_proba: the column of probabilities"):format(best, names[best]))

-- Wrong on the slide: it prints 7.4186, 2.8201, 4.7915, the logarithms of *rounded* probabilities.
local printed = { 7.4186, 2.8201, 4.7915, 0.0709 }
local rounded = 0 -- how far the first three are from -ln(P rounded to 4 digits)
for i = 1, 3 do
  local digits = tonumber(("%.4f"):format(p[i]:item()))
  rounded = math.max(rounded, math.abs(-math.log(digits) - printed[i]))
end

local fig = mlp.plot.figure { cols = 3, title = "From scores to probabilities" }
local columns = { { "score z", z }, { "exp(z)", exponential }, { "probability", p } }
for i, column in ipairs(columns) do
  fig:panel(1, i):bars(nil, column[2]):set { title = column[1], xnames = names }
end
fig:save(mlp.out "softmax.png")
print("wrote " .. mlp.out "softmax.png")

local function claim(text, value, expect, slide)
  mlp.claim(text, { measure = value, expect = expect, slide = slide })
end
claim("the exponentials add up to 53.565808", exponential:sum():item(), "53.565808 +- 5e-7", "S5")
claim("the probabilities add up to one", p:sum():item(), "1 +- 1e-15", "S5")
claim("log loss of Dog", loss[1]:item(), "7.420911 +- 5e-7", "S5, T3")
claim("log loss of Cat", loss[2]:item(), "2.820911 +- 5e-7", "S5, T3")
claim("log loss of Boat", loss[3]:item(), "4.790911 +- 5e-7", "S5, T3")
claim("log loss of Airplane", loss[4]:item(), "0.070911 +- 5e-7", "S5, T3")
claim("the slide's log losses are of rounded probabilities", rounded, "<= 5e-5", "T3")
claim("adding 1000 to each score changes nothing",
  (z:add(1000):softmax() - p):abs():max():item(), "<= 1e-12", "S5, T1")
claim("a score of 1000 is no overflow", mlp.tensor({ 1000, 0 }):softmax()[1]:item(), "== 1", "T1")
claim("predict says Airplane", best, "== 4", "S6, T4")
-- "2 classes: 1 neuron" needs a sigmoid: the softmax of a single number is always 1.
claim("softmax over one neuron is constant", mlp.tensor({ { -3 }, { 5 } }):softmax():sum():item(),
  "== 2", "T2")
