local mlp = require "mlp"
local core = require "mlp.core"

local nan = 0 / 0

describe("core.stats", function()
  it("gives moments, extremes, shares by their formulas", function()
    local s = core.stats(mlp.tensor { 3, 0, -4, 0 })
    assert.equal(4, s.n)
    assert.equal(5, s.norm) -- 3, 4, 5
    assert.equal(-0.25, s.mean)
    assert.near(math.sqrt(25 / 4 - 1 / 16), s.sd, 1e-15)
    assert.same({ -4, 3, 0.5, 0 }, { s.min, s.max, s.zero, s.nonfinite })
  end)

  it("leaves out what is not finite, and counts it", function()
    local s = core.stats(mlp.tensor { 1, nan, math.huge, 3 })
    assert.same({ 2, 2, 2, 1, 3 }, { s.n, s.nonfinite, s.mean, s.min, s.max })
    s = core.stats(mlp.tensor { nan })
    assert.equal(0, s.n)
    assert.is_true(s.mean ~= s.mean and s.min ~= s.min and s.zero ~= s.zero)
  end)

  it("agrees with a sum in float64 for any length and stride", function()
    for _, n in ipairs { 1, 15, 16, 17, 511, 512, 513, 1300 } do
      local t = mlp.randn(n, 2, { dtype = "float64" }):slice(2, 2, 2)
      local sum, squares, least = 0, 0, math.huge
      for i = 1, n do
        local v = t[i]:item()
        sum, squares, least = sum + v, squares + v * v, math.min(least, v)
      end
      local s = core.stats(t)
      assert.near(sum / n, s.mean, 1e-12)
      assert.near(math.sqrt(squares), s.norm, 1e-11)
      assert.equal(least, s.min)
    end
  end)

  it("counts saturated elements, dead units, bins; takes differences", function()
    local t = mlp.tensor { { -1, 0, 0.5 }, { 0.99, 0, 1 } }
    local s = core.stats(t, { low = -0.97, high = 0.97, units = true, bins = 2 })
    assert.equal(0.5, s.saturated) -- -1, 0.99, 1
    assert.equal(1 / 3, s.dead)
    assert.same({ low = -1, high = 1, counts = { 1, 5 } }, s.histogram)
    s = core.stats(t, { from = mlp.ones(2, 3) })
    assert.same({ -2, 0 }, { s.min, s.max })
    assert.error_matches(function() core.stats(t, { from = mlp.ones(3, 2) }) end, "expected shape")
  end)
end)

