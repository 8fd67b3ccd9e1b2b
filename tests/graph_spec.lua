local mlp = require "mlp"
local core = require "mlp.core"

describe("autograd", function()
  -- 4 neurons in a chain, sigma, w = 1, b = 0, a0 = 0.5 (lecture L199-241, computed by hand)
  it("gives the chain-rule product of the lecture #S34 #S35", function()
    local options = { dtype = "float64" }
    local w, b, a, activations = {}, {}, mlp.tensor(0.5, options), {}
    for i = 1, 4 do
      w[i] = mlp.tensor(1, options):requires_grad_()
      b[i] = mlp.tensor(0, options):requires_grad_()
      a = (w[i] * a + b[i]):sigmoid()
      activations[i] = a:item()
    end
    local expected = { 0.622459, 0.650778, 0.657186, 0.658628 }
    for i = 1, 4 do assert.near(expected[i], activations[i], 1e-6) end
    a:backward()
    local product = 1
    for i = 1, 4 do product = product * activations[i] * (1 - activations[i]) end
    assert.near(0.00270536, b[1].grad:item(), 5e-9)
    assert.near(product, b[1].grad:item(), 1e-15)
  end)

  it("adds the gradients of several consumers #F7", function()
    local x = mlp.tensor({ 1, 2 }, { dtype = "float64", requires_grad = true })
    local y = x * x + x * 3
    (y:sum()):backward()
    assert.same({ 5.0, 7.0 }, x.grad:totable()) -- 2x + 3
  end)

  it("ends at a result that was made a leaf", function()
    local x = mlp.tensor({ 1, 2 }, { requires_grad = true })
    local y = (x * 2):requires_grad_()
    y:sum():backward()
    assert.same({ 1.0, 1.0 }, y.grad:totable())
    assert.is_nil(x.grad)
  end)

  it("accumulates until zero_grad", function()
    local x = mlp.tensor({ 1, 2 }, { requires_grad = true })
    for _ = 1, 2 do (x * 2):sum():backward() end
    assert.same({ 4.0, 4.0 }, x.grad:totable())
    x:zero_grad()
    assert.is_nil(x.grad)
  end)

  it("backward: not a scalar, twice, under no_grad #A18", function()
    local x = mlp.tensor({ 1, 2 }, { requires_grad = true })
    assert.error_matches(function()
      (x * 2):backward()
    end, "expected a tensor of one element, got shape %(2,%)")
    local l = (x * x):sum()
    l:backward()
    assert.error_matches(function() l:backward() end, "freed by an earlier backward")
    assert.error_matches(function() mlp.no_grad(function()
      return (x * 2):sum() end):backward()
    end, "no tape")
  end)

  it("sees a write in place under the tape #A17", function()
    local x = mlp.tensor({ 1, 2 }, { requires_grad = true })
    local c = mlp.tensor { 3, 4 }
    local l = (x * c):sum()
    c:fill_(0)
    assert.error_matches(function() l:backward() end,
      "an input of 'mul' was modified in place after being used %(version 1, expected 0%)")
  end)

  it("a chain of a million operations goes forward, back and away #B09", function()
    local x = mlp.tensor(1, { dtype = "float64", requires_grad = true })
    local y = x
    for _ = 1, 1000000 do y = y + 1 end
    y:backward()
    assert.equal(1, x.grad:item())
    y, x = nil, nil -- luacheck: ignore (for the collector)
    collectgarbage()
  end)

  it("a view keeps what it looks at #B10", function()
    local t = mlp.tensor { { 1, 2 }, { 3, 4 } }
    local v = t[2]
    t = nil -- luacheck: ignore
    collectgarbage()
    assert.same({ 3.0, 4.0 }, v:totable())
  end)
end)

describe("plan", function()
  it("a loss in Lua over tensor operations gives the built-in's bits", function()
    local function hash(loss, width)
      mlp.seed(3)
      local x = mlp.randn(96, 5)
      local y = mlp.randn(96, width)
      mlp.seed(0)
      local model = mlp.Sequential { mlp.Dense { units = 7, activation = "tanh" },
        mlp.Dense(width) }
      model:compile { optimizer = "adam", loss = loss }
      model:fit({ x = x, y = y }, { epochs = 3, verbose = 0 })
      return model:hash()
    end
    for _, width in ipairs { 1, 3, 10 } do
      local mse = hash("mse", width)
      assert.equal(mse, hash(function(y, p) return ((p - y) ^ 2):mean() end, width))
      assert.equal(mse, hash(function(y, p) return ((p - y):square()):mean(-1) end, width))
      assert.equal(hash("mae", width), hash(function(y, p) return (p - y):abs():mean() end, width))
    end
  end)

  it("a cross-entropy in Lua that calls the same operator gives the built-in's bits", function()
    local function hash(loss)
      mlp.seed(3)
      local x = mlp.randn(96, 5)
      local y = mlp.randperm(96):double():sub(1):mul(3 / 96):floor():add(1):long()
      mlp.seed(0)
      local model = mlp.Sequential { mlp.Dense { 7, "tanh" }, mlp.Dense(3) }
      model:compile { optimizer = "adam", loss = loss }
      model:fit({ x = x, y = y }, { epochs = 3, verbose = 0 })
      return model:hash()
    end
    local built_in = mlp.losses.SparseCategoricalCrossentropy { from_logits = true }
    assert.equal(hash(built_in),
      hash(function(y, p) return p:softmax_cross_entropy(y):mean() end))
  end)

  it("a symbol has no values", function()
    local model = mlp.Sequential { mlp.Dense(1) }
    model:compile { loss = function(_, p) print(p:sum():item()) return p:sum() end }
    assert.error_matches(function()
      model:fit({ x = mlp.zeros(4, 2), y = mlp.zeros(4, 1) }, { verbose = 0 })
    end, "item: expected a tensor with values, got a symbol")
  end)

  it("an error in a loss comes out as the same value", function()
    local token = {}
    local model = mlp.Sequential { mlp.Dense(1) }
    model:compile { loss = function() error(token) end }
    local ok, e = pcall(model.fit, model, { x = mlp.zeros(4, 2), y = mlp.zeros(4, 1) },
      { verbose = 0 })
    assert.is_false(ok)
    assert.equal(token, e)
  end)

  it("batches that do not change size make no allocation", function()
    local model = mlp.Sequential { mlp.Dense { units = 8, activation = "relu" }, mlp.Dropout(0.1),
      mlp.Dense(1) }
    model:compile { optimizer = "adam", loss = "mse" }
    local run = core.run(model, "train", mlp.randn(320, 4), mlp.randn(320, 1), 32, 1)
    run:on(1)
    collectgarbage()
    core.fail_allocation(1, true)
    local ok = pcall(run.on, run, 0)
    core.fail_allocation(0)
    assert.is_true(ok)
    assert.equal(10, run.batches)
  end)
end)
