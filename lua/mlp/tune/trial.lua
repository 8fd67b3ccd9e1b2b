--- A trial while it runs: the objective asks it for hyper-parameters and tells it how it goes. The
--- names are Keras Tuner's (trial:Int, trial:Choice: `hp`) and Optuna's (trial:suggest_int).
local core = require "mlp.core"
local check = require "mlp.check"
local distribution = require "mlp.tune.distribution"
local strict = require "mlp.tune.strict"

local FLUSH <const> = 0.2 -- seconds between commits of an objective's reports

--- What a trial raises to end itself early: trial:prune().
local Pruned = { __name = "mlp.Pruned", __tostring = function(p) return p.message end }

--- @class mlp.Trial
--- @field number integer from 0
--- @field seed integer what its random numbers follow from
--- @field params table<string, any> what it has asked for so far
--- @field state string
local Trial = { __name = "mlp.Trial" }
strict(Trial, {}, { fixed = true, plan = true, slot = true, parent = true, parent_number = true,
  start_state = true, end_state = true, model = true, pruned = true, defaults = true, found = true,
  found_names = true, rung = true, bracket = true, replayed = true, values = true, value = true,
  datetime_start = true })

function Trial:__tostring()
  local parts = {}
  for i, name in ipairs(self.names) do
    parts[i] = (", %s = %s"):format(name, tostring(self.params[name]))
  end
  return ("trial %d: %s%s"):format(self.number, self.state:lower(), table.concat(parts))
end

local M = { Trial = Trial, Pruned = Pruned }

function M.new(study, fields)
  fields.study = study
  fields.params, fields.distributions, fields.names = {}, {}, {}
  fields.steps, fields.reports = {}, {}
  fields.unsaved, fields.scopes, fields.read = {}, {}, {}
  fields.flushed = core.clock()
  fields.state = "RUNNING"
  return setmetatable(fields, Trial)
end

local function fail(name, fmt, ...)
  check.raise("argument", "hyper-parameter '%s': " .. fmt, name, ...)
end

--
-- Values
--

--- The value that was decided for it before the trial began; else one of its own.
local function decide(self, name, d)
  local fixed = self.fixed and self.fixed[name]
  if fixed ~= nil then
    local x = d:internal(fixed)
    if not x then fail(name, "expected %s, got the enqueued %s", tostring(d), tostring(fixed)) end
    return x
  end
  local planned = self.plan and self.plan[name]
  if planned and d:internal(d:external(planned)) then return planned end
  if d.n == 1 then return d:nth(0) end
  return self.study.sampler:independent(self.study, self, name, d)
end

local function same(a, b) return a == b or a:json() == b:json() end

