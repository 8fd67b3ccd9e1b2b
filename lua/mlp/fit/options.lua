--- The options of fit: presets, types, ranges.
local check = require "mlp.check"
local hooks = require "mlp.hooks"
local settings = require "mlp.settings"

local M = {}

local presets = {
  epochs = 1, batch_size = check.any(32), shuffle = true, validation_split = 0,
  validation_data = check.none, validation_how = check.none, validation_freq = check.any(1),
  validation_batch_size = check.none, validation_steps = check.none,
  callbacks = {}, verbose = check.any "auto", initial_epoch = 0, on_interrupt = check.any(),
  max_time = check.none, sample_weight = check.none, class_weight = check.none,
  resume = check.none, steps_per_epoch = check.none, eval_train = false,
  fast_dev_run = check.any(false), overfit_batches = check.none,
  num_sanity_val_steps = 0, limit_train_batches = check.none, limit_val_batches = check.none,
}

local function refuse(name, expected, v)
  check.raise("argument", "fit: option '%s': expected %s, got %s", name, expected,
    type(v) == "string" and "'" .. v .. "'" or tostring(v))
end

--- Whole numbers of at least that.
local LEAST <const> = {
  epochs = 1, initial_epoch = 0, steps_per_epoch = 1, validation_steps = 1,
  validation_batch_size = 1,
}

local function read_numbers(o)
  for name, least in pairs(LEAST) do
    if o[name] ~= nil then o[name] = check.whole("fit", name, o[name], least) end
  end
  if o.max_time ~= nil then
    o.max_time = check.number("fit", "max_time", o.max_time, 0, math.huge)
  end
  if o.batch_size ~= "all" then
    o.batch_size = check.whole("fit", "batch_size", o.batch_size, 1)
  end
  if o.num_sanity_val_steps ~= -1 then
    o.num_sanity_val_steps = check.whole("fit", "num_sanity_val_steps", o.num_sanity_val_steps, 0)
  end
end

--- A number of batches from 1, or a share of them: a number with a point up to 1.0.
local function read_limits(o)
  for _, name in ipairs { "limit_train_batches", "limit_val_batches", "overfit_batches" } do
    local v = o[name]
    local whole = math.type(v) == "integer" and v >= 1
    local share = math.type(v) == "float" and v > 0 and v <= 1
    if v ~= nil and not whole and not share then
      refuse(name, "a number of batches, or a share of them such as 0.1", v)
    end
  end
end

--- Validate after each n-th epoch, or after those of a list.
local function read_freq(o)
  local v = o.validation_freq
  if type(v) ~= "table" then
    o.validation_freq = check.whole("fit", "validation_freq", v, 1)
    return
  end
  for _, epoch in ipairs(v) do
    if math.type(epoch) ~= "integer" or epoch < 1 then
      refuse("validation_freq", "a number, or a list of epochs from 1", epoch)
    end
  end
end

--- A trial of n batches (true: one): an epoch, without callbacks that write files.
local function fast_dev_run(o)
  local n = o.fast_dev_run == true and 1 or check.whole("fit", "fast_dev_run", o.fast_dev_run, 1)
  o.epochs, o.steps_per_epoch, o.num_sanity_val_steps = o.initial_epoch + 1, nil, 0
  o.limit_train_batches, o.limit_val_batches, o.validation_freq = n, n, 1
  local list = {}
  for _, callback in ipairs(o.callbacks) do
    if type(callback) ~= "table" or not callback.writes then list[#list + 1] = callback end
  end
  o.callbacks = list
end

local VERBOSE <const> = { auto = "auto", [0] = 0, [1] = 1, [2] = 2, [false] = 0, [true] = "auto" }

--- What fit was asked for, checked.
function M.read(options)
  local o = check.options("fit", options, presets)
  hooks.check("fit", o.callbacks)
  read_numbers(o)
  read_limits(o)
  read_freq(o)
  if o.on_interrupt == nil then
    o.on_interrupt = settings.prompt and "prompt" or "raise"
  elseif o.on_interrupt ~= "raise" and o.on_interrupt ~= "return" then
    refuse("on_interrupt", "'raise' or 'return'", o.on_interrupt)
  end
  if VERBOSE[o.verbose] == nil then refuse("verbose", "'auto', 0, 1 or 2", o.verbose) end
  o.verbose = VERBOSE[o.verbose]
  if o.fast_dev_run then fast_dev_run(o) end
  if o.overfit_batches then o.shuffle, o.limit_train_batches = false, o.overfit_batches end
  return o
end

return M
