local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local class = base.class

--- Write a row of numbers after each epoch: epoch (from 1), then what was logged, by name; "NA"
--- where an epoch has no such number. A row is in the file, whole, when its epoch ends; one that
--- does not fit on the disk is not there at all.
--- Options as in Keras: filename (may be given alone), separator ",", append false.
--- Source: Keras 3, callbacks.CSVLogger.
--- @class mlp.CSVLogger
local CSVLogger = class("CSVLogger", {
  filename = check.none, separator = ",", append = false,
}, nil, "filename")
CSVLogger.writes = true

CSVLogger.init = base.check_filename

--- The shortest text that reads back as the same number.
local function number_text(v)
  if v == nil then return "NA" end
  if v ~= v then return "nan" end
  if v == math.huge or v == -math.huge then return v > 0 and "inf" or "-inf" end
  for digits = 6, 16 do
    local text = ("%." .. digits .. "g"):format(v)
    if tonumber(text) == v then return text end
  end
  return ("%.17g"):format(v)
end

local function row(self, epoch, logs)
  local cells = { tostring(epoch) }
  for i, name in ipairs(self.names) do cells[i + 1] = core.plain(number_text, logs[name]) end
  return table.concat(cells, self.separator)
end

base.keep_log(CSVLogger, row, function(self)
  self.names = { table.unpack(self.params.columns) }
  table.sort(self.names)
  return table.concat({ "epoch", table.unpack(self.names) }, self.separator)
end)

return CSVLogger
