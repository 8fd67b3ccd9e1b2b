-- Bayesian search step by step (S70): a Gaussian process over one hyper-parameter, what it expects,
-- and where it looks next. The function is the lecture's, x^2 sin(5 pi x)^6, with noise.
--   mlprun experiments/bayesian_steps.lua
local mlp = require "mlp"

local function toy(x) return x * x * math.sin(5 * math.pi * x) ^ 6 end

local study = mlp.study { direction = "maximize", sampler = "bayesian", pruner = "none", seed = 2 }
study:optimize(function(t)
  return toy(t:Float("x", 0, 1)) + 0.01 * mlp.randn(1):item()
end, { n_trials = 25, verbose = 0 })
local best = study:best()
print(("best of 25: x = %.4f, %.4f there (the top is 0.8110 at 0.9006)"):format(best.params.x,
  toy(best.params.x)))
study:plot("surrogate", { steps = { 10, 13, 16, 20, 24 } }):save(mlp.out "bayesian-steps.png")
print "drawn: out/bayesian-steps.png"
