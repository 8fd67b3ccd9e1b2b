local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local class = base.class

--- Write a line of JSON after each epoch: {"epoch": 1, "loss": 0.5, ...}; numbers that are not
--- finite are the strings "nan", "inf", "-inf". A line is in the file, whole, when its epoch ends.
--- Options: filename (may be given alone), append false.
--- @class mlp.JSONLogger
local JSONLogger = class("JSONLogger", { filename = check.none, append = false }, nil, "filename")
JSONLogger.writes = true

JSONLogger.init = base.check_filename

base.keep_log(JSONLogger, function(self) self.file = base.open_log(self) end)

function JSONLogger:on_epoch_end(epoch, logs)
  local row = { epoch = epoch }
  for name, v in pairs(logs) do
    local finite = v - v == 0
    row[name] = finite and v or (v ~= v and "nan") or (v > 0 and "inf") or "-inf"
  end
  base.write_line(self, self.file, (core.json_encode(row):gsub("\n", " ")))
end

function JSONLogger:on_train_end()
  if self.file then self.file:close() end
  self.file = nil
end

return JSONLogger
