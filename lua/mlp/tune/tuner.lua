--- Tuners: searches over a function that builds a model, with Keras Tuner's names and arguments.
local core = require "mlp.core"
local check = require "mlp.check"
local artifact = require "mlp.tune.artifact"
local brackets = require "mlp.tune.brackets"
local hyperparameters = require "mlp.tune.hyperparameters"
local lints = require "mlp.tune.lints"
local schedules = require "mlp.tune.schedule"
local strict = require "mlp.tune.strict"
local studies = require "mlp.tune.study"
local summary = require "mlp.tune.summary"
local directions = require "mlp.direction"
local train = require "mlp.tune.train"
local workers = require "mlp.tune.workers"

local M = {}

--- @class mlp.Tuner
--- @field study mlp.Study
--- @field hypermodel { build: function }
local Tuner = { __name = "mlp.Tuner" }
strict(Tuner, {}, { plan = true, metric = true })
M.Tuner = Tuner

local COMMON <const> = {
  objective = check.any "val_loss", seed = check.none, directory = check.none,
  project_name = check.none, overwrite = false, max_retries_per_trial = 0,
  max_consecutive_failed_trials = 3, executions_per_trial = 1, n_jobs = 1, together = 1, keep = 3,
  hyperparameters = check.none, max_time = check.none, max_epochs_total = check.none,
  max_bytes = check.none, pruner = check.any "none", deterministic = false, verbose = check.none,
  backup_every = 5,
}

local function with_common(presets)
  local all = {}
  for name, preset in pairs(COMMON) do all[name] = preset end
  for name, preset in pairs(presets) do all[name] = preset end
  return all
end

--- The metric and its direction, from "val_accuracy" or { "val_accuracy", direction = "max" }.
local function read_objective(who, objective)
  local name, direction = objective, nil
  if type(objective) == "table" then
    name, direction = objective.name or objective[1], objective.direction or objective[2]
  end
  if type(name) ~= "string" then
    check.raise("argument",
      "%s: option 'objective': expected a name such as 'val_accuracy', got %s", who, tostring(name))
  end
  if direction == nil then
    direction = directions.larger_is_better(name) and "maximize" or "minimize"
  end
  return name, direction:find "^max" and "maximize" or "minimize"
end

--- A function, or a table with build (and fit).
local function read_hypermodel(who, hypermodel)
  if type(hypermodel) == "function" then
    return { build = function(...)
      local hp = select(select("#", ...), ...) -- hypermodel.build(hp) and hypermodel:build(hp)
      return hypermodel(hp)
    end }
  end
  if type(hypermodel) ~= "table" or type(hypermodel.build) ~= "function" then
    check.raise("argument", "%s: expected a function of hp that returns a compiled model, got %s",
      who, tostring(hypermodel))
  end
  return hypermodel
end

local unnamed = 0 -- searches that share a file: a worker counts the same ones

--- The file and name of a study; one that is given neither lives as long as the run does.
local function place_of(o)
  local name = o.project_name or "untitled_project"
  if not o.directory and not o.project_name then
    if o.n_jobs == 1 then return nil, name end
    unnamed = unnamed + 1
    return workers.shared_file(), ("%s %d"):format(name, unnamed)
  end
  local folder = o.directory or "."
  core.make_folder(folder)
  local path = ("%s/%s.db"):format(folder, name)
  if o.overwrite and not workers.is_worker() then os.remove(path) end
  return path, name
end

--- @param who string
--- @param sampler any
local function new(who, hypermodel, options, presets, sampler)
  local o = check.options(who, options, with_common(presets))
  local metric, direction = read_objective(who, o.objective)
  local path, name = place_of(o)
  local self = setmetatable({ who = who, options = o, metric = metric,
    hypermodel = read_hypermodel(who, hypermodel), direction = direction }, Tuner)
  self.executions = check.whole(who, "executions_per_trial", o.executions_per_trial, 1)
  self.study = studies.study { name = name, storage = path,
    direction = direction, sampler = type(sampler) == "function" and sampler(o) or sampler,
    pruner = o.pruner, seed = o.seed, keep = o.keep, deterministic = o.deterministic,
    backup_every = o.backup_every }
  self:explore()
  return self
