-- What is found before or at the first wrong number: lints of compile, the place of a number that
-- is not finite, memory that will be needed.
local mlp = require "mlp"
local core = require "mlp.core"
local program = require "program"

local function assert_has(text, part)
  assert.truthy(text:find(part, 1, true), text)
end

--- What a script writes to standard error.
local function said_by(script)
  local _, said = program.run { "-e", "local mlp = require 'mlp' " .. script }
  return said
end

describe("compile", function()
  it("refuses softmax of one unit, also as a layer of its own #T2 #D9", function()
    local model = mlp.Sequential { mlp.Dense(8), mlp.Dense(1), mlp.Softmax() }
    assert.error_matches(function() model:compile { loss = "categorical_crossentropy" } end,
      "compile: layer 3 'softmax_1': softmax of 1 unit is always 1, so that nothing is learnt; for "
      .. "two classes use units = 1, activation = 'sigmoid' and loss = 'binary_crossentropy'")
  end)

  it("warns of a softmax that is applied twice #T15 #D9", function()
    assert_has(said_by [[mlp.Sequential { mlp.Dense { 2, activation = "softmax" } }:compile { loss =
      mlp.losses.SparseCategoricalCrossentropy { from_logits = true } }]],
      "has from_logits = true, but layer 1 'dense_1' ends with softmax: that is applied twice")
    assert.equal("", said_by [[mlp.Sequential { mlp.Dense(2) }:compile { loss =
      mlp.losses.SparseCategoricalCrossentropy { from_logits = true } }]])
  end)

  it("says that accuracy has no gradient, and that a function is no metric", function()
    local model = mlp.Sequential { mlp.Dense(1) }
    for _, name in ipairs { "accuracy", "acc", "auc" } do
      assert.error_matches(function() model:compile { loss = name } end,
        ("compile: option 'loss': '%s' is a metric: its gradient is 0 almost"):format(name))
    end
    assert.error_matches(function()
      model:compile { loss = "mse", metrics = { function() end } }
    end, "compile: metric 1 is a function: give it a name, mlp.Metric { name = , call = f }")
  end)
end)

describe("an error of shapes", function()
  it("names the layers, their places, and the line that made them #D8 #A01", function()
    local said = said_by [[
      local m = mlp.Sequential { mlp.Dense(10), mlp.Dense(4) }
      m:build { 2 }
      mlp.Sequential { mlp.Dense { 8, name = "wide" }, m.layers[2] }:build { 3 }]]
    assert_has(said, "layer 2 'dense_2': dense: expected an input of shape (rows, 10), got (2, 8) "
      .. "from layer 1 'wide' (units = 8, ")
    assert_has(said, ":3)")
  end)
end)

