--- A tuner's trial: build, fit, score; for Hyperband, go on from the trial that was promoted.
local core = require "mlp.core"
local check = require "mlp.check"
local artifact = require "mlp.tune.artifact"
local backup = require "mlp.tune.backup"
local hyperparameters = require "mlp.tune.hyperparameters"
local meeting = require "mlp.fit.meeting"

local M = {}

local SAMPLES <const> = 7 -- models, by which a search's cost is estimated

--- The user's callbacks, each with a state of its own.
function M.copies(callbacks)
  local list = {}
  for i, callback in ipairs(callbacks or {}) do
    local copy = {}
    for key, value in pairs(callback) do copy[key] = value end
    list[i] = setmetatable(copy, getmetatable(callback))
  end
  return list
end

--- Reports epochs, remembers the best weights, keeps the state at the end for who goes on from it.
local function watcher(tuner, trial, epochs, whole)
  local better = tuner.direction == "maximize"
  local watch = { monitor = tuner.metric, mode = better and "max" or "min", who = tuner.who,
    best = nil }
  local base = require "mlp.callbacks.base"

  function watch:on_train_begin() base.find_monitor(self) end

  function watch:on_epoch_end(epoch, logs)
    if whole and epoch == epochs then self.state = artifact.bytes(self.model) end
    local value = logs[self.column]
    if value == nil then return end
    if base.improves(self, value, self.best) then
      self.best, self.best_weights = value, self.model:get_weights()
    end
    if not trial then return end
    trial:log(epoch, logs)
    trial:report(value, epoch)
    if trial:should_prune() then
      trial.pruned = true
      self.model:stop_training "pruned"
    end
  end

  function watch:on_train_end()
    if whole and not self.state then self.state = artifact.bytes(self.model) end
  end

  function watch:get_state()
    return { best = self.best, best_weights = self.best_weights }
  end

  function watch:set_state(state) self.best, self.best_weights = state.best, state.best_weights end

  return watch
end

--- Options of fit for this trial.
local function fit_options(options, slot, callbacks)
  local o = {}
  for key, value in pairs(options) do o[key] = value end
  o.callbacks, o.verbose = callbacks, 0
  if slot then o.initial_epoch, o.epochs = slot.from, slot.to end
  return o
end

local function fit(tuner, trial, model, data, o)
  local own = tuner.hypermodel.fit
  if own then return own(tuner.hypermodel, trial, model, data, o) end
  return model:fit(data, o)
end

--- One fit; its score, and what the watcher saw.
local function execute(tuner, trial, model, data, options, reports)
  local slot = trial.slot
  local epochs = slot and slot.to or options.epochs or 1
  local watch = watcher(tuner, reports and trial or nil, epochs, slot and not slot.last)
  local callbacks = M.copies(options.callbacks)
  table.insert(callbacks, 1, watch)
  local alone = tuner.executions == 1 and not tuner.hypermodel.fit
  if alone and not meeting.here() and backup.knows(callbacks) then
    callbacks[#callbacks + 1] = backup.new(trial, 0)
  end
  fit(tuner, trial, model, data, fit_options(options, slot, callbacks))
  if reports and trial.pruned then trial:prune() end
  if watch.best == nil then
    check.raise("numeric", "%s: %s was never a number", tuner.who, tuner.metric)
  end
  return watch
end

--- The model to go on with: that of the parent, else a new one.
local function make(tuner, trial)
  local model = tuner.hypermodel.build(trial) -- asks for the values in any case
  if not trial.parent_number then return model end
  local data = trial.start_state or tuner.study.storage:get_artifact(trial.parent, "checkpoint")
  if not data then
    check.raise("state", "%s: the state of trial %d is not in the file", tuner.who,
      trial.parent_number)
  end
  return artifact.load(data)
end

local function note_slot(trial)
  local slot = trial.slot
  if not slot then return end
  trial:set_user_attr("tuner/bracket", slot.bracket)
  trial:set_user_attr("tuner/round", slot.round - 1)
  trial:set_user_attr("tuner/initial_epoch", slot.from)
  trial:set_user_attr("tuner/epochs", slot.to)
  if trial.parent_number then trial:set_user_attr("tuner/trial_id", trial.parent_number) end
end

--- The objective of a tuner.
function M.run(tuner, trial, data, options)
  note_slot(trial)
  local sum, first = 0, nil
  for execution = 1, tuner.executions do
    core.run_state(execution == 1 and trial.seed or core.study_seed(trial.seed, execution), 0, 0)
    local model = make(tuner, trial)
    local watch = execute(tuner, trial, model, data, options, execution == 1)
    first = first or watch
    sum = sum + watch.best
    if execution == 1 then
      trial.end_state = watch.state
      if watch.state then trial:later("put_artifact", "checkpoint", watch.state) end
      model:set_weights(watch.best_weights)
      trial:keep(model)
    end
  end
  return sum / tuner.executions
end

--- Seconds that an epoch of the model takes, by the median of a few steps.
local function time_epoch(model, data, options)
  local x, y = data.x, data.y
  local rows, batch = x.shape[1], options.batch_size or 32
  if batch == "all" then batch = rows end
  batch = math.min(batch, rows)
  local function step()
    local clock = core.clock()
    model:train_on_batch(x:slice(1, batch), y:slice(1, batch))
    return core.clock() - clock
  end
  local times, sum = {}, 0
  step() -- compiles
  repeat
    times[#times + 1] = step()
    sum = sum + times[#times]
  until sum > 0.02 or #times >= 20
  table.sort(times)
  return times[(#times + 1) // 2] * math.ceil(rows / batch)
end

--- A model of the space: the k-th point of a Sobol' sequence.
local function sample(tuner, k)
  local values = {}
  for i, name in ipairs(tuner.names) do
    local d = tuner.space[name]
    values[name] = d:external(d:from_unit(core.sobol(k, i) or 0.5))
  end
  return tuner.hypermodel.build(hyperparameters.new(values))
end

--- How long an epoch takes a worker, on average over a few models of the space; nil where it
--- cannot be said.
function M.seconds_per_epoch(tuner, data, options)
  local before, threads = table.pack(core.run_state(0, 0, 0)), core.threads()
  if tuner.options.n_jobs > 1 then core.threads(1) end
  local ok, seconds = pcall(function()
    local sum = 0
    for k = 1, SAMPLES do sum = sum + time_epoch(sample(tuner, k), data, options) end
    return sum / SAMPLES
  end)
  core.threads(threads)
  core.run_state(table.unpack(before, 1, 3))
  return ok and seconds or nil
end

return M
