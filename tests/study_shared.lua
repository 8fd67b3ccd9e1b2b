-- study_shared.lua FILE N: run a study in FILE until it has N trials; study_shared.py goes on
-- between two of these.
local mlp = require "mlp"

local study = mlp.study { name = "shared", storage = arg[1], direction = "minimize" }
study:optimize(function(t)
  local lr = t:Float("lr", 1e-5, 1e-1, { sampling = "log" })
  local units = t:Int("units", 32, 512, { step = 32 })
  local act = t:Choice("act", { "relu", "tanh", "sigmoid" })
  t:set_user_attr("by", "mlprun")
  for epoch = 1, 3 do t:report(epoch == 2 and t.number == 1 and 0 / 0 or lr * epoch, epoch) end
  if t.number == 2 then t:prune() end
  if t.number == 3 then error "on purpose" end
  return (math.log(lr, 10) + 3) ^ 2 + units / 512 + (act == "tanh" and 0 or 1)
end, { n_trials = tonumber(arg[2]), verbose = 0 })
for _, t in ipairs(study:trials()) do
  print(t.number, t.state, t.params.lr, t.params.units, t.params.act, t.value, t.user_attrs.by)
end