end

--- f without warnings: a worker's are those that its parent gave when it did the same.
local function without_warnings(f)
  local warn = core.warn
  core.warn = function() end
  local results = table.pack(f())
  core.warn = warn
  return table.unpack(results, 1, results.n)
end

--- Learn the space by building a model of defaults.
function Tuner:explore()
  local before = table.pack(core.run_state(0, 0, 0))
  local function look()
    return pcall(hyperparameters.explore, function(h) return self.hypermodel.build(h) end)
  end
  local ok, names, found, model
  if workers.is_worker() then
    ok, names, found, model = without_warnings(look)
  else
    ok, names, found, model = look()
  end
  core.run_state(table.unpack(before, 1, 3))
  if not ok then error(names, 0) end
  if core.type(model) ~= "mlp.Model" then
    check.raise("argument", "%s: the function returned %s; expected a compiled model", self.who,
      core.type(model))
  end
  self.names, self.space = names, found
  self.study.storage:transact(function() self.study:declare_space(names, found) end)
end

--
-- Kinds
--

--- Random search over what a function asks for.
--- @param hypermodel fun(hp: mlp.Trial): mlp.Model  or { build =, fit = }
--- @param options? table  objective "val_loss", max_trials 10, executions_per_trial 1, seed,
---   directory, project_name (without both, in memory), overwrite false, max_retries_per_trial 0,
---   max_consecutive_failed_trials 3, n_jobs 1, together 1 (trials side by side: see
---   study:optimize), keep 3, max_time, max_epochs_total, max_bytes, pruner "none", backup_every 5
---   (seconds between backups of a trial's training at least; 0: every epoch)
--- @return mlp.Tuner
function M.RandomSearch(hypermodel, options)
  return new("RandomSearch", hypermodel, options, { max_trials = 10 }, "random")
end

--- Every combination; ten values of what may be any number. Options as RandomSearch.
--- @param hypermodel fun(hp: mlp.Trial): mlp.Model
--- @param options? table  max_trials: all
--- @return mlp.Tuner
function M.GridSearch(hypermodel, options)
  return new("GridSearch", hypermodel, options, { max_trials = check.none }, "grid")
end

--- Bayesian search with a Gaussian process. Options as RandomSearch; Keras Tuner's alpha and beta
--- are taken and not needed: noise is fitted, and expected improvement has no trade-off to set.
--- @param hypermodel fun(hp: mlp.Trial): mlp.Model
--- @param options? table  max_trials 10, num_initial_points (3 for each hyper-parameter)
--- @return mlp.Tuner
function M.BayesianOptimization(hypermodel, options)
  local tuner = new("BayesianOptimization", hypermodel, options, { max_trials = 10,
    num_initial_points = check.none, alpha = 1e-4, beta = 2.6 }, "bayesian")
  tuner.study.sampler.startup = tuner.options.num_initial_points
    or math.max(3, math.min(10, 3 * #tuner.names))
  return tuner
end

--- Hyperband with Keras Tuner's brackets: many trials for a few epochs, the best of them longer. A
--- promoted trial goes on with its full state, so it equals an uninterrupted one to the last bit.
--- @param hypermodel fun(hp: mlp.Trial): mlp.Model
--- @param options? table  max_epochs 100, factor 3, min_epochs 1, hyperband_iterations 1, and those
---   of RandomSearch
--- @return mlp.Tuner
--- @usage mlp.tune.Hyperband(build, { objective = "val_accuracy", max_epochs = 10, factor = 3 })
function M.Hyperband(hypermodel, options)
  local tuner = new("Hyperband", hypermodel, options, { max_epochs = 100, factor = 3,
    min_epochs = 1, hyperband_iterations = 1 }, "random")
  local o, who = tuner.options, "Hyperband"
  local plan = brackets.plan(check.whole(who, "max_epochs", o.max_epochs, 1),
    check.whole(who, "factor", o.factor, 2), check.whole(who, "min_epochs", o.min_epochs, 1),
    check.whole(who, "hyperband_iterations", o.hyperband_iterations, 1))
  local trials = brackets.cost(plan)
  brackets.fit(plan, schedules.count_points(tuner.study, trials))
  tuner.plan = plan
  tuner.study.schedule = schedules.new(plan)
  return tuner
end

--
-- Searching
--

local function say(self, text)
  local settings = require "mlp.settings"
  if self.options.verbose == 0 or settings.quiet or workers.is_worker() then
    return
  end
  local stream = core.is_terminal "stdout" and io.stdout or io.stderr
  stream:write(text, "\n")
  stream:flush()
end

--- Trials and epochs that the search may take; nil where nobody knows.
local function cost(self, options)
  if self.plan then return brackets.cost(self.plan) end
  local n = self.options.max_trials or self.study.sampler.size and self.study.sampler:size()
  if not n and self.study.sampler.name == "grid" then
    n = 1
    for _, name in ipairs(self.names) do n = n * #self.space[name]:grid() end
  end
  return n, n and n * (options.epochs or 1) * self.executions
end

--- The plan and its estimated cost, before the first trial.
local function print_plan(self, data, options)
  local trials, epochs = cost(self, options)
  if not trials then return end
  local seconds = train.seconds_per_epoch(self, data, options)
  local time = seconds and (", about %.3g s on %d core%s"):format(
    seconds * epochs / self.options.n_jobs, self.options.n_jobs,
    self.options.n_jobs > 1 and "s" or "") or ""
  say(self, ("%s: %d trials, %d epochs%s"):format(self.who, trials, epochs, time))
  if self.plan then say(self, brackets.text(self.plan)) end
end

--- Search: the arguments are those of model:fit.
--- @param data mlp.Dataset|table
--- @param options? table  of fit: epochs 1, validation_split, callbacks...; they are copied for
---   every trial
--- @return mlp.Study
--- @usage tuner:search(train, { epochs = 50, validation_split = 0.2, callbacks = { es } })
function Tuner:search(data, options)
  options = options or {}
  local o = self.options
  if not workers.is_worker() then
    lints.run(self, data, options)
    print_plan(self, data, options)
  end
  if self.plan then
    self.study.storage:transact(function() self.study.schedule:install(self.study) end)
  end
  return self.study:optimize(function(trial) return train.run(self, trial, data, options) end, {
    n_trials = self.plan and self.study.schedule.n or o.max_trials, n_jobs = o.n_jobs,
    together = o.together,
    max_retries_per_trial = o.max_retries_per_trial, timeout = o.max_time,
    max_epochs = o.max_epochs_total, max_bytes = o.max_bytes,
    max_consecutive_failed_trials = o.max_consecutive_failed_trials, verbose = o.verbose,
  })
end

--- The best complete trials, best first.
--- @param n? integer  1
--- @return mlp.FrozenTrial[]
function Tuner:best_trials(n) return summary.best(self.study, n or 1) end

--- The best hyper-parameters, for hypermodel.build. mlp.seed(hp.seed) before it makes the same
--- model as in the trial.
--- @param num_trials? integer  1
--- @return mlp.HyperParameters[]
function Tuner:get_best_hyperparameters(num_trials)
  local list = {}
  for i, trial in ipairs(self:best_trials(num_trials)) do
    local values = {}
    for name, v in pairs(trial.params) do values[name] = v end
    for name, v in pairs(trial.user_attrs) do
      if name:find "^tuner/" then values[name] = v end
    end
    list[i] = hyperparameters.new(values, trial.seed)
  end
  return list
end

--- The best models, with the weights of their best epoch.
--- @param num_models? integer  1, at most `keep`
--- @return mlp.Model[]
function Tuner:get_best_models(num_models)
  local list = {}
  for i, trial in ipairs(self:best_trials(num_models)) do list[i] = trial:load_model() end
  return list
end

--- Print the best trials.
--- @param num_trials? integer  10
function Tuner:results_summary(num_trials)
  print(summary.results(self.study, ("%s (%s)"):format(self.metric, self.direction),
    num_trials or 10))
end

--- Print what is searched.
function Tuner:search_space_summary()
  print(summary.space(self.names, self.space))
end

--- Names of the hyper-parameters that were registered and change nothing of the model.
--- @return string[]
function Tuner:unread() return lints.unused(self) end

M.artifact = artifact
return M
