--- One epoch: training in C, in slices or batch by batch; validation; what is logged.
local core = require "mlp.core"
local hooks = require "mlp.hooks"
local iterator = require "mlp.fit.iterator"
local resume = require "mlp.fit.resume"
local source = require "mlp.fit.source"

local M = {}

--- The names that an epoch logs, in order; those of callbacks, which `add_logs` fills in, last.
function M.columns(model, validated, callbacks, eval_train)
  local names = model:log_names()
  local n = #names
  if validated then
    for i = 1, n do names[#names + 1] = "val_" .. names[i] end
  end
  for i = 1, eval_train and n or 0 do names[#names + 1] = "train_" .. names[i] end
  for _, name in ipairs(model:composed_names()) do names[#names + 1] = name end
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

--- Those callbacks that want to look at the step to come: the first one of a fit, too, which may be
--- anywhere in the model's life. How many batches until the next does.
local function due(state)
  local list, ahead = {}, math.min(resume.ahead(state), state.source:ahead())
  local first = not state.sampled
  state.sampled = true
  for _, callback in ipairs(state.samplers) do
    local every = callback.every or 1
    local past = every == "epoch" and state.run.batches or state.model.iterations % every
    if past == 0 or first then
      list[#list + 1] = callback
    elseif every ~= "epoch" then
      ahead = math.min(ahead, every - past)
    end
  end
  return list, ahead
end

--- One batch, with a look at its gradients and at what its step did. Returns what run:on does.
local function sample(state, callbacks)
  local run, step = state.run, state.model.iterations + 1
  run:hold()
  local healthy = not run.diverged
  if healthy then hooks.call(callbacks, "on_before_step", step) end
  local done, batch, loss = run:on(1)
  if healthy then hooks.call(callbacks, "on_after_step", step) end
  return done, batch, loss
end

--- Up to `ahead` batches, each between its hooks; `samplers` look at the first one. This is all
--- that is done in Lua for a batch: no table is made, so the logs are the same from batch to batch.
local function between_hooks(state, samplers, ahead)
  local run, step = state.run, state.run.on
  local before = hooks.bind(state.callbacks, "on_train_batch_begin")
  local after = hooks.bind(state.callbacks, "on_train_batch_end")
  local patient = not state.deadline and state.progress.verbose ~= 1
  local batch, logs = run.batches, {}
  if #samplers > 0 then
    ahead = 1
    step = function() return sample(state, samplers) end
  end
  for _ = 1, ahead do
    local done
    if before then before(batch + 1, {}) end
    done, batch, logs.loss = step(run, 1)
    if after then after(batch, logs) end
    if done or state.stop or not patient then return end
  end
end

--- Go on until something has to be done between batches.
local function advance(state)
  local samplers, ahead = due(state)
  if state.batch_hooks then
    between_hooks(state, samplers, ahead)
  elseif #samplers > 0 then
    sample(state, samplers)
  else
    state.run:on(ahead, slice(state))
  end
  slice(state)
end

--- The epoch's batches, or what is left of them.
local function train(state)
  local run = state.run
  while not state.stop and state.source:ready() do
    advance(state)
    resume.after_batches(state)
    state.progress:step(run.batches, { loss = run.loss })
  end
  if state.source.ended and not state.stop then
    state.stop = ("the iterator ended at epoch %d, batch %d"):format(state.epoch, run.batches)
  end
end

--- Evaluate on a feed, at most `limit` batches (a number or share of them; nil: all).
local function evaluate(state, feed, limit, callbacks)
  local size = state.options.validation_batch_size or state.options.batch_size
  local run, refill, most
  if feed.iterator then
    run, refill = iterator.evaluation("validation_data", state.model, feed.iterator, state.epoch)
    most = limit
  else
    run = core.run(state.model, "evaluate", feed.x, feed.y, size, 0, 0, feed.w)
    most = limit and source.limit(limit, math.ceil(feed.rows / size))
  end
  return hooks.finish(run, callbacks, "test", function()
    return state.model:read_logs(run, {})
  end, most, refill)
end

--- Does this epoch end with a look at the validation data?
local function is_due(freq, epoch)
  if type(freq) == "number" then return epoch % freq == 0 end
  for _, e in ipairs(freq) do
    if e == epoch then return true end
  end
  return false
end

--- Is there something to validate on after this epoch?
function M.validates(state)
  return state.validation ~= nil and is_due(state.options.validation_freq, state.epoch)
end

local function validate(state, logs)
  if not M.validates(state) then return end
  local values = state.read_validation and state.read_validation()
    or evaluate(state, state.validation, state.validation_limit, state.callbacks)
  for name, value in pairs(values) do logs["val_" .. name] = value end
end

--- The training data as they are seen in evaluation: the weights of the epoch's end, no dropout.
local function look_back(state, logs)
  if not state.options.eval_train then return end
  local values = evaluate(state, state.feed, state.options.limit_train_batches, {})
  for name, value in pairs(values) do logs["train_" .. name] = value end
end

--- Before the first epoch: some batches of validation, so that what fails there fails at once.
function M.check_validation(state)
  local n = state.options.num_sanity_val_steps
  if n == 0 or not state.validation then return end
  evaluate(state, state.validation, n > 0 and n or state.validation_limit, {})
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

--- Does nothing look at epochs but the history? Then tiny ones need not wait for the rest.
function M.is_plain(state)
  return #state.callbacks == 0 and not state.validation and not state.options.eval_train
    and not state.rate_varies and state.progress.verbose == 0
    and #state.model:composed_names() == 0
end

--- Begin an epoch, unless it was begun.
function M.begin(state, epoch)
  if state.plain and not state.inside then
    state.epoch, state.inside = epoch, true
    return state.source:begin(epoch)
  end
  state.clock = core.clock()
  if not state.inside then
    state.epoch = epoch
    hooks.call(state.callbacks, "on_epoch_begin", epoch, {})
    state.source:begin(epoch)
    state.inside = true
  end
  state.progress:epoch_begin(epoch, state.source.steps)
end

--- What comes between an epoch's batches and its row of the history.
local function look_around(state, epoch, logs)
  validate(state, logs)
  look_back(state, logs)
  log_rate(state, logs)
  state.model:compose_logs(logs, core.clock() - state.began)
  hooks.call(state.callbacks, "add_logs", logs)
  state.progress:epoch_end(epoch, logs, core.clock() - state.clock, state.run.batches)
end

--- Validate and log an epoch whose batches are done.
function M.finish(state)
  local epoch, logs = state.epoch, state.model:read_logs(state.run, {})
  if state.run.diverged then
    state.stop = ("non-finite loss at epoch %d, batch %d"):format(epoch, state.run.batches)
    state.culprit = state.run.culprit
  end
  if state.run.stalled and state.source.steps == 1 and not state.stop then
    state.stop = "converged: no step makes the loss less"
  end
  if not state.plain then look_around(state, epoch, logs) end
  state.history:append(logs, state.columns)
  hooks.call(state.callbacks, "on_epoch_end", epoch, logs)
  state.inside = false
  resume.after_epoch(state)
end

--- Train, validate and log one epoch, or go on with the one that was begun.
function M.run(state, epoch)
  M.begin(state, epoch)
  train(state)
  M.finish(state)
end

return M
