--- One epoch: training in C, in slices or batch by batch; validation; what is logged.
local core = require "mlp.core"
local hooks = require "mlp.hooks"
local resume = require "mlp.fit.resume"

local M = {}

--- The names that an epoch logs, in order; those of callbacks, which `add_logs` fills in, last.
function M.columns(model, validated, callbacks)
  local names = model:log_names()
  if validated then
    for i = 1, #names do names[#names + 1] = "val_" .. names[i] end
  end
  for _, callback in ipairs(callbacks) do
    for _, name in ipairs(callback.log_names or {}) do names[#names + 1] = name end
  end
  return names
end

--- Seconds that may pass before the next look at the clock; stops where none are left.
local function slice(state)
  if not state.deadline then return hooks.SLICE end
  local left = state.deadline - core.clock()
  if left <= 0 and not state.stop then state.stop = "max_time" end
  return math.max(0, math.min(left, hooks.SLICE))
end

--- Those callbacks that want to look at the step to come; how many batches until the next does.
local function due(state)
  local list, ahead = {}, resume.ahead(state)
  for _, callback in ipairs(state.samplers) do
    local every = callback.every or 1
    local past = every == "epoch" and state.run.batches or state.model.iterations % every
    if past == 0 then
      list[#list + 1] = callback
    elseif every ~= "epoch" then
      ahead = math.min(ahead, every - past)
    end
  end
  return list, ahead
end

--- One batch, with a look at its gradients and at what its step did.
local function sample(state, callbacks)
  local run, step = state.run, state.model.iterations + 1
  run:hold()
  local healthy = not run.diverged
  if healthy then hooks.call(callbacks, "on_before_step", step) end
  run:on(1)
  if healthy then hooks.call(callbacks, "on_after_step", step) end
end

--- Go on until something has to be done between batches.
local function go(state)
  local list, ahead = due(state)
  if #list > 0 then return sample(state, list) end
  if state.batch_hooks then ahead = 1 end
  state.run:on(ahead < math.huge and ahead or 0, slice(state))
end

--- Train for a while: one batch where hooks want each, else a slice.
local function advance(state)
  local run = state.run
  if state.batch_hooks then
    hooks.call(state.callbacks, "on_train_batch_begin", run.batches + 1, {})
  end
  go(state)
  if state.batch_hooks then
    hooks.call(state.callbacks, "on_train_batch_end", run.batches, { loss = run.batch_loss })
  end
  slice(state)
end

--- The epoch's batches, or what is left of them; true where it went to its end.
local function train(state)
  local run = state.run
  while not run.done and not state.stop do
    advance(state)
    resume.after_batches(state)
    state.progress:step(run.batches, { loss = run.loss })
  end
  return not run.diverged
end

local function validate(state, logs)
  if not state.validation or state.epoch % state.options.validation_freq ~= 0 then return end
  local feed = state.validation
  local run = core.run(state.model, "evaluate", feed.x, feed.y, state.options.validation_batch_size
    or state.options.batch_size, 0, 0, feed.w)
  local values = hooks.finish(run, state.callbacks, "test", function()
    return state.model:read_logs(run, {})
  end)
  for name, value in pairs(values) do logs["val_" .. name] = value end
end

--- The learning rate of the epoch's last step, where it is not always the same.
local function log_rate(state, logs)
  local rate = state.model.optimizer.learning_rate
  if not state.rate_varies and rate == state.first_rate then return end
  logs.learning_rate = rate
  if not state.rate_varies then
    state.rate_varies = true
    state.columns[#state.columns + 1] = "learning_rate"
  end
end

local function begin(state, epoch)
  state.epoch = epoch
  hooks.call(state.callbacks, "on_epoch_begin", epoch, {})
  state.run:restart(state.options.shuffle and epoch or 0)
  state.inside = true
end

--- Train, validate and log one epoch, or go on with the one that was begun.
function M.run(state, epoch)
  local clock = core.clock()
  if not state.inside then begin(state, epoch) end
  state.progress:epoch_begin(epoch)
  local healthy = train(state)
  local logs = state.model:read_logs(state.run, {})
  if not healthy then
    state.stop = ("non-finite loss at epoch %d, batch %d"):format(epoch, state.run.batches)
  end
  validate(state, logs)
  log_rate(state, logs)
  hooks.call(state.callbacks, "add_logs", logs)
  state.progress:epoch_end(epoch, logs, core.clock() - clock)
  state.history:append(logs, state.columns)
  hooks.call(state.callbacks, "on_epoch_end", epoch, logs)
  state.inside = false
  resume.after_epoch(state)
end

return M
