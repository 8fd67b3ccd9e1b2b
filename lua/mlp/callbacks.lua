--- Callbacks: tables with hooks named as in Keras. fit calls
---   on_train_begin(self, logs)         on_train_end(self, logs)
---   on_epoch_begin(self, epoch, logs)  on_epoch_end(self, epoch, logs)
---   on_batch_begin(self, batch, logs)  on_batch_end(self, batch, logs)
--- with self.model and self.params set. Epochs and batches count from 1. A hook stops training by
--- self.model:stop_training(reason).
local check = require "mlp.check"

local M = {}

--- A class of callbacks: call it with a table of options.
local function class(name, presets, methods)
  methods.__index = methods
  methods.__name = "mlp.callbacks." .. name
  M[name] = function(options)
    local self = setmetatable(check.options(name, options, presets), methods)
    if self.init then self:init() end
    return self
  end
  return methods
end

--- Is a larger value of that metric better? mode "auto" decides by the name.
local function larger_is_better(mode, monitor)
  if mode == "max" then return true end
  if mode == "min" then return false end
  return monitor:find "acc" ~= nil or monitor:find "auc" ~= nil or monitor:find "f1" ~= nil
    or monitor:find "precision" ~= nil or monitor:find "recall" ~= nil or monitor:find "r2" ~= nil
end

--- The column that a monitor means; aliases acc and accuracy. Raises, before epoch 1, for one that
--- will not be logged.
function M.resolve_monitor(who, monitor, columns)
  local other = monitor:find "accuracy" and monitor:gsub("accuracy", "acc")
    or monitor:gsub("acc", "accuracy")
  for _, name in ipairs(columns) do
    if name == monitor or name == other then return name end
  end
  local hint = check.hint(monitor, columns)
  if monitor:find "^val_" and not table.concat(columns, " "):find "val_" then
    hint = "; there is no validation data: pass validation_split or validation_data"
  end
  check.raise("argument", "%s: option 'monitor': nothing named '%s' is logged%s; logged are: %s",
    who,
    monitor, hint, table.concat(columns, ", "))
end

--- Stop when a metric has not improved for `patience` epochs.
--- Options as in Keras, but for restore_best_weights, which is on: monitor "val_loss", min_delta 0,
--- patience 0, mode "auto" | "min" | "max", baseline, start_from_epoch 0. NaN counts as worst.
--- Source: Prechelt 1998, "Early stopping - but when?"; Keras 3, callbacks.EarlyStopping.
--- @class mlp.EarlyStopping
local EarlyStopping = class("EarlyStopping", {
  monitor = "val_loss", min_delta = 0, patience = 0, mode = "auto", baseline = check.none,
  restore_best_weights = true, start_from_epoch = 0, verbose = 0,
}, {})

function EarlyStopping:init()
  check.whole("EarlyStopping", "patience", self.patience, 0)
  check.whole("EarlyStopping", "start_from_epoch", self.start_from_epoch, 0)
  if self.mode ~= "auto" and self.mode ~= "min" and self.mode ~= "max" then
    check.raise("argument", "EarlyStopping: option 'mode': expected auto, min or max, got '%s'",
      self.mode)
  end
end

function EarlyStopping:on_train_begin()
  self.column = M.resolve_monitor("EarlyStopping", self.monitor, self.params.columns)
  self.larger = larger_is_better(self.mode, self.column)
  self.wait, self.best, self.best_epoch, self.best_weights = 0, nil, nil, nil
end

--- Is `value` better than `best` (nil: anything) by min_delta? NaN never is.
function EarlyStopping:improves(value, best)
  if value ~= value then return false end
  if best == nil then return true end
  local delta = math.abs(self.min_delta)
  if self.larger then return value - delta > best end
  return value + delta < best
end

function EarlyStopping:on_epoch_end(epoch, logs)
  local value = logs[self.column]
  if value == nil or epoch <= self.start_from_epoch then return end
  if self.restore_best_weights and not self.best_weights then
    self.best_weights = self.model:get_weights()
  end
  self.wait = self.wait + 1
  if self:improves(value, self.best) then
    self.best, self.best_epoch = value, epoch
    if self.restore_best_weights then self.best_weights = self.model:get_weights() end
    if self.baseline == nil or self:improves(value, self.baseline) then self.wait = 0 end
    return
  end
  if self.wait >= self.patience and epoch > 1 then self.model:stop_training "early_stopping" end
end

function EarlyStopping:on_train_end()
  self.params.history.best_epoch = self.best_epoch
  if self.restore_best_weights and self.best_weights then
    self.model:set_weights(self.best_weights)
  end
end

--- Any hooks, as functions in a table.
--- @usage mlp.Lambda { on_epoch_end = function(self, epoch, logs) print(epoch, logs.loss) end }
function M.Lambda(hooks)
  return check.options("Lambda", hooks, {
    on_train_begin = check.none, on_train_end = check.none, on_epoch_begin = check.none,
    on_epoch_end = check.none, on_batch_begin = check.none, on_batch_end = check.none,
  })
end

return M
