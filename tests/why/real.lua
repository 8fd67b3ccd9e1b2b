-- Cases on real data ($MLPRUN_DATA or ../shared/data): runs without a fault, and faults made on
-- purpose. Nothing where the data is absent.
local mlp = require "mlp"

local root = os.getenv "MLPRUN_DATA" or "../shared/data"
local failures, healthy = {}, {}
local probe = io.open(root .. "/tables/iris.csv")
if not probe then return { failures = failures, healthy = healthy } end
probe:close()

local function table_of(name, options)
  options = options or {}
  options.missing = "drop"
  return mlp.datasets.csv(root .. "/tables/" .. name .. ".csv", options)
end

local function standard(data) return mlp.data.StandardScaler():fit_transform(data) end

--- Values of y with mean 0 and deviation 1.
local function scaled(data)
  local y = mlp.data.StandardScaler():fit_transform(data.y)
  return mlp.dataset { x = standard(data).x, y = y }
end

local function network(data, o)
  local layers, k = {}, data.n_classes
  for _ = 1, o.depth or 1 do
    layers[#layers + 1] = mlp.Dense { o.units or 32, o.activation or "relu",
      kernel_initializer = o.init or "he_uniform", bias_initializer = o.bias or "zeros",
      kernel_regularizer = o.regularizer }
    if o.norm then layers[#layers + 1] = mlp.BatchNormalization(o.norm) end
    if o.dropout then layers[#layers + 1] = mlp.Dropout(o.dropout) end
  end
  local init = o.output_init or "glorot_uniform"
  if k == 0 then layers[#layers + 1] = mlp.Dense { 1, kernel_initializer = init }
  elseif k == 2 then layers[#layers + 1] = mlp.Dense { 1, "sigmoid", kernel_initializer = init }
  else layers[#layers + 1] = mlp.Dense { k, "softmax", kernel_initializer = init } end
  local loss = k == 0 and "mse" or k == 2 and "binary_crossentropy"
  return mlp.Sequential(layers):compile { optimizer = o.optimizer or mlp.Adam(),
    loss = loss or "sparse_categorical_crossentropy" }
end

local function fitted(data, o, epochs, options)
  local model = network(data, o)
  local f = { epochs = epochs, validation_split = 0.2, verbose = 0 }
  for key, v in pairs(options or {}) do f[key] = v end
  model:fit(data, f)
  return model
end

local function digits() return standard(table_of("digits_8x8", { classes = true })) end

local function normal(sd) return mlp.initializers.RandomNormal { stddev = sd } end

local function add(list, name, f) list[#list + 1] = { name, f } end

local function stop(patience)
  return { callbacks = { mlp.EarlyStopping { patience = patience } } }
end

local function mnist(rows)
  local train = mlp.datasets.mnist { dir = root .. "/mnist" }
  return train:rows(1, rows)
end
local function fashion(rows)
  local train = mlp.datasets.fashion_mnist { dir = root .. "/fashion-mnist" }
  return train:rows(1, rows)
end

add(healthy, "iris", function() return fitted(standard(table_of "iris"), {}, 80) end)
add(healthy, "wine", function() return fitted(standard(table_of "wine"), {}, 40) end)
add(healthy, "breast cancer", function()
  return fitted(standard(table_of "breast_cancer_wdbc"), {}, 30)
end)
add(healthy, "digits 8x8", function() return fitted(digits(), {}, 20) end)
add(healthy, "banknote", function() return fitted(standard(table_of "banknote"), {}, 40) end)
add(healthy, "pima, stopped", function()
  return fitted(standard(table_of "pima_diabetes"), {}, 300, stop(5))
end)
add(healthy, "diabetes, stopped", function()
  return fitted(scaled(table_of "diabetes_efron"), {}, 300, stop(5))
end)
add(healthy, "concrete", function()
  return fitted(scaled(table_of "concrete"), { units = 50 }, 100)
end)
add(healthy, "airfoil", function()
  return fitted(scaled(table_of "airfoil"), { units = 50, depth = 2 }, 100)
end)
add(healthy, "boston", function()
  return fitted(scaled(table_of "boston_housing"), { units = 50 }, 80)
end)
add(healthy, "wine quality", function()
  return fitted(scaled(table_of("winequality_red", { classes = false })), { dropout = 0.2 }, 40)
end)
add(healthy, "california", function()
  return fitted(scaled(table_of "california_housing"), { units = 50 }, 10)
end)
add(healthy, "mnist", function() return fitted(mnist(12000), { units = 128 }, 8) end)
add(healthy, "fashion, dropout", function()
  return fitted(fashion(10000), { units = 128, dropout = 0.3 }, 10)
end)
add(healthy, "mnist, batch norm", function()
  return fitted(mnist(12000), { units = 64, depth = 2, norm = {} }, 6)
end)

add(failures, "learning rate too small", function()
  return fitted(mnist(6000), { optimizer = mlp.SGD(1e-5) }, 5)
end)
add(failures, "learning rate too small", function()
  return fitted(standard(table_of "breast_cancer_wdbc"), { optimizer = mlp.Adam(1e-6) }, 50)
end)
add(failures, "learning rate too small", function()
  return fitted(scaled(table_of "concrete"), { optimizer = mlp.SGD(1e-6), depth = 2 }, 60)
end)
add(failures, "learning rate too large", function()
  return fitted(mnist(6000), { optimizer = mlp.Adam(0.5), units = 64 }, 5)
end)
add(failures, "learning rate too large", function()
  return fitted(scaled(table_of "concrete"), { optimizer = mlp.SGD(1.5) }, 30)
end)
add(failures, "learning rate too large", function()
  return fitted(digits(), { optimizer = mlp.SGD(30) }, 20)
end)
add(failures, "learning rate too large", function()
  return fitted(standard(table_of "wine"), { optimizer = mlp.Adam(10), activation = "tanh",
    depth = 2 }, 40)
end)
add(failures, "vanishing gradient", function()
  return fitted(standard(table_of "breast_cancer_wdbc"), { depth = 12, units = 16,
    activation = "sigmoid", init = "glorot_uniform" }, 40)
end)
add(failures, "vanishing gradient", function()
  return fitted(mnist(4000), { depth = 8, activation = "sigmoid", init = "glorot_uniform",
    optimizer = mlp.SGD(0.1) }, 8)
end)
add(failures, "vanishing gradient", function()
  return fitted(standard(table_of "banknote"), { depth = 20, units = 8, activation = "tanh",
    init = mlp.initializers.RandomUniform { minval = -0.3, maxval = 0.3 },
    optimizer = mlp.SGD(0.05) }, 30)
end)
add(failures, "exploding gradient", function()
  return fitted(standard(table_of "wine"), { depth = 10, units = 64,
    init = normal(0.7), optimizer = mlp.SGD(0.01) }, 20)
end)
add(failures, "exploding gradient", function()
  return fitted(scaled(table_of "airfoil"), { depth = 8, units = 64,
    init = normal(1), optimizer = mlp.SGD(0.001) }, 20)
end)
add(failures, "dead units", function()
  return fitted(mnist(4000), { bias = mlp.initializers.Constant(-20) }, 6)
end)
add(failures, "dead units", function()
  return fitted(scaled(table_of "california_housing"), { bias = mlp.initializers.Constant(-15),
    depth = 2 }, 5)
end)
add(failures, "saturation", function()
  return fitted(digits(), { activation = "tanh", depth = 2,
    init = normal(5), optimizer = mlp.SGD(0.01) }, 10)
end)
add(failures, "saturation", function()
  return fitted(mnist(4000), { activation = "sigmoid", depth = 2, init = normal(10),
    optimizer = mlp.SGD(0.1) }, 8)
end)
add(failures, "overfitting", function()
  return fitted(standard(table_of "pima_diabetes"), { units = 256, depth = 3 }, 150)
end)
add(failures, "overfitting", function()
  return fitted(fashion(500), { units = 256, depth = 2 }, 150)
end)
add(failures, "overfitting", function()
  return fitted(scaled(table_of "diabetes_efron"), { units = 256, depth = 2 }, 200)
end)
add(failures, "underfitting", function()
  return fitted(fashion(4000), { regularizer = mlp.regularizers.L2(1.0) }, 10)
end)
add(failures, "underfitting", function()
  return fitted(scaled(table_of "airfoil"), { units = 1 }, 100)
end)
add(failures, "underfitting", function()
  return fitted(mnist(5000), { units = 2, dropout = 0.5 }, 10)
end)
add(failures, "class imbalance", function()
  local data = standard(table_of "pima_diabetes")
  local y, keep, ones = data.y:totable(), {}, 0
  for i, c in ipairs(y) do
    if c == 1 then keep[#keep + 1] = i elseif ones < 25 then ones = ones + 1 keep[#keep + 1] = i end
  end
  return fitted(data:take(keep), { units = 8 }, 30)
end)
add(failures, "leaking split", function()
  local data = standard(table_of "breast_cancer_wdbc")
  return fitted(data, {}, 30, { validation_split = 0, validation_data = data:rows(100, 250) })
end)
add(failures, "leaking split", function()
  local data = mnist(4000)
  return fitted(data, {}, 8, { validation_split = 0, validation_data = data:rows(3001, 4000) })
end)
add(failures, "cold batch normalization", function()
  return fitted(mnist(4000), { norm = { momentum = 0.999 } }, 2)
end)
add(failures, "cold batch normalization", function()
  return fitted(standard(table_of "breast_cancer_wdbc"), { norm = {}, depth = 2 }, 2)
end)
add(failures, "input scale", function()
  return fitted(table_of "wine", { activation = "tanh" }, 60)
end)
add(failures, "input scale", function()
  return fitted(mnist(4000):map_x(function(x) return x * 255 end), { activation = "sigmoid",
    optimizer = mlp.SGD(0.1) }, 8)
end)
add(failures, "symmetric weights", function()
  return fitted(digits(), { init = "ones", activation = "tanh",
    output_init = "ones" }, 30)
end)

return { failures = failures, healthy = healthy }
