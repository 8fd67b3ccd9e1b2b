local mlp = require "mlp"
local core = require "mlp.core"

local function classifier()
  return mlp.Sequential {
    mlp.Dense { units = 8, activation = "relu" },
    mlp.Dense { units = 3, activation = "softmax" },
  }
end

describe("model", function()
  it("summary keeps its columns under long names", function()
    local model = mlp.Sequential { input_shape = { 2 },
      mlp.Dense { 4, name = "the_first_of_the_hidden_layers" }, mlp.Dense { 1, name = "last" } }
    local ends = {}
    for line in model:summary():gmatch "[^\n]+" do
      if line:find "dense" or line:find "^layer" then ends[#ends + 1] = #line end
    end
    assert.same({ ends[1], ends[1], ends[1] }, ends)
  end)

  it("counts weights as the lecture does: 2-8-1 has 33 #S1 #F86", function()
    local model = mlp.Sequential { mlp.Dense(8), mlp.Dense(1), input_shape = { 2 } }
    assert.equal(33, model:count())
    model:compile { loss = "mse", metrics = { "mae" } }
    local text = model:summary()
    for _, part in ipairs { "dense_1", "dense_2", "33", "mean_squared_error", "mae", "adam" } do
      assert.truthy(text:find(part, 1, true), part)
    end
  end)

  it("sums up what it is joined to, what is frozen, and the memory #F86 #S16", function()
    local a, b = mlp.Input { shape = 3, name = "age" }, mlp.Input { shape = 2 }
    local left = mlp.Dense { 4, name = "left", trainable = false } (a)
    local both = mlp.Concatenate { name = "both" }(left, b) -- or in one list
    local model = mlp.Model { inputs = { a, b }, outputs = mlp.Dense { 1, name = "out" } (both) }
    local text = model:summary()
    for _, part in ipairs {
      "left                 dense                (*, 4)              16 frozen  age",
      "both                 concatenate          (*, 6)                      0  left, input 2",
      "out                  dense                (*, 1)                      7  both",
      "weights: 23, trainable: 7", "memory: ",
    } do
      assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text)
    end
  end)

  it("names the layer that an input does not fit #S2 #A01", function()
    local model = classifier():build { 4 }
    assert.error_matches(function() model(mlp.zeros(32, 10)) end,
      "layer 1 'dense_1': expected an input of shape %(32, 4%), got %(32, 10%)")
  end)

  it("fits three linear targets to a loss under 1e-6 #S3 #F12 #F40", function()
    mlp.seed(0)
    local x = mlp.randn(200, 4, { dtype = "float64" })
    local w = mlp.randn(4, 3, { dtype = "float64" })
    local y = x:matmul(w) + 0.5
    local model = mlp.Sequential { mlp.Dense(3) }
    model:compile { optimizer = mlp.Adam { learning_rate = 0.05 }, loss = "mse" }
    local history = model:fit({ x = x, y = y }, { epochs = 200, verbose = 0 })
    assert.truthy(history.loss[#history] < 1e-6)
  end)

  it("has no probabilities where it gives values", function()
    local model = mlp.Sequential { mlp.Dense(1) }:build { 2 }
    assert.same({ 3, 1 }, model:predict_proba(mlp.zeros(3, 2)).shape) -- nobody has said what it is
    model:compile { loss = "mse" }
    assert.error_matches(function() model:predict_proba(mlp.zeros(3, 2)) end,
      "predict_proba: expected a model that gives probabilities, got one whose loss is "
      .. "mean_squared_error")
    local shares = mlp.Sequential { mlp.Dense { 1, "sigmoid" } }:compile { loss = "mse" }
    assert.same({ 3, 1 }, shares:predict_proba(mlp.zeros(3, 2)).shape)
  end)

  it("predict gives classes, predict_proba probabilities #S6 #F41", function()
    mlp.seed(0)
    local data = mlp.datasets.blobs { n = 300, centers = 3 }
    local model = classifier()
    model:compile { loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    model:fit(data, { epochs = 30, verbose = 0 })
    local p, classes = model:predict_proba(data.x), model:predict(data.x)
    assert.same({ 300, 3 }, p.shape)
    assert.equal("int64", classes.dtype)
    local right = 0
    for i, c in ipairs(classes:totable()) do
      local row = p[i]:totable()
      assert.near(1, row[1] + row[2] + row[3], 1e-6)
      assert.equal(math.max(table.unpack(row)), row[c])
      if c == data.y[i]:item() then right = right + 1 end
    end
    assert.near(model:evaluate(data).accuracy, right / 300, 1e-12)
  end)

  it("argmax over predicted classes says what to use instead", function()
    assert.error_matches(function() mlp.tensor({ 1, 2 }, { dtype = "int64" }):argmax() end,
      "use predict_proba")
  end)

  it("binary: class 2 where p is above 0.5, strictly #S6", function()
    local model = mlp.Sequential { mlp.Activation "linear", input_shape = { 1 } }
    model:compile { loss = "binary_crossentropy" }
    assert.same({ 1, 1, 2 }, model:predict(mlp.tensor { { 0.2 }, { 0.5 }, { 0.51 } }):totable())
  end)

  it("takes crossentropy as a metric for that of its loss, as Keras", function()
    local data = mlp.datasets.moons { n = 20 }
    for units, loss in pairs { "binary_crossentropy", "sparse_categorical_crossentropy" } do
      local model = mlp.Sequential { mlp.Dense { units, units > 1 and "softmax" or "sigmoid" } }
      model:compile { loss = loss, metrics = { "crossentropy", "ce" } }
      model(data.x)
      local result = model:evaluate(data)
      assert.near(result.loss, result.crossentropy, 1e-6)
      assert.near(result.loss, result.ce, 1e-6)
    end
  end)

  it("evaluates to a list where that is asked for, in the order of its names", function()
    local data = mlp.datasets.moons { n = 20 }
    local model = mlp.Sequential { mlp.Dense { 1, "sigmoid" } }
    model:compile { loss = "bce", metrics = { "mae", "accuracy" } }
    model(data.x)
    local named = model:evaluate(data)
    assert.same({ named.loss, named.mae, named.accuracy },
      model:evaluate(data, { return_dict = false }))
    assert.equal(named.mae, model:evaluate(data, { return_dict = true }).mae)
  end)

  it("grows layer by layer, as Keras's and Torch7's Sequential #F19", function()
    mlp.seed(3)
    local whole = mlp.Sequential { mlp.Dense { 4, "tanh" }, mlp.Dropout(0.1), mlp.Dense(1) }
    whole:build { 3 }
    mlp.seed(3)
    local grown = mlp.Sequential()
    grown:add(mlp.Dense { 4, "tanh" }):add(mlp.Dropout(0.1))
    grown:add(mlp.Sequential { mlp.Dense(1) })
    grown:build { 3 }
    assert.equal(whole:hash(), grown:hash())
    assert.error_matches(function() grown:add(mlp.Dense(1)) end, "all layers before it is built")
    assert.error_matches(function() mlp.Sequential():add "dense" end,
      "add: expected a layer, such as mlp.Dense%(4%), got 'dense'")
    local x = mlp.Input { 2 }
    assert.error_matches(function()
      mlp.Model { inputs = x, outputs = mlp.Dense(1)(x) }:add(mlp.Dense(1))
    end, "add: expected a model made by mlp.Sequential")
  end)

  it("is frozen and stopped by its fields, as Keras's", function()
    local model = mlp.Sequential { mlp.Dense(1), input_shape = { 2 } }
    assert.is_true(model.trainable)
    model.trainable = false
    assert.is_false(model.trainable)
    assert.is_false(model.layers[1].trainable)
    model.trainable = true
    assert.is_true(model.trainable and model.layers[1].trainable)
    model:compile { loss = "mse" }
    local history = model:fit(mlp.datasets.plane { n = 8 }, { epochs = 5, verbose = 0,
      callbacks = { { on_epoch_end = function(self) self.model.stop_training = true end } } })
    assert.equal(1, #history)
    assert.error_matches(function() model.optimiser = "adam" end,
      "model: expected 'trainable' or 'stop_training' to be set, got 'optimiser'")
  end)

  it("takes the names of Keras's classes, too", function()
    local model = mlp.Sequential { mlp.Dense(1) }
    model:compile { optimizer = "RMSprop", loss = "MeanSquaredError", metrics = { "R2Score" } }
    assert.equal("rmsprop", model.optimizer.kind)
    model:compile { loss = "MSE", optimizer = "sgd", metrics = { "AUC" } }
    assert.same({ "AUC" }, model:metric_names())
    assert.error_matches(function() model:compile { loss = "mse", optimizer = "Adams" } end,
      "got 'Adams'; did you mean 'adam'")
  end)

  it("shows the options of what a layer is given", function()
    local layer = mlp.Dense { 8, kernel_regularizer = mlp.regularizers.L2(0.5) }
    assert.equal("dense { units = 8, kernel_regularizer = l2 { l2 = 0.5 } }", tostring(layer))
    layer = mlp.Dense { 8, kernel_regularizer = "l2", bias_initializer = "ones" }
    assert.equal("dense { units = 8, bias_initializer = ones, kernel_regularizer = l2 }",
      tostring(layer))
    layer = mlp.Embedding { 9, 2,
      embeddings_initializer = mlp.initializers.RandomUniform { minval = -1, maxval = 1 } }
    assert.matches("embeddings_initializer = random_uniform { minval = %-1.0, maxval = 1.0 }",
      tostring(layer))
  end)

  it("Sequential and the functional graph give the same bits #F19", function()
    local data = mlp.datasets.moons { n = 200, noise = 0.1 }
    local function hash(make)
      mlp.seed(0)
      local model = make()
      model:compile { loss = "binary_crossentropy" }
      model:fit(data, { epochs = 3, verbose = 0 })
      return model:hash()
    end
    local sequential = hash(function()
      return mlp.Sequential { mlp.Dense { units = 8, activation = "relu" }, mlp.Dropout(0.2),
        mlp.Dense { units = 1, activation = "sigmoid" } }
    end)
    local functional = hash(function()
      local x = mlp.Input { 2 }
      local h = mlp.Dropout(0.2)(mlp.Dense { units = 8, activation = "relu" }(x))
      return mlp.Model { inputs = x, outputs = mlp.Dense { units = 1, activation = "sigmoid" }(h) }
    end)
    assert.equal(sequential, functional)
  end)

  it("a residual connection adds: h + f(h) #F18", function()
    mlp.seed(0)
    local x = mlp.Input { 3 }
    local h = mlp.Dense { units = 3, kernel_initializer = "ones", activation = "relu" }(x)
    local model = mlp.Model { inputs = x, outputs = mlp.Add {} { x, h } }
    assert.same({ { 7.0, 8.0, 9.0 } }, model(mlp.tensor { { 1, 2, 3 } }):totable())
    local plus = mlp.Model { inputs = x, outputs = x + h }
    assert.same({ { 7.0, 8.0, 9.0 } }, plus(mlp.tensor { { 1, 2, 3 } }):totable())
  end)

  it("takes nested tables of numbers for tensors, and classes where the loss does", function()
    local function fitted(x, y, units, loss)
      mlp.seed(1)
      local model = mlp.Sequential { mlp.Dense { units, units > 1 and "softmax" or nil } }
        :compile { loss = loss, optimizer = "sgd" }
      model:fit({ x = x, y = y }, { epochs = 2, verbose = 0 })
      return model
    end
    local x, y = { { 1, 2 }, { 3, 4.5 }, { 0, 1 } }, { 2, 1, 2 }
    local sparse = "sparse_categorical_crossentropy"
    local model = fitted(x, y, 2, sparse)
    assert.equal(fitted(mlp.tensor(x), mlp.tensor(y):long(), 2, sparse):hash(), model:hash())
    assert.equal(fitted(mlp.tensor(x), mlp.tensor(y):reshape(3, 1), 1, "mse"):hash(),
      fitted(x, y, 1, "mse"):hash())
    assert.same(model:predict(mlp.tensor(x)):totable(), model:predict(x):totable())
    assert.same(model(mlp.tensor(x)):totable(), model(x):totable())
  end)

  it("scores print as a line", function()
    local model = mlp.Sequential { mlp.Dense { 1, kernel_initializer = "zeros" } }
      :compile { loss = "mse", optimizer = "sgd", metrics = { "mae" } }
    assert.equal("loss: 4.0000 - mae: 2.0000",
      tostring(model:evaluate { x = mlp.zeros(3, 1), y = mlp.full({ 3, 1 }, 2) }))
  end)

  it("a shared layer keeps one set of weights and trains through both uses", function()
    local shared = mlp.Dense { units = 2, use_bias = false, kernel_initializer = "ones" }
    local x = mlp.Input { 2 }
    local model = mlp.Model { inputs = x, outputs = shared(shared(x)) }
    assert.equal(4, model:count())
    model:compile { optimizer = mlp.SGD { learning_rate = 0.1 }, loss = function(_,
      p) return p:sum() end }
    -- y = x W W, x = (1, 0), W = ones: d(sum)/dW_ij counts both places; by hand: row 1: 2+1, row
    -- 2: 1+...
    model:train_on_batch(mlp.tensor { { 1, 0 } }, mlp.zeros(1, 2))
    -- dL/dW = x^T (1 W^T) + (x W)^T 1 = [[2,2],[0,0]] + [[1,1],[1,1]]
    local w = shared.kernel:totable()
    assert.near(1 - 0.3, w[1][1], 1e-6)
    assert.near(1 - 0.1, w[2][2], 1e-6)
  end)

  it("the L2 penalty is lambda sum w^2 and is part of the loss #S45 #S52", function()
    local model = mlp.Sequential { mlp.Dense { units = 1, use_bias = false,
      kernel_regularizer = mlp.regularizers.L2(0.01) } }
    model:build({ 2 }, "float64")
    model:compile { loss = "mse" }
    mlp.no_grad(function() model.layers[1].kernel:copy_(mlp.tensor({ { 1 }, { -2 } },
      { dtype = "float64" })) end)
    local x, y = mlp.zeros(1, 2, { dtype = "float64" }), mlp.zeros(1, 1, { dtype = "float64" })
    local loss = model:loss(y, model(x))
    assert.near(0.05, loss:item(), 1e-15)
    loss:backward()
    assert.near(2 * 0.01 * -2, model.layers[1].kernel.grad[2][1]:item(), 1e-15)
  end)

  it("dropout: a share of zeros, the mean kept, identity when not training #S46 #S51 #F14",
    function()
    local layer = mlp.Dropout(0.3)
    local x = mlp.ones(100, 1000)
    local y = layer(x, { training = true })
    local zeros = y:eq(0):float():mean():item()
    local sd = math.sqrt(0.3 * 0.7 / 1e5)
    assert.near(0.3, zeros, 3 * sd)
    assert.near(1, y:mean():item(), 3 * sd / 0.7)
    assert.is_true(layer(x) == x)
  end)

  it("batches: all, one, many #S13", function()
    local data = mlp.datasets.moons { n = 100 }
    for size, batches in pairs { all = 1, [1] = 100, [32] = 4 } do
      local count = 0
      local model = mlp.Sequential { mlp.Dense { units = 1, activation = "sigmoid" } }
      model:compile { loss = "binary_crossentropy" }
      model:fit(data, { batch_size = size, verbose = 0,
        callbacks = { mlp.Lambda { on_batch_end = function() count = count + 1 end } } })
      assert.equal(batches, count)
    end
  end)

  it("predicts large batches where their rows lie, as rows of their own", function()
    local x, shape = mlp.randn(300, 20, 20), mlp.Input { 20, 20 }
    local own = mlp.Sequential { mlp.Flatten {}, mlp.Dense { 3, "tanh" } }
    own:build { 20, 20 }
    local want, turned = own(x):totable(), x:transpose(2, 3)
    for _, size in ipairs { 300, 128, 7 } do -- several batches, and a smaller last one
      assert.same(want, own:predict_proba(x, { batch_size = size }):totable())
    end
    local p = own:predict_proba(turned, { batch_size = 300 })
    assert.same(own(turned:contiguous()):totable(), p:totable())
    local same = mlp.Model { inputs = shape, outputs = mlp.Flatten {}(shape) }
    p = same:predict_proba(x, { batch_size = 300 })
    assert.same(x:reshape(300, 400):totable(), p:totable())
    local later = mlp.randn(300, 20, 20)
    assert.same(own(later):totable(), own:predict_proba(later, { batch_size = 300 }):totable())
  end)

  it("predicts one batch, several, and with callbacks to the same bits #S13", function()
    local model = mlp.Sequential { mlp.Dense { 7, "tanh" }, mlp.Dense { 3, "softmax" } }
    local x, seen = mlp.randn(9, 4), 0
    local watch = mlp.Lambda { on_predict_batch_end = function() seen = seen + 1 end }
    local p = model:predict_proba(x)
    for _, options in ipairs { { batch_size = 9 }, { batch_size = 2 }, { callbacks = {} },
      { callbacks = { watch } }, { batch_size = 4, verbose = 1 } } do
      assert.same(p:totable(), model:predict_proba(x, options):totable())
    end
    assert.equal(1, seen)
    for i = 1, 9 do
      local row = model:predict_proba(x:narrow(1, i, 1), { batch_size = 1 })
      assert.same(p:narrow(1, i, 1):totable(), row:totable())
    end
    for _, bad in ipairs { { batch_size = 0 }, { batch_size = 1.5 }, { size = 1 }, 3 } do
      assert.error(function() model:predict_proba(x, bad) end)
    end
    assert.error(function() model:predict_proba(mlp.randn(1, 5), { batch_size = 1 }) end)
  end)

  it("a huge learning rate is reported as divergence, with the epoch #S18 #H01", function()
    mlp.seed(0)
    local model = mlp.Sequential { mlp.Dense(8), mlp.Dense(1) }
    model:compile { optimizer = mlp.SGD { learning_rate = 1000 }, loss = "mse" }
    local history = model:fit({ x = mlp.randn(64, 2), y = mlp.randn(64, 1) }, { epochs = 50,
      verbose = 0 })
    assert.matches("^non%-finite loss at epoch %d+, batch %d+$", history.stop_reason)
    for _, w in ipairs(model:get_weights()) do
      assert.is_false(w:ne(w):any():item() ~= 0)
    end
  end)

  it("equal first weights stay equal: the network does not train #S49", function()
    mlp.seed(0)
    local model = mlp.Sequential {
      mlp.Dense { units = 4, activation = "tanh", kernel_initializer = "ones" },
        mlp.Dense { units = 1, kernel_initializer = "ones" },
    }
    model:compile { loss = "mse" }
    model:fit({ x = mlp.randn(64, 2), y = mlp.randn(64, 1) }, { epochs = 5, verbose = 0 })
    local k = model.layers[1].kernel:totable()
    for _, row in ipairs(k) do
      for j = 2, 4 do assert.equal(row[1], row[j]) end
    end
  end)

  it("two seeds differ, one seed repeats #S48 #H08", function()
    local data = mlp.datasets.moons { n = 100, seed = 1 }
    local function hash(seed)
      mlp.seed(seed)
      local model = mlp.Sequential { mlp.Dense { units = 4, activation = "tanh" },
        mlp.Dense { units = 1, activation = "sigmoid" } }
      model:compile { loss = "binary_crossentropy" }
      model:fit(data, { epochs = 2, verbose = 0 })
      return model:hash()
    end
    local one, two = hash(1), hash(2)
    assert.equal(one, hash(1))
    assert.not_equal(one, two)
    mlp.seed(0)
  end)

  it("a history has rows, columns, length, iteration #F42", function()
    local data = mlp.datasets.moons { n = 100 }
    local model = mlp.Sequential { mlp.Dense { units = 1, activation = "sigmoid" } }
    model:compile { loss = "binary_crossentropy", metrics = { "acc" } }
    local history = model:fit(data, { epochs = 3, validation_split = 0.2, verbose = 0 })
    assert.equal(3, #history)
    assert.same({ "loss", "acc", "val_loss", "val_acc" }, history.columns)
    assert.equal(history.loss[2], history[2].loss)
    assert.equal(history[3], history[-1])
    local n = 0
    for epoch, row in history:rows() do
      n = n + 1
      assert.equal(history.val_loss[epoch], row.val_loss)
    end
    assert.equal(3, n)
    assert.matches("epoch", tostring(history))
  end)

  it("refuses what it cannot do, and says what to do", function()
    local model = classifier()
    local x, y = mlp.zeros(4, 2), mlp.tensor({ 1, 2, 3, 1 }, { dtype = "int64" })
    assert.error_matches(function() model:fit({ x = x, y = y }) end, "call model:compile")
    assert.error_matches(function() model:compile {} end, "compile: option 'loss'")
    assert.error_matches(function() model:compile { loss = "mes" } end, "did you mean 'mse'%?")
    model:compile { loss = "sparse_categorical_crossentropy" }
    assert.error_matches(function() model:fit({ x = x, y = y }, { epoch = 3 }) end,
      "fit: unknown option 'epoch'; did you mean 'epochs'%?")
    for _, bad in ipairs { 0, -1, 1.5 } do
      assert.error_matches(function()
        model:fit({ x = x, y = y }, { epochs = bad })
      end, "option 'epochs'") -- #A21
    end
    assert.error_matches(function() model:fit({ x = x, y = y }, { epochs = 1e18 }) end,
      "option 'epochs': expected a whole number below 2%^53, got 1e%+18")
    assert.error_matches(function() model:fit({ x = x, y = y }, { batch_size = 0 }) end,
      "option 'batch_size': expected at least 1, got 0")
    assert.error_matches(function()
      model:fit({ x = x, y = mlp.zeros(3, 3) }, {})
    end, "x has 4, y has 3")
    assert.error_matches(function() mlp.Dense {} end, "dense: option 'units': expected a value")
    assert.error_matches(function()
      mlp.Dense { units = 0 }
    end, "option 'units': expected a whole number")
    assert.error_matches(function()
      mlp.Dense { units = 3, activation = "rlu" }
    end, "got 'rlu'; did you mean 'relu'%?")
  end)

  it("memory returns when models go", function()
    local function one()
      local model = classifier()
      model:compile { loss = "sparse_categorical_crossentropy" }
      model:fit({ x = mlp.randn(32, 4), y = mlp.full({ 32 }, 2, { dtype = "int64" }) },
        { verbose = 0 })
    end
    one()
    collectgarbage()
    collectgarbage()
    local before = core.memory()
    for _ = 1, 20 do one() end
    collectgarbage()
    collectgarbage()
    assert.equal(before, (core.memory()))
  end)
end)

describe("labels that may hold together", function()
  local x = mlp.randn(60, 2)
  local y = mlp.stack({ x[{ {}, 1 }]:gt(0), x[{ {}, 2 }]:gt(0), x[{ {}, 1 }]:lt(9) }, 2):float()
  local model = mlp.Sequential { mlp.Dense { 8, "relu" }, mlp.Dense { 3, "sigmoid" } }
  model:compile { loss = "bce", metrics = { "accuracy" }, optimizer = mlp.Adam(0.05) }
  model:fit({ x, y }, { epochs = 30, verbose = 0 })

  it("are predicted and counted one by one", function()
    local p = model:predict(x)
    assert.same({ 60, 3 }, { table.unpack(p.shape) })
    assert.near(p:eq(y):mean():item(), model:evaluate({ x, y }).accuracy, 1e-6)
    assert.is_true(p:eq(y):mean():item() > 0.9)
  end)
  it("are no classes of a report, of which one is", function()
    assert.error_matches(function() mlp.metrics.classification_report(y, model:predict(x)) end,
      "argument 'y': expected classes, or rows with one class each, got rows of several labels")
    local one, p = y[{ {}, 1 }]:long() + 1, model:predict(x)[{ {}, 1 }]:long() + 1
    assert.equal(60, mlp.metrics.classification_report(one, p).macro.support)
  end)
  it("leave a softmax its classes", function()
    local other = mlp.Sequential { mlp.Dense { 3, "softmax" } }
    other:compile { loss = "categorical_crossentropy", metrics = { "accuracy" } }
    other:fit({ x, mlp.tensor({ { 1, 0, 0 } }):expand(60, 3) }, { verbose = 0 })
    assert.same({ "int64", 1 }, { other:predict(x).dtype, other:predict(x).ndim })
  end)
end)
