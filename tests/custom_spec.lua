-- Layers, losses and metrics that a script writes; models inside models.
local mlp = require "mlp"
local core = require "mlp.core"
local golden = require "golden.keras_more"
local program = require "program"

local DOUBLE <const> = { dtype = "float64" }
local function t64(v) return mlp.tensor(v, DOUBLE) end

local function assert_near(expected, got, allowed)
  if type(expected) == "number" then return assert.near(expected, got, allowed) end
  assert.equal(#expected, #got)
  for i, v in ipairs(expected) do assert_near(v, got[i], allowed) end
end

local Dense2 = mlp.Layer {
  name = "my_dense", options = { units = 4, activation = "linear" },
  build = function(self, shape)
    self:add_weight { name = "kernel", shape = { shape[#shape], self.units } }
    self:add_weight { name = "bias", shape = { self.units }, initializer = "zeros" }
  end,
  call = function(self, x)
    local y = x:matmul(self.kernel) + self.bias
    return self.activation == "tanh" and y:tanh() or y
  end,
}

local Block = mlp.Layer {
  name = "my_block", options = { units = 3 },
  build = function(self)
    self.first = Dense2 { units = self.units, activation = "tanh" }
    self.drop = mlp.Dropout(0.25)
    self.rest = { mlp.Dense { self.units, activation = "tanh" }, mlp.Dense(self.units) }
  end,
  call = function(self, x)
    local y = self.drop(self.first(x))
    for _, layer in ipairs(self.rest) do y = layer(y) end
    return y
  end,
}

local function data()
  mlp.seed(4)
  return mlp.randn(12, 5, DOUBLE), mlp.randn(12, 3, DOUBLE)
end

local function trained(model, x, y, steps)
  for _ = 1, steps do model:train_on_batch(x, y) end
  return model
end

describe("a layer written in Lua", function()
  it("trains to the bits of the built-in one, and is called when traced alone #F19 #D22", function()
    local calls = 0
    local Counted = mlp.Layer { name = "counted", call = function(_, x)
      calls = calls + 1
      return x
    end }
    local x, y = data()
    mlp.seed(4)
    local own = mlp.Sequential { Dense2 { units = 3 }, Counted() }:compile { loss = "mse" }
    mlp.seed(4)
    local built_in = mlp.Sequential { mlp.Dense(3) }:compile { loss = "mse" }
    trained(own, x, y, 20)
    trained(built_in, x, y, 20)
    assert.equal(built_in:hash(), own:hash())
    assert.truthy(calls <= 3, calls)
  end)

  it("may be made of others: their weights are its own #F20", function()
    local x, y = data()
    local model = mlp.Sequential { mlp.Dense(4), Block { units = 3, name = "tail" } }
    model:build({ 5 }, "float64"):compile { loss = "mse" }
    local names = {}
    for i, w in ipairs(model:weights()) do names[i] = w.name end
    assert.same({ "dense_1.kernel", "dense_1.bias", "tail/my_dense_1.kernel",
      "tail/my_dense_1.bias", "tail/dense_1.kernel", "tail/dense_1.bias", "tail/dense_2.kernel",
      "tail/dense_2.bias" }, names)
    assert.equal(5 * 4 + 4 + 4 * 3 + 3 + 2 * (3 * 3 + 3), model:count())
    local before = model:evaluate { x = x, y = y }.loss
    trained(model, x, y, 100)
    assert.truthy(model:evaluate { x = x, y = y }.loss < before)
  end)

  it("makes the same steps by hand as by fit, dropout inside included", function()
    local x, y = data()
    local function make()
      mlp.seed(7)
      return mlp.Sequential { Block { units = 3 } }:compile { loss = "mse" }
    end
    local fitted, by_hand = trained(make(), x, y, 4), make()
    for _ = 1, 4 do
      local loss = by_hand:loss(y, by_hand(x, { training = true }))
      by_hand:zero_grad()
      loss:backward()
      by_hand:step()
    end
    assert.equal(fitted:hash(), by_hand:hash())
  end)

  it("is saved by its name and options, and goes on bit for bit #D22 #F95", function()
    local path = os.tmpname()
    local x, y = data()
    local model = trained(mlp.Sequential { Block { units = 3 } }:compile { loss = "mse" }, x, y, 3)
    model:save(path)
    local copy = mlp.load(path)
    assert.equal(model:hash(), copy:hash())
    assert.equal(trained(model, x, y, 3):hash(), trained(copy, x, y, 3):hash())
    local out, said = program.run { "-e", ("require 'mlp'.load %q"):format(path) }
    os.remove(path)
    assert.equal("", out)
    assert.truthy(said:find("it needs what is not registered here: layer 'my_block' "
      .. "(custom_spec.lua:", 1, true), said)
    assert.truthy(said:find("run the script that defines it first", 1, true), said)
  end)

  --- kernel / its columns' lengths, an expression of weights alone; `fail` raises in call.
  local Normed = mlp.Layer {
    name = "normed", options = { units = 3, fail = false },
    build = function(self, shape)
      self:add_weight { name = "kernel", shape = { shape[#shape], self.units } }
    end,
    call = function(self, x)
      local w = self.kernel / self.kernel:norm(1, true)
      if self.fail then error "on purpose" end
      return x:matmul(w)
    end,
  }

  it("may begin with weights alone, built before or not", function()
    local x, y = data()
    local function run(built)
      mlp.seed(4)
      local model = mlp.Sequential { Normed() }
      if built then model:build({ 5 }, "float64") end
      model:compile { loss = "mse", optimizer = "adam" }
      return trained(model, x, y, 3)
    end
    local one, other = run(true), run(false)
    assert.equal(one:hash(), other:hash())
    -- The gradient stands upright on each column: Salimans & Kingma 2016, arXiv:1602.07868, (3)
    local kernel = one.layers[1].kernel
    one:zero_grad()
    one:loss(y, one(x)):backward()
    assert.near(0, (kernel.grad * kernel):sum(1):abs():max():item(), 1e-14)
    assert.truthy(kernel.grad:abs():max():item() > 1e-3)
    assert_near(x:matmul(kernel / kernel:norm(1, true)):totable(), one:predict(x):totable(), 1e-15)
  end)

  it("has its weights again after an error in call", function()
    local layer = Normed { fail = true }
    local x, y = data()
    local model = mlp.Sequential { layer }:compile { loss = "mse" }
    assert.error_matches(function() model:train_on_batch(x, y) end, "on purpose")
    core.layer_table(layer).fail = false
    trained(model, x, y, 1)
    assert.near(1, model:predict(mlp.eye(5, DOUBLE)):square():sum(1):max():item(), 1e-14)
  end)

  it("refuses what it cannot keep, and says what it wants", function()
    for message, f in pairs {
      ["Layer: option 'name': 'dense' is the name of a built-in layer"] = function()
        mlp.Layer { name = "dense", call = print }
      end,
      ["Layer: option 'call': expected a function, got nil"] = function()
        mlp.Layer { name = "x1" }
      end,
      ["my_dense: option 'units': expected a number, text"] = function()
        Dense2 { units = print }
      end,
      ["my_dense: unknown option 'unit'; did you mean 'units'?"] = function()
        Dense2 { unit = 3 }
      end,
      ["my_nil: expected 'call' to return a tensor, got nil"] = function()
        mlp.Sequential { mlp.Layer { name = "my_nil", call = function() end } () }(mlp.ones(2, 2))
      end,
      ["layer 2 'my_bad_1': matmul: expected"] = function()
        mlp.Sequential { mlp.Dense(2), mlp.Layer { name = "my_bad",
          call = function(_, x) return x:matmul(mlp.ones(3, 1)) end } () }(mlp.ones(2, 2))
      end,
    } do
      local ok, e = pcall(f)
      assert.is_false(ok)
      assert.truthy(tostring(e):find(message, 1, true) or message:find "my_bad", tostring(e))
    end
  end)

  it("Lambda says which of the two it is", function()
    local function fails(f, text) assert.error_matches(f, text) end
    local function double(x) return x * 2 end
    fails(function() mlp.Lambda(double) end, "mlp.layers.Lambda and mlp.callbacks.Lambda")
    fails(function() mlp.Lambda { call = double } end, "option 'name': expected a name such as squ")
    fails(function() mlp.Lambda { double } end, "got a function without a name")
    fails(function() mlp.Lambda { name = "my_double" } end, "option 'call': expected a function")
    fails(function() mlp.layers.Lambda { on_epoch_end = double } end, "is a hook of a callback")
    fails(function() mlp.callbacks.Lambda { call = double } end, "'call' makes a layer")
  end)

  it("Lambda is one function; Residual adds its input #F20", function()
    local x = t64 { { 1, -2 } }
    local square = mlp.Lambda { name = "my_square", call = function(v) return v * v end }
    assert.same({ { 1, 4 } }, square(x):totable())
    local block = mlp.Residual { units = 2, kernel_initializer = "zeros" }
    assert.same({ { 1, -2 } }, block(x):totable())
    local wider = mlp.Sequential { mlp.Residual { units = 3, layers = 1 } }:build { 2 }
    assert.equal(2 * (2 * 3 + 3), wider:count())
  end)
end)

describe("a loss or metric written in Lua", function()
  local cube = mlp.Loss { name = "my_cube", call = function(y, p)
    return (y - p):abs():pow(3):mean(-1)
  end }
  mlp.Metric { name = "my_bias", call = function(y, p) return (p - y):mean(-1) end }

  it("is compiled by name, weighted by rows, saved and loaded #D22 #F95", function()
    local x, y = t64 { { 1 }, { 2 } }, t64 { { 0 }, { 0 } }
    local model = mlp.Sequential { mlp.Activation "linear" }:build({ 1 }, "float64")
    model:compile { loss = "my_cube", metrics = { "my_bias", "mae" } }
    assert.same({ loss = 4.5, my_bias = 1.5, mae = 1.5 }, model:evaluate { x = x, y = y })
    assert.equal(0.5, model:evaluate({ x = x, y = y, sample_weight = { 1, 0 } }).loss)
    assert.equal(4.5, cube(y, x):item())
    local path = os.tmpname()
    model:save(path)
    assert.same(model:evaluate { x = x, y = y }, mlp.load(path):evaluate { x = x, y = y })
    os.remove(path)
  end)

  it("counts rows by their weights in weighted_metrics, as the built-in does #F30", function()
    mlp.Metric { name = "my_mae", call = function(y, p) return (y - p):abs() end }
    mlp.Metric { name = "my_largest", call = function(y, p) return (y - p):abs():max() end }
    local x, y = t64 { { 1, 2 }, { 2, 4 }, { -1, 7 } }, t64 { { 0, 0 }, { 1, 1 }, { 3, 3 } }
    local model = mlp.Sequential { mlp.Activation "linear" }:build({ 2 }, "float64")
    model:compile { loss = "mse", metrics = { "my_mae" }, weighted_metrics = { "my_mae", "mae" } }
    local logs = model:evaluate({ x = x, y = y, sample_weight = { 2, 0, 0.5 } }, { batch_size = 2 })
    assert.near((2 * 1.5 + 0.5 * 4) / 2.5, logs.weighted_my_mae, 1e-15)
    assert.near(logs.mae, logs.weighted_my_mae, 1e-15)
    assert.near((1.5 + 2 + 4) / 3, logs.my_mae, 1e-15)
    assert.near(7.5 / 3, model:evaluate({ x = x, y = y }).weighted_my_mae, 1e-15)
    model:compile { loss = "mse", weighted_metrics = { "my_largest" } }
    assert.equal(4, model:evaluate({ x = x, y = y }).my_largest)
    assert.error_matches(function()
      model:evaluate { x = x, y = y, sample_weight = { 2, 0, 0.5 } }
    end, "metric 'my_largest' one number a row, got one for the batch")
  end)

  it("of what is logged sees time, parameters and bytes, and is a monitor #S7", function()
    mlp.seed(1)
    local worth = mlp.Metric { name = "my_worth", larger_is_better = true, logs = function(logs)
      assert(logs.time_s >= 0 and logs.params == 6 and logs.bytes > 0)
      return -logs.val_loss - logs.params
    end }
    local x, y = data()
    local model = mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse", metrics = { worth } }
    local history = model:fit({ x = x, y = y:slice(1, 12)[{ {}, { 1, 1 } }] },
      { epochs = 3, validation_split = 0.25, verbose = 0,
        callbacks = { mlp.EarlyStopping { monitor = "my_worth", patience = 9 } } })
    for i, row in history:rows() do assert.near(-row.val_loss - 6, history.my_worth[i], 1e-12) end
    local path = os.tmpname()
    model:save(path)
    local logs = mlp.load(path):evaluate({ x = x, y = y[{ {}, { 1, 1 } }] })
    os.remove(path)
    assert.near(-logs.loss - 6, logs.my_worth, 1e-12)
  end)
end)

describe("a model inside a model", function()
  it("shares its layers #F19", function()
    local x, y = data()
    local inner = mlp.Sequential { mlp.Dense { 4, activation = "tanh" }, mlp.Dense(3) }
      :build({ 5 }, "float64")
    local outer = mlp.Sequential { inner, mlp.Dense(3) }:compile { loss = "mse" }
    trained(outer, x, y, 5)
    assert.equal(outer.layers[1].kernel:hash(), inner.layers[1].kernel:hash())
    assert.same({ "dense_1", "dense_2", "dense_3" }, { outer.layers[1].name, outer.layers[2].name,
      outer.layers[3].name })
    local a = mlp.Input { shape = 5, dtype = "float64" }
    local twice = mlp.Model { inputs = a, outputs = inner(a) + inner(a) }
    assert_near((inner(x) * 2):totable(), twice(x):totable(), 1e-14)
  end)
end)

describe("weights", function()
  it("are read and set by order and by name, of layers and models #F24", function()
    local model = mlp.Sequential { mlp.Dense(2), mlp.Dense { 1, name = "head" } }:build { 2 }
    local head = model:get_layer "head"
    head:set_weights { kernel = { { 2 }, { 3 } } }
    model:set_weights { ["dense_1.kernel"] = { { 1, 0 }, { 0, 1 } }, ["head.bias"] = { 5 } }
    assert.same({ { 1 * 2 + 1 * 3 + 5 } }, model(mlp.ones(1, 2)):totable())
    assert.same({ { { 2 }, { 3 } }, { 5 } }, { head:get_weights()[1]:totable(),
      head:get_weights()[2]:totable() })
    assert.error_matches(function() head:set_weights { kernel = { 1, 2 } } end,
      "set_weights: 'kernel': expected %(2, 1%), got %(2%)")
    assert.error_matches(function() head:set_weights { kernal = { 1 } } end,
      "there is no weight 'kernal'; did you mean 'kernel'%?")
    assert.error_matches(function() model:get_layer "haed" end, "did you mean 'head'")
  end)

  it("are one vector of parameters #F10", function()
    local model = mlp.Sequential { mlp.Dense(2), mlp.Dense(1) }:build { 3 }
    local p = model:get_parameters()
    assert.same({ 11 }, p.shape)
    local before = model:hash()
    model:set_parameters(p * 2)
    assert.near((p * 2):sum():item(), model:get_parameters():sum():item(), 1e-6)
    model:set_parameters(p)
    assert.equal(before, model:hash())
  end)
end)

describe("freezing", function()
  local x, y = data()
  local function model()
    mlp.seed(2)
    return mlp.Sequential { mlp.Dense { 4, activation = "tanh" }, mlp.Dense(3) }
      :build({ 5 }, "float64"):compile { optimizer = "adam", loss = "mse" }
  end

  it("after compile, and thawing, needs nothing else #F23", function()
    local m = trained(model(), x, y, 2)
    local first, last = m.layers[1].kernel:hash(), m.layers[2].kernel:hash()
    m.layers[1].trainable = false
    trained(m, x, y, 2)
    assert.equal(first, m.layers[1].kernel:hash())
    assert.not_equal(last, m.layers[2].kernel:hash())
    assert.equal(4 * 3 + 3, m:count(true))
    m.layers[1].trainable = true
    trained(m, x, y, 1)
    assert.not_equal(first, m.layers[1].kernel:hash())
  end)

  it("before or after compile gives the same bits; the optimizer starts anew #F23", function()
    local before = model()
    before.layers[1].trainable = false
    before:compile { optimizer = "adam", loss = "mse" }
    local after = model()
    after.layers[1].trainable = false
    assert.equal(trained(before, x, y, 5):hash(), trained(after, x, y, 5):hash())
  end)

  it("of a batch normalization is inference mode, also after compile", function()
    local m = mlp.Sequential { mlp.BatchNormalization(), mlp.Dense(3) }:build({ 5 }, "float64")
    m:compile { loss = "mse" }
    trained(m, x, y, 1)
    local moving = m.layers[1].moving_mean:hash()
    m.layers[1].trainable = false
    trained(m, x, y, 2)
    assert.equal(moving, m.layers[1].moving_mean:hash())
  end)
end)

describe("more layers", function()
  for i, case in ipairs(golden.layer) do
    it(("%s is Keras's (case %d) #F16 #F20"):format(case.name, i), function()
      local layer = core.layer(case.name, case.options)
      assert_near(case.value, layer(t64(case.x)):totable(), 1e-13)
    end)
  end

  it("Normalization adapts as Keras's, and is saved #F20", function()
    local case, path = golden.adapted[1], os.tmpname()
    local layer = mlp.Normalization():adapt(t64(case.data))
    assert_near(case.value, layer(t64(case.data)):totable(), 1e-12)
    mlp.Sequential { layer }:build({ 4 }, "float64"):save(path)
    assert_near(case.value, mlp.load(path)(t64(case.data)):totable(), 1e-12)
    os.remove(path)
    local back = mlp.Normalization { invert = true }:adapt(t64(case.data))
    assert_near(case.data, back(layer(t64(case.data))):totable(), 1e-12)
  end)

  it("Embedding picks rows, and its gradient adds up #F20", function()
    local model = mlp.Sequential { mlp.Embedding { 4, 3 }, mlp.Flatten(), mlp.Dense(1) }
    model:compile { optimizer = mlp.SGD(1), loss = function(_, p) return p:sum() end }
    local x = mlp.tensor({ { 1, 2 }, { 1, 4 } }, { dtype = "int64" })
    local table_ = function() return model.layers[1].embeddings end
    local p = model(x)
    assert.same({ 2, 1 }, p.shape)
    local before, w = table_():clone(), model.layers[3].kernel:clone():reshape(2, 3)
    model:train_on_batch(x, mlp.zeros(2, 1))
    local moved = (before - table_()):totable()
    local function row(n) return w[n]:totable() end
    assert_near((w[1] * 2):totable(), moved[1], 1e-6) -- 1 stands twice in front
    assert_near(row(2), moved[2], 1e-6)
    assert.same({ 0, 0, 0 }, moved[3])
    assert_near(row(2), moved[4], 1e-6)
    assert.error_matches(function() mlp.Embedding { 4, 3 } (mlp.ones(2, 2)) end,
      "embedding: expected an input of int64")
  end)

  it("SpatialDropout1D drops whole channels #F14", function()
    mlp.seed(3)
    local y = mlp.SpatialDropout1D(0.5)(mlp.ones(8, 3, 10), { training = true })
    local sums = y:sum(2):totable()
    local dropped = 0
    for _, row in ipairs(sums) do
      for _, v in ipairs(row) do
        assert.truthy(v == 0 or v == 6, v) -- 3 steps of 1 / (1 - 0.5)
        dropped = dropped + (v == 0 and 1 or 0)
      end
    end
    assert.truthy(dropped > 20 and dropped < 60, dropped)
  end)

  it("batch normalization warms up to the mean of all batches so far #D24", function()
    local m = mlp.Sequential { mlp.BatchNormalization { momentum = "auto" } }
    m:build({ 1 }, "float64")
    m:compile { loss = "mse" }
    for _, v in ipairs { 1, 4, 10 } do
      m:train_on_batch(t64 { { v - 1 }, { v + 1 } }, t64 { { 0 }, { 0 } })
    end
    assert.near(5, m.layers[1].moving_mean:item(), 1e-12)
    assert.near(1, m.layers[1].moving_variance:item(), 1e-12)
  end)
end)

describe("compat = 'torch'", function()
  it("starts Dense as PyTorch's Linear does, bias too #F26", function()
    local layer = mlp.Dense { 400, compat = "torch" }
    mlp.Sequential { layer }:build { 16 }
    for _, t in ipairs { layer.kernel, layer.bias } do -- U(+-1/4)
      assert.truthy(t:max():item() < 0.25 and t:max():item() > 0.24)
      assert.truthy(t:min():item() > -0.25 and t:min():item() < -0.24)
    end
  end)

  -- PyTorch 2: shared specification, semantics c.7 [calc]
  it("normalizes a batch as PyTorch does", function()
    local layer = mlp.BatchNormalization { compat = "torch" }
    local out = layer(t64 { { 1 }, { 2 }, { 3 }, { 4 } }, { training = true }):totable()
    assert_near({ { -1.34163542 }, { -0.447211807 }, { 0.447211807 }, { 1.34163542 } }, out, 1e-8)
    assert.near(0.25, layer.moving_mean:item(), 1e-15)
    assert.near(1.066666667, layer.moving_variance:item(), 1e-9)
  end)

  it("may be the default of what is made from then on", function()
    assert.equal("keras", mlp.compat "torch")
    local adam, norm = mlp.Adam(), mlp.LayerNormalization()
    mlp.compat "keras"
    assert.equal("torch", adam.compat)
    assert.equal(1e-5, norm.epsilon)
    assert.equal("keras", mlp.Adam().compat)
  end)
end)

describe("more losses and metrics", function()
  for i, case in ipairs(golden.loss) do
    it(("%s is Keras's, value and gradient (case %d) #F28"):format(case.name, i), function()
      local y = type(case.y[1]) == "number" and mlp.tensor(case.y, { dtype = "int64" })
        or t64(case.y)
      local p = t64(case.p):requires_grad_()
      local value = mlp.losses[case.name](case.options)(y, p)
      local allowed = 1e-14 * math.max(1, case.value)
      assert.near(case.value, value:item(), allowed)
      value:backward()
      assert_near(case.slope, p.grad:totable(), 10 * allowed)
    end)
  end

  for i, case in ipairs(golden.metric) do
    it(("%s is Keras's (case %d) #F31"):format(case.name, i), function()
      local model = mlp.Sequential { mlp.Activation "linear" }:build({ #case.p[1] }, "float64")
      model:compile { loss = "mse", weighted_metrics = { mlp.metrics[case.name](case.options) } }
      local logs = model:evaluate({ x = t64(case.p), y = t64(case.y), sample_weight = case.w },
        { batch_size = 3 })
      local allowed = case.name == "mean_iou" and 1e-6 or 1e-13 -- Keras takes that in float32
      local several = type(case.value) == "table" and case.options.thresholds or {}
      for k, threshold in ipairs(several) do
        assert.near(case.value[k], logs[("%s_%g"):format(case.name, threshold)], allowed)
      end
      if type(case.value) == "number" then assert.near(case.value, logs[case.name], allowed) end
    end)
  end

  it("of several thresholds are metrics of their own, saved and loaded #F31", function()
    local model = mlp.Sequential { mlp.Activation "linear" }:build({ 1 }, "float64")
    model:compile { loss = "mse", metrics = { mlp.metrics.Recall { thresholds = { 0.2, 0.5 } } } }
    assert.same({ "loss", "recall_0.2", "recall_0.5" }, model:log_names())
    local rows = { x = t64 { { 0.3 }, { 0.6 } }, y = t64 { { 1 }, { 1 } } }
    local logs = model:evaluate(rows)
    assert.same({ 1, 0.5 }, { logs["recall_0.2"], logs["recall_0.5"] })
    local path = os.tmpname()
    model:save(path)
    local again = mlp.load(path):evaluate(rows)
    os.remove(path)
    assert.same({ 1, 0.5 }, { again["recall_0.2"], again["recall_0.5"] })
    assert.error_matches(function() mlp.metrics.Recall { thresholds = {} } end, "an empty list")
    assert.error_matches(function() mlp.metrics.Recall { thresholds = { 2 } } end, "thresholds")
  end)

  -- closed forms: cov / (sd sd); 2 cov / (var + var + d^2)
  it("correlations over rows #F31", function()
    local y, p = { 1, 2, 4, 5 }, { 1, 3, 3, 6 }
    local model = mlp.Sequential { mlp.Activation "linear" }:build({ 1 }, "float64")
    model:compile { loss = "mse", metrics = { "pearson", "concordance" } }
    local function column(v) return t64(v):reshape(4, 1) end
    local logs = model:evaluate({ x = column(p), y = column(y) }, { batch_size = 3 })
    local cov, vy, vp, d = 10 / 4, 10 / 4, 12.75 / 4, 0.25
    assert.near(cov / math.sqrt(vy * vp), logs.pearson, 1e-14)
    assert.near(2 * cov / (vy + vp + d * d), logs.concordance, 1e-14)
  end)
end)
