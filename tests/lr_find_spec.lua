local mlp = require "mlp"

describe("mlp.lr_find", function()
  local data = mlp.datasets.moons { n = 200, noise = 0.2, seed = 5 }

  local function compiled(optimizer)
    mlp.seed(1)
    local model = mlp.Sequential { mlp.Dense { units = 8, activation = "tanh" }, mlp.Dropout(0.2),
      mlp.Dense { units = 1, activation = "sigmoid" } }
    model:compile { loss = "binary_crossentropy", optimizer = optimizer or mlp.Adam() }
    return model
  end

  local function train(model, first)
    return model:fit(data, { initial_epoch = first - 1, epochs = first, verbose = 0 })
  end

  it("leaves weights, optimizer, streams and rate as they were, bit for bit #D31", function()
    local schedule = mlp.schedules.CosineDecay { initial_learning_rate = 0.1, decay_steps = 50 }
    for _, make in ipairs {
      function() return mlp.Adam { learning_rate = 0.02 } end,
      function() return mlp.SGD { learning_rate = schedule, momentum = 0.9 } end,
    } do
      local plain, tested = compiled(make()), compiled(make())
      train(plain, 1)
      train(tested, 1)
      local rate, hash = tested.optimizer.learning_rate, tested:hash()
      local found = mlp.lr_find(tested, data)
      assert.truthy(#found.loss > 10)
      assert.equal(hash, tested:hash())
      assert.equal(rate, tested.optimizer.learning_rate)
      assert.equal(plain.iterations, tested.iterations)
      train(plain, 2)
      train(tested, 2)
      assert.equal(plain:hash(), tested:hash())
    end
  end)

  it("takes geometric rates from min_lr to max_lr, and suggests one of them", function()
    local found = mlp.lr_find(compiled(), data, { min_lr = 1e-4, max_lr = 1e-1, steps = 31 })
    assert.equal(31, #found.learning_rate)
    for i, rate in ipairs(found.learning_rate) do
      assert.near(1e-4 * 10 ^ ((i - 1) / 10), rate, 1e-12)
    end
    assert.is_nil(found.reason)
    local listed = false
    for i = 11, 30 do listed = listed or found.learning_rate[i] == found.suggestion end
    assert.is_true(listed)
    assert.equal("\137PNG", found:plot():png():sub(1, 4))
  end)

  it("follows the formula of a parabola", function()
    -- loss w^2 / 2 at w = 1, one weight: w <- (1 - rate) w; the loss is that before the step
    local model = mlp.Sequential { mlp.Dense { units = 1, use_bias = false,
      kernel_initializer = "ones" } }:build({ 1 }, "float64")
    model:compile { optimizer = mlp.SGD(), loss = function(_, p) return (p * p):sum() * 0.5 end }
    local one = { x = mlp.ones(1, 1, { dtype = "float64" }), y = mlp.zeros(1, 1,
      { dtype = "float64" }) }
    local found = mlp.lr_find(model, one, { min_lr = 1e-3, max_lr = 1, steps = 40, beta = 0 })
    local w, best, suggestion = 1, 0, nil
    local loss = {}
    for i = 1, 40 do
      loss[i] = w * w / 2
      assert.near(loss[i], found.loss[i], 1e-12)
      w = w * (1 - found.learning_rate[i])
    end
    for i = 11, 39 do -- numpy.gradient of what is left after 10 at first and 1 at the end
      local a, b = math.max(i - 1, 11), math.min(i + 1, 39)
      local slope = (loss[b] - loss[a]) / (b - a)
      if slope < best then best, suggestion = slope, found.learning_rate[i] end
    end
    assert.equal(suggestion, found.suggestion)
    assert.equal(1, model.layers[1].kernel:item())
  end)

  it("gives a reason where there is no suggestion", function()
    local found = mlp.lr_find(compiled(mlp.SGD()), data, { min_lr = 999, max_lr = 1000 })
    assert.is_nil(found.suggestion)
    assert.is_string(found.reason)
    found = mlp.lr_find(compiled(), data, { steps = 5 })
    assert.matches("too few to see a slope", found.reason)
  end)

  it("refuses what it cannot use", function()
    assert.error_matches(function() mlp.lr_find(mlp.Sequential { mlp.Dense(1) }, data) end,
      "lr_find: expected a compiled model")
    assert.error_matches(function() mlp.lr_find(compiled(), data, { min_lr = 2 }) end, "'max_lr'")
  end)
end)
