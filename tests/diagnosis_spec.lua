package.path = "tests/why/?.lua;" .. package.path
local mlp = require "mlp"
local cases = require "cases"

local function network(options)
  local dense = { options.units or 16, options.activation or "tanh",
    kernel_initializer = options.init or "glorot_uniform" }
  return mlp.Sequential { mlp.Dense(dense), mlp.Dense { 10, "softmax" } }
    :compile { optimizer = mlp.Adam(0.01), loss = "sparse_categorical_crossentropy" }
end

local digits = mlp.datasets.digits { n = 400, seed = 1 }

describe("mlp.check.sanity", function()
  it("expects ln K and 1/K before training #S38", function()
    local sanity = mlp.check.sanity(network {}, digits)
    assert.is_true(sanity.ok, tostring(sanity))
    assert.near(2.302585, sanity.expected_loss, 1e-6)
    assert.near(0.1, sanity.expected_accuracy, 1e-12)
    assert.near(sanity.expected_loss, sanity.loss, 0.15 * sanity.expected_loss)
  end)

  it("says one and the same loss, however large #S38", function()
    local init = mlp.initializers.RandomUniform { minval = -50, maxval = 50 }
    local sanity = mlp.check.sanity(network { init = init, activation = "relu" }, digits)
    assert.is_true(sanity.loss > 20, "beyond -log(1e-7)") -- where clipped probabilities end
    assert.equal(("the loss is %.4f;"):format(sanity.loss), sanity[1]:match "^[^;]*;")
  end)

  it("tells large weights, equal weights, unscaled and bad features #S38 #S49", function()
    local large = mlp.initializers.RandomUniform { minval = -5, maxval = 5 }
    assert.matches("end of their range", tostring(mlp.check.sanity(network { init = large },
      digits)))
    assert.matches("equal weights", tostring(mlp.check.sanity(network { init = "ones" }, digits)))
    local far = digits:map_x(function(x) return x * 255 end)
    assert.matches("standardize them", tostring(mlp.check.sanity(network {}, far)))
    local bad = digits:map_x(function(x) return x / 0 end)
    assert.matches("NaN or infinite", tostring(mlp.check.sanity(network {}, bad)))
  end)
end)

