--- What the lecture's scripts lean on: hidden_layers, memoize, playground, a path of minimize.
local mlp = require "mlp"

describe("mlp.hidden_layers", function()
  local uniform = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 }

  --- The hash of a model of hidden layers on 2 inputs.
  local function hash(hidden)
    mlp.seed(5)
    local x = mlp.Input { 2 }
    return mlp.Model { inputs = x, outputs = mlp.Dense(1)(hidden(x)) }:hash()
  end

  it("is Dense, BatchNormalization, Activation and sums by hand", function()
    local by_hand = hash(function(x)
      local h = x
      for i = 1, 3 do
        local z = mlp.Dense { 8, kernel_initializer = uniform }(h)
        z = mlp.Activation "tanh" (mlp.BatchNormalization { momentum = 0.9 }(z))
        h = i > 1 and h + z or z
      end
      return h
    end)
    assert.equal(by_hand, hash(function(x)
      return mlp.hidden_layers(x, { depth = 3, units = 8, activation = "tanh", residual = true,
        kernel_initializer = uniform, batch_normalization = { momentum = 0.9 } })
    end))
  end)

  it("of no layers is its input, and refuses what is no number of layers", function()
    local x = mlp.Input { 2 }
    assert.equal(x, mlp.hidden_layers(x, { depth = 0 }))
    assert.error_matches(function() mlp.hidden_layers(x, { depth = 1.5 }) end,
      "hidden_layers: option 'depth'")
    assert.error_matches(function() mlp.hidden_layers(x, { layers = 2 }) end,
      "unknown option 'layers'")
  end)
end)

describe("mlp.memoize", function()
  it("calls once for the same arguments, and keeps all results", function()
    local calls = 0
    local f = mlp.memoize(function(a, b) calls = calls + 1 return a, b, nil end)
    assert.same({ 1, "x", n = 3 }, table.pack(f(1, "x")))
    assert.same({ 1, "x", n = 3 }, table.pack(f(1, "x")))
    assert.equal(1, calls)
    f(1, nil)
    f("1", "x")
    assert.equal(3, calls)
  end)

  it("keeps no failure, and refuses arguments that have no text of their own", function()
    local fails = true
    local f = mlp.memoize(function() if fails then error "once" end return 7 end)
    assert.is_false(pcall(f, 1))
    fails = false
    assert.equal(7, f(1))
    assert.error_matches(function() f {} end, "memoize: argument 1: expected a number, a string")
    assert.error_matches(function() mlp.memoize(3) end, "memoize: expected a function")
  end)
end)

describe("mlp.playground", function()
  it("reads its settings or a URL, whose other words it leaves out", function()
    local p = mlp.playground "http://x/#activation=relu&networkShape=3,5&dataset=xor&seed=0.4"
    assert.same({ 2, 3 }, p.model.layers[1].kernel.shape)
    assert.same({ 3, 5 }, p.model.layers[2].kernel.shape)
    assert.equal("relu", p.settings.activation)
    assert.same({ "x1", "x2" }, p.names)
    assert.error_matches(function() mlp.playground { dataset = "moon" } end,
      "playground: option 'dataset': expected one of circle")
    assert.error_matches(function() mlp.playground { learningrate = 1 } end,
      "unknown option 'learningrate'")
  end)

  it("trains by the Playground's rule and draws", function()
    mlp.seed(1)
    local p = mlp.playground { xSquared = true, ySquared = true, networkShape = { 2 } }
    local history = p:fit { epochs = 30 }
    assert.is_true(history.val_loss[30] < 0.2)
    assert.same({ "x1", "x2", "x1^2", "x2^2" }, p.names)
    assert.equal("mlp.Figure", require("mlp.core").type(p:plot { resolution = 5 }))
    p = mlp.playground { problem = "regression", networkShape = "" }
    assert.is_true(p:fit { epochs = 10 }.val_loss[10] < 0.05) -- a plane
  end)
end)

describe("mlp.minimize with path", function()
  it("tells where it was, for a plot of trajectories", function()
    local path = mlp.minimize(function(x, y) return (x * x + y * y):sum() end,
      { mlp.tensor { 1 }, mlp.tensor { -2 } },
      { optimizer = mlp.SGD(0.25), steps = 2, tol = 0, path = true }).path
    assert.same({ { 1, -2 }, { 0.5, -1 }, { 0.25, -0.5 } }, { path[1], path[2], path[3] })
    assert.same({ 5, 1.25, 0.3125 }, path.loss) -- halved each step
    assert.equal(3, #path)
  end)
end)

describe("mlp.datasets.mnist", function()
  it("draws digits where no folder is named and that was asked for", function()
    if os.getenv "MLPRUN_DATA" then return end
    local train, test = mlp.datasets.mnist { dir = "", drawn = 120 }
    assert.same({ 100, 20 }, { #train, #test })
    assert.error_matches(function() mlp.datasets.mnist {} end,
      "mnist: option 'dir': expected the folder of its files")
  end)
end)

describe("mlp.claim in short", function()
  it("takes text, what is measured and what is expected in one table", function()
    local claim = require "mlp.claim"
    local report = claim.report
    claim.report = function() end
    local r = mlp.claim { "two", 2, "== 2", slide = "S1" }
    assert.same({ "two", "S1", "== 2", true }, { r.text, r.slide, r.expected, r.holds })
    assert.is_true(mlp.claim { "three", measure = function() return 3 end, expect = "> 2" }.holds)
    claim.report = report
    assert.error_matches(function() mlp.claim { "four", 2, "== 2", sed = 3 } end,
      "claim: unknown option 'sed'")
  end)
end)
