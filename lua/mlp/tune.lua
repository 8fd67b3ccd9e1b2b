--- mlp.tune: search for hyper-parameters.
local study = require "mlp.tune.study"
require "mlp.tune.optimize"
local samplers = require "mlp.tune.samplers"

local M = {}

M.study = study.study

--- Random search.
M.RandomSampler = samplers.random

--- Search over a grid, given as { name = values } or { { name, values }, ... }; without one, over
--- all that the objective asks for, with ten values of what may be any number.
--- @param grid? table
M.GridSampler = samplers.grid

--- Quasi-random search over a Sobol' sequence.
M.SobolSampler = samplers.sobol

return M
