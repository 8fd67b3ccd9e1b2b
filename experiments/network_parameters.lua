-- The parameters of a network: its layers, its loss with metrics, its optimizer.
-- Each is said in one place. The output layer follows from the task, as the slide tells:
-- one linear neuron a value, or softmax with one neuron a class.
--   mlprun experiments/network_parameters.lua
local mlp = require "mlp"

-- 1. Architecture: 2 features, 8 hidden neurons, 1 output. 2*8 + 8 + 8*1 + 1 = 33 weights.
local model = mlp.Sequential { input_shape = { 2 }, mlp.Dense { 8, "tanh" },
  mlp.Dense { 1, "sigmoid" } }
-- 2. and 3. Loss and metrics; optimizer.
model:compile { loss = "binary_crossentropy", metrics = { "accuracy" }, optimizer = "adam" }
print(model:summary())
mlp.plot.model_graph(model):save(mlp.out "network_parameters.png")
print("wrote " .. mlp.out "network_parameters.png")
mlp.claim("2-8-1 has 33 weights", { slide = "S1", measure = model:count(), expect = "== 33" })

-- The input has as many neurons as there are features; another number is an error that says where.
local ok, e = pcall(function() return model(mlp.zeros(1, 3)) end)
print("3 features:", e.message)
mlp.claim("a wrong number of features is refused", { slide = "S2", measure = not ok,
  expect = true })

-- Regression: linear, one neuron for each value to predict.
mlp.claim("three linear targets are learned by dense(3)", {
  slide = "S3", expect = "< 1e-6", seeds = 5,
  measure = function()
    local x = mlp.randn(200, 4)
    local y = x:matmul(mlp.randn(4, 3)) + mlp.randn(1, 3)
    local linear = mlp.Sequential { mlp.Dense(3) }
      :compile { loss = "mse", optimizer = mlp.Adam(0.05) }
    linear:fit({ x = x, y = y }, { epochs = 200, verbose = 0 })
    return linear:evaluate({ x = x, y = y }).loss
  end,
})

-- Classification: classes as numbers or one-hot, the same loss.
local classes = mlp.tensor({ 2, 1, 3 }, { dtype = "int64" })
local one_hot = mlp.data.one_hot(classes, 3)
print("one-hot of 2, 1, 3:", one_hot)
local function loss(kind, y)
  mlp.seed(1)
  local net = mlp.Sequential { mlp.Dense { 3, "softmax" } }:compile { loss = kind }
  return net:evaluate({ x = mlp.eye(3), y = y }).loss
end
mlp.claim("class numbers and one-hot rows give the same loss", { slide = "S4", expect = "<= 1e-7",
  measure = math.abs(loss("sparse_categorical_crossentropy", classes)
    - loss("categorical_crossentropy", one_hot)) })

-- "2 classes: 1 neuron" means a sigmoid: the softmax of one number is 1 whatever the number.
mlp.claim("a sigmoid is the first of two softmax outputs", { slide = "S4, T2", expect = "<= 1e-6",
  measure = math.abs(mlp.tensor({ { 1.7, 0 } }):softmax()[1][1]:item()
    - mlp.tensor({ 1.7 }):sigmoid():item()) })
