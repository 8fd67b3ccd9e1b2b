-- Activation functions with their derivatives, and what depth does to the gradient at most.
local mlp = require "mlp"

mlp.plot.activation_functions { "sigmoid", "tanh", "relu", "elu", "gelu" }
  :save(mlp.out "activation_functions.png")
mlp.plot.slope_bound { depth = 20 }:save(mlp.out "slope_bound.png")
