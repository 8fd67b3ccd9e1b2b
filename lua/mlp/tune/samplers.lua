--- mlp.tune's samplers by name.
local M = {
  random = require "mlp.tune.sampler.random",
  grid = require "mlp.tune.sampler.grid",
  sobol = require "mlp.tune.sampler.sobol",
  bayesian = require "mlp.tune.sampler.gp",
  tpe = require "mlp.tune.sampler.tpe",
}
M.gp = M.bayesian
return M
