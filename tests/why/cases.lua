-- Failures whose cause is known, and runs that have none: each is a function that returns a trained
-- model. tests/why/run.lua asks them all why.
local mlp = require "mlp"

local function circles(n) return mlp.datasets.circles { n = n or 800, noise = 0.1 } end
local function moons(n) return mlp.datasets.moons { n = n or 800, noise = 0.2 } end

--- A compiled network: hidden layers of `units`, with options for each dense layer.
local function network(o)
  local layers = {}
  for _ = 1, o.depth or 2 do
    layers[#layers + 1] = mlp.Dense { o.units or 16, o.activation or "relu",
      kernel_initializer = o.init or "he_uniform", bias_initializer = o.bias or "zeros",
      kernel_regularizer = o.regularizer }
    if o.norm then layers[#layers + 1] = mlp.BatchNormalization(o.norm) end
    if o.dropout then layers[#layers + 1] = mlp.Dropout(o.dropout) end
  end
  layers[#layers + 1] = mlp.Dense { o.outputs or 1, o.output or "sigmoid",
    kernel_initializer = o.output_init or o.init or "glorot_uniform" }
  return mlp.Sequential(layers):compile { optimizer = o.optimizer or mlp.Adam(0.01),
    loss = o.loss or "binary_crossentropy" }
end

local function fitted(model, data, epochs, options)
  local o = { epochs = epochs, validation_split = 0.25, verbose = 0 }
  for k, v in pairs(options or {}) do o[k] = v end
  model:fit(data, o)
  return model
end

local function uniform(r) return mlp.initializers.RandomUniform { minval = -r, maxval = r } end

--- Rows of two clouds, of which the second has so many.
local function unequal(n, rare)
  local x, y = mlp.randn(n, 2), {}
  for i = 1, n do
    y[i] = i <= rare and 2 or 1
    if y[i] == 2 then x:slice(i, i):add_(1) end
  end
  return mlp.dataset { x = x, y = mlp.tensor(y, { dtype = "int64" }), classes = 2 }
end

local failures = {
  { "dead units", function()
    return fitted(network { bias = mlp.initializers.Constant(-6) }, circles(), 40)
  end },
  { "dead units", function()
    return fitted(network { bias = mlp.initializers.Constant(-10), outputs = 3, output = "softmax",
      loss = "sparse_categorical_crossentropy" },
      mlp.datasets.blobs { n = 600, centers = 3, seed = 3 }, 30)
  end },
  { "vanishing gradient", function()
    return fitted(network { depth = 20, units = 8, activation = "tanh", init = uniform(0.5),
      optimizer = mlp.Adam(0.005) }, circles(), 60)
  end },
  { "vanishing gradient", function()
    return fitted(network { depth = 10, units = 8, activation = "sigmoid", init = uniform(0.5) },
      moons(), 60)
  end },
  { "exploding gradient", function()
    return fitted(network { depth = 12, units = 32, init = mlp.initializers.RandomNormal {
      stddev = 1 }, optimizer = mlp.SGD(0.01) }, circles(), 20)
  end },
  { "exploding gradient", function()
    return fitted(network { depth = 10, units = 64, init = uniform(1), outputs = 1,
      output = "linear", loss = "mse", optimizer = mlp.SGD(0.001) },
      mlp.datasets.friedman { n = 600 }, 10)
  end },
  { "saturation", function()
    return fitted(network { depth = 3, activation = "tanh", init = uniform(8) }, circles(), 15)
  end },
  { "saturation", function()
    return fitted(network { depth = 3, units = 32, activation = "sigmoid", init = uniform(20),
      optimizer = mlp.SGD(0.05) }, moons(), 20)
  end },
  { "learning rate too small", function()
    return fitted(network { optimizer = mlp.Adam(1e-6) }, circles(), 40)
  end },
  { "learning rate too small", function()
    return fitted(network { optimizer = mlp.SGD(1e-5) }, moons(), 50)
  end },
  { "learning rate too large", function()
    return fitted(network { activation = "tanh", optimizer = mlp.Adam(3) }, circles(), 40)
  end },
  { "learning rate too large", function()
    return fitted(network { outputs = 1, output = "linear", loss = "mse",
      optimizer = mlp.SGD(2) }, mlp.datasets.friedman { n = 600 }, 20)
  end },
  { "overfitting", function()
    return fitted(network { units = 128, depth = 3 }, mlp.datasets.moons { n = 80, noise = 0.5 },
      300)
  end },
  { "overfitting", function()
    return fitted(network { units = 128, outputs = 1, output = "linear", loss = "mse",
      optimizer = mlp.Adam(0.003) }, mlp.datasets.friedman { n = 60, noise = 3 }, 400)
  end },
  { "underfitting", function()
    return fitted(network { depth = 0 }, circles(), 60)
  end },
  { "underfitting", function()
    return fitted(network { regularizer = mlp.regularizers.L2(0.3) }, moons(), 60)
  end },
  { "class imbalance", function()
    return fitted(network { units = 8 }, unequal(1000, 40), 30)
  end },
  { "leaking split", function()
    local data = moons(600)
    return fitted(network {}, data, 40,
      { validation_split = 0, validation_data = data:rows(1, 200) })
  end },
  { "cold batch normalization", function()
    return fitted(network { norm = { momentum = 0.999 } }, mlp.datasets.moons { n = 800,
      noise = 0.2 }:map_x(function(x) return x * 3 + 4 end), 3, { batch_size = 64 })
  end },
  { "symmetric weights", function()
    return fitted(network { init = "ones", activation = "tanh" }, circles(), 60)
  end },
  { "input scale", function()
    local data = moons():map_x(function(x) return x * 400 end)
    return fitted(network { activation = "tanh" }, data, 20)
  end },
}

local healthy = {
  { "moons", function() return fitted(network {}, moons(1200), 60) end },
  { "circles, tanh", function()
    return fitted(network { units = 8, activation = "tanh" }, circles(1200), 100)
  end },
  { "digits", function()
    local model = network { depth = 1, units = 64, outputs = 10, output = "softmax",
      loss = "sparse_categorical_crossentropy", optimizer = mlp.Adam() }
    return fitted(model, mlp.datasets.digits { n = 3000 }, 10)
  end },
  { "friedman", function()
    local data = mlp.data.StandardScaler():fit_transform(mlp.datasets.friedman { n = 1500 })
    return fitted(network { units = 32, outputs = 1, output = "linear", loss = "mse" }, data, 60)
  end },
  { "blobs", function()
    return fitted(network { depth = 1, outputs = 4, output = "softmax",
      loss = "sparse_categorical_crossentropy" }, mlp.datasets.blobs { n = 800, centers = 4 }, 60)
  end },
  { "xor, sgd", function()
    return fitted(network { optimizer = mlp.SGD { learning_rate = 0.1, momentum = 0.9 } },
      mlp.datasets.xor { n = 800, noise = 0.1 }, 60)
  end },
  { "moons, dropout", function()
    return fitted(network { units = 64, dropout = 0.3 }, moons(1000), 80)
  end },
  { "moons, early stopping", function()
    return fitted(network { units = 64, depth = 3 }, mlp.datasets.moons { n = 300, noise = 0.3 },
      500, { callbacks = { mlp.EarlyStopping { patience = 10 } } })
  end },
  { "spirals, normalized", function()
    return fitted(network { units = 32, depth = 3, norm = { momentum = 0.9 } },
      mlp.datasets.spirals { n = 1000, noise = 0.05 }, 150)
  end },
  { "plane", function()
    return fitted(network { depth = 0, output = "linear", loss = "mse" },
      mlp.datasets.plane { n = 500 }, 100)
  end },
  { "overlapping clouds", function()
    return fitted(network { units = 8 }, mlp.datasets.gauss { n = 1000, noise = 1.5 }, 40)
  end },
}

return { failures = failures, healthy = healthy }
