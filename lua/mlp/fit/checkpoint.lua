--- Checkpoints of fit: a model's file (mlp.load reads it) that holds the training too: where in
--- which epoch it is, the sums of its loss and metrics, random streams, the state of callbacks,
--- history. A fit that goes on from it ends with the bits of one that was never stopped; where it
--- could not, because something differs, it refuses and names that.
local check = require "mlp.check"
local core = require "mlp.core"
local encode = require "mlp.fit.encode"

local M = {}

local FORMAT <const> = 1

-- Options that decide about bits: one that differs is refused.
local OPTIONS <const> = { "batch_size", "shuffle", "validation_freq", "validation_batch_size",
  "steps_per_epoch", "validation_steps", "limit_train_batches", "limit_val_batches",
  "overfit_batches", "initial_epoch" }

--
-- What a training is
--

--- One hash of all tensors of a feed.
local function hash_of(feed)
  if not feed or feed.iterator then return "none" end -- or made by an iterator
  local parts = {}
  for _, field in ipairs { "x", "y", "w" } do
    for _, t in ipairs(feed[field]) do
      parts[#parts + 1] = not t and "none"
        or ("%s (%s) %s"):format(t.dtype, table.concat(t.shape, ", "), t:hash())
    end
  end
  return core.sha256(table.concat(parts, "; "))
end

--- Options of callbacks that keep a state, in order.
local function describe_callbacks(callbacks)
  local list = {}
  for _, callback in ipairs(callbacks) do
    if callback.get_state then
      list[#list + 1] = { kind = callback.who or "callback", options = callback.given or {} }
    end
  end
  return list
end

--- What must be the same for the bits to be the same, but for data. Taken once, when a fit starts.
function M.describe(state)
  local options = {}
  for _, name in ipairs(OPTIONS) do
    options[name] = state.options[name]
    if options[name] == nil then options[name] = "none" end
  end
  return {
    model = require "mlp.file.describe"(state.model, true), options = options,
    seed = core.random_state()[1], rows = state.feed and state.feed.rows or "iterator",
    rate = state.first_rate, callbacks = describe_callbacks(state.callbacks),
  }
end

--- The data too: when a checkpoint is compared, or first written, since that looks at all of them.
local function add_data(state)
  local plan = state.plan
  plan.data = plan.data or hash_of(state.feed)
  plan.validation = plan.validation or hash_of(state.validation)
end

--
-- Writing
--

--- Replace the file at `path` by where the fit is now, between two batches.
--- @param whole boolean  is the epoch at its end, with all its hooks?
function M.write(state, path, whole)
  add_data(state)
  local arrays, states = { { "training/position", core.run_position(state.run) } }, {}
  for _, callback in ipairs(state.callbacks) do
    if callback.get_state then states[#states + 1] = callback:get_state() or {} end
  end
  local training = {
    format = FORMAT, plan = state.plan, epoch = state.epoch, whole = whole,
    pass = state.source.pass,
    stop = state.stop or false, rate_varies = state.rate_varies, random = core.random_state(),
    columns = state.columns, history = state.history:get_state(), callbacks = states,
  }
  local text = core.json_encode(encode.encode(training, arrays, "training"))
  core.checkpoint_write("fit", state.model, path, core.json_encode(
    require "mlp.file.describe"(state.model, true)), text, arrays)
end

--
-- Reading
--

--- What is in a file: { path, file, model, training }.
function M.read(path)
  local file, text = core.model_file("fit", path)
  local training = core.checkpoint_training(file)
  if not training or not text then
    check.raise("format", "fit: cannot go on from '%s': it holds %s, but no training; checkpoints "
      .. "are written by mlp.BackupAndRestore", path, text and "a model" or "weights")
  end
  local function array(name) return core.checkpoint_array(file, name) end
  training = encode.decode(core.json_decode(training), array)
  if training.format ~= FORMAT then
    check.raise("format", "fit: cannot go on from '%s': made by format %s; this mlprun reads %d",
      path, tostring(training.format), FORMAT)
  end
  return { path = path, file = file, model = core.json_decode(text), training = training,
    position = array "training/position" }
end

--
-- Comparing
--

-- Not compared: what is restored, and the learning rate, which is compared on its own.
local IGNORED <const> = { stream = true, state = true, learning_rate = true }

local LISTS <const> = { layers = true, uses = true, metrics = true } -- named by their elements

local function value_text(v)
  if v == nil then return "none" end
  if type(v) == "table" then return v.kind and tostring(v.kind) or "a table" end
  return type(v) == "number" and ("%.6g"):format(v) or tostring(v)
end

--- "layer 2 'dense_2'" for an element of the list of layers, else the key.
local function step_text(key, v, list)
  if math.type(key) ~= "integer" then return tostring(key) end
  local name = type(v) == "table" and (v.name or v.kind)
  return ("%s %d%s"):format((list or "element"):gsub("s$", ""), key,
    name and (" '%s'"):format(name) or "")
end

--- The first difference of two trees: where, then and now; nil where there is none.
local function difference(a, b, place, list)
  if type(a) ~= "table" or type(b) ~= "table" then
    if a ~= b then return place, a, b end
    return nil
  end
  local keys, seen = {}, {}
  for _, t in ipairs { a, b } do
    for key in pairs(t) do
      if not seen[key] and not IGNORED[key] then
        seen[key] = true
        keys[#keys + 1] = key
      end
    end
  end
  table.sort(keys, function(x, y)
    if type(x) == type(y) then return x < y end
    return type(x) == "number"
  end)
  for _, key in ipairs(keys) do
    local name = step_text(key, a[key] or b[key], list)
    if key == "options" or LISTS[key] then name = "" end
    local inner = place == "" and name or name == "" and place or place .. ": " .. name
    local where, x, y = difference(a[key], b[key], inner, key)
    if where then return where, x, y end
  end
end

local function refuse(saved, fmt, ...)
  check.raise("state", "fit: cannot go on from '%s': %s", saved.path, fmt:format(...))
end

--- Raise where going on could not give the bits of the training that was saved.
function M.compare(state, saved)
  add_data(state)
  local was, is = saved.training.plan, state.plan
  if was.seed ~= is.seed then
    refuse(saved, "its seed is %d, that of this run %d; run with --seed %d, or mlp.seed(%d)",
      was.seed, is.seed, was.seed, was.seed)
  end
  for _, part in ipairs { "model", "options", "callbacks" } do
    local where, x, y = difference(was[part], is[part], "", part)
    if where then
      refuse(saved, "%s differs: %s in it, %s now", where, value_text(x), value_text(y))
    end
  end
  local optimizer = saved.model.training.optimizer.options
  if was.rate ~= is.rate and optimizer.learning_rate ~= is.rate and not optimizer.schedule then
    refuse(saved, "learning_rate differs: %g at its start, %g now", was.rate, is.rate)
  end
  if was.rows ~= is.rows then
    refuse(saved, "the data differ: %s rows in it, %s now", was.rows, is.rows)
  end
  if was.data ~= is.data then refuse(saved, "the data differ from those that it was trained on") end
  if was.validation ~= is.validation then refuse(saved, "the validation data differ") end
end

--
-- Going on
--

--- The optimizer's numbers as they were: callbacks may have changed them. A schedule is taken away
--- meanwhile, because it keeps others from setting the rate.
local function restore_optimizer(optimizer, saved)
  local schedule = optimizer.schedule
  if schedule then optimizer.schedule = false end
  for name, v in pairs(saved.options or {}) do
    local varies = type(v) == "number" or type(v) == "boolean"
    if varies and name ~= "schedule" and optimizer[name] ~= v then optimizer[name] = v end
  end
  if schedule and saved.options.schedule then optimizer.schedule = schedule end
end

local function streams_of(model)
  local list = { model.stream }
  for i, layer in ipairs(model.layers) do list[i + 1] = layer.stream end
  return list
end

--- Make the fit what it was when the file was written. The hooks of the beginning have run.
function M.restore(state, saved)
  local training, n = saved.training, 0
  core.model_read("fit", state.model, saved.path, saved.file, true)
  core.model_set_streams(state.model, streams_of(saved.model))
  restore_optimizer(state.model.optimizer, saved.model.training.optimizer)
  core.random_state(training.random)
  state.epoch, state.stop = training.epoch, training.stop or nil
  state.source.epoch, state.source.pass = training.epoch, training.pass
  state.first_rate, state.rate_varies = training.plan.rate, training.rate_varies
  for i, name in ipairs(training.columns) do state.columns[i] = name end
  state.history:set_state(training.history)
  for _, callback in ipairs(state.callbacks) do
    if callback.get_state then
      n = n + 1
      callback:set_state(training.callbacks[n] or {})
    end
  end
  state.inside = not training.whole -- of an epoch
  core.run_go_to(state.run, state.epoch, state.source:order(), saved.position)
end

return M
