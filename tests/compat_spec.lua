-- compat = "torch": what it changes, where it may stand, and what it does not touch. That it is
-- PyTorch: kinds_spec and runs_spec. Presets: PyTorch 2.15, torch.optim and torch.nn.
local mlp = require "mlp"

local DOUBLE <const> = { dtype = "float64" }

--- f() while PyTorch's conventions are the default.
local function as_torch(f)
  mlp.compat "torch"
  local ok, e = pcall(f)
  mlp.compat "keras"
  if not ok then error(e, 0) end
end

--- The first step of one float64 weight at that gradient.
local function first_step(optimizer, gradient)
  local model = mlp.Sequential { mlp.Dense { 1, use_bias = false, kernel_initializer = "zeros" } }
  model:compile { optimizer = optimizer, loss = function(y, p) return (p * y):sum() end }
  model:build({ 1 }, "float64")
  model:train_on_batch(mlp.ones(1, 1, DOUBLE), mlp.full({ 1, 1 }, gradient, DOUBLE))
  return model.layers[1].kernel:item()
end

describe("compat = 'torch'", function()
  it("takes presets, which what is given wins over, also as the first option alone", function()
    local o = mlp.RMSprop { compat = "torch" }
    assert.same({ 0.01, 0.99, 1e-8 }, { o.learning_rate, o.rho, o.epsilon })
    assert.equal(0.5, mlp.RMSprop { 0.5, compat = "torch" }.learning_rate)
    assert.equal(0.9, mlp.RMSprop { rho = 0.9, compat = "torch" }.rho)
    assert.equal(0.01, mlp.AdamW { compat = "torch" }.weight_decay)
    assert.equal(0.004, mlp.AdamW().weight_decay)
    assert.equal(0.01, mlp.activations.LeakyReLU { compat = "torch" }.negative_slope)
    assert.equal(0.3, mlp.LeakyReLU().negative_slope) -- the layer; the activation has 0.2
  end)

  it("as the default reaches what is named by a string", function()
    as_torch(function()
      local model = mlp.Sequential { mlp.Dense(1) }
      model:compile { optimizer = "rmsprop", loss = "mse" }
      assert.equal(0.99, model.optimizer.rho)
      assert.equal("torch", model.optimizer.compat)
      assert.equal(1e-5, mlp.BatchNormalization().epsilon)
      assert.near(0.7, mlp.BatchNormalization(0.3).momentum, 1e-15) -- the share of the batch
      assert.equal("keras", mlp.RMSprop { compat = "keras" }.compat)
      assert.equal(0.9, mlp.RMSprop { compat = "keras" }.rho)
    end)
  end)

  it("of a model reaches its layers that have none of their own, and what compile names", function()
    local norm = mlp.BatchNormalization { momentum = 0.3 }
    local own = mlp.BatchNormalization { compat = "keras" }
    local model = mlp.Sequential { compat = "torch", mlp.Dense { 3, name = "first" }, norm, own,
      mlp.LeakyReLU(), mlp.LeakyReLU(0.2), mlp.Dense { 2, kernel_initializer = "zeros" } }
    assert.equal("torch_uniform", model.layers[1].kernel_initializer.kind)
    assert.equal("first", model.layers[1].name)
    assert.same({ 1e-5, 1e-3 }, { norm.epsilon, own.epsilon })
    assert.near(0.7, norm.momentum, 1e-15)
    assert.same({ 0.01, 0.2 }, { model.layers[4].negative_slope, model.layers[5].negative_slope })
    assert.equal("zeros", model.layers[6].kernel_initializer.kind)
    model:compile { optimizer = "rmsprop", loss = "scce", metrics = { "accuracy" } }
    assert.same({ 0.99, "torch" }, { model.optimizer.rho, model.optimizer.compat })
    model:compile { optimizer = "rmsprop", loss = "scce", compat = "keras" }
    assert.equal(0.9, model.optimizer.rho)
    model:compile { optimizer = mlp.RMSprop(), loss = "scce" } -- what is made is as it was made
    assert.equal(0.9, model.optimizer.rho)
    assert.equal(0.9, mlp.RMSprop().rho)
    local x = mlp.Input { 2 }
    local graph = mlp.Model { inputs = x, outputs = mlp.Dense(1)(x), compat = "torch" }
    assert.equal("torch_uniform", graph.layers[1].kernel_initializer.kind)
    assert.error_matches(function() mlp.Sequential { compat = "caffe", mlp.Dense(1) } end,
      "Sequential: option 'compat': expected 'keras' or 'torch', got 'caffe'")
    local built = mlp.Dense(1)
    built(mlp.ones(1, 2))
    assert.error_matches(function() mlp.Sequential { compat = "torch", built } end,
      "its weights are made; give compat to the layer itself")
  end)

  it("divides a weighted cross-entropy by the sum of weights, a binary one by rows", function()
    local y = mlp.tensor({ 1, 2 }, { dtype = "int64" })
    local p = mlp.tensor({ { 0.5, 0.5 }, { 0.5, 0.5 } }, DOUBLE)
    local w = { sample_weight = mlp.tensor({ 1, 3 }, DOUBLE) }
    local L, ln2 = mlp.losses, math.log(2)
    assert.near(2 * ln2, L.SparseCategoricalCrossentropy()(y, p, w):item(), 1e-12)
    assert.near(ln2, L.SparseCategoricalCrossentropy { compat = "torch" }(y, p, w):item(), 1e-12)
    local half, bits = mlp.full({ 2, 1 }, 0.5, DOUBLE), mlp.tensor({ { 0 }, { 1 } }, DOUBLE)
    assert.near(2 * ln2, L.BinaryCrossentropy { compat = "torch" }(bits, half, w):item(), 1e-12)
  end)

  it("is refused where it is neither, and by an optimizer that PyTorch does not have", function()
    assert.error_matches(function() mlp.Dense { 1, compat = "jax" } end,
      "dense: option 'compat': expected one of keras torch; got 'jax'")
    assert.error_matches(function() mlp.compat "jax" end, "expected 'keras' or 'torch', got 'jax'")
    assert.error_matches(function() mlp.Lion { compat = "torch" } end, "unknown option 'compat'")
    assert.equal("keras", mlp.compat())
  end)

  -- shared specification, semantics c.5 [calc]: the place of epsilon at a gradient of 1e-7
  it("matters where gradients vanish", function()
    local g, eps = 1e-7, { epsilon = 1e-7, learning_rate = 1e-3, compat = "torch" }
    assert.near(-3.065e-5, first_step(mlp.Adam(), g), 5e-9)
    assert.near(-5.000e-4, first_step(mlp.Adam(eps), g), 5e-8)
    assert.near(-3.16e-7, first_step(mlp.RMSprop(), g), 5e-10)
    eps.rho = 0.9
    assert.near(-7.60e-4, first_step(mlp.RMSprop(eps), g), 5e-7)
    assert.near(-9.1e-4, first_step(mlp.Adam { compat = "torch" }, g), 1e-6) -- docs/compat.md
  end)
end)

describe("mlp.layers", function()
  it("has Input and Layer, as keras.layers", function()
    assert.equal(mlp.Input, mlp.layers.Input)
    assert.equal(mlp.Layer, mlp.layers.Layer)
  end)
end)
