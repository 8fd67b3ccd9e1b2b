local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local class = base.class

--- Write a line of JSON after each epoch: {"epoch": 1, "loss": 0.5, ...}; numbers that are not
--- finite are the strings "nan", "inf", "-inf". A line is in the file, whole, when its epoch ends;
--- one that does not fit on the disk is not there at all.
--- Options: filename (may be given alone), append false.
--- @class mlp.JSONLogger
local JSONLogger = class("JSONLogger", { filename = check.none, append = false }, nil, "filename")
JSONLogger.writes = true

JSONLogger.init = base.check_filename

base.keep_log(JSONLogger, function(_, epoch, logs)
  local row = { epoch = epoch }
  for name, v in pairs(logs) do
    local finite = v - v == 0
    row[name] = finite and v or (v ~= v and "nan") or (v > 0 and "inf") or "-inf"
  end
  return (core.json_encode(row):gsub("\n", " "))
end)

return JSONLogger
