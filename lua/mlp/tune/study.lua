--- Studies: a search for good hyper-parameters, in a file that it can be continued from.
local core = require "mlp.core"
local check = require "mlp.check"
local provenance = require "mlp.provenance"
local storages = require "mlp.tune.storage"
local histories = require "mlp.tune.history"
local visiteds = require "mlp.tune.visited"
local frozen = require "mlp.tune.frozen"
local backup = require "mlp.tune.backup"
local claim = require "mlp.tune.claim"
local distribution = require "mlp.tune.distribution"
local strict = require "mlp.tune.strict"
local summary = require "mlp.tune.summary"

local M = {}

--- @class mlp.Study
--- @field name string
--- @field path string? of its file
--- @field directions string[] "minimize" or "maximize", one an objective
--- @field seed integer
--- @field best_trial mlp.FrozenTrial as best(); best_value and best_params are its value and params
--- @field best_trials mlp.FrozenTrial[] as pareto()
--- @field direction string the first of directions
local Study = { __name = "mlp.Study" }
strict(Study, {
  best_trial = function(self) return self:best() end,
  best_value = function(self) return self:best().value end,
  best_params = function(self) return self:best().params end,
  best_trials = function(self) return self:pareto() end,
  direction = function(self) return self.directions[1] end,
}, { schedule = true, objective = true, reporter = true, stopping = true, stop_reason = true,
  path = true, warned = true, code = true, id = true, seed = true, notes = true, storage = true,
  history = true, visited = true, pruner = true, sampler = true, study = true })
M.Study = Study

--
-- Making
--

local function class_of(who, what, value, preset)
  if value == nil then value = preset end
  if type(value) == "string" then
    local kinds = require("mlp.tune." .. what .. "s")
    local make = kinds[value]
    if not make then
      local known = check.sorted_keys(kinds)
      check.raise("argument", "%s: option '%s': unknown name '%s'%s; known names: %s", who, what,
        value, check.hint(value, known), table.concat(known, ", "))
    end
    return make()
  end
  local method = what == "sampler" and "plan" or "prune"
  if type(value) ~= "table" or not value[method] then
    check.raise("argument", "%s: option '%s': expected a name or a %s of mlp.tune, got %s", who,
      what, what, tostring(value))
  end
  return value
end

local function check_directions(who, o)
  local list = o.directions or { o.direction }
  if type(list) ~= "table" or #list == 0 then
    check.raise("argument", "%s: option 'directions': expected a list, got %s", who, tostring(list))
  end
  for i, direction in ipairs(list) do
    if direction ~= "minimize" and direction ~= "maximize" then
      check.raise("argument", "%s: option 'direction%s': expected minimize or maximize, got %s",
        who, o.directions and ("s[%d]"):format(i) or "", tostring(direction))
    end
  end
  return list
end

local function check_deterministic(who, self)
  if self.deterministic and self.pruner.uses_values then
    check.raise("argument", "%s: option 'deterministic': the pruner '%s' decides by what other "
      .. "trials have reported by now, which depends on how fast they are; use pruner = 'none', or "
      .. "Hyperband of mlp.tune, whose rounds wait for each other", who, self.pruner.name)
  end
end

--- The id in the file; makes the study where it is not there.
local function find_or_make(self, o)
  local storage = self.storage
  local id = storage:find_study(self.name)
  if id and not o.load_if_exists then
    check.raise("state", "study: there is a study '%s' in '%s' already; load_if_exists = true "
      .. "continues it", self.name, self.path or "memory")
  end
  if not id then return storage:add_study(self.name, self.directions, o.seed) end
  local there = storage:directions(id)
  if table.concat(there, " ") ~= table.concat(self.directions, " ") then
    check.raise("argument", "study: '%s' in '%s' was made with directions %s, not %s", self.name,
      self.path or "memory", table.concat(there, ", "), table.concat(self.directions, ", "))
  end
  storage:adopt_study(id, o.seed)
  return id
end

