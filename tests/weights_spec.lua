-- Sample and class weights, reductions, several inputs and outputs.
local mlp = require "mlp"
local core = require "mlp.core"
local golden = require "golden.keras_weights"

local function t64(v) return mlp.tensor(v, { dtype = "float64" }) end
local function classes(v) return mlp.tensor(v, { dtype = "int64" }) end

--- Every number of two nested lists.
local function assert_near(expected, got, allowed)
  if type(expected) == "number" then return assert.near(expected, got, allowed) end
  assert.equal(#expected, #got)
  for i, v in ipairs(expected) do assert_near(v, got[i], allowed) end
end

local function target(y) return type(y[1]) == "number" and classes(y) or t64(y) end

--- A model of 64-bit numbers that passes its input on.
local function identity(width)
  return mlp.Sequential { mlp.Activation "linear" }:build({ width }, "float64")
end

describe("a loss with sample weights", function()
  for i, case in ipairs(golden.loss) do
    it(("is Keras's: %s, %s (case %d) #F29 #F30"):format(case.name, case.options.reduction, i),
      function()
        local loss = mlp.losses[case.name](case.options)
        local y, p, w = target(case.y), t64(case.p), case.w and t64(case.w)
        assert_near(case.value, loss(y, p, { sample_weight = w }):totable(), 1e-14)
        if case.options.reduction == "none" then return end
        local model = identity(3)
        model:compile { loss = loss }
        assert_near(case.value, model:loss(y, model(p), { sample_weight = w }):item(), 1e-14)
        local logs = model:evaluate({ x = p, y = y }, { sample_weight = w })
        assert_near(case.value, logs.loss, 1e-14)
      end)
  end

  it("is refused where it is one number for a batch", function()
    local model = identity(1)
    model:compile { loss = "rmse" }
    assert.error_matches(function()
      model:evaluate({ x = t64 { { 1 } }, y = t64 { { 2 } }, sample_weight = { 1 } })
    end, "root_mean_squared_error: expected no sample weights: it is one number for a batch")
  end)

  it("with reduction 'none' is no loss to train by", function()
    local model = identity(1)
    assert.error_matches(function()
      model:compile { loss = mlp.losses.MeanSquaredError { reduction = "none" } }
    end, "compile: option 'loss': mean_squared_error with reduction 'none' is not one number")
  end)

  it("ignores labels that are no class, one or several", function()
    local p = t64 { { 0.5, 0.5 }, { 0.1, 0.9 }, { 0.3, 0.7 } }
    local loss = mlp.losses.SparseCategoricalCrossentropy { ignore_class = { -1, 0 } }
    assert.near(-math.log(0.9), loss(classes { 0, 2, -1 }, p):item(), 1e-15)
    assert.equal(0, loss(classes { 0, 0, -1 }, p):item())
    assert.error_matches(function() loss(classes { 3, 2, -1 }, p) end, "label 3 at row 1")
  end)
end)

describe("a metric", function()
  for i, case in ipairs(golden.metric) do
    it(("with sample weights is Keras's: %s (case %d) #F30 #F31"):format(case.name, i), function()
      local model = identity(3)
      local metric = mlp.metrics[case.name](case.options)
      model:compile { loss = "mse", metrics = { metric }, weighted_metrics = { metric } }
      local data = { x = t64(case.p), y = t64(case.y), sample_weight = case.w }
      local logs = model:evaluate(data, { batch_size = 2 })
      assert.near(case.value, logs["weighted_" .. case.name], 1e-13)
      local plain = model:evaluate({ x = data.x, y = data.y })
      assert.equal(plain[case.name], logs[case.name])
    end)
  end
end)

local function two_by_two()
  local a, b = mlp.Input { shape = 3, name = "a", dtype = "float64" },
    mlp.Input { shape = 2, name = "b", dtype = "float64" }
  local h = mlp.Concatenate {} { mlp.Dense { 4, activation = "tanh" } (a),
    mlp.Dense { 3, activation = "relu" } (b) }
  local price = mlp.Dense { 1, name = "price" } (h)
  local kind = mlp.Dense { 3, activation = "softmax", name = "kind" } (h)
  return mlp.Model { inputs = { a, b }, outputs = { price, kind } }
end

local function trained_as_golden(case)
  local model = two_by_two()
  model:compile {
    optimizer = mlp.SGD { learning_rate = 0.1, momentum = 0.9 },
    loss = { "mse", "sparse_categorical_crossentropy" }, loss_weights = { 0.5, 2 },
    metrics = { "mae", "accuracy" }, weighted_metrics = { kind = mlp.metrics.accuracy() },
  }
  local start = {}
  for i, w in ipairs(case.start) do start[i] = t64(w) end
  model:set_weights(start)
  return model
end

describe("a model of two inputs and two outputs", function()
  local case = golden.several[1]
  local x, y = { t64(case.x[1]), t64(case.x[2]) }, { t64(case.y[1]), classes(case.y[2]) }
  local w = { t64(case.w[1]), t64(case.w[2]) }

  local NAMES <const> = {
    loss = "loss", price_loss = "price_loss", kind_loss = "kind_loss",
    price_mae = "price_mae", kind_accuracy = "kind_sparse_categorical_accuracy",
    weighted_kind_accuracy = "kind_acc",
  }
  local function assert_logs(expected, logs, which)
    for ours, theirs in pairs(NAMES) do
      if which[ours] ~= false then
        assert.near(expected[theirs], logs[ours], 1e-13, ours)
      end
    end
  end

  it("trains as Keras's, with weights for losses and rows #F19 #F30 #F40 #F41", function()
    local model = trained_as_golden(case)
    local data = { x = x, y = y, sample_weight = w }
    assert_logs(case.first, model:evaluate(data, { batch_size = 3 }), {})
    for _ = 1, 12 do model:train_on_batch(x, y, { sample_weight = w }) end
    for i, t in ipairs(model:get_weights()) do assert_near(case.finish[i], t:totable(), 1e-12) end
    assert_logs(case.last, model:evaluate(data, { batch_size = 3 }), {})
  end)

  it("takes data by name as by order, and gives lists", function()
    local model = trained_as_golden(case)
    local named = { x = { b = x[2], a = x[1] }, y = { kind = y[2], price = y[1] },
      sample_weight = { price = w[1], kind = w[2] } }
    assert.same(model:evaluate { x = x, y = y, sample_weight = w }, model:evaluate(named))
    local p = model { a = x[1], b = x[2] }
    assert.same({ 8, 1 }, p[1].shape)
    assert.same({ 8, 3 }, p[2].shape)
    local by_hand = model:loss(y, p, { sample_weight = w }):item()
    assert.near(model:evaluate(named).loss, by_hand, 1e-14)
    local predicted = model:predict(x)
    assert.equal("float64", predicted[1].dtype)
    assert.equal("int64", predicted[2].dtype)
  end)

  it("fits by hand to the same bits as by fit", function()
    local fitted, by_hand = trained_as_golden(case), trained_as_golden(case)
    fitted:fit({ x = x, y = y }, { epochs = 3, batch_size = 8, shuffle = false, verbose = 0,
      sample_weight = w })
    for _ = 1, 3 do
      local loss = by_hand:loss(y, by_hand(x, { training = true }), { sample_weight = w })
      by_hand:zero_grad()
      loss:backward()
      by_hand:step()
    end
    assert.equal(fitted:hash(), by_hand:hash())
  end)

  it("logs its losses, and splits all that it is given", function()
    local model = trained_as_golden(case)
    local history = model:fit({ x = x, y = y, sample_weight = w },
      { epochs = 2, validation_split = 0.25, batch_size = 4, verbose = 0 })
    assert.same({ "loss", "price_loss", "kind_loss", "price_mae", "kind_accuracy",
      "weighted_kind_accuracy", "val_loss", "val_price_loss", "val_kind_loss", "val_price_mae",
      "val_kind_accuracy", "val_weighted_kind_accuracy" }, history.columns)
    for _, column in ipairs(history.columns) do assert.truthy(history[column][2] >= 0) end
  end)

  it("is saved with its inputs, outputs, losses and metrics", function()
    local model, path = trained_as_golden(case), os.tmpname()
    model:train_on_batch(x, y)
    model:save(path)
    local copy = mlp.load(path)
    os.remove(path)
    assert.equal(model:hash(), copy:hash())
    assert.same(model.inputs, copy.inputs)
    assert.same(model.outputs, copy.outputs)
    assert.same(model:evaluate { x = x, y = y }, copy:evaluate { x = x, y = y })
    model:train_on_batch(x, y)
    copy:train_on_batch(x, y)
    assert.equal(model:hash(), copy:hash())
  end)

  it("needs no targets where it has no loss", function()
    local model = two_by_two()
    model:compile { loss = { price = "mse" } }
    assert.same({ "loss", "price_loss" }, model:log_names())
    model:fit({ x = x, y = { price = y[1] } }, { verbose = 0 })
    assert.same(model:evaluate { x = x, y = y }, model:evaluate { x = x, y = { y[1] } })
  end)

  it("says what is missing, by name", function()
    local model = trained_as_golden(case)
    for message, f in pairs {
      ["fit: option 'x': expected a table, by name or in order, for a, b"] = function()
        model:fit({ x = x[1], y = y }, { verbose = 0 })
      end,
      ["fit: option 'y': there is no 'prize'; did you mean 'price'?; there are: price, kind"] =
        function() model:fit({ x = x, y = { prize = y[1] } }, { verbose = 0 }) end,
      ["fit: expected targets y for output 'kind', got none"] = function()
        model:fit({ x = x, y = { y[1] } }, { verbose = 0 })
      end,
      ["model: expected an input 'b' of shape"] = function()
        model { x[1], x[1] }
      end,
      ["expected 2, one each for price, kind, got 3"] = function()
        model:compile { loss = { "mse", "mse", "mse" } }
      end,
      ["output 'price': mean_squared_error: expected targets"] = function()
        model:evaluate { x = x, y = { y[2], y[2] } }
      end,
    } do
      local ok, e = pcall(f)
      assert.is_false(ok)
      message = message:gsub("^model: ", "")
      assert.truthy(tostring(e):find(message, 1, true), tostring(e))
    end
  end)
end)

describe("class weights", function()
  local case = golden.by_class[1]
  local x, y = t64(case.x), classes(case.y)
  local function model()
    local m = mlp.Sequential { mlp.Dense { 3, activation = "softmax" } }:build({ 3 }, "float64")
    m:compile { optimizer = mlp.SGD { learning_rate = 0.5 },
      loss = "sparse_categorical_crossentropy" }
    m:set_weights { t64(case.start[1]), t64(case.start[2]) }
    return m
  end

  it("are Keras's; a class that is not listed counts 1 #F30", function()
    local m = model()
    local history = m:fit({ x = x, y = y }, { epochs = 6, shuffle = false, verbose = 0,
      class_weight = { [1] = 3, [3] = 0.25 } })
    assert_near(case.loss, history.loss, 1e-14)
    for i, t in ipairs(m:get_weights()) do assert_near(case.finish[i], t:totable(), 1e-13) end
  end)

  it("are the same for one-hot targets, and by the names of classes", function()
    local by_number, by_name, one_hot = model(), model(), model()
    local o = { epochs = 2, shuffle = false, verbose = 0, class_weight = { 3, 1, 0.25 } }
    by_number:fit({ x = x, y = y }, o)
    one_hot:compile { optimizer = one_hot.optimizer, loss = "categorical_crossentropy" }
    one_hot:fit({ x = x, y = y:one_hot(3, "float64") }, o)
    assert_near(by_number:get_weights()[1]:totable(), one_hot:get_weights()[1]:totable(), 1e-15)
    o.class_weight = { cat = 3, eel = 0.25 }
    by_name:fit(mlp.dataset { x = x, y = y, class_names = { "cat", "dog", "eel" },
      dtype = "float64" }, o)
    assert.equal(by_number:hash(), by_name:hash())
  end)

  it("'balanced' are scikit-learn's: rows / (classes rows of the class)", function()
    local balanced, listed = model(), model()
    balanced:fit({ x = x, y = y }, { verbose = 0, class_weight = "balanced" })
    listed:fit({ x = x, y = y }, { verbose = 0, class_weight = { 4 / 3, 4 / 6, 4 / 3 } })
    assert.equal(listed:hash(), balanced:hash())
  end)

  it("and sample weights together are refused; what is no class as well", function()
    for message, o in pairs {
      ["fit: expected class_weight or sample_weight, got both"] =
        { class_weight = { 1, 2 }, sample_weight = { 1, 1, 1, 1 } },
      ["fit: option 'class_weight': expected classes from 1, got dog"] =
        { class_weight = { dog = 2 } },
      ["fit: x and sample_weight differ in rows: x has 4, sample_weight has 2"] =
        { sample_weight = { 1, 1 } },
    } do
      o.verbose = 0
      local ok, e = pcall(function() model():fit({ x = x, y = y }, o) end)
      assert.is_false(ok)
      assert.truthy(tostring(e):find(message, 1, true), tostring(e))
    end
    assert.error_matches(function()
      local m = model()
      m:compile { loss = "mse" }
      m:fit({ x = x, y = x[{ {}, { 1, 1 } }] * 1.5 }, { class_weight = { 2 }, verbose = 0 })
    end, "expected targets that are classes, got values")
  end)
end)

describe("on a batch", function()
  it("training and testing give the loss and what is logged #F41", function()
    local layer = mlp.Dense { 1, use_bias = false, kernel_initializer = "ones" }
    local model = mlp.Sequential { layer }
    model:compile { optimizer = mlp.SGD(0.25), loss = "mse", metrics = { "mae" } }
    local x, y = mlp.tensor { { 1 }, { 1 } }, mlp.tensor { { 0 }, { 0 } }
    local loss, logs = model:train_on_batch(x, y, { sample_weight = { 1, 0 } })
    assert.same({ 0.5, { loss = 0.5, mae = 1 } }, { loss, logs })
    -- the gradient of w^2 / 2 at 1 is 1
    assert.near(0.75, model:predict_on_batch(x)[1]:item(), 1e-7)
    loss, logs = model:test_on_batch(x, y)
    assert.same({ 0.5625, { loss = 0.5625, mae = 0.75 } }, { loss, logs })
  end)

  it("the core takes a list where there is one", function()
    local model = mlp.Sequential { mlp.Dense(1) }
    assert.same({ 2, 1 }, core.model_call(model, { mlp.ones(2, 3) }, false).shape)
  end)
end)