--- The value of a hyper-parameter with that distribution: the same whenever it is asked for.
local function suggest(self, name, d)
  if type(name) ~= "string" or name == "" then
    check.raise("argument", "hyper-parameter: expected a name, got %s", tostring(name))
  end
  local before = self.distributions[name]
  if before then
    if not same(before, d) then
      fail(name, "expected one distribution in a trial, got %s and %s", tostring(before),
        tostring(d))
    end
    return self.params[name]
  end
  d = self.study:check_distribution(name, d)
  local x = decide(self, name, d)
  self.distributions[name], self.params[name] = d, d:external(x)
  self.names[#self.names + 1] = name
  self:later("set_param", name, x, d)
  return self.params[name]
end

--
-- Keras Tuner's names
--

--- hp:Int("units", 32, 512, { step = 32 }), hp:Int("units", { min_value = 32, ... }) and
--- hp:Int { "units", min_value = 32, ... } are the same.
local function arguments(name, low, high, o)
  if type(name) == "table" then
    o, name = name, name.name or name[1]
  elseif type(low) == "table" and high == nil then
    o, low = low, nil
  end
  o = o or {}
  return name, low or o.min_value, high or o.max_value, o
end

local KNOWN <const> = { name = true, min_value = true, max_value = true, step = true,
  sampling = true, default = true, parent_name = true, parent_values = true, ordered = true,
  values = true, [1] = true, log = true, unstepped = true }

local function check_keys(name, o)
  for key in pairs(o) do
    if not KNOWN[key] then
      fail(name, "unknown option '%s'; known options: min_value, max_value, step, sampling, "
        .. "default, parent_name, parent_values, values, ordered", tostring(key))
    end
  end
end

--- Is the scope, or the parent that is named, active?
local function active(self, o)
  if o.parent_name then
    local value, among = self.params[o.parent_name], o.parent_values
    if type(among) ~= "table" then among = { among } end
    local found = false
    for _, v in ipairs(among) do found = found or v == value end
    if not found then return false end
  end
  return self.scopes[#self.scopes] ~= false
end

local SAMPLING <const> = { linear = true, log = true, reverse_log = true }

local function scale(name, o)
  local sampling = o.sampling or (o.log and "log") or "linear"
  if not SAMPLING[sampling] then
    fail(name, "option 'sampling': expected linear, log or reverse_log, got %s",
      tostring(sampling))
  end
  return { step = o.step, log = sampling == "log", reverse_log = sampling == "reverse_log" }
end

--- The trial's default decides where a study is explored first: see mlp.tune.
local function note_default(self, name, d, default)
  if default == nil then return end
  if not d:internal(default) then
    fail(name, "option 'default': expected %s, got %s", tostring(d), tostring(default))
  end
  self.defaults = self.defaults or {}
  self.defaults[name] = default
end

--- What every way of asking ends with.
local function offer(self, name, d, o)
  note_default(self, name, d, o.default)
  if self.found and not self.found[name] then -- of a space that is looked at: see explore
    self.found[name] = d
    self.found_names[#self.found_names + 1] = name
  end
  if not active(self, o) then return nil end
  return suggest(self, name, d)
end

local function ranged(self, make, is_int, name, low, high, o)
  name, low, high, o = arguments(name, low, high, o)
  check_keys(tostring(name), o)
  local s = scale(name, o)
  local d
  if s.step and (s.log or s.reverse_log) then
    d = distribution.geometric(name, low, high, s.step, is_int)
  else
    d = make(name, low, high, s)
  end
  d.unstepped = o.step == nil
  return offer(self, name, d, o)
end

--- A whole number from min_value to max_value, both included.
--- @param name string
--- @param min_value? integer
--- @param max_value? integer
--- @param options? table  step 1, sampling "linear" | "log" | "reverse_log", default, parent_name,
---   parent_values
--- @return integer  nil in a scope that is not active
--- @usage local units = hp:Int("units", { min_value = 32, max_value = 512, step = 32 })
function Trial:Int(name, min_value, max_value, options)
  return ranged(self, distribution.int, true, name, min_value, max_value, options)
end

--- A number from min_value to max_value, both included.
--- @param name string
--- @param min_value? number
--- @param max_value? number
--- @param options? table  as Int; without a step any number
--- @return number
function Trial:Float(name, min_value, max_value, options)
  return ranged(self, distribution.float, false, name, min_value, max_value, options)
end

--- One of several values.
--- @param name string
--- @param values? table  numbers, strings or booleans
--- @param options? table  ordered, default, parent_name, parent_values
--- @return any
--- @usage local rate = hp:Choice("learning_rate", { 1e-2, 1e-3, 1e-4 })
function Trial:Choice(name, values, options)
  local o = options or {}
  if type(name) == "table" then
    o, name, values = name, name.name or name[1], name.values or name[2]
    o = { values = values, ordered = o.ordered, default = o.default, parent_name = o.parent_name,
      parent_values = o.parent_values }
  elseif type(values) == "table" and values.values then
    o, values = values, values.values
  end
  check_keys(tostring(name), o)
  local numeric = type(values) == "table" and type(values[1]) == "number"
  local d = distribution.categorical(name, values, o.ordered == nil and numeric or o.ordered)
  return offer(self, name, d, o)
end

--- True or false.
--- @return boolean
function Trial:Boolean(name, options)
  if type(name) == "table" then
    options, name = name, name.name or name[1]
  end
  local o = options or {}
  local d = distribution.categorical(name, { false, true }, false)
  return offer(self, name, d, o)
end

--- A value that is not searched for, but is written down with the others.
function Trial:Fixed(name, value, options)
  if type(name) == "table" then
    options, name, value = name, name.name or name[1], name.value or name[2]
  end
  return offer(self, name, distribution.categorical(name, { value }, false), options or {})
end

--- Hyper-parameters that are asked for inside f exist only where `parent` has one of `values`: f is
--- called in any case, and they are nil where it has not. A plain `if` does as well.
--- @param parent string
--- @param values any  one, or a list
--- @param f function
function Trial:conditional_scope(parent, values, f)
  if self.params[parent] == nil and self.scopes[#self.scopes] ~= false then
    fail(parent, "conditional_scope: it was not asked for before")
  end
  local outer = self.scopes[#self.scopes] ~= false
  self.scopes[#self.scopes + 1] = outer
    and active(self, { parent_name = parent, parent_values = values })
  local ok, e = pcall(f)
  self.scopes[#self.scopes] = nil
  if not ok then error(e, 0) end
end

--- The value of one that was asked for before.
function Trial:get(name)
  local value = self.params[name]
  self.read[name] = true
  if value == nil then
    local known = check.sorted_keys(self.params)
    fail(name, "nothing of that name was asked for%s; asked for: %s", check.hint(name, known),
      table.concat(known, ", "))
  end
  return value
end

--
-- Optuna's names
--

--- @param options? table  step, log
--- @return number
function Trial:suggest_float(name, low, high, options)
  return self:Float(name, low, high, options)
end

--- @param options? table  step 1, log
--- @return integer
function Trial:suggest_int(name, low, high, options)
  return self:Int(name, low, high, options)
end

--- @param choices table
--- @return any
function Trial:suggest_categorical(name, choices)
  return offer(self, name, distribution.categorical(name, choices, false), {})
end

--
-- Telling
--

--- Note a call of the storage's for the next commit.
function Trial:later(method, ...)
  self.unsaved[#self.unsaved + 1] = table.pack(method, ...)
end

--- Inside a transaction: write what was noted. It stays noted, since the commit may fail; writing
--- it again changes nothing.
function Trial:write()
  local storage = self.study.storage
  for _, call in ipairs(self.unsaved) do
    storage[call[1]](storage, self.id, table.unpack(call, 2, call.n))
  end
end

--- It is committed.
function Trial:saved()
  self.unsaved = {}
  self.flushed = core.clock()
end

--- A second attempt asks for the same values as the first.
function Trial:recall()
  self.plan = self.plan or {}
  for _, row in ipairs(self.study.storage:params(self.id)) do self.plan[row[1]] = row[2] end
end

--- Commit what was reported; raises where another process has taken the trial over.
function Trial:flush()
  if #self.unsaved == 0 then return end
  self.study.storage:transact(function()
    self.study:check_owner(self)
    self:write()
    self.study.storage:beat(self.id)
  end)
  self:saved()
end

--- The same, but where another program holds the file longer than the study waits, the reports wait
--- for the next time: a training is worth more than a heartbeat.
local function try_to_flush(self)
  local ok, e = pcall(self.flush, self)
  if ok then return end
  if type(e) ~= "table" or e.kind ~= "busy" then error(e, 0) end
  self.flushed = core.clock()
end

--- How the objective stands after a step (an epoch, a fold). On the disk at the latest with the
--- next commit, a fifth of a second later; a second report of a step is ignored.
--- @param value number
--- @param step integer
function Trial:report(value, step)
  if type(value) ~= "number" then
    check.raise("argument", "report: expected a number, got %s", tostring(value))
  end
  step = check.whole("report", "step", step, 0)
  if self.reports[step] then return end
  self.reports[step] = value
  self.steps[#self.steps + 1] = step
  self:later("set_report", step, value)
  if self.study.reporter then self.study.reporter:step(self, step, value) end
  if core.clock() - self.flushed > FLUSH then try_to_flush(self) end
end

--- Further numbers of a step, for the plots: { loss = .., val_loss = .. }
function Trial:log(step, values)
  for _, name in ipairs(check.sorted_keys(values)) do
    self:later("set_metric", name, step, values[name])
  end
end

--- Does the pruner say that the trial is not worth its time?
--- @return boolean
function Trial:should_prune()
  if self.study.several or #self.steps == 0 then return false end
  return self.study.pruner:prune(self.study, self) and true or false
end

--- End the trial here, as pruned.
function Trial:prune()
  local step = self.steps[#self.steps]
  error(setmetatable({ message = ("pruned at step %s"):format(step or "none") }, Pruned), 0)
end

--- @param value any  what JSON can hold
function Trial:set_user_attr(key, value) self:later("set_user_attr", key, value) end

--- A callback for fit that reports an epoch's value and prunes.
--- @param options? table  monitor "val_loss", offset 0 (epochs before those), backup false: true
---   keeps the training in the study's file, so that a trial whose process dies goes on from there;
---   for an objective with one fit
--- @return table
--- @usage model:fit(train, { callbacks = { trial:callback { monitor = "val_accuracy" } } })
function Trial:callback(options)
  local o = check.options("callback", options, { monitor = "val_loss", offset = 0, backup = false })
  return require("mlp.tune.callback")(self, o.monitor, o.offset, o.backup)
end

--- k trainings, each validated on another k-th of the rows, the same for all trials. After each
--- fold the mean so far is reported, and the pruner may end the trial.
--- @param build fun(trial: mlp.Trial): mlp.Model  a new compiled model
--- @param data mlp.Dataset
--- @param options? table  k 5, cv (a splitter of mlp.model_selection), epochs 1, batch_size 32,
---   monitor "val_loss" (its best epoch counts), callbacks
--- @return number  the mean
--- @return number[] by fold
--- @usage study:optimize(function(t) return (t:cross_validate(build, data, { epochs = 20 })) end)
function Trial:cross_validate(build, data, options)
  return require("mlp.tune.cross_validate")(self, build, data, options)
end

--- Keep the model's weights with the study, if the trial is among the best in the end.
--- @param model mlp.Model
function Trial:keep(model) self.model = model end

return M
