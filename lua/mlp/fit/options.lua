--- The options of fit: presets, types, ranges.
local check = require "mlp.check"

local presets = {
  epochs = 1, batch_size = check.any(32), shuffle = true, validation_split = 0,
  validation_data = check.none,
  validation_how = check.none, validation_freq = 1, validation_batch_size = check.none,
  callbacks = {}, verbose = check.none, initial_epoch = 0, on_interrupt = "raise",
  max_time = check.none, sample_weight = check.none, class_weight = check.none,
  resume = check.none,
}

--- What fit was asked for, checked.
local function read(options)
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

return { read = read }
