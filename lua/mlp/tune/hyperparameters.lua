--- Hyper-parameters outside of a trial: values that were found, or defaults, for hypermodel.build.
local trials = require "mlp.tune.trial"

local M = {}

local function nothing() end

--- A study that notes nothing.
local shadow = {
  several = false, sampler = {},
  storage = setmetatable({}, { __index = function() return nothing end }),
  check_distribution = function(_, _, d) return d end,
}

--- The value of what has none: its default, else the first.
function shadow.sampler.independent(_, _, trial, name, d)
  local default = trial.defaults and trial.defaults[name]
  return default ~= nil and d:internal(default) or d:from_unit(0)
end

--- @class mlp.HyperParameters: mlp.Trial
--- @field values table<string, any> what was found; "tuner/epochs" and the like too
--- @field seed integer? of the trial that found them

--- @param values? table<string, any>
function M.new(values, seed)
  local hp = trials.new(shadow, { number = 0, seed = seed or 0, fixed = values, id = 0,
    attempt = 1 })
  hp.values = values or {}
  function hp.get(self, name)
    if self.values[name] ~= nil then return self.values[name] end
    return trials.Trial.get(self, name)
  end
  return hp
end

--- The space that a function asks for, by calling it with defaults: names in order, distributions,
--- also of those in scopes that are not active. And what it returned.
function M.explore(f)
  local hp = M.new()
  hp.found, hp.found_names = {}, {}
  local result = f(hp)
  return hp.found_names, hp.found, result, hp
end

return M