--- The file that is meant: a path, or Optuna's sqlite:///path. Other addresses may hold a password,
--- which is not for messages.
local function path_of(storage)
  if type(storage) ~= "string" then return storage end
  local scheme, rest = storage:match "^(%a[%w+.-]*)://(.*)$"
  if not scheme then return storage end
  if scheme:find "^sqlite" and rest:find "^/." then return rest:sub(2) end
  check.raise("argument", "study: option 'storage': expected a file, or none for memory, got an "
    .. "address of %s; studies are SQLite files, for the processes of one machine; "
    .. "optuna.copy_study takes a study there and back", scheme)
end

local PRESETS <const> = {
  name = "study", storage = check.none, direction = "minimize", directions = check.none,
  sampler = check.none, pruner = check.none, seed = check.none, load_if_exists = true,
  deterministic = false, lag = 4, keep = 3, duplicates = false, timeout = 60, network = false,
  grace = 60, backup_every = 5, optuna_schema = "v3.2.0.a",
}

--- A study: new, or the one of that name in the file, which goes on where it stopped.
--- @param options? table  name "study", storage (a file; none: in memory), direction "minimize" |
---   "maximize", directions (of several objectives), sampler "bayesian" | "random" | "grid" |
---   "sobol" | "tpe" or an object, pruner "median" | "none"... or an object, seed (the run's),
---   load_if_exists true, deterministic false (results do not depend on the number of workers),
---   lag 4 (trials that it then does not see), keep 3 (best trials whose weights are kept),
---   duplicates false (run equal trials again), timeout 60 (seconds to wait for the file), grace 60
---   (seconds until a silent worker of another host counts as dead), backup_every 5 (seconds
---   between backups of a trial's training at least; 0: every epoch), network false
--- @return mlp.Study
--- @usage local study = mlp.study { name = "moons", storage = mlp.out "moons.db" }
function M.study(options)
  local o = check.options("study", options, PRESETS)
  o.seed = o.seed or core.seed()
  o.storage = path_of(o.storage)
  local self = setmetatable({
    name = o.name, path = o.storage, directions = check_directions("study", o),
    deterministic = o.deterministic, lag = check.whole("study", "lag", o.lag, 0),
    keep = check.whole("study", "keep", o.keep, 0), duplicates = o.duplicates, grace = o.grace,
    workers = 1, visit_next = 0, calls = 0,
    backup_every = check.number("study", "backup_every", o.backup_every, 0, math.huge),
  }, Study)
  self.several = #self.directions > 1
  self.sampler = class_of("study", "sampler", o.sampler, "bayesian")
  self.pruner = class_of("study", "pruner", o.pruner,
    (o.deterministic or self.several) and "none" or "median")
  check_deterministic("study", self)
  self.storage = storages.open(o.storage, { timeout = o.timeout, network = o.network,
    stamp = o.optuna_schema, keep_journal = require("mlp.tune.workers").is_worker() })
  self.id = self.storage:transact(find_or_make, self, o)
  self.seed, self.notes = self.storage:study_notes(self.id)
  self.code = provenance.script()["script sha256"]
  self.history = histories.new(self.storage, self.id, self.directions)
  self.visited = visiteds.new(self.sampler.every)
  self:recall_space()
  return self
end

--- What the file knows of the space, in the order in which it was told.
function Study:recall_space()
  for _, entry in ipairs(self.notes.space or {}) do
    local d = distribution.parse(entry[1], entry[2])
    if d then
      d.reverse_log = entry[3] == "reverse_log" or nil
      d.ordered = entry[3] == "ordered"
      d.unstepped = entry[3] == "unstepped"
      self.history:learn(entry[1], d)
    end
  end
end

--- Inside a transaction: what was told of the space beforehand, so that all workers know it.
function Study:declare_space(names, distributions)
  local list = {}
  for i, name in ipairs(names) do
    local d = distributions[name]
    self.history:learn(name, d)
    list[i] = { name, d:json(), d.reverse_log and "reverse_log" or d.ordered and "ordered"
      or d.unstepped and "unstepped" or "" }
  end
  self.notes.space = list
  self.storage:set_study_notes(self.id, self.notes)
end

function Study:trial_seed(number) return core.study_seed(self.seed, number) end

--- Raise where a trial asks under a known name for what does not fit the trials before.
--- @return table  the distribution; the object that is there already where nothing differs
function Study:check_distribution(name, d)
  local before = self.history.distribution[name]
  if before and distribution.same(before, d) then return before end
  if before and not distribution.compatible(before, d) then
    check.raise("argument", "hyper-parameter '%s': it was %s in this study, now it is %s; give the "
      .. "new one another name, or start a new study", name, tostring(before), tostring(d))
  end
  if before and before:json() ~= d:json() and not self.warned then
    self.warned = true
    core.warn(("study '%s': '%s' was %s, now it is %s; trials of both count"):format(self.name,
      name, tostring(before), tostring(d)))
  end
  self.history:learn(name, d)
  return d
end

--- Raise where a trial is no longer this process's.
function Study:check_owner(trial)
  local attempt, worker = self.storage:attempt(trial.id)
  if attempt ~= trial.attempt or worker ~= self.storage.worker then
    self.storage:event(trial.id, "a result came late from an earlier attempt")
    check.raise("state", "study: trial %d was taken over by another worker; this attempt's result "
      .. "is not used", trial.number)
  end
end

--
-- Ask and tell
--

function Study:enrol()
  if self.storage.worker then return end
  self.storage:transact(function()
    self.storage:enrol(self.code)
    self.storage:requeue_stale(self.id, self.grace)
  end)
end

--- A trial to run by hand; nil where nothing is left to try.
--- @param fixed? table<string, any>  values that it is to use
--- @return mlp.Trial?
--- @usage local trial = study:ask(); study:tell(trial, f(trial:Float("x", 0, 1)))
function Study:ask(fixed)
  self:enrol()
  local trial, _, reason = self.storage:transact(function()
    if fixed then self:add_waiting(fixed, {}) end
    return claim.taker(self, math.maxinteger)()
  end)
  if not trial then self.stop_reason = reason end
  return trial
end

local STATES <const> = { COMPLETE = true, PRUNED = true, FAIL = true }

--- Values as a list of finite numbers, one an objective; else nil and what was wrong.
local function read_values(self, values)
  if type(values) ~= "table" then values = { values } end
  if #values ~= #self.directions then
    return nil, ("expected %d value%s, got %s"):format(#self.directions,
      #self.directions > 1 and "s" or "", #values == 0 and "none" or tostring(#values))
  end
  for i, v in ipairs(values) do
    if type(v) ~= "number" then
      return nil, ("expected a number as the objective, got %s"):format(type(v))
    elseif v ~= v or v == math.huge or v == -math.huge then
      return nil, ("expected a finite number as the objective, got %s"):format(tostring(v))
    end
    values[i] = v + 0.0
  end
  return values
end
M.read_values = read_values

--- Inside a transaction: keep the model of a trial that ended if it is one of the best.
local function keep_weights(self, trial)
  if not trial.model or self.keep == 0 or self.several then return end
  local h = self.history:refresh()
  local best = h:ranking()
  local keep = {}
  for k = 1, math.min(self.keep, #best) do keep[h.id[best[k]]] = true end
  if not keep[trial.id] then return end
  self.storage:put_artifact(trial.id, "weights", require("mlp.tune.artifact").bytes(trial.model))
  self.storage:drop_artifacts(self.id, "weights", keep)
end

--- Inside a transaction: write down how a trial ended.
function Study:finish(trial, state, values, reason)
  self:check_owner(trial)
  trial:write()
  self.storage:finish_trial(trial.id, state, values, reason)
  backup.drop(trial)
  trial.state = state
  if state == "COMPLETE" then keep_weights(self, trial) end
end

--- End a trial of study:ask.
--- @param trial mlp.Trial
--- @param values? number|number[]  one an objective
--- @param state? string  "COMPLETE", "PRUNED" or "FAIL"; the first where there are values
function Study:tell(trial, values, state)
  state = state or (values ~= nil and "COMPLETE" or "FAIL")
  if not STATES[state] then
    check.raise("argument", "tell: expected the state COMPLETE, PRUNED or FAIL, got %s",
      tostring(state))
  end
  if trial.state ~= "RUNNING" then
    check.raise("state", "tell: trial %d has ended already", trial.number)
  end
  local list, wrong
  if state == "COMPLETE" then
    list, wrong = read_values(self, values)
    if not list then state = "FAIL" end
  end
  self.storage:transact(function() self:finish(trial, state, list, wrong) end)
end

--- Inside a transaction.
function Study:add_waiting(values, attrs)
  local number = self.storage:next_number(self.id)
  local id = self.storage:add_trial(self.id, number, "WAITING", self:trial_seed(number))
  self.storage:set_fixed(id, values)
  for key, value in pairs(attrs) do self.storage:set_user_attr(id, key, value) end
  return number
end

local function has_values(trial, values)
  for name, v in pairs(values) do
    if trial.params[name] ~= v then return false end
  end
  return true
end

--- Try these values next; what is not among them the sampler decides.
--- @param values table<string, any>
--- @param options? table  user_attrs, skip_if_exists false
--- @usage study:enqueue { units = 64, learning_rate = 1e-3 }
function Study:enqueue(values, options)
  local o = check.options("enqueue", options, { user_attrs = {}, skip_if_exists = false })
  if type(values) ~= "table" then
    check.raise("argument", "enqueue: expected values by name, got %s", tostring(values))
  end
  if o.skip_if_exists then
    for _, trial in ipairs(self:trials()) do
      if has_values(trial, trial.state == "WAITING" and {} or values) and trial.state ~= "WAITING"
        or trial.state == "WAITING" and trial.system_attrs.fixed_params
        and has_values({ params = trial.system_attrs.fixed_params }, values) then
        return
      end
    end
  end
  self.storage:transact(function() self:add_waiting(values, o.user_attrs) end)
end

--- Optuna's name of enqueue.
Study.enqueue_trial = Study.enqueue

--
-- Looking
--

--- All trials, by number: trials[1] is the trial with number 0.
--- @return mlp.FrozenTrial[]
function Study:trials()
  local list = {}
  for i, id in ipairs(self.storage:ids(self.id)) do list[i] = frozen.read(self, id) end
  return list
end

--- Optuna's name of trials.
Study.get_trials = Study.trials

--- One trial, by its number from 0.
--- @param number integer
--- @return mlp.FrozenTrial
function Study:trial(number)
  local id = self.storage.db:row(
    "SELECT trial_id FROM trials WHERE study_id = ? AND number = ?", self.id, number)
  if not id then
    check.raise("argument", "trial: expected a number from 0 to %d, got %s",
      self.storage:next_number(self.id) - 1, tostring(number))
  end
  return frozen.read(self, id)
end

--- The best complete trial. Failed and pruned ones, and NaN, never are.
--- @return mlp.FrozenTrial
function Study:best()
  if self.several then
    check.raise("state", "best: expected one objective, got %d; pareto() lists the best",
      #self.directions)
  end
  local i = self.history:refresh():best()
  if not i then
    check.raise("state", "best: no trial of study '%s' is complete", self.name)
  end
  return frozen.read(self, self.history.id[i])
end

--- A hyper-parameter of all complete trials, in the order of their numbers; or their objective. NaN
--- stands where a trial did not have it.
--- @param name string  a hyper-parameter, or "value"
--- @return any[]
--- @usage print(mlp.tensor(study:column "learning_rate"):mean())
function Study:column(name)
  local h, list = self.history:refresh(), {}
  local d, of = h.distribution[name], h.param[name]
  if not d and (name ~= "value" or self.several) then
    check.raise("argument", "column: unknown hyper-parameter '%s'%s; known: %s", tostring(name),
      check.hint(name, h.order), table.concat(h.order, ", "))
  end
  for k, i in ipairs(h:in_order()) do
    if d then
      list[k] = of[i] and d:external(of[i]) or 0 / 0
    else
      list[k] = h.sign * h.value[i]
    end
  end
  return list
end

--- The best objective after each complete trial, in the order of their numbers.
--- @return number[]
--- @usage mlp.plot.runs({ study, other }, { labels = { "random", "bayesian" } })
function Study:best_so_far()
  if self.several then
    check.raise("state", "best_so_far: expected one objective, got %d", #self.directions)
  end
  local h, best, top = self.history:refresh(), {}, math.huge
  for k, i in ipairs(h:in_order()) do
    top = math.min(top, h.value[i])
    best[k] = h.sign * top
  end
  return best
end

--- Does a dominate b, both turned so that less is better?
local function dominates(a, b, signs)
  local better = false
  for k, sign in ipairs(signs) do
    local x, y = sign * a[k], sign * b[k]
    if x > y then return false end
    better = better or x < y
  end
  return better
end

--- Print the best trials.
--- @param num_trials? integer  10
function Study:results_summary(num_trials)
  print(summary.results(self, ("value (%s)"):format(
    table.concat(self.directions, ", ")), num_trials or 10))
end

--- Print what is searched, as far as trials have asked for it.
function Study:search_space_summary()
  local h = self.history:refresh()
  print(summary.space(h.order, h.distribution))
end

--- The complete trials that no other beats in all objectives.
--- @return mlp.FrozenTrial[]
function Study:pareto()
  local signs, complete, front = {}, {}, {}
  for k, direction in ipairs(self.directions) do signs[k] = direction == "maximize" and -1 or 1 end
  for _, trial in ipairs(self:trials()) do
    if trial.state == "COMPLETE" then complete[#complete + 1] = trial end
  end
  for _, a in ipairs(complete) do
    local beaten = false
    for _, b in ipairs(complete) do beaten = beaten or dominates(b.values, a.values, signs) end
    if not beaten then front[#front + 1] = a end
  end
  return front
end

--- How much each hyper-parameter matters: { { name =, importance = }, ... }, the most important
--- first; they add up to 1. Source: PED-ANOVA, arXiv:2304.10255.
--- @param options? table  share: of the trials that count as the best (0.1, but 8 trials)
--- @return table
function Study:importances(options) return require("mlp.tune.importance").of(self, options) end

--- A plot of the study.
--- @param what? string  "history", "parallel_coordinate", "param_importances", "contour", "slice",
---   "intermediate_values", "curves", "edf", "rank", "timeline", "pareto_front", "surrogate"
--- @param options? table  of the plot, and of figures
--- @return mlp.Figure
--- @usage study:plot("parallel_coordinate"):save "search.png"
function Study:plot(what, options)
  local plots = require "mlp.tune.plots"
  local f = plots[what or "history"]
  if not f then
    local known = check.sorted_keys(plots)
    check.raise("argument", "plot: unknown plot '%s'%s; known plots: %s", tostring(what),
      check.hint(what, known), table.concat(known, ", "))
  end
  return f(self, options)
end

--- Something to remember about the study.
--- @param value any  what JSON can hold
function Study:set_user_attr(key, value)
  self.storage:transact(function() self.storage:set_study_attr(self.id, key, value) end)
end

--- @return table<string, any>
function Study:user_attrs() return self.storage:study_attrs(self.id) end

--- How many trials are in each state: { COMPLETE = 10, PRUNED = 2, ... }
--- @return table<string, integer>
function Study:counts() return self.storage:counts(self.id) end

--- End optimize after the trial that runs; for callbacks and objectives.
function Study:stop() self.stopping = true end

--- Give the file back.
function Study:close() self.storage:close() end

--- The trials as rows of text, aligned: for print.
function Study:__tostring()
  local c = self:counts()
  return ("study '%s': %d complete, %d pruned, %d failed, %d running, %d waiting"):format(self.name,
    c.COMPLETE, c.PRUNED, c.FAIL, c.RUNNING, c.WAITING)
end

return M
