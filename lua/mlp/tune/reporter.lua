--- How a search goes, on standard error where standard output is no terminal: one line a trial.
local core = require "mlp.core"
local settings = require "mlp.settings"

local Reporter = {}
Reporter.__index = Reporter

local M = {}

local function number(x) return x and ("%.5g"):format(x) or "-" end

local function params_text(trial)
  local parts = {}
  for i, name in ipairs(trial.names) do
    local v = trial.params[name]
    parts[i] = ("%s=%s"):format(name, math.type(v) == "float" and ("%.4g"):format(v) or tostring(v))
  end
  return table.concat(parts, " ")
end

--- @param o table  verbose: "auto", 0 nothing, 1 or 2 a line a trial
function M.new(study, o)
  local stream = core.is_terminal "stdout" and "stdout" or "stderr"
  local verbose = o.verbose
  if verbose == nil or verbose == "auto" then verbose = settings.quiet and 0 or 2 end
  return setmetatable({ study = study, verbose = verbose, file = io[stream],
    wants_trials = verbose ~= 0, started = core.clock() }, Reporter)
end

local function say(self, fmt, ...)
  if self.verbose == 0 then return end
  self.file:write(fmt:format(...), "\n")
  self.file:flush()
end

--- Before the first trial: what is to be done.
function Reporter:plan(run)
  local counts = self.study:counts()
  local done = counts.COMPLETE + counts.PRUNED + counts.FAIL
  say(self, "Study '%s': %s, sampler %s, pruner %s%s", self.study.name, run.budget:describe(),
    self.study.sampler.name, self.study.pruner.name,
    done > 0 and (", %d trials there already"):format(done) or "")
end

function Reporter.begin() end

--- @param trial mlp.FrozenTrial
function Reporter:trial(trial)
  if self.verbose == 0 then return end
  local history = self.study.history:refresh()
  local best = not self.study.several and history:best()
  local value = trial.values[2] and ("%s, %s"):format(number(trial.values[1]),
    number(trial.values[2])) or number(trial.value)
  if trial.state == "FAIL" then value = (trial.reason or "?"):gsub("\n.*", "") end
  say(self, "Trial %d %s %s - %s%s", trial.number, trial.state:lower(), value, params_text(trial),
    best and (" - best %s (trial %d)"):format(number(history.sign * history.value[best]),
      history.number[best]) or "")
end

function Reporter:close(ok)
  if not ok then return end
  local c = self.study:counts()
  say(self, "Study '%s': %d trials in %.1f s%s", self.study.name, c.COMPLETE + c.PRUNED + c.FAIL,
    core.clock() - self.started, self.study.stop_reason and "; " .. self.study.stop_reason or "")
end

return M
