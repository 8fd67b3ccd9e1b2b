local mlp = require "mlp"
local core = require "mlp.core"
local golden = require "golden.optimizers"
local keras = require "golden.keras_optimizers"

local DOUBLE <const> = { dtype = "float64" }

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

--- A case's options as the engine takes them, and as text for the name of its spec.
local function of_case(case)
  local options, words = {}, {}
  for key, value in pairs(case[2]) do
    options[key] = value
    words[#words + 1] = ("%s = %s"):format(key, value)
  end
  local schedule = case[4]
  if schedule then
    options.learning_rate = mlp.schedules[schedule[1] ](schedule[2])
    words[#words + 1] = schedule[1]
  end
  table.sort(words)
  return options, ("%s { %s }"):format(case[1], table.concat(words, ", "))
end

--- Two weights and a bias, moved by gradients (x1 y, x2 y) and y of each row; the values after
--- each step, and at the end the averages where they are asked for.
local function walk_rows(optimizer, rows, step)
  local model = mlp.Sequential { mlp.Dense(1) }:build({ 2 }, "float64")
  model:compile { optimizer = optimizer, loss = function(y, p) return (p * y):sum() end }
  model:set_weights { mlp.tensor({ { 1 }, { -0.5 } }, DOUBLE), mlp.tensor({ 0.25 }, DOUBLE) }
  local path = {}
  local function note()
    local kernel = model.layers[1].kernel:totable()
    for _, v in ipairs { kernel[1][1], kernel[2][1], model.layers[1].bias:item() } do
      path[#path + 1] = v
    end
  end
  for _, row in ipairs(rows) do
    step(model, mlp.tensor({ { row[1], row[2] } }, DOUBLE), mlp.tensor({ { row[3] } }, DOUBLE))
    note()
  end
  if optimizer.use_ema then
    core.model_use_average(model)
    note()
  end
  return path
end

local function by_batch(model, x, y) model:train_on_batch(x, y) end

local function by_hand(model, x, y)
  local loss = model:loss(y, model(x, { training = true }))
  model:zero_grad()
  model.optimizer:scale_loss(loss):backward()
  model:step()
end

describe("optimizer, against ten steps of Keras 3 #S60", function()
  for _, case in ipairs(keras) do
    local options, text = of_case(case)
    it(text, function()
      local path = walk_rows(mlp[case[1] ](options), keras.rows, by_batch)
      assert.equal(#case[3], #path)
      for i, expected in ipairs(case[3]) do
        assert.near(expected, path[i], 1e-9 * math.max(1, math.abs(expected)), "number " .. i)
      end
      assert.same(path, walk_rows(mlp[case[1] ](options), keras.rows, by_hand))
    end)
  end
end)

describe("optimizer", function()
  for _, case in ipairs(golden) do
    local name, options, expected = table.unpack(case)
    it(name .. " makes the golden steps #S60", function()
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

  -- 0.9 times the least number of all is that number again: without an end, means of a unit that
  -- is dead stay where numbers are slow.
  it("lets means of gradients that ended go to 0, before they lose digits", function()
    local path = os.tmpname()
    local ones, zeros, y = mlp.ones(1, 1), mlp.zeros(1, 1), mlp.zeros(1, 1)
    for _, kind in ipairs(core.registry().optimizer) do
      local options, found = {}, 0
      for _, o in ipairs(kind.options) do
        if ("beta_1 beta_2 rho momentum"):find(o.name, 1, true) then options[o.name] = 0.9 end
      end
      local model = mlp.Sequential { mlp.Dense { units = 1, use_bias = false } }
      model:compile { optimizer = core.object("optimizer", kind.name, options),
        loss = function(_, p) return p:sum() end }
      for step = 1, kind.name == "lbfgs" and 1 or 1200 do
        model:train_on_batch(step < 4 and ones or zeros, y)
      end
      model:save(path)
      for name, t in pairs((core.safetensors(path))) do
        found = found + 1
        for _, v in ipairs(t:double():reshape(-1):totable()) do
          local whole = v == 0 or math.abs(v) >= 2 ^ -126
          assert.truthy(whole, ("%s, %s: %a"):format(kind.name, name, v))
        end
      end
      assert.truthy(found > 0)
    end
    os.remove(path)
  end)

  it("compat = 'torch' adds weight decay to the gradient, but for AdamW", function()
    local lr, decay, g = 0.01, 1, -0.1 -- the first step of Adam is lr against the sign
    local function first(name)
      return walk(mlp[name] { learning_rate = lr, weight_decay = decay, epsilon = 0,
        compat = "torch" }, { g })[1]
    end
    assert.near(1 - lr, first "Adam", 1e-12) -- g + decay w > 0
    assert.near(1 - lr * decay + lr, first "AdamW", 1e-12)
    assert.near(1 - 0.1 * (g + decay), walk(mlp.SGD { learning_rate = 0.1, weight_decay = decay,
      compat = "torch" }, { g })[1], 1e-15)
  end)

  -- PyTorch 2: torch.optim.Rprop, by its formula: steps 0.01, then 1.2 times, then half of that
  it("Rprop grows and shrinks its steps by the sign", function()
    local path = walk(mlp.Rprop {}, { 5, 0.1, -3, -3, 2 })
    local s1, s2 = 0.01, 0.012
    local s3 = s2 / 2 -- the sign turned: no step, and no memory of it
    local s4 = s3
    local expected = { 1 - s1, 1 - s1 - s2, 1 - s1 - s2, 1 - s1 - s2 + s4, 1 - s1 - s2 + s4 }
    for i, w in ipairs(expected) do assert.near(w, path[i], 1e-12, "step " .. i) end
  end)

  -- Chen et al. 2023: the step is the sign, and sign(0) = 0
  it("Lion stays where the gradient is 0", function()
    assert.same({ 1, 1 }, walk(mlp.Lion {}, { 0, 0 }))
    assert.near(1 - 1e-3, walk(mlp.Lion {}, { 5 })[1], 1e-15)
  end)

  -- McMahan et al. 2013: without a gradient yet the minimum is at 0, as in Keras; no 0 / 0
  --- How far Muon's first step moves the kernels of an embedding and two layers.
  local function moves_of_muon(options)
    mlp.seed(1)
    options.learning_rate, options.weight_decay, options.adam_weight_decay = 0.01, 0, 0
    local model = mlp.Sequential { mlp.Embedding { 5, output_dim = 3 }, mlp.Flatten(),
      mlp.Dense { 4, name = "middle" }, mlp.Dense { 2, name = "logits" } }
    model:build({ { 2 } }, "float64", { "int64" })
    model:compile { optimizer = mlp.Muon(options), loss = "mse" }
    local before = model:get_weights()
    model:train_on_batch(mlp.tensor({ { 1, 2 }, { 3, 5 } }, { dtype = "int64" }),
      mlp.tensor({ { 1, -1 }, { 0.5, 2 } }, DOUBLE))
    local moves = {}
    for i, w in ipairs(model:get_weights()) do moves[i] = (w - before[i]):abs():max():item() end
    return moves[1], moves[2], moves[4]
  end

  -- Adam's first step is the learning rate (Kingma & Ba 2015, section 2.1); Muon's is not.
  it("Muon leaves embeddings and the layers that are named to Adam", function()
    local embedding, middle, logits = moves_of_muon { exclude_layers = "other logits" }
    assert.near(0.01, embedding, 1e-6)
    assert.near(0.01, logits, 1e-6)
    assert.truthy(math.abs(middle - 0.01) > 1e-4)
    embedding, middle, logits = moves_of_muon { exclude_layers = "mid", exclude_embeddings = false }
    assert.truthy(math.abs(embedding - 0.01) > 1e-4)
    assert.near(0.01, middle, 1e-6)
    assert.truthy(math.abs(logits - 0.01) > 1e-4)
  end)

  it("Ftrl without any gradient is at 0", function()
    assert.same({ 0, 0 }, walk(mlp.Ftrl { initial_accumulator_value = 0 }, { 0, 0 }))
  end)

  it("is seen by a tape that used the weights before", function()
    local model = mlp.Sequential { mlp.Dense(1), mlp.Dense(1) }:build { 2 }
    model:compile { loss = "mse", optimizer = "sgd" }
    local x, y = mlp.ones(2, 2), mlp.zeros(2, 1)
    local first = model:loss(y, model(x))
    model:train_on_batch(x, y)
    assert.error_matches(function() first:backward() end, "modified in place after being used")
  end)

  it("refuses two ways of clipping", function()
    local model = mlp.Sequential { mlp.Dense(1) }
    assert.error_matches(function()
      model:compile { loss = "mse", optimizer = mlp.Adam { clipnorm = 1, clipvalue = 1 } }
    end, "adam: expected at most one of clipnorm, global_clipnorm and clipvalue, got more")
  end)

  --- A small net after two epochs, by fit or by hand, and the norm of its first gradient.
  local function trained(options, by_loop)
    mlp.seed(4)
    local data = mlp.datasets.moons { n = 90, noise = 0.2 }
    local model = mlp.Sequential { mlp.Dense { 6, "tanh" }, mlp.Dense { 1, "sigmoid" } }
    options.learning_rate = 0.05
    model:compile { optimizer = mlp.Adam(options), loss = "bce" }
    local norm
    local look = { on_before_step = function(self)
      norm = norm or self.model.layers[1].kernel.grad:norm():item()
    end }
    if not by_loop then
      model:fit(data, { epochs = 2, batch_size = 20, verbose = 0, callbacks = { look } })
      return model:hash(), norm
    end
    for epoch = 1, 2 do
      for batch in data:batches { batch_size = 20, epoch = epoch } do
        local loss = model:loss(batch.y, model(batch.x, { training = true }))
        model:zero_grad()
        model.optimizer:scale_loss(loss):backward()
        model:step()
      end
    end
    return model:hash()
  end

  it("has the same bits where the loss is scaled by a power of two", function()
    for _, o in ipairs { {}, { clipnorm = 0.1 }, { gradient_accumulation_steps = 3 } } do
      local plain, norm = trained(o)
      o.loss_scale_factor = 2 ^ 15
      local scaled, norm_seen = trained(o)
      assert.equal(plain, scaled)
      assert.equal(plain, (trained(o, true)))
      assert.equal(norm, norm_seen) -- hooks see the gradient of the loss itself
    end
  end)

  it("scales the loss of fit as a loop by hand does", function()
    local o = { loss_scale_factor = 1000, clipvalue = 0.2 }
    assert.equal((trained(o)), (trained(o, true)))
    assert.is_not_equal((trained(o)), (trained { clipvalue = 0.2 }))
  end)

  -- 2^-155 is below the least float32, 2^-149, on the way back to the gradient 2^-115.
  it("keeps small gradients by its factor", function()
    local function moved(factor)
      local model = mlp.Sequential { mlp.Dense { units = 1, use_bias = false,
        kernel_initializer = "zeros" } }:build { 1 }
      model:compile { optimizer = mlp.SGD { learning_rate = 1, loss_scale_factor = factor },
        loss = function(y, p) return (p * y * 2 ^ 40):sum() * 2 ^ -80 * 2 ^ -75 end }
      model:train_on_batch(mlp.ones(1, 1), mlp.ones(1, 1))
      return model.layers[1].kernel:item()
    end
    assert.equal(0, moved(0))
    assert.equal(-2 ^ -115, moved(2 ^ 40))
  end)

  it("refuses a factor of the loss that is negative, and keeps it in a file", function()
    assert.error_matches(function() mlp.SGD { loss_scale_factor = -2 } end,
      "sgd: option 'loss_scale_factor': expected a number from 0 to 1e%+30, got %-2")
    assert.error_matches(function() mlp.losses.mse():scale_loss(mlp.ones(1)) end,
      "scale_loss: expected an optimizer, got mean_squared_error of mlp.losses")
    local model = mlp.Sequential { mlp.Dense(1) }:build { 1 }
    model:compile { optimizer = mlp.SGD { loss_scale_factor = 8 }, loss = "mse" }
    local path = os.tmpname()
    model:save(path)
    assert.equal(8, mlp.load(path).optimizer.loss_scale_factor)
    os.remove(path)
  end)

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
