-- What cases on real data ($MLPRUN_DATA or ../shared/data) are made of; false where it is absent.
local mlp = require "mlp"

local root = os.getenv "MLPRUN_DATA" or "../shared/data"
local probe = io.open(root .. "/tables/iris.csv")
if not probe then return false end
probe:close()

local L = {}

function L.table_of(name, options)
  options = options or {}
  options.missing = "drop"
  return mlp.datasets.csv(root .. "/tables/" .. name .. ".csv", options)
end

function L.standard(data) return mlp.data.StandardScaler():fit_transform(data) end

--- Values of y with mean 0 and deviation 1.
function L.scaled(data)
  local y = mlp.data.StandardScaler():fit_transform(data.y)
  return mlp.dataset { x = L.standard(data).x, y = y }
end

function L.network(data, o)
  local layers, k = {}, data.n_classes
  for _ = 1, o.depth or 1 do
    layers[#layers + 1] = mlp.Dense { o.units or 32, o.activation or "relu",
      kernel_initializer = o.init or "he_uniform", bias_initializer = o.bias or "zeros",
      kernel_regularizer = o.regularizer }
    if o.norm then layers[#layers + 1] = mlp.BatchNormalization(o.norm) end
    if o.dropout then layers[#layers + 1] = mlp.Dropout(o.dropout) end
  end
  local init = o.output_init or "glorot_uniform"
  local outputs = k == 0 and data.y.ndim > 1 and data.y.shape[2] or 1
  if k == 0 then layers[#layers + 1] = mlp.Dense { outputs, kernel_initializer = init }
  elseif k == 2 then layers[#layers + 1] = mlp.Dense { 1, "sigmoid", kernel_initializer = init }
  else layers[#layers + 1] = mlp.Dense { k, "softmax", kernel_initializer = init } end
  local loss = k == 0 and "mse" or k == 2 and "binary_crossentropy"
  return mlp.Sequential(layers):compile { optimizer = o.optimizer or mlp.Adam(),
    loss = o.loss or loss or "sparse_categorical_crossentropy" }
end

function L.fitted(data, o, epochs, options)
  local model = L.network(data, o)
  local f = { epochs = epochs, validation_split = 0.2, verbose = 0 }
  for key, v in pairs(options or {}) do f[key] = v end
  model:fit(data, f)
  return model
end

function L.digits() return L.standard(L.table_of("digits_8x8", { classes = true })) end

function L.normal(sd) return mlp.initializers.RandomNormal { stddev = sd } end

function L.stop(patience)
  return { callbacks = { mlp.EarlyStopping { patience = patience } } }
end

function L.mnist(rows)
  local train = mlp.datasets.mnist { dir = root .. "/mnist" }
  return train:rows(1, rows)
end

function L.fashion(rows)
  local train = mlp.datasets.fashion_mnist { dir = root .. "/fashion-mnist" }
  return train:rows(1, rows)
end

--- A problem of PROBEN1 (Prechelt 1994), all of its rows; the columns of its values scaled.
function L.proben(name)
  local parts = { mlp.datasets.proben1(("%s/proben1/%s.dt"):format(root, name)) }
  local x, y = {}, {}
  for i, part in ipairs(parts) do x[i], y[i] = part.x, part.y end
  local all = mlp.dataset { x = mlp.concat(x, 1), y = mlp.concat(y, 1) }
  return all.n_classes > 0 and L.standard(all) or L.scaled(all)
end

--- Of the second class only the first n rows.
function L.rare(data, n)
  local keep, seen = {}, 0
  for i, class in ipairs(data.y:totable()) do
    if class == 2 then seen = seen + 1 end
    if class ~= 2 or seen <= n then keep[#keep + 1] = i end
  end
  return data:take(keep)
end

--- Rows { name, data, what the network has, epochs, options of fit or a function of the data that
--- gives them } as a name and a function that gives a trained model.
function L.cases(rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = { row[1], function()
      local o, data, options = {}, row[2](), row[5]
      for key, v in pairs(row[3]) do o[key] = v end
      if o.optimizer then o.optimizer = o.optimizer() end
      return L.fitted(data, o, row[4], type(options) == "function" and options(data) or options)
    end }
  end
  return list
end

return L
