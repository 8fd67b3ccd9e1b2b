--- mlp.tune: search for hyper-parameters.
local study = require "mlp.tune.study"
require "mlp.tune.optimize"
local samplers = require "mlp.tune.samplers"
local pruners = require "mlp.tune.pruners"

local M = {}

M.study = study.study

--- Optuna's name of mlp.study: the same options.
--- @param options? table
--- @return mlp.Study
M.create_study = study.study

local tuner = require "mlp.tune.tuner"
local hyperparameters = require "mlp.tune.hyperparameters"

M.RandomSearch, M.GridSearch = tuner.RandomSearch, tuner.GridSearch
M.BayesianOptimization, M.Hyperband = tuner.BayesianOptimization, tuner.Hyperband

--- Values for hypermodel.build, outside of a search.
--- @param values? table<string, any>
--- @return mlp.HyperParameters
function M.HyperParameters(values) return hyperparameters.new(values) end

--- Random search.
M.RandomSampler = samplers.random

--- Search over a grid, given as { name = values } or { { name, values }, ... }; without one, over
--- all that the objective asks for, with ten values of what may be any number.
--- @param grid? table
M.GridSampler = samplers.grid

--- Quasi-random search over a Sobol' sequence.
M.SobolSampler = samplers.sobol

--- Bayesian search with a Gaussian process: the preset.
--- @param options? table  startup 8: trials of a Sobol' sequence first
M.BayesianSampler = samplers.bayesian

--- Tree-structured Parzen estimators.
--- @param options? table  startup 10: random trials first; candidates 24
M.TPESampler = samplers.tpe

--- Prune what is worse than the median of complete trials at the same step: the preset.
--- @param options? table  startup_trials 5, warmup_steps 0, interval_steps 1, min_trials 1
M.MedianPruner = pruners.median

--- The same with another percentile.
--- @param options? table  percentile 25 (the best quarter goes on), and those of MedianPruner
M.PercentilePruner = pruners.percentile

--- Successive halving, asynchronous.
--- @param options? table  min_resource 1, reduction_factor 4, min_early_stopping_rate 0
M.SuccessiveHalvingPruner = pruners.halving

--- Hyperband, asynchronous: several successive halvings.
--- @param options? table  max_resource 27 (steps of a whole trial), min_resource 1,
---   reduction_factor 3
M.HyperbandPruner = pruners.hyperband

--- Another pruner's word, after `patience` steps without an improvement.
--- @param options table  patience, min_delta 0, pruner
M.PatientPruner = pruners.patient

--- Prune outside of bounds.
--- @param options table  lower, upper, warmup_steps 0, interval_steps 1
M.ThresholdPruner = pruners.threshold

return M
