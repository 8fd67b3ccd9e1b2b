-- Bayesian search step by step (S70): a Gaussian process over one hyper-parameter (the surrogate),
-- what it expects to gain (the acquisition), and where it looks next. The function is that of the
-- page which the lecture links to, x^2 sin(5 pi x)^6, with noise.
--   mlprun experiments/bayesian_steps.lua
local mlp = require "mlp"

local function toy(x) return x * x * math.sin(5 * math.pi * x) ^ 6 end
local TOP <const> = 0.81135 -- at x = 0.9009

local search = mlp.memoize(function(sampler, seed)
  local study = mlp.study { direction = "maximize", sampler = sampler, pruner = "none",
    seed = seed }
  return study:optimize(function(t)
    return toy(t:Float("x", 0, 1)) + 0.01 * mlp.randn(1):item()
  end, { n_trials = 25, verbose = 0 })
end)

--- What the function is, without noise, where the search found it best.
local function found(sampler, seed) return toy(search(sampler, seed):best().params.x) end

local study = search("bayesian", 2)
print(("best of 25: x = %.4f, %.4f there (the top is %.4f at 0.9009)"):format(
  study:best().params.x, found("bayesian", 2), TOP))
study:plot("surrogate", { steps = { 10, 13, 16, 20, 24 } }):save(mlp.out "bayesian_steps.png")
print("wrote " .. mlp.out "bayesian_steps.png")

mlp.claim("the share of the top that 25 trials find", { slide = "S70", seeds = 20,
  expect = ">= 0.99", measure = function(seed) return found("bayesian", seed) / TOP end })
local places, nearest = {}, 1 -- of trials that run at once: each is told of the others
for i = 1, 4 do
  places[i] = study:ask():Float("x", 0, 1)
  for k = 1, i - 1 do nearest = math.min(nearest, math.abs(places[i] - places[k])) end
end
mlp.claim("four trials at once are apart", { slide = "S72", expect = "> 0.001",
  measure = nearest })
mlp.claim("random search finds less", { slide = "S70", seeds = 20, expect = "> 0",
  measure = function(seed) return found("bayesian", seed) - found("random", seed) end })
