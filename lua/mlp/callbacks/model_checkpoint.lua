local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local class = base.class

--- Save the model during training. In `filepath`, {epoch:02d} and {val_loss:.3f} stand for numbers
--- of the epoch, which counts from 1, and {batch} where save_freq is a number. Its folder is made.
--- Options as in Keras: filepath (may be given alone), monitor "val_loss", save_best_only false,
--- save_weights_only false, mode "auto" | "min" | "max", save_freq "epoch" or a number of batches,
--- initial_value_threshold, verbose 0. A file is replaced at once or not at all.
--- Source: Keras 3, callbacks.ModelCheckpoint.
--- @class mlp.ModelCheckpoint
--- @usage mlp.ModelCheckpoint { filepath = "moons-{epoch:03d}.safetensors", save_best_only = true }
local ModelCheckpoint = class("ModelCheckpoint", {
  filepath = check.none, monitor = "val_loss", save_best_only = false, save_weights_only = false,
  mode = "auto", save_freq = check.any "epoch", initial_value_threshold = check.none, verbose = 0,
}, { "best", "seen", "epoch" }, "filepath")
ModelCheckpoint.writes = true

function ModelCheckpoint:init()
  if type(self.filepath) ~= "string" or self.filepath == "" then
    check.raise("argument", "ModelCheckpoint: option 'filepath': expected a file name, got %s",
      check.what(self.filepath))
  end
  if self.save_freq ~= "epoch" then
    if type(self.save_freq) ~= "number" then
      check.raise("argument",
        "ModelCheckpoint: option 'save_freq': expected 'epoch' or a number of batches, got '%s'",
        tostring(self.save_freq))
    end
    self.save_freq = check.whole(self.who, "save_freq", self.save_freq, 1)
    self.on_train_batch_end = self.after_batch
  end
  base.check_mode(self)
end

--- One number as the file name wants it: "02d", ".3f", or nothing.
local function number_text(path, name, value, spec)
  if spec == "" then return ("%.6g"):format(value) end
  local whole = spec:find "^0?%d*d$"
  if not whole and not spec:find "^0?%d*%.?%d*[feg]$" then
    check.raise("argument", "ModelCheckpoint: option 'filepath': '%s': expected {%s:02d} or "
      .. "{%s:.3f}, got {%s:%s}", path, name, name, name, spec)
  end
  if whole then value = math.floor(value + 0.5) end
  return ("%" .. spec):format(value)
end

--- The file name for those numbers; raises where it names another.
local function file_name(path, values)
  return (path:gsub("{([%w_]+):?([^{}]*)}", function(name, spec)
    if values[name] == nil then
      local known = check.sorted_keys(values)
      check.raise("argument",
        "ModelCheckpoint: option 'filepath': '%s': no number is named '%s'%s; there are: %s", path,
        name, check.hint(name, known), table.concat(known, ", "))
    end
    return number_text(path, name, values[name], spec)
  end))
end

--- What fit will log, as far as the file name and the monitor are concerned.
function ModelCheckpoint:columns()
  return self.save_freq == "epoch" and self.params.columns or { "loss" }
end

function ModelCheckpoint:on_train_begin()
  local sample = { epoch = 1, batch = self.save_freq ~= "epoch" and 1 or nil }
  for _, name in ipairs(self:columns()) do sample[name] = 0 end
  file_name(self.filepath, sample)
  if self.save_best_only then
    base.find_monitor(self, self:columns())
  end
  self.best, self.seen = self.initial_value_threshold, 0
end

function ModelCheckpoint:on_epoch_begin(epoch) self.epoch = epoch end

--- Save; where only the best is wanted, if this is it.
function ModelCheckpoint:save(logs, batch)
  if self.save_best_only then
    local value = logs[self.column]
    if value == nil or not base.improves(self, value, self.best) then return end
    self.best = value
  end
  local values = { epoch = self.epoch, batch = batch }
  for name, value in pairs(logs) do values[name] = value end
  local path = file_name(self.filepath, values)
  local folder = path:match "^(.+)/"
  if folder then core.make_folder(folder) end
  if self.save_weights_only then self.model:save_weights(path) else self.model:save(path) end
  base.say(self, "Epoch %d: ModelCheckpoint saved %s.", self.epoch, path)
end

function ModelCheckpoint:on_epoch_end(_, logs)
  if self.save_freq == "epoch" then self:save(logs) end
end

function ModelCheckpoint:after_batch(batch, logs)
  self.seen = self.seen + 1
  if self.seen % self.save_freq == 0 then self:save(logs, batch) end
end

return ModelCheckpoint
