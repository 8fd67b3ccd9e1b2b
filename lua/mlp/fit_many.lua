--- mlp.fit_many: many small nets, trained together, each with the bits of its own fit. What may be
--- asked for; the training is in fit/many.lua.
local core = require "mlp.core"
local check = require "mlp.check"
local fit = require "mlp.fit"
local hooks = require "mlp.hooks"
local many = require "mlp.fit.many"

local M = {}

--
-- What is asked for
--

-- Options of fit that are taken, of all nets or of each.
local TAKEN <const> = { "epochs", "batch_size", "shuffle", "validation_split", "validation_data",
  "validation_how", "validation_freq", "validation_batch_size", "validation_steps", "callbacks",
  "initial_epoch", "sample_weight", "class_weight", "eval_train", "limit_val_batches" }

-- Hooks that look at single batches; here these go by many at a time.
local BATCH_HOOKS <const> = { "on_train_batch_begin", "on_train_batch_end", "on_batch_begin",
  "on_batch_end", "on_before_step", "on_after_step", "on_test_batch_begin", "on_test_batch_end" }

-- Further options of fit that are taken where they say what is so here anyway.
local PRESET <const> = { on_interrupt = "raise", num_sanity_val_steps = 0 }

local of_all = { seeds = check.none, each = check.none, verbose = check.any "auto",
  on_interrupt = "raise" }
local of_each = { seed = check.none }
for _, name in ipairs(TAKEN) do of_all[name], of_each[name] = check.any(), check.any() end

local function length_or_kind(v)
  return type(v) == "table" and ("a list of %d"):format(#v) or check.what(v)
end

local function check_models(models)
  if type(models) ~= "table" or #models == 0 then
    check.raise("argument", "fit_many: expected a list of compiled models, got %s",
      check.what(models))
  end
  for i, model in ipairs(models) do
    if core.type(model) ~= "mlp.Model" then
      check.raise("argument", "fit_many: model %d: expected a compiled model, got %s", i,
        check.what(model))
    end
    if not model.optimizer then
      check.raise("state", "fit_many: model %d: expected a compiled model; call model:compile{...} "
        .. "first", i)
    end
  end
  local a, b = core.models_share(models)
  if a then
    check.raise("argument", "fit_many: models %d and %d share a layer: they cannot be trained at "
      .. "the same time", a, b)
  end
end

--- The option `name` that has one entry a net.
local function check_list(name, list, n)
  if type(list) ~= "table" or #list ~= n then
    check.raise("argument", "fit_many: option '%s': expected a list with an entry for each of the "
      .. "%d models, got %s", name, n, length_or_kind(list))
  end
end

--- Callbacks of one net: the list's, each with a state of its own.
local function copies(callbacks)
  local list = {}
  for i, callback in ipairs(callbacks) do
    local copy = {}
    for key, value in pairs(callback) do copy[key] = value end
    list[i] = setmetatable(copy, getmetatable(callback))
  end
  return list
end

--- Does it look at batches, or keep checkpoints?
local function is_close(callback)
  return callback.is_backup or hooks.any({ callback }, table.unpack(BATCH_HOOKS))
end

local function check_callbacks(callbacks)
  hooks.check("fit_many", callbacks)
  for i, callback in ipairs(callbacks) do
    if is_close(callback) then
      check.raise("argument", "fit_many: callback %d%s: expected one whose hooks are at epochs, "
        .. "got one that %s; train that model by itself", i,
        callback.who and (" (%s)"):format(callback.who) or "",
        callback.is_backup and "keeps checkpoints" or "looks at batches")
    end
  end
end

--- The options of fit for net i.
local function options_of(o, i)
  local own = o.each and check.options(("fit_many: each[%d]"):format(i), o.each[i], of_each) or {}
  local list = {}
  for _, name in ipairs(TAKEN) do
    list[name] = o[name]
    if own[name] ~= nil then list[name] = own[name] end
  end
  check_callbacks(list.callbacks or {})
  if own.callbacks == nil then list.callbacks = copies(list.callbacks or {}) end
  list.verbose = 0
  return list, own.seed or o.seeds and o.seeds[i]
end

--- The data of net i, and its validation data where it is a fold.
local function data_of(data, i, n)
  local one = type(data) == "userdata" or type(data) == "table" and data.x ~= nil
  if one then return data end
  if type(data) ~= "table" or #data ~= n then
    check.raise("argument", "fit_many: expected a dataset, or a list with one for each of the %d "
      .. "models, got %s", n, length_or_kind(data))
  end
  local own = data[i]
  if type(own) == "table" and own.train ~= nil then return own.train, own.test end
  return own
end

--
-- The call
--

local function histories_of(nets)
  local list = {}
  for i, net in ipairs(nets) do list[i] = net.state.history end
  return list
end

--- @see mlp.fit_many
function M.fit_many(models, data, options)
  local o = check.options("fit_many", options, of_all)
  check_models(models)
  if o.seeds then check_list("seeds", o.seeds, #models) end
  if o.each then check_list("each", o.each, #models) end
  local nets = {}
  for i, model in ipairs(models) do
    local own, seed = options_of(o, i)
    local given, validation = data_of(data, i, #models)
    if validation ~= nil and own.validation_data == nil then own.validation_data = validation end
    nets[i] = { number = i, model = model, data = given, options = own,
      random = seed and { seed, 0, 0 } }
  end
  local ok, e = many.train(nets, o.verbose)
  if ok then return histories_of(nets) end
  if not fit.is_interrupt(e) then error(e, 0) end
  e.history = histories_of(nets)
  if o.on_interrupt ~= "return" then error(e, 0) end
  return e.history
end

--
-- For others: fits that were asked for one by one
--

local TAKES <const> = { verbose = true }
for _, name in ipairs(TAKEN) do TAKES[name] = true end

--- Can a fit with these arguments be made together with others?
function M.takes(data, options)
  if type(data) == "function" or type(options or {}) ~= "table" then return false end
  for name, v in pairs(options or {}) do
    if not TAKES[name] and PRESET[name] ~= v then return false end
  end
  local callbacks = options and options.callbacks or {}
  if type(callbacks) ~= "table" then return false end
  for _, callback in ipairs(callbacks) do
    if type(callback) ~= "table" or is_close(callback) then return false end
  end
  return true
end

local function quiet(options)
  local list = { verbose = 0 }
  for name, v in pairs(options or {}) do
    if name ~= "verbose" then list[name] = v end
  end
  return list
end

--- Make fits { model, data, options, random } that it takes, each with its own random numbers and
--- errors: fills in ok, result (history or error) and random. Raises for Ctrl-C alone.
--- @param tick? function  called between slices
function M.together(fits, tick)
  local nets, models = {}, {}
  for i, f in ipairs(fits) do models[i] = f.model end
  for i, f in ipairs(fits) do
    nets[i] = { number = i, model = f.model, data = f.data, options = quiet(f.options),
      random = f.random, alone = true }
  end
  local ok, e = true, nil
  if core.models_share(models) then -- one after the other
    for _, net in ipairs(nets) do
      if ok then ok, e = many.train({ net }, 0, tick) end
    end
  else
    ok, e = many.train(nets, 0, tick)
  end
  for i, f in ipairs(fits) do
    local net = nets[i]
    f.ok, f.random = not net.failed, net.random
    if f.ok then f.result = net.state.history else f.result = net.error end
  end
  if not ok then error(e, 0) end
end

return M
