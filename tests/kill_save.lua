-- kill_save.lua PATH a|b: save one of two models.
local mlp = require "mlp"
mlp.seed(arg[2] == "a" and 1 or 2)
mlp.Sequential({ mlp.Dense(16), mlp.Dense(1), input_shape = { 4 } }):save(arg[1])
