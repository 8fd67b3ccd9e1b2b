--- study:optimize: run trials until the budget is spent or nothing is left to try.
local core = require "mlp.core"
local check = require "mlp.check"
local backup = require "mlp.tune.backup"
local budgets = require "mlp.tune.budget"
local claim = require "mlp.tune.claim"
local frozen = require "mlp.tune.frozen"
local reporter = require "mlp.tune.reporter"
local settings = require "mlp.settings"
local studies = require "mlp.tune.study"
local trials = require "mlp.tune.trial"

local M = {}

local Study = studies.Study

--
-- One trial
--

local function is_interrupt(e) return type(e) == "table" and e.kind == "interrupted" end
local function is_pruned(e) return getmetatable(e) == trials.Pruned end

--- Call f(trial) with random numbers that follow from the trial's seed alone. What trains in it
--- shows no progress unless it is asked to: the study does; Ctrl-C ends the trial with it.
local function call(f, trial)
  local quiet, prompt = settings.quiet, settings.prompt
  local before = table.pack(core.run_state(trial.seed, 0, 0))
  local a, b = math.random(0), math.random(0)
  math.randomseed(trial.seed)
  settings.quiet, settings.prompt = true, nil
  local ok, result = xpcall(function() return table.pack(f(trial)) end, check.trace)
  settings.quiet, settings.prompt = quiet, prompt
  core.run_state(table.unpack(before, 1, 3))
  math.randomseed(a, b)
  return ok, result
end

local function text_of(e)
  if type(e) ~= "table" then return tostring(e) end
  return e.message or tostring(e)
end

