--- Calling the hooks of callbacks, and passes over data that call them.
local check = require "mlp.check"

local M = {}

local SLICE <const> = 0.05 -- seconds between returns to Lua

--- The names of hooks. on_batch_begin and on_batch_end mean the same as those of train batches.
M.NAMES = {
  "on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end",
  "on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end",
  "on_test_begin", "on_test_end", "on_test_batch_begin", "on_test_batch_end",
  "on_predict_begin", "on_predict_end", "on_predict_batch_begin", "on_predict_batch_end",
}

local ALIAS <const> = {
  on_train_batch_begin = "on_batch_begin", on_train_batch_end = "on_batch_end",
}

local places = setmetatable({}, { __mode = "k" }) -- of a list: its hook that runs, or nil

local function find(callback, hook) return callback[hook] or callback[ALIAS[hook] or hook] end

local function place_of(callbacks)
  local place = places[callbacks]
  if not place then
    place = {}
    places[callbacks] = place
  end
  return place
end

--- Call one hook of each callback that has it, in order.
function M.call(callbacks, hook, ...)
  if #callbacks == 0 then return end
  local place = place_of(callbacks)
  for i, callback in ipairs(callbacks) do
    local f = find(callback, hook)
    if f then
      place.callback, place.number, place.hook = callback, i, hook
      f(callback, ...)
    end
  end
  place.callback = nil
end

--- The same for a hook with two arguments that is called very often, as a function of them; nil
--- where no callback has it.
function M.bind(callbacks, hook)
  local n, owner, call, number = 0, {}, {}, {}
  for i, callback in ipairs(callbacks) do
    local f = find(callback, hook)
    if f then
      n = n + 1
      owner[n], call[n], number[n] = callback, f, i
    end
  end
  if n == 0 then return nil end
  local place = place_of(callbacks)
  return function(batch, logs)
    place.hook = hook
    for i = 1, n do
      local callback = owner[i]
      place.callback, place.number = callback, number[i]
      call[i](callback, batch, logs)
    end
    place.callback = nil
  end
end

--- After an error: the callback and hook that it came from, "callback 2 (EarlyStopping) in
--- on_epoch_end"; nil where it came from no hook.
function M.failed(callbacks)
  local place = places[callbacks]
  places[callbacks] = nil
  if not place or not place.callback then return nil end
  local who = place.callback.who
  return ("callback %d%s in %s"):format(place.number, who and (" (%s)"):format(who) or "",
    place.hook)
end

--- Those callbacks that have one of those hooks.
function M.having(callbacks, ...)
  local list = {}
  for _, callback in ipairs(callbacks) do
    local has = false
    for _, hook in ipairs { ... } do has = has or callback[hook] ~= nil end
    if has then list[#list + 1] = callback end
  end
  return list
end

--- Does any callback have one of those hooks?
function M.any(callbacks, ...) return #M.having(callbacks, ...) > 0 end

local function has_hook(callback)
  for _, name in ipairs(M.NAMES) do
    if callback[name] ~= nil then return true end
  end
  return false
end

--- Is it a list of callbacks?
function M.check(who, callbacks)
  if type(callbacks) ~= "table" then
    check.raise("argument", "%s: option 'callbacks': expected a list of callbacks, got %s", who,
      check.what(callbacks))
  end
  if #callbacks == 0 and next(callbacks) ~= nil and has_hook(callbacks) then
    check.raise("argument", "%s: option 'callbacks': expected a list of callbacks, got one that is "
      .. "in no list; write callbacks = { callback }", who)
  end
  for i, callback in ipairs(callbacks) do
    if type(callback) ~= "table" then
      check.raise("argument", "%s: callback %d: expected a callback, such as "
        .. "mlp.EarlyStopping { patience = 3 }, got %s", who, i, check.what(callback))
    end
  end
end

--- Check a list of callbacks and tell each its model.
function M.attach(who, model, callbacks, params)
  M.check(who, callbacks)
  for _, callback in ipairs(callbacks) do callback.model, callback.params = model, params end
end

--- Run a pass to its end in slices, so that Ctrl-C and other work get their turn; phase ("test" or
--- "predict") names the hooks around it and around each batch; `most`: batches, nil for all.
--- refill: feeds the run its next rows, false where there are none. Returns what logs(run) does.
function M.finish(run, callbacks, phase, logs, most, refill)
  local first, last = "on_" .. phase .. "_batch_begin", "on_" .. phase .. "_batch_end"
  M.call(callbacks, "on_" .. phase .. "_begin", {})
  most = most or math.maxinteger
  local each, done = M.any(callbacks, first, last), run.done
  while not done and run.batches < most do
    if each then M.call(callbacks, first, run.batches + 1, {}) end
    run:on(each and 1 or most - run.batches, SLICE)
    if each then
      M.call(callbacks, last, run.batches, phase == "test" and { loss = run.batch_loss } or {})
    end
    done = run.done and not (refill and run.batches < most and refill())
  end
  local result = logs(run)
  M.call(callbacks, "on_" .. phase .. "_end", type(result) == "table" and result or {})
  return result
end

M.SLICE = SLICE

return M