describe("mlp.check.gradients", function()
  -- y = w x, loss mean (w x - y)^2: dL/dw = 2 (w - 1) at x = y = 1; b the same
  it("is the length of each weight's gradient, and moves nothing #S34", function()
    local model = mlp.Sequential { mlp.Dense { 1, kernel_initializer = "zeros" } }
      :compile { loss = "mse" }:build { 1 }
    local data = mlp.dataset { x = mlp.ones(64, 1), y = mlp.ones(64, 1) }
    local found = mlp.check.gradients(model, data)
    assert.same({ { layer = "dense_1", weight = "kernel", norm = 2 },
      { layer = "dense_1", weight = "bias", norm = 2 }, by_layer = { 2 } }, found)
    assert.equal(0, model.layers[1].kernel:item())
    local norm = mlp.Sequential { mlp.BatchNormalization(), mlp.Dense(1) }:compile { loss = "mse" }
    norm:build { 1 }
    local before = norm:hash()
    assert.same(4, #mlp.check.gradients(norm, data))
    local deep = mlp.Sequential { mlp.Dense(3), mlp.BatchNormalization(), mlp.Dense(1) }
    found = mlp.check.gradients(deep:compile { loss = "mse" }, data)
    assert.same({ found[4].norm, found[6].norm }, found.by_layer) -- beta, the last bias
    assert.equal(before, norm:hash())
    assert.error_matches(function() mlp.check.gradients(norm, { x = data.x, y = data.y }) end,
      "gradients: expected a dataset")
  end)
end)

describe("mlp.check.overfit", function()
  it("learns 20 rows by heart, and leaves the model as it was #S39", function()
    local model = network {}
    model:build { 784 }
    local before = model:hash()
    local seed_before = mlp.rand(1):item()
    local result = mlp.check.overfit(model, digits, { n = 20 })
    assert.is_true(result.ok, tostring(result))
    assert.equal(1, result.accuracy)
    assert.equal(before, model:hash())
    assert.are_not.equal(seed_before, mlp.rand(1):item())
  end)

  it("says that one unit is too few", function()
    assert.matches("increase capacity", tostring(mlp.check.overfit(network { units = 1 }, digits,
      { n = 20, steps = 300 })))
  end)
end)

describe("compile", function()
  local function compile(units, activation, loss)
    return mlp.Sequential { mlp.Dense { units, activation, name = "odd" } }
      :compile { loss = loss }
  end

  it("refuses a softmax over one unit #S4", function()
    assert.error_matches(function() compile(1, "softmax", "binary_crossentropy") end,
      "layer 1 'odd': softmax of 1 unit is always 1, .* 'sigmoid'")
  end)

  it("warns of a cross-entropy whose input is no probability", function()
    local core, said = require "mlp.core", {}
    local warn = core.warn
    core.warn = function(text) said[#said + 1] = text end
    compile(10, "linear", "categorical_crossentropy")
    compile(10, "softmax", "categorical_crossentropy")
    compile(10, "linear", mlp.losses.CategoricalCrossentropy { from_logits = true })
    compile(1, "sigmoid", "binary_crossentropy")
    compile(1, "linear", "mse")
    core.warn = warn
    assert.equal(1, #said)
    assert.matches("end with softmax, or take the loss with from_logits = true", said[1])
  end)
end)

describe("mlp.check.babysit", function()
  it("draws the five views, and leaves a trained model as it was #S65", function()
    local model = network {}
    model:fit(digits, { epochs = 1, validation_split = 0.2, verbose = 0 })
    local hash = model:hash()
    local views = mlp.check.babysit(model, digits, { trials = 3, trial_epochs = 1 })
    for _, name in ipairs { "loss", "data", "layers", "metric", "space" } do
      assert.equal("\137PNG", views[name]:png():sub(1, 4))
    end
    assert.equal(hash, model:hash())
  end)
end)

describe("model:advise", function()
  local function deep(n, activation, init)
    local layers = {}
    for i = 1, n do layers[i] = mlp.Dense { 8, activation, kernel_initializer = init } end
    layers[n + 1] = mlp.Dense { 1, "sigmoid" }
    return mlp.Sequential(layers):advise()
  end

  it("gives the slide's rule for each depth #S32", function()
    assert.matches("tanh or sigmoid, random_uniform", deep(3, "tanh", "glorot_uniform").rule)
    assert.matches("relu with he_uniform", deep(4, "tanh", "glorot_uniform").rule)
    assert.matches("relu with he_uniform", deep(8, "tanh", "glorot_uniform").rule)
    assert.matches("residual", deep(9, "tanh", "glorot_uniform").rule)
    assert.matches("residual", deep(25, "tanh", "glorot_uniform").rule)
  end)

  it("tells what differs", function()
    assert.equal(0, #deep(5, "relu", "he_uniform"))
    assert.matches("take relu", deep(5, "tanh", "glorot_uniform")[1])
    assert.matches("he_uniform", deep(5, "relu", "glorot_uniform")[1])
    assert.equal(2, #deep(20, "relu", "he_uniform"))
  end)
end)

-- The whole campaign is `make why`; here is one of each of the quickest.
describe("model:why", function()
  local quick = { ["dead units"] = true, ["exploding gradient"] = true, saturation = true,
    ["learning rate too small"] = true, ["learning rate too large"] = true, overfitting = true,
    ["class imbalance"] = true, ["leaking split"] = true, ["cold batch normalization"] = true }

  for _, case in ipairs(cases.failures) do
    if quick[case[1]] then
      quick[case[1]] = nil
      it("names " .. case[1], function()
        mlp.seed(0)
        local why = case[2]():why()
        assert.equal(case[1], why[1] and why[1].cause, tostring(why))
      end)
    end
  end

  --- What why says first of a network on a few digits.
  local function first(o, epochs)
    mlp.seed(0)
    local layers = { mlp.Dense { 24, "relu", kernel_initializer = "he_uniform" } }
    if o.momentum then layers[2] = mlp.BatchNormalization { momentum = o.momentum } end
    layers[#layers + 1] = mlp.Dense { 10, "softmax" }
    local model = mlp.Sequential(layers)
    model:compile { loss = "sparse_categorical_crossentropy",
      optimizer = o.optimizer or mlp.Adam() }
    model:fit(mlp.datasets.digits { n = 500 }, { epochs = epochs, verbose = 0 })
    return model:why()[1] or {}
  end

  it("finds a rate that is too small by a factor of more than 1000", function()
    local f = first({ optimizer = mlp.SGD(1e-6) }, 3)
    assert.equal("learning rate too small", f.cause)
    assert.matches("with 1000+ times the rate", f.evidence)
  end)

  it("calls averages cold that still are mostly what they started from", function()
    assert.equal("cold batch normalization", first({ momentum = 0.995 }, 4).cause)
  end)

  it("needs no yard-stick where a whole layer is dead and the answer a constant", function()
    local dead = require "mlp.diagnosis.cause.dead_units"
    local function judge(share, train)
      local layers = { { hidden = true, dead = share, name = "h" } }
      return dead.judge { failed = false, train = train, now = layers, first = layers }
    end
    assert.equal(1, (judge(1, 1)))
    assert.is_nil(judge(0.9, 1))
    assert.is_nil(judge(1, 0.5)) -- beside a connection that skips it
  end)

  it("takes a penalty on weights for a reason, where the excess alone is too small", function()
    local underfitting = require "mlp.diagnosis.cause.underfitting"
    local function judge(excess, penalty)
      return underfitting.judge { failed = false, excess = excess, noise = 0.01, found = {},
        train = 0.05 + excess, reference = 0.05, model = { layers = {} },
        penalty_share = function() return penalty end,
        trial = function() return 0.1 end }
    end
    assert.is_nil(judge(0.1, 0.05))
    assert.is_nil(judge(0.04, 0.4))
    assert.near(0.6, judge(0.1, 0.4), 1e-9)
  end)

  --- Does why name a leak in a network on these features, whose target is their sum and noise?
  local function leaks(x)
    mlp.seed(0)
    local data = mlp.dataset { x = x, y = x:sum(2) + mlp.randn(x.shape[1]) }
    local model = mlp.Sequential { mlp.Dense { 8, "relu" }, mlp.Dense(1) }
      :compile { loss = "mse", optimizer = mlp.Adam(0.01) }
    model:fit(data, { epochs = 20, verbose = 0, validation_split = 0.2 })
    for _, f in ipairs(model:why()) do
      if f.cause == "leaking split" then return true end
    end
    return false
  end

  it("takes rows that are alike for copies where their columns have many values", function()
    mlp.seed(1)
    local bits, normal = mlp.rand(400, 5):gt(0.5):float(), mlp.randn(100, 5)
    assert.is_false(leaks(bits)) -- 32 different rows
    assert.is_false(leaks(mlp.randn(400, 5)))
    assert.is_true(leaks(mlp.concat({ normal, normal, normal, normal }, 1)))
  end)

  it("names equal weights also where one unit does nearly as well as many", function()
    local symmetric = require "mlp.diagnosis.cause.symmetric_weights"
    local layers = { { hidden = true, alike = true, name = "h" } }
    local function judge(excess)
      return (symmetric.judge { failed = false, excess = excess, now = layers, first = layers })
    end
    assert.equal(1, judge(0.1))
    assert.is_nil(judge(0.01))
  end)

  it("judges few rows by several splits of them", function()
    mlp.seed(3)
    local reference = require "mlp.diagnosis.reference"
    local x = mlp.randn(100, 2)
    local _, few = reference.loss(x, x:sum(2, true) + mlp.randn(100, 1), false)
    mlp.seed(3)
    x = mlp.randn(400, 2)
    local _, many = reference.loss(x, x:sum(2, true) + mlp.randn(400, 1), false)
    assert.is_true(few < 2 * many) -- of the same 100 rows, in four splits or in one
  end)

  it("blames dropout of most units before the units that die of it", function()
    local underfitting = require "mlp.diagnosis.cause.underfitting"
    local function judge(rate)
      local dead = { explains = true, rank = 11.5 }
      return underfitting.judge { failed = true, excess = 0.6, noise = 0.01, found = { dead },
        train = 0.9, reference = 0.3, penalty_share = function() return 0 end,
        trial = function() return 0.9 end,
        model = { layers = { { kind = "dropout", rate = rate } } } }
    end
    local strength, seen = judge(0.95)
    assert.equal(1, strength)
    assert.matches("dropout takes 95 %%", seen)
    assert.is_nil(judge(0.5))
  end)

  it("says nothing of a healthy run, and changes nothing", function()
    mlp.seed(0)
    local model = cases.healthy[1][2]()
    local hash, steps = model:hash(), model.iterations
    local why = model:why()
    assert.equal(0, #why, tostring(why))
    assert.matches("nothing wrong", tostring(why))
    assert.same({ hash, steps }, { model:hash(), model.iterations })
    local next_weights = mlp.Sequential { mlp.Dense(2) }:build({ 3 }):hash()
    mlp.seed(0)
    cases.healthy[1][2]()
    assert.equal(next_weights, mlp.Sequential { mlp.Dense(2) }:build({ 3 }):hash())
  end)

  it("asks for a fit", function()
    assert.error_matches(function() network({}):why() end,
      "expected a model that was trained by fit")
  end)
end)
