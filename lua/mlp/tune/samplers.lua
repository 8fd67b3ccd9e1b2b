--- mlp.tune's samplers by name.
return {
  random = require "mlp.tune.sampler.random",
  grid = require "mlp.tune.sampler.grid",
  sobol = require "mlp.tune.sampler.sobol",
  bayesian = require "mlp.tune.sampler.random",
}