describe("a loss that is not finite", function()
  local function fit(model, x, y, options)
    options.verbose = 0
    local history = model:fit({ x = x, y = y }, options)
    return history.culprit, history
  end
  local function model(activation)
    mlp.seed(1)
    return mlp.Sequential { mlp.Dense { 4, activation = "tanh" },
      mlp.Dense { 1, activation = activation, name = "head" } }
      :compile { optimizer = mlp.SGD(0.01), loss = "mse" }
  end

  it("is traced to the rows of the data #D5 #F11", function()
    local x, y = mlp.ones(20, 3), mlp.zeros(20, 1)
    x[{ 7, 2 }] = 0 / 0
    local m = model "linear"
    m:build { 3 }
    local before = m:hash()
    local c, history = fit(m, x, y, { batch_size = 20 })
    assert.same({ "input", nil, 1, { 7 } }, { c.layer, c.op, c.n, c.rows })
    assert.equal("non-finite loss at epoch 1, batch 1", history.stop_reason)
    assert.equal(before, m:hash())
    y[{ 3, 1 }] = math.huge
    c = fit(model "linear", mlp.ones(20, 3), y, { batch_size = 4, shuffle = false })
    assert.same({ "target", { 3 } }, { c.layer, c.rows })
  end)

  it("is traced to the layer and what it did #D5 #F11 #F91", function()
    local x, y = mlp.ones(4, 3), mlp.zeros(4, 1)
    local m = model "exponential"
    m:build { 3 }
    m:get_layer("head"):set_weights { bias = { 1e5 } }
    local c = fit(m, x, y, {})
    assert.same({ "head", "dense", 4, math.huge }, { c.layer, c.op, c.n, c.value })
    m:get_layer(1):set_weights { bias = { 0, 0 / 0, 0, 0 } }
    c = fit(m, x, y, {})
    assert.same({ "dense_1", "bias", true }, { c.layer, c.op, c.weights })
  end)

  it("is traced to the operator in a layer, or in a loss #F11", function()
    local m = mlp.Sequential { mlp.Dense { 2, name = "head" },
      mlp.RMSNormalization { epsilon = 0 } }
    m:compile { optimizer = mlp.SGD(0.1), loss = "mse" }
    local x = mlp.ones(3, 2)
    m:build { 2 }
    m:get_layer("head"):set_weights { kernel = { { 0, 0 }, { 0, 0 } } }
    local c = fit(m, x, x, {})
    assert.same({ "rms_normalization", "div", 3 }, { c.op, c.inner, c.n }) -- 0 / 0
    local own = mlp.Sequential { mlp.Dense { 2, kernel_initializer = "zeros" } }
      :compile { loss = function(_, p) return (p - 1):log() end }
    c = fit(own, x, x, {})
    assert.same({ "loss", "log" }, { c.layer, c.inner })
    assert_has(said_by [[mlp.Sequential { mlp.Dense { 2, kernel_initializer = "zeros" } }
      :compile { loss = function(_, p) return (p - 1):log() end }
      :fit({ x = mlp.ones(3, 2), y = mlp.ones(3, 2) }, { verbose = 0 })]], "(from operator 'log')")
  end)

  it("or to one element of a gradient, wherever it is", function()
    local m = mlp.Sequential { mlp.Dense { 3, use_bias = false, kernel_initializer = "zeros" } }
    -- the slope of sqrt at 0, for the element of row 2 and column 3 alone
    local function loss(_, p) return p[{ {}, { 3, 3 } }]:abs():sqrt():mean() end
    m:compile { optimizer = mlp.SGD(0.1), loss = loss }
    local x = mlp.zeros(4, 2)
    x[{ 1, 2 }] = 1
    local c = fit(m, x, mlp.zeros(4, 3), {})
    assert.same({ "dense_1", "kernel", true }, { c.layer, c.op, c.gradient })
  end)

  it("or to the last of many elements of a gradient", function()
    local n, x = 40000, mlp.zeros(1, 40000)
    x[{ 1, n }] = 1e10 -- 1e10 * 1e35 / 3 is beyond float32
    local m = mlp.Sequential { mlp.Dense { 3, use_bias = false, kernel_initializer = "zeros" } }
    m:compile { optimizer = mlp.SGD(0.1), loss = function(_, p) return (p * 1e35):mean() end }
    local c = fit(m, x, mlp.zeros(1, 3), {})
    assert.same({ "dense_1", "kernel", true }, { c.layer, c.op, c.gradient })
  end)

  it("or to a gradient, before it spoils the weights #D5", function()
    local m = mlp.Sequential { mlp.Dense { 1, use_bias = false, kernel_initializer = "zeros" } }
    local function loss(y, p) return (p - y):abs():sqrt():mean() end
    m:compile { optimizer = mlp.SGD(0.1), loss = loss }
    local c, history = fit(m, mlp.ones(4, 2), mlp.zeros(4, 1), {})
    assert.same({ "dense_1", "kernel", true }, { c.layer, c.op, c.gradient })
    assert.truthy(history.stop_reason:find "^non%-finite")
    assert.same({ { 0 }, { 0 } }, m.layers[1].kernel:totable())
  end)

  it("is said in words", function()
    local said = said_by [[
      local x = mlp.ones(3, 2) x[{ 2, 1 }] = 0 / 0
      mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse" }
        :fit({ x = x, y = mlp.ones(3, 1) }, { verbose = 0 })]]
    assert_has(said, "fit stopped: non-finite loss at epoch 1, batch 1: the input is "
      .. "nan for row 2 of the data; the weights are those before that step")
  end)
end)

describe("memory", function()
  it("is predicted within a tenth of what fit takes, of small ones within 64 KiB #S16", function()
    for _, case in ipairs { { 64, 32, 2000 }, { 256, 256, 1000 }, { 512, 1024, 3000 } } do
      local units, batch, rows = table.unpack(case)
      local x, y = mlp.randn(rows, 100), mlp.randn(rows, 10)
      collectgarbage()
      collectgarbage()
      local start = core.memory()
      local model = mlp.Sequential { mlp.Dense { units, activation = "relu" },
        mlp.Dense { units, activation = "relu" }, mlp.Dense(10), input_shape = { 100 } }
      model:compile { optimizer = "adam", loss = "mse" }
      local predicted = model:memory { batch_size = batch, rows = rows }.total
      model:fit({ x = x, y = y }, { batch_size = batch, verbose = 0 })
      local used = core.memory() - start
      assert.near(used, predicted, math.max(0.1 * used, 64 * 1024))
    end
  end)

  it("without training is less; an unbuilt model says so", function()
    local model = mlp.Sequential { mlp.Dense(8), input_shape = { 4 } }
    local b = model:memory { batch_size = 100 }
    assert.same({ 0, 0 }, { b.gradients, b.optimizer })
    assert.equal(b.total, b.weights + b.plan + b.other)
    assert.error_matches(function() mlp.Sequential { mlp.Dense(8) }:memory() end,
      "memory: expected a model that is built")
  end)
end)
