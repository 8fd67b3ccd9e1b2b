-- Further cases on real data: other losses, optimizers, activations, outputs of several values.
-- Rows as in more.lua.
local mlp = require "mlp"
local lab = require "lab"
if not lab then return { failures = {}, healthy = {} } end

local R, normal, stop = mlp.regularizers, lab.normal, lab.stop
local Constant = mlp.initializers.Constant

-- How tables are read.
local OPTIONS <const> = {
  auto_mpg = { target = "mpg", one_hot = { "origin" }, drop = { "name" } },
  winequality_red = { classes = false },
}

local function by(kind, o) return function() return mlp.optimizers[kind](o) end end
local function table_of(name, options)
  return function() return lab.standard(lab.table_of(name, options)) end
end
local function scaled(name, n)
  return function()
    local data = lab.scaled(lab.table_of(name, OPTIONS[name]))
    return n and data:rows(1, n) or data
  end
end
local function proben(name) return function() return lab.proben(name) end end
local function raw(name) -- features as they are, the target scaled
  return function()
    local data = lab.table_of(name, OPTIONS[name])
    return mlp.dataset { x = data.x, y = lab.scaled(data).y }
  end
end
local function images(name, n) return function() return lab[name](n) end end
local function adult(n)
  return function()
    local data = lab.table_of("adult_train", { one_hot = { "workclass", "education",
      "marital_status", "occupation", "relationship", "race", "sex", "native_country" } })
    return lab.standard(data:rows(1, n))
  end
end
local function rare(f, n) return function() return lab.rare(f(), n) end end
--- Validation rows that are training rows.
local function leak(first, last)
  return function(data)
    return { validation_split = 0, validation_data = data:rows(first, last) }
  end
end
local function spoilt(v) -- a feature of one row
  return function()
    local data = lab.scaled(lab.table_of "concrete")
    data.x[7][3] = v
    return data
  end
end

local decay = mlp.schedules.exponential_decay { initial_learning_rate = 0.01, decay_steps = 200,
  decay_rate = 0.9 }

local healthy = {
  { "adult, stopped", adult(6000), { units = 16 }, 60, stop(4) },
  { "auto mpg, nadam", scaled "auto_mpg", { optimizer = by("nadam", 3e-3) }, 80 },
  { "building1, three outputs", proben "building1", { units = 16 }, 40, stop(5) },
  { "hearta1, stopped", proben "hearta1", { units = 8 }, 200, stop(5) },
  { "flare1, stopped", proben "flare1", { units = 8 }, 200, stop(5) },
  { "california, huber", scaled("california_housing", 6000), { units = 64, loss = "huber" }, 30 },
  { "boston, absolute error", scaled "boston_housing", { units = 64,
    loss = "mean_absolute_error" }, 80 },
  { "digits, selu", lab.digits, { depth = 4, activation = "selu", init = "lecun_normal" }, 20 },
  { "mnist, swish, adamw", images("mnist", 6000), { units = 64, activation = "silu",
    optimizer = by("adamw", 1e-3) }, 8 },
  { "breast cancer, adagrad", table_of "breast_cancer_wdbc", { optimizer = by("adagrad", 0.05) },
    40 },
  { "fashion, 512 units", images("fashion", 6000), { units = 512 }, 4 },
  { "wine, batch norm, batches of 8", table_of "wine", { norm = {}, units = 16 }, 40,
    { batch_size = 8 } },
  { "iris, gelu", table_of "iris", { activation = "gelu", optimizer = by("nadam", 0.01) }, 60 },
  { "airfoil, 4 layers of leaky relu", scaled "airfoil", { depth = 4, activation = "leaky_relu" },
    60 },
  { "pima, logistic", table_of "pima_diabetes", { depth = 0, optimizer = by("sgd", 0.1) }, 60 },
  { "banknote, nesterov", table_of "banknote", { optimizer = by("sgd", { learning_rate = 0.01,
    momentum = 0.9, nesterov = true }) }, 30 },
  { "heartc1, dropout", proben "heartc1", { units = 32, dropout = 0.5 }, 200, stop(8) },
  { "concrete, decay", scaled "concrete", { units = 50, optimizer = by("rmsprop", decay) }, 80 },
  { "digits, 2 units of 64 tanh, all rows a batch", lab.digits, { units = 64, activation = "tanh",
    optimizer = by("adam", 0.01) }, 80, { batch_size = 2000 } },
  { "wine quality, 6 layers of relu", scaled "winequality_red", { depth = 6, units = 16 }, 60,
    stop(6) },
  { "soybean1, batch norm and dropout", proben "soybean1", { units = 64, norm = {},
    dropout = 0.3 }, 60 },
}

