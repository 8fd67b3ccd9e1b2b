--- One epoch: training in C, in slices or batch by batch; validation; what is logged.
local core = require "mlp.core"
local hooks = require "mlp.hooks"
local data = require "mlp.fit.data"

local M = {}

local function metric_logs(model, run, prefix, logs)
  logs[prefix .. "loss"] = run.loss
  for i, name in ipairs(model:metric_names()) do logs[prefix .. name] = run[i] end
  return logs
end

--- The names that an epoch logs, in order.
function M.columns(model, validated)
  local names = { "loss" }
  for _, name in ipairs(model:metric_names()) do names[#names + 1] = name end
  if validated then
    for i = 1, #names do names[#names + 1] = "val_" .. names[i] end
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

--- Train for a while: one batch where hooks want each, else a slice. True at the end.
local function advance(state)
  local run = state.run
  if not state.batch_hooks then return run:on(0, slice(state)) or state.stop end
  hooks.call(state.callbacks, "on_train_batch_begin", run.batches + 1, {})
  local done = run:on(1)
  hooks.call(state.callbacks, "on_train_batch_end", run.batches, { loss = run.batch_loss })
  slice(state)
  return done or state.stop
end

--- The epoch's batches; true where it went to its end.
local function train(state)
  while not advance(state) do
    state.progress:step(state.run.batches, { loss = state.run.loss })
  end
  return not state.run.diverged
end

local function validate(state, logs)
  if not state.validation or state.epoch % state.options.validation_freq ~= 0 then return end
  local x, y = data.arrays("validation_data", state.validation)
  local run = core.run(state.model, "evaluate", x, y, state.options.validation_batch_size
    or state.options.batch_size)
  local values = hooks.finish(run, state.callbacks, "test", function()
    return metric_logs(state.model, run, "", {})
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

--- Train, validate and log one epoch.
function M.run(state, epoch)
  local clock = core.clock()
  state.epoch = epoch
  hooks.call(state.callbacks, "on_epoch_begin", epoch, {})
  state.progress:epoch_begin(epoch)
  state.run:restart(state.options.shuffle and epoch or 0)
  local healthy = train(state)
  local logs = metric_logs(state.model, state.run, "", {})
  if not healthy then
    state.stop = ("non-finite loss at epoch %d, batch %d"):format(epoch, state.run.batches)
  end
  validate(state, logs)
  log_rate(state, logs)
  state.progress:epoch_end(epoch, logs, core.clock() - clock)
  state.history:append(logs, state.columns)
  hooks.call(state.callbacks, "on_epoch_end", epoch, logs)
end

return M
