-- More cases on real data: other sets, optimizers, regularizers, depths. A row is a name (of the
-- cause, for a failure), the data, what the network has, epochs, options of fit.
local mlp = require "mlp"
local lab = require "lab"
if not lab then return { failures = {}, healthy = {} } end

local L2, normal, stop = mlp.regularizers.L2, lab.normal, lab.stop
local function SGD(o) return function() return mlp.SGD(o) end end -- a new one for each run
local function Adam(o) return function() return mlp.Adam(o) end end
local function RMSprop(o) return function() return mlp.RMSprop(o) end end

local function table_of(name, options)
  return function() return lab.standard(lab.table_of(name, options)) end
end
local function scaled(name) return function() return lab.scaled(lab.table_of(name)) end end
local function proben(name) return function() return lab.proben(name) end end
local function mnist(n) return function() return lab.mnist(n) end end
local function fashion(n) return function() return lab.fashion(n) end end
local function rare(name, n) return function() return lab.rare(lab.proben(name), n) end end
local quality = table_of("winequality_red", { classes = true })
local deep_sigmoid = { depth = 15, units = 16, activation = "sigmoid", init = "glorot_uniform" }
local cosine = mlp.schedules.cosine_decay { initial_learning_rate = 0.01, decay_steps = 3000 }