describe("mlp.monitor #F50 #F47", function()
  local data = mlp.datasets.moons { n = 160, seed = 3 }

  local function train(callbacks, optimizer, epochs)
    mlp.seed(0)
    local model = mlp.Sequential { mlp.Dense { units = 8, activation = "tanh" },
      mlp.BatchNormalization(), mlp.Dropout(0.3), mlp.Dense { units = 1, activation = "sigmoid" } }
    model:compile { loss = "binary_crossentropy", optimizer = optimizer or mlp.SGD() }
    local history = model:fit(data, { epochs = epochs or 3, verbose = 0, callbacks = callbacks })
    return model:hash(), history, model
  end

  it("changes no bit of the training #D25", function()
    local m = mlp.monitor
    assert.equal(train {}, (train { m.gradients { every = 2, bins = 4 }, m.weights { every = 3 },
      m.updates { every = 1 }, m.activations { every = "epoch" } }))
  end)

  it("samples step 1, every + 1, ..., also with batch hooks", function()
    local batches = 0
    local hook = mlp.Lambda { on_batch_end = function() batches = batches + 1 end }
    local watch = mlp.monitor.gradients { every = 4 }
    train({ hook, watch }) -- 5 batches an epoch
    assert.equal(15, batches)
    local series = watch:series "norm"
    assert.same({ 1, 5, 9, 13 }, series.steps)
    assert.same({ 1, 1, 2, 3 }, series.epochs)
    assert.same({ "dense_1.kernel", "dense_1.bias", "batch_normalization_1.gamma",
      "batch_normalization_1.beta", "dense_2.kernel", "dense_2.bias" }, series.names)
    assert.equal(4, #series.values["dense_2.kernel"])
    watch = mlp.monitor.weights { every = "epoch", layers = { "dense_2" } }
    train { watch }
    assert.same({ 1, 6, 11 }, watch:series "mean".steps)
    assert.same({ "dense_2.kernel", "dense_2.bias" }, watch:series "mean".names)
  end)

  it("looks at the first step of a later fit, too, and then as before", function()
    local _, _, model = train {} -- 15 steps
    local watch = mlp.monitor.gradients { every = 10 }
    model:fit(data, { epochs = 3, verbose = 0, callbacks = { watch } })
    assert.same({ 16, 21 }, watch:series "norm".steps)
    watch = mlp.monitor.gradients { every = 250 }
    model:fit(data, { epochs = 1, verbose = 0, callbacks = { watch } })
    assert.same({ 31 }, watch:series "norm".steps)
  end)

  it("plain SGD moves a weight by the rate times its gradient, before clipping", function()
    local each = { every = 1 }
    local gradients, updates = mlp.monitor.gradients(each), mlp.monitor.updates(each)
    local weights = mlp.monitor.weights(each)
    train({ gradients, updates, weights }, mlp.SGD { learning_rate = 0.5 })
    for i, g in ipairs(gradients.rows) do
      local u = updates.rows[i]
      assert.near(0.5 * g.norm, u.norm, 1e-6)
      assert.same({ g.layer, g.name, g.step, g.epoch }, { u.layer, u.name, u.step, u.epoch })
      local before = weights.rows[i - 6] -- six weights a step
      if before and before.norm > 0 then assert.near(1, u.ratio * before.norm / u.norm, 1e-6) end
    end
    local clipped = mlp.monitor.gradients { every = 15 }
    train({ clipped }, mlp.SGD { clipvalue = 1e-6 })
    assert.near(gradients.rows[1].norm, clipped.rows[1].norm, 0)
  end)

  it("activations are those of the layers in evaluation", function()
    local watch = mlp.monitor.activations { every = 100, samples = 20, bins = 3 }
    train { watch }
    assert.equal(4, #watch.rows)
    mlp.seed(0)
    local layer = mlp.Dense { units = 8, activation = "tanh" }
    local model = mlp.Sequential { layer }:build { 2 }
    local want = core.stats(model(data.x:slice(1, 20)), { low = -0.97, high = 0.97 })
    local got = watch.rows[1]
    assert.same({ want.norm, want.mean, want.saturated }, { got.norm, got.mean, got.saturated })
    assert.same({ "dense_1", "output", 160 }, { got.layer, got.name, got.n })
    assert.equal(watch.rows[2].norm, watch.rows[3].norm) -- dropout is off
  end)

  it("writes a column of the history with log = true", function()
    local watch = mlp.monitor.gradients { every = 1, log = true }
    local _, history = train { watch }
    assert.same({ "loss", "gradient_norm" }, history.columns)
    local sum = 0
    for i = 1, 5 do
      local square = 0
      for j = 1, 6 do square = square + watch.rows[6 * (i - 1) + j].norm ^ 2 end
      sum = sum + math.sqrt(square)
    end
    assert.near(sum / 5, history.gradient_norm[1], 1e-12)
  end)

  it("finds dead units and says what it cannot do", function()
    mlp.seed(0)
    local model = mlp.Sequential { mlp.Dense { units = 4, activation = "relu",
      bias_initializer = mlp.initializers.Constant(-100) }, mlp.Dense { units = 1,
      bias_initializer = "ones" } }
    model:compile { loss = "mse" }
    local watch = mlp.monitor.activations { log = true }
    local history = model:fit({ x = data.x, y = mlp.rand(160, 1) }, { verbose = 0,
      callbacks = { watch } })
    assert.equal(1, watch.rows[1].dead)
    assert.equal(4 / 5, history.dead_units[1])
    assert.matches("activations at step 1, epoch 1", tostring(watch))
    assert.error_matches(function()
      train { mlp.monitor.weights { layers = { "dens_1" } } }
    end, "monitor.weights: option 'layers': no layer is named 'dens_1'; did you mean 'dense_1'%?")
    assert.error_matches(function() mlp.monitor.weights { every = 0 } end, "at least 1, got 0")
    assert.error_matches(function() mlp.monitor.weights { evry = 1 } end, "did you mean 'every'%?")
  end)

  it("a hook cannot compile the model that is training #B07", function()
    local hook = { every = 2, on_before_step = function(self)
      self.model:compile { loss = "binary_crossentropy" }
    end }
    assert.error_matches(function() train { hook } end, "compile: the model is training")
  end)
end)
