--- How a search goes: on a terminal a block of three lines (study, trial, epoch), redrawn at most
--- ten times a second; elsewhere a line a trial. On standard error where standard output is no
--- terminal.
local core = require "mlp.core"
local settings = require "mlp.settings"

local Reporter = {}
Reporter.__index = Reporter

local M = {}

local REDRAW <const> = 0.1 -- seconds
local LINES <const> = 3

local function number(x) return x and ("%.5g"):format(x) or "-" end

local function params_text(names, params)
  local parts = {}
  for i, name in ipairs(names) do
    local v = params[name]
    parts[i] = ("%s=%s"):format(name, math.type(v) == "float" and ("%.4g"):format(v) or tostring(v))
  end
  return table.concat(parts, " ")
end

--- @param o table  verbose: "auto", 0 nothing, 1 the block on a terminal, 2 a line a trial
function M.new(study, o)
  local stream = core.is_terminal "stdout" and "stdout" or "stderr"
  local verbose = o.verbose
  if verbose == nil or verbose == "auto" then verbose = settings.quiet and 0 or 1 end
  if verbose == 1 and not core.is_terminal(stream) then verbose = 2 end -- no escapes into files
  return setmetatable({ study = study, verbose = verbose, stream = stream, file = io[stream],
    wants_trials = verbose ~= 0, started = core.clock(), drawn = -math.huge, done = 0,
    lines = { "", "", "" } }, Reporter)
end

local function say(self, fmt, ...)
  if self.verbose == 0 then return end
  self.file:write(fmt:format(...), "\n")
  self.file:flush()
end

local function cut(text, columns)
  local stop = utf8.offset(text, columns + 1)
  return stop and text:sub(1, stop - 1) or text
end

--- Draw the block over the last one.
local function draw(self, at_once)
  local now = core.clock()
  if self.verbose ~= 1 or not at_once and now - self.drawn < REDRAW then return end
  local width, parts = core.terminal_width(self.stream) - 1, {}
  if self.block then parts[1] = ("\27[%dA\r"):format(LINES) end
  for i = 1, LINES do parts[#parts + 1] = cut(self.lines[i], width) .. "\27[K\n" end
  self.file:write(table.concat(parts))
  self.file:flush()
  self.drawn, self.block = now, true
end

local function clock_text(seconds)
  if seconds >= 60 then return ("%d:%02d"):format(seconds // 60, math.floor(seconds % 60)) end
  return ("%.0fs"):format(seconds)
end

local function best_text(study)
  local h = study.history
  local best = not study.several and h:best()
  return best and ("best %s (trial %d)"):format(number(h.sign * h.value[best]), h.number[best])
end

--- Before the first trial: what is to be done.
function Reporter:plan(run)
  local counts = self.study:counts()
  self.done = counts.COMPLETE + counts.PRUNED + counts.FAIL
  self.total = run.budget.limit < math.maxinteger and run.budget.limit or nil
  say(self, "Study '%s': %s, sampler %s, pruner %s%s", self.study.name, run.budget:describe(),
    self.study.sampler.name, self.study.pruner.name,
    self.done > 0 and (", %d trials there already"):format(self.done) or "")
end

local function study_line(self)
  local share = self.total and self.total > 0 and math.min(1, self.done / self.total)
  local bar = share and " [" .. ("="):rep(20 * share // 1) .. (" "):rep(20 - 20 * share // 1) .. "]"
    or ""
  self.lines[1] = ("Study '%s' %d%s%s %s %s"):format(self.study.name, self.done,
    self.total and "/" .. self.total or "", bar, clock_text(core.clock() - self.started),
    best_text(self.study) or "")
end

--- A trial begins.
function Reporter:begin(trial)
  if self.verbose ~= 1 then return end
  study_line(self)
  self.lines[2], self.lines[3] = ("Trial %d"):format(trial.number), ""
  draw(self)
end

--- A trial reported.
function Reporter:step(trial, step, value)
  if self.verbose ~= 1 then return end
  self.lines[2] = ("Trial %d %s"):format(trial.number, params_text(trial.names, trial.params))
  self.lines[3] = ("step %d: %s"):format(step, number(value))
  draw(self)
end

--- A trial has ended, and is on the disk.
--- @param trial mlp.FrozenTrial
function Reporter:trial(trial)
  if self.verbose == 0 then return end
  self.study.history:refresh()
  self.done = self.done + 1
  local value = trial.values[2] and ("%s, %s"):format(number(trial.values[1]),
    number(trial.values[2])) or number(trial.value)
  if trial.state == "FAIL" then value = (trial.reason or "?"):gsub("\n.*", "") end
  local line = ("Trial %d %s %s - %s"):format(trial.number, trial.state:lower(), value,
    params_text(trial.names, trial.params))
  if self.verbose == 1 then
    study_line(self)
    self.lines[2] = line
    return draw(self)
  end
  local best = best_text(self.study)
  say(self, "%s%s", line, best and " - " .. best or "")
end

function Reporter:close(ok)
  if self.block then draw(self, true) end
  if not ok then return end
  local c = self.study:counts()
  say(self, "Study '%s': %d trials in %.1f s%s", self.study.name, c.COMPLETE + c.PRUNED + c.FAIL,
    core.clock() - self.started, self.study.stop_reason and "; " .. self.study.stop_reason or "")
end

return M