local healthy = {
  { "card1, stopped", proben "card1", { units = 16 }, 200, stop(5) },
  { "glass1, stopped", proben "glass1", {}, 300, stop(10) },
  { "gene1, L2", proben "gene1", { regularizer = L2(1e-3) }, 100, stop(4) },
  { "heart1, stopped", proben "heart1", { units = 8 }, 300, stop(5) },
  { "horse1, dropout", proben "horse1", { units = 16, dropout = 0.5 }, 200, stop(5) },
  { "soybean1, tanh", proben "soybean1", { units = 64, activation = "tanh" }, 40, stop(5) },
  { "thyroid1", proben "thyroid1", {}, 20, stop(5) },
  { "cancer1, momentum", proben "cancer1", { units = 16,
    optimizer = SGD { learning_rate = 0.01, momentum = 0.9 } }, 30, stop(5) },
  { "wine quality, stopped", quality, { units = 64 }, 200, stop(5) },
  { "mnist, SGD", mnist(10000), { units = 64, optimizer = SGD(0.1) }, 10 },
  { "mnist, sigmoid", mnist(10000), { units = 64, activation = "sigmoid",
    init = "glorot_uniform" }, 10 },
  { "mnist, 5 layers of elu", mnist(8000), { units = 64, depth = 5, activation = "elu" }, 6 },
  { "mnist, large batches", mnist(4000), { units = 64, optimizer = Adam(0.01) }, 20,
    { batch_size = 512 } },
  { "fashion, RMSprop", fashion(10000), { units = 64, optimizer = RMSprop(1e-3) }, 8 },
  { "fashion, one epoch", fashion(20000), { units = 64 }, 1 },
  { "fashion, batch norm, two epochs", fashion(20000), { units = 64, norm = {} }, 2 },
  { "concrete, batch norm", scaled "concrete", { depth = 2, norm = {} }, 60 },
  { "airfoil, cosine", scaled "airfoil", { units = 64, optimizer = Adam(cosine) }, 80 },
  { "boston, linear", scaled "boston_housing", { depth = 0 }, 200, stop(10) },
  { "wine, logistic", table_of "wine", { depth = 0, optimizer = SGD(0.1) }, 60 },
  { "digits, no validation", lab.digits, {}, 15, { validation_split = 0 } },
  { "glass1, batch norm", proben "glass1", { units = 16, norm = {} }, 60 },
}
for _, l in ipairs { 1e-4, 1e-3, 1e-2 } do
  healthy[#healthy + 1] = { "mnist, L2 " .. l, mnist(6000), { units = 64, regularizer = L2(l) }, 8 }
  healthy[#healthy + 1] = { "concrete, L2 " .. l, scaled "concrete", { regularizer = L2(l) }, 100 }
  healthy[#healthy + 1] = { "digits, L2 " .. l, lab.digits, { regularizer = L2(l) }, 40 }
end

local failures = {
  { "learning rate too small", proben "card1", { optimizer = SGD(1e-4) }, 20 },
  { "learning rate too small", fashion(4000), { optimizer = Adam(1e-6), units = 64 }, 6 },
  { "learning rate too small", scaled "boston_housing", { optimizer = SGD(1e-5) }, 50 },
  { "learning rate too small", proben "soybean1", { optimizer = RMSprop(1e-6) }, 30 },
  { "learning rate too small", mnist(600), { optimizer = SGD(1e-6) }, 3 },
  { "learning rate too large", proben "thyroid1", { optimizer = Adam(1) }, 10 },
  { "learning rate too large", proben "gene1", { optimizer = SGD(20) }, 20 },
  { "learning rate too large", fashion(5000), { optimizer = RMSprop(0.3), depth = 2 }, 5 },
  { "learning rate too large", scaled "boston_housing", {
    optimizer = SGD { learning_rate = 0.5, momentum = 0.9 } }, 30 },
  { "learning rate too large", quality, { optimizer = Adam(3), activation = "tanh" }, 30 },
  { "learning rate too large", mnist(6000), { optimizer = SGD(5), units = 64, depth = 2 }, 5 },
  { "learning rate too large", scaled "airfoil", { optimizer = SGD(3) }, 10 },
  { "vanishing gradient", fashion(4000), deep_sigmoid, 8 },
  { "vanishing gradient", scaled "concrete", { depth = 15, units = 16, activation = "tanh",
    init = normal(0.05) }, 40 },
  { "exploding gradient", proben "cancer1", { depth = 12, units = 64, init = normal(0.6),
    optimizer = SGD(0.01) }, 20 },
  { "exploding gradient", mnist(3000), { depth = 6, units = 64, init = normal(0.8),
    optimizer = SGD(0.01) }, 5 },
  { "dead units", proben "card1", { bias = mlp.initializers.Constant(-30) }, 20 },
  { "dead units", scaled "boston_housing", { bias = mlp.initializers.Constant(-20) }, 30 },
  { "saturation", proben "thyroid1", { activation = "tanh", init = normal(10),
    optimizer = SGD(0.01) }, 10 },
  { "saturation", scaled "concrete", { activation = "tanh", depth = 3, init = normal(4),
    optimizer = SGD(0.01) }, 40 },
  { "overfitting", proben "glass1", { units = 256, depth = 2 }, 300 },
  { "overfitting", proben "heart1", { units = 128, depth = 2 }, 150 },
  { "overfitting", quality, { units = 256, depth = 2 }, 200 },
  { "overfitting", proben "gene1", { units = 256 }, 60 },
  { "underfitting", scaled "concrete", { units = 1 }, 150 },
  { "underfitting", mnist(6000), { units = 1 }, 15 },
  { "underfitting", proben "soybean1", { units = 2 }, 60 },
  { "underfitting", lab.digits, { regularizer = L2(0.5) }, 40 },
  { "underfitting", proben "soybean1", { regularizer = L2(0.3) }, 60 },
  { "class imbalance", rare("card1", 12), { units = 8 }, 30 },
  { "class imbalance", rare("diabetes1", 20), { units = 8 }, 30 },
  { "cold batch normalization", fashion(4000), { norm = { momentum = 0.999 }, depth = 2 }, 2 },
  { "cold batch normalization", table_of "wine", { norm = { momentum = 0.999 }, depth = 2 }, 30 },
  { "cold batch normalization", scaled "airfoil", { norm = { momentum = 0.9999 } }, 20 },
  { "symmetric weights", proben "glass1", { init = "zeros", activation = "tanh",
    output_init = "zeros" }, 60 },
  { "symmetric weights", mnist(3000), { init = "ones", activation = "tanh" }, 5 },
}

return { failures = lab.cases(failures), healthy = lab.cases(healthy) }
