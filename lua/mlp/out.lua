local core = require "mlp.core"
local record = require "mlp.record"
local settings = require "mlp.settings"

--- A path in the folder of this run (--out, else $MLPRUN_OUT, else out/), which is made if needed.
--- @param name string relative, folders allowed
--- @return string
--- @usage history:plot():save(mlp.out "loss.png")
return function(name)
  local path = settings.out .. "/" .. name
  core.make_folder(path:match "^(.*)/")
  record.output(path)
  return path
end
