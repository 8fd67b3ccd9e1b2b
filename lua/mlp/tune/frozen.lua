--- A trial of a study's file, as it is there: to read, and to run again.
local core = require "mlp.core"
local check = require "mlp.check"
local distribution = require "mlp.tune.distribution"
local History = require "mlp.history"

--- @class mlp.FrozenTrial
--- @field number integer from 0
--- @field state string "COMPLETE", "PRUNED", "FAIL", "RUNNING" or "WAITING"
--- @field params table<string, any>
--- @field value number? the objective; values: all of them
--- @field reports table<integer, number> by step
--- @field seed integer?
--- @field seconds number?
--- @field reason string? why it failed
--- @field user_attrs table<string, any>
--- @field history mlp.History of what was logged, an epoch a row
local Frozen = { __name = "mlp.FrozenTrial" }

local M = {}

local lazy = {}

--- Metrics as a history: rows are steps.
function lazy.history(self)
  local rows, names, last = {}, {}, 0
  for name, series in pairs(self.study.storage:metrics(self.id)) do
    names[#names + 1] = name
    for step, v in pairs(series) do
      rows[step] = rows[step] or {}
      rows[step][name] = v
      last = math.max(last, step)
    end
  end
  table.sort(names)
  local history = History.new()
  for step = 1, last do history:append(rows[step] or {}, names) end
  return history
end

function lazy.user_attrs(self) return self.study.storage:user_attrs(self.id) end
function lazy.system_attrs(self) return self.study.storage:system_attrs(self.id) end
function lazy.events(self) return self.study.storage:event_list(self.id) end

function lazy.reports(self)
  local steps, values = self.study.storage:reports(self.id)
  local by_step = {}
  for i, step in ipairs(steps) do by_step[step] = values[i] end
  rawset(self, "steps", steps)
  return by_step
end

function lazy.steps(self)
  local _ = self.reports
  return rawget(self, "steps")
end

function Frozen.__index(self, key)
  local make = lazy[key]
  if not make then return Frozen[key] end
  local value = make(self)
  rawset(self, key, value)
  return value
end

function Frozen:__tostring()
  local parts = {}
  for i, name in ipairs(self.names) do parts[i] = name .. " = " .. tostring(self.params[name]) end
  local values = {}
  for i, v in ipairs(self.values) do values[i] = (" %.6g"):format(v) end
  return ("trial %d: %s%s, %s"):format(self.number, self.state:lower(),
    table.concat(values, ","), table.concat(parts, ", "))
end

--- The model whose weights were kept: those of the best trials are.
--- @return mlp.Model
function Frozen:load_model()
  local data = self.study.storage:get_artifact(self.id, "weights")
  if not data then
    check.raise("state", "load_model: the weights of trial %d were not kept; those of the best %d "
      .. "trials are", self.number, self.study.keep)
  end
  return require("mlp.tune.artifact").load(data)
end

local function same(a, b) return a == b or a ~= a and b ~= b end

local function text(v) return v and ("%.17g"):format(v) or "none" end

--- What of two lists of numbers differs first; nil where nothing does.
local function first_difference(what, old, new, order)
  for _, k in ipairs(order) do
    if not same(old[k], new[k]) then
      return ("%s %d: it was %s, now %s"):format(what, k, text(old[k]), text(new[k]))
    end
  end
end

local function count_up(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

--- The weights, where the study has kept them and the objective keeps a model.
local function difference_of_weights(old, new)
  local data = new.model and old.study.storage:get_artifact(old.id, "weights")
  if not data then return nil end
  local was, is = require("mlp.tune.artifact").load(data):hash(), new.model:hash()
  if was ~= is then return ("weights: their sha256 was %s, now %s"):format(was, is) end
end

--- Where two runs of a trial part: nil where they are equal to the last bit.
local function difference(old, new)
  if new.state ~= old.state then
    return ("state: it was %s, now %s%s"):format(old.state, new.state,
      new.reason and " (" .. new.reason:gsub("\n.*", "") .. ")" or "")
  end
  return first_difference("step", old.reports, new.reports, old.steps)
    or first_difference("step", old.reports, new.reports, new.steps)
    or first_difference("objective", old.values, new.values,
      count_up(math.max(#old.values, #new.values)))
    or difference_of_weights(old, new)
end

--- Run the trial again: the same parameters, the same seed, so the same bits; one that was promoted
--- from its first epoch on, round by round. Nothing is written. Compared are state, reports,
--- values, and the weights where they were kept.
--- @param objective? function  that of study:optimize, where this script has not called it
--- @return table  state, values, reports, model, equal (boolean), difference (where the runs part)
--- @usage local again = study:best():replay(); assert(again.equal, again.difference)
function Frozen:replay(objective)
  objective = objective or self.study.objective
  if type(objective) ~= "function" then
    check.raise("argument", "replay: expected the function that study:optimize was given, got %s",
      tostring(objective))
  end
  local new = require("mlp.tune.optimize").rehearse(self.study, self, objective)
  new.difference = difference(self, new)
  new.equal = new.difference == nil
  if self.code and self.study.code ~= self.code and not new.equal then
    new.difference = new.difference .. "; the script has changed since"
  end
  return core.mark_fields(new)
end

--- @param study table
--- @param id integer
function M.read(study, id)
  local storage = study.storage
  local number, state, begun, ended, seed, attempt, seconds, reason, code, started, finished, pid =
    storage:trial(id)
  local self = { study = study, id = id, number = number, state = state, datetime_start = begun,
    datetime_complete = ended, seed = seed, attempt = attempt, seconds = seconds, reason = reason,
    code = code, started = started, finished = finished, worker = pid, params = {}, names = {},
    distributions = {}, internal = {}, values = storage:values(id) }
  self.value = self.values[1]
  for i, row in ipairs(storage:params(id)) do
    local name = row[1]
    local d = study.history.parsed[row[3]] or distribution.parse(name, row[3])
    self.names[i], self.internal[name], self.distributions[name] = name, row[2], d
    if d then self.params[name] = d:external(row[2]) end
  end
  return setmetatable(self, Frozen)
end

M.clock = core.clock
return M
