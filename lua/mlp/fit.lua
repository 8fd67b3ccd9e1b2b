--- model:fit: from its options to a history. What runs per batch is in C; an epoch is in
--- fit/epoch.lua.
local core = require "mlp.core"
local check = require "mlp.check"
local History = require "mlp.history"
local hooks = require "mlp.hooks"
local data = require "mlp.fit.data"
local culprit = require "mlp.fit.culprit"
local epoch = require "mlp.fit.epoch"
local iterator = require "mlp.fit.iterator"
local options = require "mlp.fit.options"
local record = require "mlp.diagnosis.record"
local resume = require "mlp.fit.resume"
local settings = require "mlp.settings"
local source = require "mlp.fit.source"
local summary = require "mlp.fit.summary"

local M = { arrays = data.arrays }

local function is_interrupt(e)
  return type(e) == "table" and e.kind == "interrupted"
end

local function run_epochs(state)
  epoch.check_validation(state)
  if state.inside then epoch.run(state, state.epoch) end
  while not state.stop and state.epoch < state.options.epochs do
    epoch.run(state, state.epoch + 1)
  end
  if state.stop then
    state.history.stopped_epoch, state.history.stop_reason = state.epoch, state.stop
  end
end

--- An error of a hook or iterator is named by where it came from where it is a text; every other
--- value comes out as it is, and the log names it.
local function with_place(state, e)
  local place = hooks.failed(state.callbacks) or state.source:failed()
  if not place then return e end
  local text = ("fit: %s, epoch %d"):format(place, state.epoch)
  if type(e) == "string" then return text .. ": " .. e end
  if type(e) ~= "table" or not e.kind then core.warn(text .. " failed") end
  return e
end

--- Ctrl-C, between two batches or while it validates.
local function interrupted(state, e)
  core.clear_interrupt()
  state.history.stopped_epoch, state.history.stop_reason = state.epoch, "interrupted"
  e.history = state.history
  if not hooks.failed(state.callbacks) then resume.interrupted(state) end
end

--- The end of a training: averages, hooks.
local function finish(state)
  hooks.call(state.callbacks, "before_average")
  core.model_use_average(state.model)
  hooks.call(state.callbacks, "on_train_end", state.history[-1] or {})
end

--- All epochs, and the end. Ctrl-C: the batch is finished and the model kept; hooks run; then the
--- error goes on, with the history, unless on_interrupt = "return", or a line at the prompt asked
--- for it: that gets the history, and its next fit the error. Returns as pcall does.
local function guarded(state)
  local _ <close> = core.shield() -- no error from Ctrl-C but the engine's, between batches
  local ok, e = xpcall(run_epochs, check.trace, state)
  if not ok and is_interrupt(e) then
    interrupted(state, e)
  elseif not ok then
    return false, with_place(state, e)
  end
  finish(state)
  if ok then resume.finish(state) end
  local how = state.options.on_interrupt
  if not ok and how == "prompt" then
    settings.prompt.stopped = true
    state.progress:note(("interrupted in epoch %d; model and history are kept"):format(state.epoch),
      true)
  end
  return ok or how ~= "raise", e
end

--- Will a schedule or a callback change the learning rate?
local function rate_varies(model, callbacks)
  if model.optimizer and model.optimizer.schedule then return true end
  for _, callback in ipairs(callbacks) do
    if type(callback) == "table" and callback.sets_learning_rate then return true end
  end
  return false
end

--- The rows to train on (nil: an iterator makes them) and those to validate on, or nil.
local function read_data(model, given, o)
  if not iterator.is(given) then return data.split(model, given, o) end
  if o.validation_split ~= 0 or o.sample_weight ~= nil or o.eval_train or o.overfit_batches then
    check.raise("argument", "fit: expected validation_data instead of validation_split, and no "
      .. "sample_weight, eval_train or overfit_batches, where an iterator makes the batches")
  end
  return nil, o.validation_data and data.validation(model, o.validation_data)
end

