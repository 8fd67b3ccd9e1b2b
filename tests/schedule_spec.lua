local mlp = require "mlp"
local core = require "mlp.core"
local keras = require "golden.keras_schedules"

describe("schedule", function()
  for _, case in ipairs(keras) do
    local name, options, expected = table.unpack(case)
    it(name .. " gives the rates of Keras 3", function()
      local schedule = mlp.schedules[name](options)
      -- of these two Keras rounds its constants to float32, whatever floatx is
      local tolerance = (name:find "Cosine" or name:find "Piecewise") and 1e-8 or 1e-13
      for i, step in ipairs(keras.steps) do
        assert.near(expected[i], schedule(step), tolerance, "step " .. step)
      end
    end)
  end

  it("gives the golden rates of the specification (semantics c.6)", function()
    local S = mlp.schedules
    local function exponential(staircase)
      return S.ExponentialDecay { initial_learning_rate = .1, decay_steps = 100, decay_rate = .96,
        staircase = staircase }
    end
    assert.near(.097979590, exponential(false)(50), 5e-10)
    assert.near(.090297990, exponential(false)(250), 5e-10)
    assert.near(.092160000, exponential(true)(250), 5e-10)
    assert.near(.085355339, S.CosineDecay { initial_learning_rate = .1, decay_steps = 1000 }(250),
      5e-10)
    assert.near(.05005, S.PolynomialDecay { initial_learning_rate = .1, decay_steps = 100 }(50),
      1e-15)
    assert.near(.08, S.InverseTimeDecay { initial_learning_rate = .1, decay_steps = 100,
      decay_rate = .5 }(50), 1e-15)
  end)

  it("refuses options that do not go together", function()
    local S = mlp.schedules
    assert.error_matches(function()
      S.PiecewiseConstantDecay { boundaries = { 10, 20 }, values = { 1, 2 } }
    end, "'values': expected one more than the 2 boundaries, got 2")
    assert.error_matches(function()
      S.PiecewiseConstantDecay { boundaries = { 20, 10 }, values = { 1, 2, 3 } }
    end, "'boundaries': expected them to rise, got 10 after 20")
    assert.error_matches(function()
      S.PiecewiseConstantDecay { boundaries = { 20, "x" }, values = { 1, 2, 3 } }
    end, "'boundaries': expected numbers, got 'x'")
    assert.error_matches(function()
      S.PiecewiseConstantDecay { boundaries = { 20 }, values = { 1, -2 } }
    end, "'values': expected a number from 0 to 1000, got %-2")
    assert.error_matches(function()
      S.CosineDecay { initial_learning_rate = 0, decay_steps = 10, warmup_steps = 5 }
    end, "expected 'warmup_target' and 'warmup_steps' together, got only 'warmup_steps'")
    assert.error_matches(function() S.CosineDecay { decay_steps = 10 } end,
      "option 'initial_learning_rate': expected a value")
  end)

  it("is given as learning_rate, sets it, and cannot be overridden by hand", function()
    local optimizer = mlp.Adam { learning_rate = mlp.schedules.ExponentialDecay {
      initial_learning_rate = 0.1, decay_steps = 10, decay_rate = 0.5 } }
    assert.equal("exponential_decay", optimizer.schedule.kind)
    assert.error_matches(function() optimizer.learning_rate = 0.1 end,
      "learning_rate follows the schedule exponential_decay; set schedule = false first")
    optimizer.schedule = false
    optimizer.learning_rate = 0.25
    assert.equal(0.25, optimizer.learning_rate)
    assert.error_matches(function() mlp.Adam { learning_rate = mlp.optimizers.SGD() } end,
      "option 'learning_rate': expected a number")
  end)

  local function fitted(epochs, model)
    local data = mlp.datasets.moons { n = 40, noise = 0.2, seed = 1 }
    if not model then
      mlp.seed(3)
      model = mlp.Sequential { mlp.Dense { units = 1, activation = "sigmoid" } }
      model:compile { loss = "binary_crossentropy", optimizer = mlp.SGD {
        learning_rate = mlp.schedules.PiecewiseConstantDecay { boundaries = { 4, 9 },
          values = { 0.5, 0.25, 0.125 } } } }
    end
    return model, model:fit(data, { epochs = epochs, batch_size = 10, verbose = 0,
      initial_epoch = model.iterations // 4 })
  end

  it("is followed step by step, and its rate is in the history", function()
    local model, history = fitted(3)
    -- 4 steps an epoch, the last ones before the ends are steps 3, 7 and 11
    assert.same({ 0.5, 0.25, 0.125 }, history.learning_rate)
    assert.equal(0.125, model.optimizer.learning_rate)
  end)

  it("goes on from a file bit for bit", function()
    local path = os.tmpname()
    local straight = fitted(4)
    fitted(2):save(path)
    local loaded = mlp.load(path)
    os.remove(path)
    assert.equal("piecewise_constant_decay", loaded.optimizer.schedule.kind)
    assert.same({ 0.5, 0.25, 0.125 }, loaded.optimizer.schedule.values)
    fitted(4, loaded)
    assert.equal(straight:hash(), loaded:hash())
  end)

  it("has no learning_rate in the history where the rate stays the same", function()
    local data = mlp.datasets.moons { n = 40, noise = 0.2, seed = 1 }
    local model = mlp.Sequential { mlp.Dense { units = 1, activation = "sigmoid" } }
    model:compile { loss = "binary_crossentropy" }
    assert.same({ "loss" }, model:fit(data, { verbose = 0 }).columns)
  end)

  it("is no function of anything but a count of steps", function()
    local schedule = mlp.schedules.CosineDecay { initial_learning_rate = 1, decay_steps = 10 }
    assert.error_matches(function() schedule(-1) end, "number of steps from 0, got .* %-1")
    assert.error_matches(function() core.schedule_value(mlp.Adam(), 1) end, "expected a schedule")
  end)
end)