local failures = {
  { "learning rate too small", scaled "auto_mpg", { optimizer = by("adadelta", 1e-3) }, 30 },
  { "learning rate too small", proben "building1", { optimizer = by("sgd", 1e-6) }, 10 },
  { "learning rate too small", scaled("california_housing", 4000), {
    optimizer = by("adagrad", 1e-5) }, 10 },
  { "learning rate too small", adult(4000), { optimizer = by("adam", 1e-7) }, 5 },
  { "learning rate too small", table_of "iris", { optimizer = by("sgd", 1e-4) }, 30 },
  { "learning rate too large", adult(4000), { optimizer = by("sgd", 30) }, 8 },
  { "learning rate too large", scaled("california_housing", 4000), {
    optimizer = by("nadam", 5) }, 10 },
  { "learning rate too large", proben "building1", { optimizer = by("rmsprop", 1) }, 10 },
  { "learning rate too large", scaled "auto_mpg", { optimizer = by("adamw", 5), depth = 2 }, 30 },
  { "learning rate too large", lab.digits, { optimizer = by("adagrad", 20), depth = 2 }, 10 },
  { "vanishing gradient", proben "building1", { depth = 15, units = 16, activation = "sigmoid",
    init = "glorot_uniform" }, 10 },
  { "vanishing gradient", adult(4000), { depth = 20, units = 16, activation = "tanh",
    init = normal(0.05) }, 6 },
  { "exploding gradient", scaled("california_housing", 4000), { depth = 10, units = 64,
    init = normal(0.7), optimizer = by("sgd", 0.01) }, 8 },
  { "exploding gradient", lab.digits, { depth = 8, units = 64, init = normal(0.9),
    optimizer = by("sgd", 0.01) }, 10 },
  { "dead units", scaled "auto_mpg", { bias = Constant(-25) }, 40 },
  { "dead units", adult(4000), { bias = Constant(-60), depth = 2 }, 6 },
  { "saturation", scaled("california_housing", 4000), { activation = "tanh", init = normal(15),
    depth = 2, optimizer = by("sgd", 0.01) }, 10 },
  { "saturation", lab.digits, { activation = "sigmoid", init = normal(20), depth = 2,
    optimizer = by("sgd", 0.1) }, 20 },
  { "overfitting", scaled("winequality_red", 200), { units = 256, depth = 2 }, 300 },
  { "overfitting", proben "hearta1", { units = 256, depth = 2 }, 200 },
  { "overfitting", proben "horse1", { units = 256, depth = 2 }, 120 },
  { "overfitting", adult(1500), { units = 256, depth = 2 }, 120 },
  { "underfitting", scaled("california_housing", 4000), { units = 32,
    regularizer = R.L1(0.3) }, 20 },
  { "underfitting", images("fashion", 4000), { units = 16, dropout = 0.95 }, 10 },
  { "underfitting", scaled "airfoil", { regularizer = R.L2(0.5) }, 60 },
  { "underfitting", proben "gene1", { units = 1 }, 40 },
  { "class imbalance", rare(proben "heart1", 15), { units = 8 }, 30 },
  { "class imbalance", rare(adult(6000), 60), { units = 8 }, 15 },
  { "leaking split", scaled "concrete", {}, 60, leak(1, 300) },
  { "leaking split", lab.digits, {}, 20, leak(500, 900) },
  { "cold batch normalization", scaled("california_housing", 4000), {
    norm = { momentum = 0.9999 }, depth = 2 }, 3 },
  { "cold batch normalization", table_of "banknote", { norm = {}, depth = 2 }, 1 },
  { "input scale", raw "california_housing", { activation = "tanh" }, 8 },
  { "input scale", raw "auto_mpg", { activation = "sigmoid", optimizer = by("sgd", 0.05) }, 40 },
  { "symmetric weights", scaled("california_housing", 4000), { init = Constant(0.1),
    activation = "tanh", output_init = "ones" }, 10 },
  { "bad numbers", spoilt(0 / 0), {}, 10 },
  { "bad numbers", spoilt(math.huge), {}, 10 },
}

return { failures = lab.cases(failures), healthy = lab.cases(healthy) }
