--- What fit does about checkpoints: where it goes on from, and when it writes one.
local backup = require "mlp.fit.backup"
local checkpoint = require "mlp.fit.checkpoint"
local core = require "mlp.core"

local M = {}

local function say(state, fmt, ...)
  if state.options.verbose ~= 0 then core.warn(fmt:format(...)) end
end

--- Find what to go on from, and refuse it where that cannot be done. Nothing has changed yet.
--- @return table?  for M.begin
function M.find(state)
  local saved
  state.backups = {}
  for _, callback in ipairs(state.callbacks) do
    if callback.is_backup then state.backups[#state.backups + 1] = callback end
  end
  if #state.backups == 0 and state.options.resume == nil then return nil end
  state.plan = checkpoint.describe(state)
  if state.options.resume ~= nil then
    saved = backup.open(state.options.resume)
  else
    for _, callback in ipairs(state.backups) do saved = saved or callback:find() end
  end
  if saved then checkpoint.compare(state, saved) end
  return saved
end

--- Go on from there.
function M.begin(state, saved)
  if not saved then return end
  checkpoint.restore(state, saved)
  state.sampled = state.epoch > 0 or state.inside -- its first step was looked at then
  local last = state.options.epochs
  if not state.inside and (state.stop or state.epoch >= last) then
    say(state, "fit: '%s' is a training at its end: %s after epoch %d of %d; nothing is left to do",
      saved.path, state.stop or "finished", state.epoch, last)
  elseif state.inside then
    say(state, "fit: going on from '%s': epoch %d of %d, batch %d", saved.path, state.epoch, last,
      state.run.batches + 1)
  else
    say(state, "fit: going on from '%s': epoch %d of %d", saved.path, state.epoch + 1, last)
  end
end

local function save(state, whole)
  local path
  for _, callback in ipairs(state.backups) do path = callback:save(state, whole) end
  return path
end

--- Batches until the next checkpoint among an epoch's; infinite where there is none.
function M.ahead(state)
  local least = math.huge
  for _, callback in ipairs(state.backups) do
    local every = callback.save_freq
    if every ~= "epoch" then
      least = math.min(least, every - state.model.iterations % every)
    end
  end
  return least
end

--- Between two batches. Out of time: the epoch is cut short, and a training that goes on from here
--- is not.
function M.after_batches(state)
  for _, callback in ipairs(state.backups) do
    local every = callback.save_freq
    if every ~= "epoch" and state.model.iterations % every == 0 then callback:save(state, false) end
  end
  if state.stop == "max_time" and not state.cut then
    state.stop, state.cut = nil, true
    save(state, false)
    state.stop = "max_time"
  end
end

--- After an epoch and all its hooks.
function M.after_epoch(state)
  if state.cut then return end
  local last = state.stop or state.epoch >= state.options.epochs
  for _, callback in ipairs(state.backups) do
    if callback.save_freq == "epoch" or last then callback:save(state, true) end
  end
end

--- Ctrl-C between two batches, or while it validates.
function M.interrupted(state)
  if #state.backups == 0 then return end
  local path = save(state, not state.inside)
  say(state, "fit: interrupted at epoch %d; the training is in '%s', and goes on from there when "
    .. "the script is started again", state.epoch, path)
end

--- The training is at its end.
function M.finish(state)
  for _, callback in ipairs(state.backups) do
    if not state.cut then callback:finish() end
  end
end

return M
