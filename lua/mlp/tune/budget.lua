--- What a search may cost: trials, epochs, seconds, bytes of the file. It ends within one trial of
--- the first limit, and says which one that was.
local core = require "mlp.core"
local check = require "mlp.check"

local Budget = {}
Budget.__index = Budget

local M = {}

M.PRESETS = { n_trials = check.none, timeout = check.none, max_epochs = check.none,
  max_bytes = check.none }

local function limit(who, o, name, least)
  if o[name] == nil then return nil end
  return check.number(who, name, o[name], least, math.huge)
end

--- @param o table  checked options, with those of PRESETS
--- @param base integer  the number of the first trial that counts
function M.new(who, study, o, base)
  return setmetatable({
    study = study, timeout = limit(who, o, "timeout", 0), bytes = limit(who, o, "max_bytes", 1),
    epochs = limit(who, o, "max_epochs", 1), started = core.clock(),
    limit = o.n_trials and base + check.whole(who, "n_trials", o.n_trials, 0) or math.maxinteger,
    n_trials = o.n_trials,
  }, Budget)
end

--- Steps that were reported in the study.
local function epochs_so_far(study)
  return (study.storage.db:row([[SELECT count(*) FROM trial_intermediate_values i
    JOIN trials t USING (trial_id) WHERE t.study_id = ?]], study.id))
end

--- The reason to end, or nil.
function Budget:spent()
  if self.timeout and core.clock() - self.started >= self.timeout then
    return ("time is up (%g s)"):format(self.timeout)
  end
  if self.epochs and epochs_so_far(self.study) >= self.epochs then
    return ("epochs are used up (%d)"):format(self.epochs)
  end
  if self.bytes and self.study.storage:bytes() >= self.bytes then
    return ("the file has its size (%d bytes)"):format(self.bytes)
  end
end

--- "50 trials, 60 s": what the search may cost.
function Budget:describe()
  local parts = {}
  if self.n_trials then parts[#parts + 1] = ("%d trials"):format(self.n_trials) end
  if self.epochs then parts[#parts + 1] = ("%d epochs"):format(self.epochs) end
  if self.timeout then parts[#parts + 1] = ("%g s"):format(self.timeout) end
  if self.bytes then parts[#parts + 1] = ("%d bytes"):format(self.bytes) end
  return #parts > 0 and table.concat(parts, ", ") or "until it is stopped"
end

return M
