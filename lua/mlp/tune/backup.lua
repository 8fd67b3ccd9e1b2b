--- The training of a trial in the study's file, while it runs: where the process dies, the next
--- attempt goes on from there, and ends with the bits of one that was not interrupted. It is
--- written after an epoch, with the reports up to there in one transaction, where enough time has
--- passed: trials of a few seconds never pay for it, longer ones a twentieth of their time at
--- most.
local artifact = require "mlp.tune.artifact"
local checkpoint = require "mlp.fit.checkpoint"
local core = require "mlp.core"

local M = {}

local KIND <const> = "training"
local SHARE <const> = 20 -- a backup costs at most that part of the time
local HASHED <const> = 2e8 -- bytes a second, about: the first backup hashes the data

--- About how long the first backup takes, in seconds.
local function first_cost(state)
  local elements = 0
  for _, feed in pairs { state.feed or {}, state.validation or {} } do
    for _, t in ipairs(feed.x or {}) do elements = elements + t:numel() end
  end
  return elements * 4 / HASHED
end

--- Reports that the file has of the epochs before `last`, as if this attempt had made them; and how
--- far up the rungs of a halving it was.
local function recall(trial, last)
  local storage = trial.study.storage
  local steps, values = storage:reports(trial.id)
  for i, step in ipairs(steps) do
    if step <= last and not trial.reports[step] then
      trial.steps[#trial.steps + 1] = step
      trial.reports[step] = values[i]
    end
  end
  local attributes, rung = storage:user_attrs(trial.id), 0
  while attributes["rung " .. rung] do rung = rung + 1 end
  trial.rung = rung
end

--- A callback for fit, as BackupAndRestore is one.
--- @param trial mlp.Trial
--- @param offset integer  the step of an epoch is its number and that
function M.new(trial, offset)
  local self = { is_backup = true, save_freq = "epoch" }
  local written, cost = core.clock(), nil

  function self.find()
    local data = trial.attempt > 1 and trial.study.storage:get_artifact(trial.id, KIND)
    if not data then return nil end
    local saved = artifact.read(data, checkpoint.read)
    saved.path = ("trial %d"):format(trial.number)
    recall(trial, saved.training.epoch + offset)
    return saved
  end

  function self.save(_, state, whole)
    local now, pause = core.clock(), trial.study.backup_every
    cost = cost or first_cost(state)
    if pause > 0 then pause = math.max(pause, SHARE * cost) end
    if not whole or now - written < pause then return end
    trial:later("put_artifact", KIND, artifact.written(function(path)
      checkpoint.write(state, path, true)
    end))
    trial:flush()
    written = core.clock()
    cost = written - now
  end

  function self.finish() end

  return self
end

--- Inside a transaction: the trial has ended, or begins anew.
function M.drop(trial)
  trial.study.storage:drop_artifact(trial.id, KIND)
end

--- Is all that these callbacks know in a checkpoint? Not where a script's own has no get_state.
function M.knows(callbacks)
  for _, callback in ipairs(callbacks or {}) do
    local ours = callback.who ~= nil and callback.who ~= "LambdaCallback"
    if not ours and not callback.get_state then return false end
  end
  return true
end

return M
