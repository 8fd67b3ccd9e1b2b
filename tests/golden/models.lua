--- The models of from_keras_runs.py and from_torch_runs.py: graph (a function of the type of the
--- weights that returns the model and its layers in the order of those files), optimizer, loss,
--- target, and what else training takes.
local mlp = require "mlp"
local stream = require "golden.stream"

local D, L, R, C, S = mlp.Dense, mlp.losses, mlp.regularizers, mlp.constraints, mlp.schedules
local ROW <const> = { stream.features }

local function row(make)
  return function(dtype)
    local layers = make()
    return mlp.Sequential(layers):build(ROW, dtype), layers
  end
end

local function graph(describe)
  return function(dtype)
    local x = mlp.Input { shape = ROW, dtype = dtype }
    local outputs, layers = describe(x)
    return mlp.Model { inputs = x, outputs = outputs }, layers
  end
end

local function residual(x)
  local a, b, c = D { 6, activation = "tanh" }, D { 6, activation = "silu" }, D(1)
  local h = a(x)
  return c(mlp.Add() { h, b(h) }), { a, b, c }
end

local function branches(x)
  local a, b = D { 4, activation = "leaky_relu" }, D { 3, activation = "softsign" }
  local c = D { 1, activation = "tanh" }
  return c(mlp.Concatenate() { a(x), b(x), x }), { a, b, c }
end

local function two_outputs(x)
  local a, b, c = D { 7, activation = "mish" }, D(1), D { 3, activation = "softmax" }
  local h = a(x)
  return { b(h), c(h) }, { a, b, c }
end

local function normed_residual(x)
  local a, norm = D(6), mlp.LayerNormalization { epsilon = 1e-5 }
  local b, c, d = D { 6, activation = "hard_silu" }, D(1), D(3)
  local h = norm(a(x))
  h = mlp.Add() { h, b(h) }
  return { c(h), d(h) }, { a, norm, b, c, d }
end

local function embedded(dtype)
  local layers = { mlp.Embedding { 8, output_dim = 3 }, mlp.Flatten(),
    D { 5, activation = "celu" }, D(1) }
  return mlp.Sequential(layers):build({ { 2 } }, dtype, { "int64" }), layers
end

local function logits(options)
  options.from_logits = true
  return L.SparseCategoricalCrossentropy(options)
end

local M = {}