local function limit_of_validation(o)
  local limit = o.overfit_batches or o.validation_steps or o.limit_val_batches
  if limit and math.type(limit) ~= "integer" and iterator.is(o.validation_data) then
    check.raise("argument", "fit: option 'limit_val_batches': expected a number of batches where "
      .. "an iterator makes them, got %g", limit)
  end
  return limit
end

--- A line search along a part of the rows is seldom what was meant.
local function warn_of_parts(model, batches)
  if model.optimizer.kind == "lbfgs" and (batches or 2) > 1 then
    core.warn("fit: lbfgs searches for the least loss of each batch on its own; it is meant for "
      .. "batch_size = 'all'")
  end
end

--- All that a fit knows.
local function new_state(model, given, o, beside)
  local train, validation = read_data(model, given, o)
  if train and not train.y[1] and #train.y == 1 then
    check.raise("argument", "fit: expected data with targets y, got none")
  end
  if o.batch_size == "all" then o.batch_size = math.max(1, train and train.rows or 1) end
  if o.overfit_batches and validation then validation = train end
  local from = source.new(model, given, train, o, beside)
  local state = {
    model = model, options = o, validation = validation, callbacks = o.callbacks,
    epoch = o.initial_epoch, inside = false, feed = train, source = from, run = from.run,
    validation_limit = limit_of_validation(o), history = History.new(),
    columns = epoch.columns(model, validation ~= nil, o.callbacks, o.eval_train),
    samplers = hooks.having(o.callbacks, "on_before_step", "on_after_step"),
    batch_hooks = hooks.any(o.callbacks, "on_train_batch_begin", "on_train_batch_end",
      "on_batch_begin", "on_batch_end"),
    rate_varies = rate_varies(model, o.callbacks),
    progress = require("mlp.progress").new {
      epochs = o.epochs, steps = from.steps or 0, verbose = o.verbose,
    },
  }
  state.first_rate = model.optimizer.learning_rate
  state.plain = epoch.is_plain(state)
  if state.rate_varies then state.columns[#state.columns + 1] = "learning_rate" end
  warn_of_parts(model, from.steps)
  if train then
    local seen = validation and not validation.iterator and validation or nil
    record.begin(model, { train = train, validation = seen, batch_size = o.batch_size,
      rate = state.first_rate, history = state.history })
  end
  return state
end

--- All that a fit knows, and callbacks that know their model; for fit_many too, which says in
--- `beside` what is compiled already (see fit/source.lua).
function M.prepare(model, given, o, beside)
  if settings.profile then require("mlp.profile").watch(model) end
  local state = new_state(model, given, o, beside)
  model:on_stop(function(reason) state.stop = reason or "stopped" end)
  local saved = resume.find(state)
  hooks.attach("fit", model, o.callbacks, {
    epochs = o.epochs, columns = state.columns, history = state.history, batch_size = o.batch_size,
    x = (state.feed or state.source.first).x, resumed = saved ~= nil,
  })
  return state, saved
end

--- What is said of a training that ended before its time.
local function tell(state, who)
  if not state.stop or not state.stop:find "^non%-finite" then return end
  state.history.culprit = state.culprit
  core.warn(("%s stopped: %s: %s; the weights are those before that step. A smaller learning rate, "
    .. "scaled inputs or a check for NaN in the data usually help"):format(who, state.stop,
    culprit(state.culprit)))
end

--- @see mlp.Model.fit
function M.fit(model, given, given_options)
  local o = options.read(given_options)
  if settings.prompt and settings.prompt.stopped then check.raise("interrupted", "interrupted") end
  local state, saved = M.prepare(model, given, o)
  hooks.call(o.callbacks, "on_train_begin", {})
  resume.begin(state, saved)
  summary.show(state)
  state.began = core.clock()
  state.deadline = o.max_time and state.began + o.max_time
  local ok, e = guarded(state)
  state.progress:close()
  if state.source.ended and ok then core.warn("fit stopped: " .. state.stop) end
  tell(state, "fit")
  if not ok then error(e, 0) end
  return state.history
end

M.is_interrupt, M.finish, M.tell, M.with_place = is_interrupt, finish, tell, with_place

return M
