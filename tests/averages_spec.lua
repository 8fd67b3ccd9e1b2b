local mlp = require "mlp"

local data = mlp.datasets.moons { n = 96, noise = 0.2, seed = 1 }

local function model(optimizer)
  mlp.seed(1)
  local m = mlp.Sequential { mlp.Dense { units = 5, activation = "tanh" },
    mlp.BatchNormalization { momentum = 0.5 }, mlp.Dense { units = 3, activation = "tanh" },
    mlp.BatchNormalization(), mlp.Dense { units = 1, activation = "sigmoid" } }
  return m:compile { loss = "binary_crossentropy", optimizer = optimizer or mlp.SGD {
    learning_rate = 0.1 } }
end

--- Weights after each epoch.
local function recorder()
  local seen = {}
  return { on_epoch_end = function(self, epoch)
    seen[epoch] = self.model:get_weights()
  end }, seen
end

local function largest(t) return t:abs():max():item() end

describe("SWA #F51", function()
  it("ends with the mean of the weights of the epochs from start on", function()
    for _, start in ipairs { 4, 0.5 } do
      local hook, seen = recorder()
      local m = model()
      m:fit(data, { epochs = 8, verbose = 0, callbacks = { hook, mlp.SWA { start = start } } })
      local kernel = m.layers[1].kernel
      local mean = (seen[5][1] + seen[6][1] + seen[7][1] + seen[8][1]) / 4
      assert.near(0, largest(mean - kernel), 1e-6)
      assert.is_true(largest(seen[8][1] - kernel) > 1e-4)
    end
  end)

  it("takes them anew where the momentum warms up, too #D21", function()
    local function averages(momentum)
      mlp.seed(4)
      local norm = mlp.BatchNormalization { momentum = momentum }
      local m = mlp.Sequential { norm, mlp.Dense(1) }:compile { loss = "mse" }
      m:fit({ x = data.x, y = data.x:sum(2):reshape(96, 1) }, { epochs = 2, batch_size = 32,
        verbose = 0, callbacks = { mlp.SWA { start = 1 } } })
      return norm.moving_mean:double(), norm.moving_variance:double()
    end
    local mean, variance = averages(0.99)
    local other_mean, other_variance = averages "auto"
    assert.near(0, largest(mean - other_mean), 1e-5)
    assert.near(0, largest(variance - other_variance), 1e-5)
  end)

  it("takes moving averages anew, as PyTorch's update_bn: means over the batches", function()
    local m = model()
    m:fit(data, { epochs = 4, batch_size = 32, verbose = 0, callbacks = { mlp.SWA { start = 2 } } })
    local first = m.layers[1](data.x) -- 96 rows: three batches of 32
    local mean, var = 0, 0
    for i = 1, 3 do
      local part = first:slice(32 * i - 31, 32 * i):double()
      local center = part:mean(1)
      mean = mean + center / 3
      var = var + ((part - center) ^ 2):mean(1) / 3
    end
    assert.near(0, largest(m.layers[2].moving_mean:double() - mean), 1e-5)
    assert.near(0, largest(m.layers[2].moving_variance:double() - var), 1e-5)
  end)

  it("anneals the rate by a cosine, and leaves it otherwise", function()
    local m = model()
    local history = m:fit(data, { epochs = 6, verbose = 0, callbacks = { mlp.SWA { start = 2,
      learning_rate = 0.02, annealing_epochs = 2 } } })
    -- 0.1 + (0.02 - 0.1) (1 - cos(pi x)) / 2 at x = 0, 1/2, 1, 1
    for epoch, rate in ipairs { 0.1, 0.1, 0.1, 0.06, 0.02, 0.02 } do
      assert.near(rate, history.learning_rate[epoch], 1e-12)
    end
    history = model():fit(data, { epochs = 2, verbose = 0, callbacks = { mlp.SWA() } })
    assert.is_nil(history.learning_rate)
  end)

  it("refuses what makes no sense", function()
    assert.error_matches(function() mlp.SWA { start = 1.5 } end, "'start': expected a share")
    assert.error_matches(function()
      model(mlp.SGD { learning_rate = mlp.schedules.CosineDecay { initial_learning_rate = 0.1,
        decay_steps = 9 } }):fit(data, { verbose = 0, callbacks = { mlp.SWA {
        learning_rate = 0.1 } } })
    end, "SWA: expected an optimizer with a number as its learning_rate")
  end)
end)

describe("SwapEMAWeights #F49", function()
  local function ema()
    return mlp.SGD { learning_rate = 0.1, use_ema = true, ema_momentum = 0.9 }
  end

  it("evaluates with the averages, trains with the weights", function()
    local plain = model(ema())
    local want = plain:fit(data, { epochs = 3, verbose = 0, validation_data = data })
    local m = model(ema())
    local history = m:fit(data, { epochs = 3, verbose = 0, validation_data = data,
      callbacks = { mlp.SwapEMAWeights() } })
    assert.equal(plain:hash(), m:hash())
    assert.same(want.loss, history.loss)
    assert.not_equal(want.val_loss[3], history.val_loss[3])
    -- fit ends with the averages: they are what the last validation saw, but for moving averages
    assert.near(m:evaluate(data, { batch_size = 32 }).loss, history.val_loss[3], 1e-12)
  end)

  it("with swap_on_epoch shows them to callbacks behind it", function()
    local hook, seen = recorder()
    local m = model(ema())
    m:fit(data, { epochs = 2, verbose = 0, callbacks = {
      mlp.SwapEMAWeights { swap_on_epoch = true }, hook } })
    assert.equal(0, largest(seen[2][1] - m.layers[1].kernel))
    local early, raw = recorder()
    model(ema()):fit(data, { epochs = 2, verbose = 0, callbacks = { early,
      mlp.SwapEMAWeights { swap_on_epoch = true } } })
    assert.is_true(largest(seen[1][1] - raw[1][1]) > 1e-4)
  end)

  it("needs an optimizer that averages", function()
    assert.error_matches(function()
      model():fit(data, { verbose = 0, callbacks = { mlp.SwapEMAWeights() } })
    end, "SwapEMAWeights: expected an optimizer with use_ema = true, got sgd")
  end)
end)

describe("GradientTolerance", function()
  it("stops at the epoch whose gradient is small enough", function()
    -- w^2 / 2 from w = 1 by gradient descent with rate 1/2: |gradient| = 2^-(epoch - 1)
    local m = mlp.Sequential { mlp.Dense { units = 1, use_bias = false,
      kernel_initializer = "ones" } }:build({ 1 }, "float64")
    m:compile { optimizer = mlp.SGD { learning_rate = 0.5 },
      loss = function(_, p) return (p * p):sum() * 0.5 end }
    local one = mlp.ones(1, 1, { dtype = "float64" })
    local history = m:fit({ x = one, y = one }, { epochs = 50, batch_size = "all", verbose = 0,
      callbacks = { mlp.GradientTolerance { tolerance = 0.01, log = true } } })
    assert.equal("gradient_tolerance", history.stop_reason)
    assert.equal(8, #history) -- 2^-7 = 0.0078
    for epoch = 1, 8 do assert.near(2 ^ (1 - epoch), history.gradient_norm[epoch], 1e-15) end
    assert.error_matches(function() mlp.GradientTolerance(-1) end, "'tolerance'")
  end)
end)