--- How a trial ended: state, values, reason; and the error of an interruption.
local function outcome(study, trial, f)
  local ok, result = call(f, trial)
  if ok then
    local values = result[1]
    if result.n > 1 and type(values) ~= "table" then
      values = { table.unpack(result, 1, #study.directions) }
    end
    local list, wrong = studies.read_values(study, values)
    if list then return "COMPLETE", list end
    return "FAIL", nil, wrong
  elseif is_pruned(result) then
    local last = trial.reports[trial.steps[#trial.steps]]
    return "PRUNED", last and last - last == 0 and { last } or nil, result.message
  elseif is_interrupt(result) then
    return "INTERRUPTED", nil, nil, result
  end
  return "FAIL", nil, text_of(result)
end

--- A study that reads what there is and writes nothing.
local function shadow_of(study)
  return setmetatable({ storage = setmetatable({}, { __index = function()
    return function() end
  end }) }, { __index = study })
end

--- A trial that asks for the values of an old one, and is pruned where that was.
local function shadow_trial(study, old)
  local plan = {}
  for name, x in pairs(old.internal) do plan[name] = x end
  local trial = trials.new(study, { id = old.id, number = old.number, seed = old.seed,
    plan = plan, attempt = old.attempt, replayed = old.state })
  function trial.flush() end
  function trial.should_prune(t)
    return old.state == "PRUNED" and t.steps[#t.steps] == old.steps[#old.steps]
  end
  return trial
end

--- Run a trial of the file again, writing nothing: see FrozenTrial:replay. One that a schedule has
--- promoted goes on with the state that its parent, run again as well, ends with.
function M.rehearse(study, old, f)
  local shadow = shadow_of(study)
  local trial = shadow_trial(shadow, old)
  if study.schedule then
    local slot, parent = study.schedule:place_of(old)
    trial.slot, trial.parent_number = slot, parent
    if parent then trial.start_state = M.rehearse(study, study:trial(parent), f).end_state end
  end
  local state, values, reason, e = outcome(shadow, trial, f)
  if e then error(e, 0) end
  return { state = state, values = values or {}, reason = reason, reports = trial.reports,
    steps = trial.steps, model = trial.model, params = trial.params,
    end_state = trial.end_state }
end

--
-- Failures
--

--- Too many failures in a row end the study.
local function count_failures(study, run, state, reason)
  if state ~= "FAIL" then
    run.failures = 0
    return
  end
  run.failures = run.failures + 1
  if not run.catch or run.failures >= run.max_failures then
    run.fatal = run.failures == 1 and "optimize: a trial failed: " .. reason
      or ("optimize: %d trials in a row failed; the last: %s"):format(run.failures, reason)
  end
  if run.failures == 1 and run.catch then
    core.warn(("study '%s': a trial failed: %s"):format(study.name, (reason:gsub("\n.*", ""))))
  end
end

--
-- The loop
--

--- Inside a transaction.
local function settle(study, last)
  if last.again then
    study:check_owner(last.trial)
    last.trial:write()
    backup.drop(last.trial)
    study.storage:requeue(last.trial.id, "failed, and is tried again: " .. last.reason)
  else
    study:finish(last.trial, last.state, last.values, last.reason)
  end
end

--- Inside a transaction: end the last trials and claim the next, so that a trial costs one commit,
--- and trials that run together cost one.
local function turn(study, run, last)
  local batch, why, reason = {}, nil, nil
  for _, one in ipairs(last) do settle(study, one) end
  if run.stop then return batch, "end" end
  local take = claim.taker(study, run.budget.limit)
  while #batch < run.together do
    local ok, trial
    ok, trial, why, reason = pcall(take)
    if not ok then
      run.error = trial
      return batch, "end"
    end
    if not trial then break end
    batch[#batch + 1] = trial
  end
  return batch, why, reason
end

local function tell_of(study, run, last)
  if last.again or (#run.callbacks == 0 and not run.reporter.wants_trials) then return end
  local trial = frozen.read(study, last.trial.id)
  run.reporter:trial(trial)
  for _, f in ipairs(run.callbacks) do f(study, trial) end
end

local function tell_callbacks(study, run, last)
  for _, one in ipairs(last) do tell_of(study, run, one) end
end

local function give_up(study, trial, e)
  core.clear_interrupt()
  study.storage:transact(function()
    trial:write()
    study.storage:requeue(trial.id, "interrupted")
  end)
  error(e, 0)
end

local WAIT <const> = 0.02 -- seconds between looks at the file where others must end first

local function run_one(study, run, trial)
  run.reporter:begin(trial)
  local state, values, reason, e = outcome(study, trial, run.objective)
  if state == "INTERRUPTED" then give_up(study, trial, e) end
  local again = state == "FAIL" and trial.attempt <= run.retries
  if not again then count_failures(study, run, state, reason) end
  return { trial = trial, state = state, values = values, reason = reason, again = again }
end

--- How the trials of a batch ended; an error once those that did are on the disk.
local function run_batch(study, run, batch)
  if run.together == 1 then return { run_one(study, run, batch[1]) } end
  return require("mlp.tune.together").run(study, batch, function(trial)
    return run_one(study, run, trial)
  end)
end

--- Must the end of a trial be known to others before there is another?
local function one_by_one(run)
  return #run.callbacks > 0 or run.budget.epochs or run.budget.bytes
end

local function reason_to_stop(study, run)
  return run.fatal or study.stopping and "stopped" or run.budget:spent()
end

--- @param run table  objective, budget, callbacks, reporter...; alive(): may this process go on?
function M.loop(study, run)
  local last, e = {}, nil
  while true do
    if e or one_by_one(run) and #last > 0 then
      study.storage:transact(function()
        for _, one in ipairs(last) do settle(study, one) end
      end)
      tell_callbacks(study, run, last)
      last = {}
    end
    if e then error(e, 0) end
    run.stop = run.stop or reason_to_stop(study, run)
    local batch, why, reason = study.storage:transact(turn, study, run, last)
    tell_callbacks(study, run, last)
    last = {}
    if run.error then error(run.error, 0) end
    if run.alive and not run.alive() then os.exit(1, true) end
    if #batch > 0 then
      last, e = run_batch(study, run, batch)
    elseif why == "wait" and not run.stop then
      core.sleep(WAIT)
    else
      study.stop_reason = run.stop or reason
      break
    end
  end
  if run.fatal then check.raise("state", "%s", run.fatal) end
end

--
-- optimize
--

local PRESETS <const> = {
  n_jobs = 1, together = 1, callbacks = {}, catch = true, max_retries_per_trial = 0,
  max_consecutive_failed_trials = 3, verbose = check.none,
}
for name, preset in pairs(budgets.PRESETS) do PRESETS[name] = preset end

--- The n-th call of a script counts its trials from where it was first made, so that the script can
--- be run again to go on: numbers of first trials are in the file.
local function base_of(study)
  study.calls = study.calls + 1
  local bases = study.notes.calls or {}
  if not bases[study.calls] then
    local counts = study.storage:counts(study.id)
    bases[study.calls] = study.calls == 1 and 0
      or counts.COMPLETE + counts.PRUNED + counts.FAIL + counts.RUNNING
    study.notes.calls = bases
    study.storage:set_study_notes(study.id, study.notes)
  end
  return bases[study.calls]
end

local function new_run(study, f, o, base)
  return {
    objective = f, options = o, together = o.together,
    budget = budgets.new("optimize", study, o, base),
    callbacks = o.callbacks, catch = o.catch, failures = 0,
    retries = check.whole("optimize", "max_retries_per_trial", o.max_retries_per_trial, 0),
    max_failures = check.whole("optimize", "max_consecutive_failed_trials",
      o.max_consecutive_failed_trials, 1),
    reporter = reporter.new(study, o),
  }
end

--- Run trials: f(trial) asks for hyper-parameters and returns the objective. Running the same
--- script again goes on where it stopped. A trial that raises, or returns what is no finite
--- number, has failed; its reason is kept, and three in a row end the study. With n_jobs = N, N
--- processes run the same script up to this call, on the same file; in the prompt and in hosts, and
--- without a file, the trials run one after the other. With together = N, N trials go side by side
--- in each process: their fits are made by mlp.fit_many, in a fraction of the time where nets are
--- tiny, and stored by one commit. The objective and its values are the same (but for math.random
--- after a fit). Where a trial waits for those before it by more than `lag` (deterministic studies;
--- random search without duplicates = true), fewer of them go together.
--- @param f fun(trial: mlp.Trial): number
--- @param options? table|integer  n_trials (in all, by this call; or this number alone), timeout
---   (seconds), max_epochs, max_bytes, n_jobs 1, together 1, callbacks (functions of study and
---   trial), catch true (false: the first failure ends it), max_retries_per_trial 0,
---   max_consecutive_failed_trials 3, verbose "auto" | 0 | 1 | 2
--- @return mlp.Study  itself
--- @usage study:optimize(function(t) return f(t:Float("x", -1, 1)) end, { n_trials = 50 })
function Study:optimize(f, options)
  if type(f) ~= "function" then
    check.raise("argument", "optimize: expected a function of a trial, got %s", tostring(f))
  end
  local o = check.options("optimize", check.first(options, "n_trials"), PRESETS)
  o.n_jobs = check.whole("optimize", "n_jobs", o.n_jobs, 1)
  o.together = check.whole("optimize", "together", o.together, 1)
  self.objective, self.stopping, self.stop_reason = f, nil, nil
  local workers = require "mlp.tune.workers"
  self:enrol()
  local base = self.storage:transact(base_of, self)
  if workers.is_worker() and self.path and not workers.is_mine(self) then return self end
  local run = new_run(self, f, o, base)
  self.workers = o.n_jobs * o.together
  if workers.is_worker() and self.path then workers.serve(self, run) end -- does not return
  run.reporter:plan(run)
  self.reporter = run.reporter
  local ok, e = pcall(o.n_jobs > 1 and workers.run or M.loop, self, run)
  self.workers, self.reporter = 1, nil
  self.history:refresh()
  run.reporter:close(ok)
  if not ok then error(e, 0) end
  return self
end

return M