M.keras = {
  { name = "momentum", loss = "mse", target = "value",
    graph = row(function()
      return { D { 8, activation = "tanh", kernel_regularizer = R.L2(0.01) }, D(1) }
    end),
    optimizer = function() return mlp.SGD { 0.05, momentum = 0.9 } end },
  { name = "nesterov", target = "binary", loss = L.BinaryCrossentropy { label_smoothing = 0.1 },
    graph = row(function()
      return { D { 9, activation = "relu" }, D { 1, activation = "sigmoid" } }
    end),
    optimizer = function()
      return mlp.SGD { momentum = 0.8, nesterov = true, clipnorm = 0.3,
        learning_rate = S.ExponentialDecay { initial_learning_rate = 0.2, decay_steps = 20,
          decay_rate = 0.5 } }
    end },
  { name = "rmsprop", loss = "sparse_categorical_crossentropy", target = "classes",
    graph = row(function()
      return { D { 8, use_bias = false }, mlp.BatchNormalization(), mlp.Activation "relu",
        D { 3, activation = "softmax" } }
    end),
    optimizer = function() return mlp.RMSprop { 0.003, centered = true, momentum = 0.7 } end },
  { name = "adam", loss = L.Huber { delta = 0.4 }, target = "value",
    graph = row(function()
      return { D { 8, activation = "gelu", kernel_constraint = C.MaxNorm(0.9) }, D(1) }
    end),
    optimizer = function() return mlp.Adam { 0.01, amsgrad = true } end },
  { name = "adamw", loss = logits {}, target = "classes",
    graph = row(function()
      return { D { 8, activation = "silu" }, mlp.LayerNormalization(), D(3) }
    end),
    optimizer = function()
      return mlp.AdamW { weight_decay = 0.05, learning_rate = S.CosineDecay {
        initial_learning_rate = 0.02, decay_steps = 40, alpha = 0.1 } }
    end },
  { name = "adagrad", loss = "log_cosh", target = "value",
    graph = row(function()
      return { D { 8, activation = "selu", kernel_regularizer = R.L1(0.01),
        bias_constraint = "non_neg" }, D(1) }
    end),
    optimizer = function() return mlp.Adagrad(0.1) end },
  { name = "adadelta", loss = "mae", target = "value",
    graph = row(function()
      return { D { 8, activation = "elu" }, D { 4, activation = "softplus" }, D(1) }
    end),
    optimizer = function() return mlp.Adadelta { 1, global_clipnorm = 0.5 } end },
  { name = "adamax", loss = "poisson", target = "count",
    graph = row(function()
      return { D { 8, activation = "hard_sigmoid", activity_regularizer = R.L2(0.01),
        kernel_regularizer = R.L1L2 { l1 = 0.01, l2 = 0.02 } },
        D { 1, activation = "exponential" } }
    end),
    optimizer = function() return mlp.Adamax(0.01) end },
  { name = "nadam", loss = "mse", target = "value", sample_weight = true, graph = graph(residual),
    optimizer = function() return mlp.Nadam(0.01) end },
  { name = "lion", loss = "squared_hinge", target = "binary", graph = graph(branches),
    optimizer = function() return mlp.Lion { 0.002, clipvalue = 0.05 } end },
  { name = "lamb", loss = "sparse_categorical_crossentropy", target = "classes",
    class_weight = { 1, 2.5, 0.5 },
    graph = row(function()
      return { D(8), mlp.PReLU(), mlp.UnitNormalization(), D { 3, activation = "softmax" } }
    end),
    optimizer = function() return mlp.Lamb(0.01) end },
  { name = "ftrl", loss = "mse", target = "value",
    graph = row(function()
      return { D { 8, activation = "softsign" }, mlp.RMSNormalization(), D(1) }
    end),
    optimizer = function()
      return mlp.Ftrl { 0.1, l1_regularization_strength = 0.001, l2_regularization_strength = 0.01 }
    end },
  { name = "muon", loss = logits {}, target = "classes",
    graph = row(function()
      return { D { 8, activation = "tanh" }, D { 7, activation = "relu" },
        D { 3, name = "logits" } }
    end),
    optimizer = function() return mlp.Muon { 0.02, exclude_layers = "logits" } end },
  { name = "schedule_free_adamw", loss = "mse", target = "value",
    graph = row(function() return { D { 8, activation = "tanh" }, D(1) } end),
    optimizer = function()
      return mlp.ScheduleFreeAdamW { 0.01, warmup_steps = 10, weight_decay = 0.1 }
    end },
  { name = "adafactor", loss = "mse", target = "value",
    graph = row(function() return { D { 8, activation = "elu" }, D(1) } end),
    optimizer = function() return mlp.Adafactor(0.05) end },
  { name = "outputs", loss = { "mse", "sparse_categorical_crossentropy" },
    loss_weights = { 1, 0.3 }, target = { "other", "classes" }, graph = graph(two_outputs),
    optimizer = function() return mlp.Adam { 0.01, gradient_accumulation_steps = 2 } end },
  { name = "spectral", loss = "mse", target = "value",
    graph = row(function()
      return { mlp.SpectralNormalization { D { 8, activation = "tanh" }, power_iterations = 2 },
        mlp.SpectralNormalization(D(1)) }
    end),
    optimizer = function() return mlp.Adam(0.01) end },
  { name = "renorm", loss = "mse", target = "value",
    graph = row(function()
      return { D { 8, use_bias = false }, mlp.BatchNormalization { 0.95, renorm = true,
        renorm_momentum = 0.9, renorm_clipping = { rmax = 1.5, rmin = 0.7, dmax = 0.5 } },
        mlp.Activation "tanh", D { 6, use_bias = false },
        mlp.BatchNormalization { renorm = true }, D(1) }
    end),
    optimizer = function() return mlp.Adam(0.01) end },
  { name = "embedding", loss = "mse", target = "value", x = "ids", graph = embedded,
    optimizer = function() return mlp.RMSprop(0.01) end },
}

local TORCH <const> = "torch"

