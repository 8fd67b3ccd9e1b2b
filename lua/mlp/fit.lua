--- model:fit: the order of an epoch. What runs per batch is in C; here are options, validation,
--- callbacks, history, progress.
local core = require "mlp.core"
local check = require "mlp.check"
local dataset = require("mlp.data").dataset
local History = require "mlp.history"
local hooks = require "mlp.hooks"

local M = {}

--- x and y of what fit was given: a dataset, or a table { x =, y = }.
function M.arrays(who, data)
  if type(data) == "userdata" and not core.is_tensor(data) then return data.x, data.y end
  if type(data) == "table" and core.is_tensor(data.x) then return data.x, data.y end
  check.raise("argument", "%s: expected a dataset, or a table { x = tensor, y = tensor }, got %s",
    who, type(data))
end

--- The data to train on and to validate on.
local function split(data, options)
  if options.validation_data ~= nil then return data, options.validation_data end
  local share = check.number("fit", "validation_split", options.validation_split, 0, 1)
  if share == 0 then return data, nil end
  if share == 1 then
    check.raise("argument", "fit: option 'validation_split': expected less than 1, got 1")
  end
  if type(data) == "table" then data = dataset { x = data.x, y = data.y } end
  local train, validation = data:split { test = share, how = options.validation_how }
  if #validation == 0 then
    check.raise("argument",
      "fit: validation_split = %g of %d rows is no row; give more data or a larger share",
      share, #data)
  end
  return train, validation
end

local function metric_logs(model, run, prefix, logs)
  logs[prefix .. "loss"] = run.loss
  for i, name in ipairs(model:metric_names()) do logs[prefix .. name] = run[i] end
  return logs
end

--- The names that an epoch logs, in order.
local function column_names(model, validated)
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

--- One epoch of training; true where it went to its end.
local function train_epoch(state)
  while not advance(state) do
    state.progress:step(state.run.batches, { loss = state.run.loss })
  end
  return not state.run.diverged
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

local function validate(state, logs)
  if not state.validation or state.epoch % state.options.validation_freq ~= 0 then return end
  local x, y = M.arrays("validation_data", state.validation)
  local run = core.run(state.model, "evaluate", x, y, state.options.validation_batch_size
    or state.options.batch_size)
  local values = hooks.finish(run, state.callbacks, "test", function()
    return metric_logs(state.model, run, "", {})
  end)
  for name, value in pairs(values) do logs["val_" .. name] = value end
end

local function run_epoch(state, epoch)
  local clock = core.clock()
  state.epoch = epoch
  hooks.call(state.callbacks, "on_epoch_begin", epoch, {})
  state.progress:epoch_begin(epoch)
  state.run:restart(state.options.shuffle and epoch or 0)
  local healthy = train_epoch(state)
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

local function is_interrupt(e)
  return type(e) == "table" and e.kind == "interrupted"
end

local function run_epochs(state)
  for epoch = state.options.initial_epoch + 1, state.options.epochs do
    run_epoch(state, epoch)
    if state.stop then
      state.history.stopped_epoch, state.history.stop_reason = epoch, state.stop
      return
    end
  end
end

--- Ctrl-C: the batch is finished and the model kept; hooks run; then the error goes on, with the
--- history, unless on_interrupt = "return".
local function guarded(state)
  local _ <close> = core.shield() -- no error from Ctrl-C but the engine's, between batches
  local ok, e = xpcall(run_epochs, function(e)
    if type(e) == "string" then return debug.traceback(e, 2) end
    return e
  end, state)
  if not ok and is_interrupt(e) then
    core.clear_interrupt()
    state.history.stopped_epoch, state.history.stop_reason = state.epoch, "interrupted"
    e.history = state.history
  elseif not ok then
    return e
  end
  core.model_use_average(state.model)
  hooks.call(state.callbacks, "on_train_end", state.history[-1] or {})
  if not ok and state.options.on_interrupt ~= "return" then return e end
end

local presets = {
  epochs = 1, batch_size = check.any(32), shuffle = true, validation_split = 0,
  validation_data = check.none,
  validation_how = check.none, validation_freq = 1, validation_batch_size = check.none,
  callbacks = {}, verbose = check.none, initial_epoch = 0, on_interrupt = "raise",
  max_time = check.none,
}

local function read_options(options)
  local o = check.options("fit", options, presets)
  o.epochs = check.whole("fit", "epochs", o.epochs, 1)
  o.initial_epoch = check.whole("fit", "initial_epoch", o.initial_epoch, 0)
  o.validation_freq = check.whole("fit", "validation_freq", o.validation_freq, 1)
  if o.max_time ~= nil then
    o.max_time = check.number("fit", "max_time", o.max_time, 0, math.huge)
  end
  if o.batch_size ~= "all" then
    o.batch_size = check.whole("fit", "batch_size", o.batch_size, 1)
  end
  if o.on_interrupt ~= "raise" and o.on_interrupt ~= "return" then
    check.raise("argument", "fit: option 'on_interrupt': expected 'raise' or 'return', got '%s'",
      tostring(o.on_interrupt))
  end
  return o
end

--- Will a schedule or a callback change the learning rate?
local function rate_varies(model, callbacks)
  if model.optimizer and model.optimizer.schedule then return true end
  for _, callback in ipairs(callbacks) do
    if type(callback) == "table" and callback.sets_learning_rate then return true end
  end
  return false
end

--- @see mlp.Model.fit
function M.fit(model, data, options)
  local o = read_options(options)
  local train, validation = split(data, o)
  local x, y = M.arrays("fit", train)
  if not core.is_tensor(y) then
    check.raise("argument", "fit: expected data with targets y, got none")
  end
  if o.batch_size == "all" then o.batch_size = math.max(1, x.shape[1]) end
  local state = {
    model = model, options = o, validation = validation, callbacks = o.callbacks,
    history = History.new(), columns = column_names(model, validation ~= nil),
    batch_hooks = hooks.any(o.callbacks, "on_train_batch_begin", "on_train_batch_end",
      "on_batch_begin", "on_batch_end"),
    rate_varies = rate_varies(model, o.callbacks),
    run = core.run(model, "train", x, y, o.batch_size, o.shuffle and o.initial_epoch + 1 or 0,
      o.epochs),
    progress = require("mlp.progress").new {
      epochs = o.epochs, steps = math.ceil(x.shape[1] / o.batch_size),
      verbose = o.verbose or "auto",
    },
  }
  model:on_stop(function(reason) state.stop = reason or "stopped" end)
  state.first_rate = model.optimizer.learning_rate
  if state.rate_varies then state.columns[#state.columns + 1] = "learning_rate" end
  hooks.attach("fit", model, o.callbacks, {
    epochs = o.epochs, columns = state.columns, history = state.history, batch_size = o.batch_size,
  })
  hooks.call(o.callbacks, "on_train_begin", {})
  state.deadline = o.max_time and core.clock() + o.max_time
  local e = guarded(state)
  state.progress:close()
  if state.stop and state.stop:find "^non%-finite" then
    core.warn(("fit stopped: %s; the weights are those before that step. A smaller learning rate, "
      .. "scaled inputs or a check for NaN in the data usually help"):format(state.stop))
  end
  if e ~= nil then error(e, 0) end
  return state.history
end

return M
