local mlp = require "mlp"
local core = require "mlp.core"
local golden = require "golden.optimizers"

--- A model that is one float64 weight, 1 at first, whose gradient is the target y.
local function one_weight(optimizer)
  local model = mlp.Sequential {
    mlp.Dense { units = 1, use_bias = false, kernel_initializer = "ones" },
  }
  model:compile { optimizer = optimizer, loss = function(y, p) return (p * y):sum() end }
  return model:build({ 1 }, "float64")
end

local function walk(optimizer, gradients)
  local model, x, path = one_weight(optimizer), mlp.ones(1, 1, { dtype = "float64" }), {}
  for i, g in ipairs(gradients) do
    model:train_on_batch(x, mlp.tensor({ { g } }, { dtype = "float64" }))
    path[i] = model.layers[1].kernel:item()
  end
  return path
end

describe("optimizer", function()
  for _, case in ipairs(golden) do
    local name, options, expected = table.unpack(case)
    it(name .. " makes the golden steps of Keras #S60", function()
      local path = walk(mlp[name](options), golden.gradients)
      for i = 1, #expected do assert.near(expected[i], path[i], 1e-10) end
    end)
  end

  -- v = mu v - lr g; w = w + v, for two steps from v = 0 (lecture, slide L507-537)
  it("momentum follows the lecture's recurrence #S55 #S59", function()
    local path = walk(mlp.SGD { learning_rate = 0.1, momentum = 0.5 }, { 1, 2 })
    assert.near(1 - 0.1, path[1], 1e-15)
    assert.near(1 - 0.1 + 0.5 * -0.1 - 0.1 * 2, path[2], 1e-15)
  end)

  it("first moves by lr against the sign of the gradient (adam) #S20", function()
    local path = walk(mlp.Adam { learning_rate = 1e-3 }, { 42 })
    assert.near(1 - 1e-3, path[1], 1e-9)
  end)

  for _, kind in ipairs(core.registry().optimizer) do
    it(kind.name .. " cites its source and documents each option", function()
      assert.truthy(kind.cite and #kind.cite > 4)
      assert.truthy(kind.doc and #kind.doc > 4)
      for _, o in ipairs(kind.options) do assert.truthy(o.doc and #o.doc > 2) end
      assert.equal("learning_rate", kind.options[1].name)
    end)

    it(kind.name .. " walks down a bowl", function()
      local make = core.object("optimizer", kind.name, { learning_rate = 0.05 })
      local model = mlp.Sequential { mlp.Dense { units = 1, use_bias = false,
        kernel_initializer = "ones" } }
      model:compile { optimizer = make, loss = function(_, p) return (p ^ 2):sum() end }
      local x, y, first = mlp.ones(1, 1), mlp.zeros(1, 1), nil
      for _ = 1, 50 do first = first or model:train_on_batch(x, y) end
      assert.truthy(model:train_on_batch(x, y) < first)
    end)
  end

  it("takes a new learning rate while it runs", function()
    local model = one_weight(mlp.SGD { learning_rate = 0.5 })
    local x, y = mlp.ones(1, 1, { dtype = "float64" }), mlp.ones(1, 1, { dtype = "float64" })
    model.optimizer.learning_rate = 0.25
    model:train_on_batch(x, y)
    assert.near(0.75, model.layers[1].kernel:item(), 1e-15)
  end)

  it("refuses options out of range, naming them #A21", function()
    assert.error_matches(function() mlp.Adam { learning_rate = -1 } end,
      "adam: option 'learning_rate': expected a number from 0 to 1000, got %-1")
    assert.error_matches(function() mlp.Adam { learning_rate = 0 / 0 } end, "learning_rate")
    assert.error_matches(function() mlp.Adam { learning_rate = "0.1" } end,
      "option 'learning_rate': expected a number, got '0.1'")
    assert.error_matches(function() mlp.Adam { learning_rat = 0.1 } end,
      "adam: unknown option 'learning_rat'; did you mean 'learning_rate'%?; known options: ")
  end)
end)
