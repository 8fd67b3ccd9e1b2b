-- Efficient BackProp (LeCun, Bottou, Orr & Müller 1998): its tricks, one by one.
-- Standardized inputs, shuffled rows, 1.7159 tanh(2x/3) with weights of deviation 1/sqrt(inputs):
-- each against the same training without it.
--   mlprun experiments/efficient_backprop.lua
local mlp = require "mlp"

--- Three clouds, class after class, with features of different size and place, or standardized.
local function clouds(seed, standard)
  mlp.seed(seed)
  local data = mlp.datasets.blobs { n = 600, centers = 3, cluster_std = 1.5 }
  data = data:take(data.y:float():argsort())
  if standard then return mlp.data.StandardScaler():fit_transform(data) end
  return data:map_x(function(x) return x * mlp.tensor { { 3, 0.2 } } + 5 end)
end

local function train(data, o)
  local init, layers = o.init or "lecun_normal", {}
  for i = 1, o.depth or 1 do
    layers[i] = mlp.Dense { 16, o.activation or "tanh", kernel_initializer = init }
  end
  layers[#layers + 1] = mlp.Dense { 3, "softmax", kernel_initializer = init }
  return mlp.Sequential(layers):compile { loss = "sparse_categorical_crossentropy",
    optimizer = mlp.SGD(o.rate or 0.02) }:fit(data, { epochs = 30, verbose = 0,
    shuffle = o.shuffle ~= false })
end

local tiny = mlp.initializers.RandomNormal { stddev = 0.05 }
local tricks = { -- with and without it
  { "inputs of mean 0 and deviation 1", "as they are", function(seed, on)
    return train(clouds(seed, on), {})
  end },
  { "shuffled rows", "class after class", function(seed, on)
    return train(clouds(seed, true), { shuffle = on, rate = 1 })
  end },
  { "1.7159 tanh(2x/3)", "sigmoid", function(seed, on)
    return train(clouds(seed, true), { activation = on and "lecun_tanh" or "sigmoid", depth = 2 })
  end },
  { "weights of 1/sqrt(inputs)", "of deviation 0.05", function(seed, on)
    return train(clouds(seed, true), { init = on and "lecun_normal" or tiny, depth = 3 })
  end },
}

local fig = mlp.plot.figure { rows = 2, cols = 2 }
for i, trick in ipairs(tricks) do
  local with, without = trick[3](mlp.seed(), true), trick[3](mlp.seed(), false)
  mlp.plot.runs({ with, without }, { labels = { "with", trick[2] }, metric = "loss", log = true,
    title = trick[1], panel = fig:panel((i - 1) // 2 + 1, (i - 1) % 2 + 1) })
end
fig:save(mlp.out "efficient_backprop.png")
print("wrote " .. mlp.out "efficient_backprop.png")

local function area(history) return mlp.tensor(history.loss):sum():item() end -- under the loss
local function gain(i)
  return function(seed) return area(tricks[i][3](seed, false)) / area(tricks[i][3](seed, true)) end
end
mlp.claim { "standardized inputs learn faster", gain(1), "> 1.05", slide = "S82" }
mlp.claim { "shuffled rows do", gain(2), "> 1.05", slide = "S82" }
mlp.claim { "the scaled tanh does", gain(3), "> 1.05", slide = "S82" }
mlp.claim { "and weights of deviation 1/sqrt(inputs)", gain(4), "> 1.05", slide = "S82" }
mlp.claim { "1.7159 tanh(2/3) is 1: targets of ±1 lie inside its range", slide = "S82",
  expect = "1 +- 1e-4",
  measure = 1.7159 * mlp.tensor({ 2 / 3 }, { dtype = "float64" }):tanh():item() }