M.torch = {
  { name = "sgd", loss = "mse", target = "value",
    graph = row(function() return { D { 8, activation = "tanh" }, D(1) } end),
    optimizer = function()
      return mlp.SGD { 0.05, momentum = 0.9, weight_decay = 0.01, compat = TORCH }
    end },
  { name = "nesterov", loss = L.BinaryCrossentropy { from_logits = true }, target = "binary",
    graph = row(function() return { D { 9, activation = "relu" }, D(1) } end),
    optimizer = function()
      return mlp.SGD { momentum = 0.8, nesterov = true, compat = TORCH,
        learning_rate = S.ExponentialDecay { initial_learning_rate = 0.2, decay_steps = 1,
          decay_rate = 0.95 } }
    end },
  { name = "rmsprop", loss = logits {}, target = "classes",
    graph = row(function()
      return { D { 8, use_bias = false }, mlp.BatchNormalization { compat = TORCH },
        mlp.Activation "relu", D(3) }
    end),
    optimizer = function()
      return mlp.RMSprop { momentum = 0.5, centered = true, compat = TORCH }
    end },
  { name = "adam", loss = L.Huber { delta = 0.4 }, target = "value",
    graph = row(function() return { D { 8, activation = "gelu" }, D(1) } end),
    optimizer = function()
      return mlp.Adam { 0.01, amsgrad = true, weight_decay = 0.02, compat = TORCH }
    end },
  { name = "adamw", target = "classes",
    loss = L.CategoricalCrossentropy { from_logits = true, label_smoothing = 0.1 },
    graph = row(function()
      return { D { 8, activation = "silu" }, mlp.LayerNormalization { epsilon = 1e-5 }, D(3) }
    end),
    optimizer = function() return mlp.AdamW { 0.01, compat = TORCH } end },
  { name = "adagrad", loss = "mae", target = "value",
    graph = row(function() return { D { 8, activation = "selu" }, D(1) } end),
    optimizer = function() return mlp.Adagrad { compat = TORCH } end },
  { name = "adadelta", loss = "huber", target = "value",
    graph = row(function() return { D { 8, activation = "elu" }, D(1) } end),
    optimizer = function() return mlp.Adadelta { weight_decay = 0.01, compat = TORCH } end },
  { name = "adamax", loss = "poisson", target = "count",
    graph = row(function()
      return { D { 8, activation = "softsign" }, D { 1, activation = "softplus" } }
    end),
    optimizer = function() return mlp.Adamax { weight_decay = 0.01, compat = TORCH } end },
  { name = "nadam", loss = "mse", target = "value",
    graph = row(function() return { D { 8, activation = "mish" }, D(1) } end),
    optimizer = function() return mlp.Nadam { weight_decay = 0.01, compat = TORCH } end },
  { name = "rprop", loss = "mse", target = "value", all = true,
    graph = row(function() return { D { 8, activation = "hard_tanh" }, D(1) } end),
    optimizer = function() return mlp.Rprop() end },
  { name = "adafactor", loss = logits {}, target = "classes",
    graph = row(function()
      return { D { 8, activation = "tanh" }, mlp.LayerNormalization { epsilon = 1e-5 }, D(3) }
    end),
    optimizer = function()
      return mlp.Adafactor { 0.05, weight_decay = 0.02, compat = TORCH }
    end },
  { name = "muon", loss = "mse", target = "value",
    graph = row(function()
      return { D { 9, activation = "tanh" }, D { 4, activation = "silu" }, D(1) }
    end),
    optimizer = function() return mlp.Muon { 0.02, compat = TORCH } end },
  { name = "weighted", target = "classes", class_weight = { 1, 2.5, 0.5 },
    loss = logits { reduction = "mean_with_sample_weight" },
    graph = row(function()
      return { D { 8, use_bias = false }, mlp.BatchNormalization { compat = TORCH }, mlp.PReLU(),
        D(3) }
    end),
    optimizer = function() return mlp.Adam { 0.01, compat = TORCH } end },
  { name = "residual", loss = { "mse", logits {} }, loss_weights = { 1, 0.3 },
    target = { "other", "classes" }, graph = graph(normed_residual),
    optimizer = function() return mlp.Adam { 0.01, global_clipnorm = 0.3, compat = TORCH } end },
  { name = "embedding", loss = "mse", target = "value", x = "ids", graph = embedded,
    optimizer = function()
      return mlp.RMSprop { 0.01, weight_decay = 0.01, compat = TORCH }
    end },
}

return M
