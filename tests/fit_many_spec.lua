--- mlp.fit_many: each net has the bits of its own fit. The expected hashes and histories come from
--- model:fit alone, with the same options and seed.
local mlp = require "mlp"
local program = require "program"

local moons = mlp.datasets.moons { n = 150, noise = 0.2, seed = 3 }
local iris = mlp.datasets.blobs { n = 150, centers = 3, features = 4, seed = 2 }

local function quiet(options)
  local list = { verbose = 0 }
  for name, v in pairs(options) do list[name] = v end
  return list
end

--- Models of build(i), i = 1..n, as if each were the first of a run with seed i.
local function family(n, build)
  local models = {}
  for i = 1, n do
    mlp.seed(i)
    models[i] = build(i)
  end
  mlp.seed(0)
  return models
end

local function small(layers, options)
  local list = {}
  for i, layer in ipairs(layers) do list[i] = layer end
  local model = mlp.Sequential(list)
  model:compile(options)
  return model
end

local function two_classes(options, middle)
  local layers = { mlp.Dense { units = 8, activation = "relu" } }
  if middle then layers[2] = middle() end
  layers[#layers + 1] = mlp.Dense { units = 1, activation = "sigmoid" }
  return small(layers, { loss = "binary_crossentropy", optimizer = options.optimizer(),
    metrics = { "accuracy" } })
end

local function rows_of(history)
  local rows = {}
  for i = 1, #history do
    for _, name in ipairs(history.columns) do
      rows[#rows + 1] = ("%s %d %s"):format(name, i,
        history[i][name] and ("%a"):format(history[i][name]) or "none")
    end
  end
  rows[#rows + 1] = tostring(history.stop_reason) .. tostring(history.best_epoch)
  return table.concat(rows, "\n")
end

--- The same nets alone and together: same weights, same histories. options(i): of fit.
local function compare(n, build, data, options, seeds)
  local alone, together = family(n, build), family(n, build)
  local expected, each = {}, {}
  for i, model in ipairs(alone) do
    if seeds then mlp.seed(seeds[i]) end
    local given = type(data) == "function" and data(i) or data
    expected[i] = model:fit(given, quiet(options(i)))
    each[i] = options(i)
  end
  mlp.seed(0)
  local list = data
  if type(data) == "function" then
    list = {}
    for i = 1, n do list[i] = data(i) end
  end
  local histories = mlp.fit_many(together, list, { each = each, seeds = seeds, verbose = 0 })
  for i = 1, n do
    assert.equal(alone[i]:hash(), together[i]:hash(), "weights of net " .. i)
    assert.equal(alone[i].iterations, together[i].iterations)
    assert.equal(rows_of(expected[i]), rows_of(histories[i]), "history of net " .. i)
  end
  return together, histories
end

local function sgd(rate)
  return function() return mlp.SGD { learning_rate = rate, momentum = 0.9 } end
end
local function adam(rate)
  return function() return mlp.Adam { learning_rate = rate } end
end

describe("fit_many", function()
  it("gives each net the bits of its own fit, with rates of their own", function()
    compare(19, function(i) return two_classes { optimizer = sgd(0.01 * i) } end, moons,
      function() return { epochs = 3, batch_size = 4 } end)
    compare(5, function(i) return two_classes { optimizer = adam(0.001 * i) } end, moons,
      function() return { epochs = 2, batch_size = 32 } end)
  end)

  it("gives the same bits whatever the instruction set's tiles and the batch", function()
    for _, size in ipairs { 1, 2, 7, 64, 150, 500 } do
      compare(3, function() return two_classes { optimizer = adam(0.01) } end, moons,
        function() return { epochs = 2, batch_size = size } end)
    end
  end)

  it("follows nets with dropout, each with its own draws", function()
    compare(4, function()
      return two_classes({ optimizer = adam(0.01) }, function()
        return mlp.Dropout { rate = 0.4 }
      end)
    end, moons, function() return { epochs = 3, batch_size = 16 } end)
  end)

  it("follows nets with batch norm, and their moving averages", function()
    compare(4, function()
      return two_classes({ optimizer = sgd(0.05) }, function()
        return mlp.BatchNormalization {}
      end)
    end, moons, function() return { epochs = 3, batch_size = 16, validation_split = 0.2 } end)
  end)

  it("follows softmax, schedules, decay, clipping, averages, regularizers", function()
    local function build(i)
      return small({
        mlp.Dense { units = 7, activation = "tanh", kernel_regularizer = "l2" },
        mlp.Dense { units = 5, activation = "gelu", kernel_constraint = "max_norm" },
        mlp.Dense { units = 3, activation = "softmax" },
      }, {
        loss = "sparse_categorical_crossentropy", metrics = { "accuracy" },
        optimizer = i % 2 == 0 and mlp.AdamW { use_ema = true, weight_decay = 0.01 * i,
            loss_scale_factor = 100 * (i - 2) }
          or mlp.SGD { clipnorm = 0.1 * i, gradient_accumulation_steps = 2,
            learning_rate = mlp.schedules.exponential_decay { initial_learning_rate = 0.1,
              decay_steps = 10, decay_rate = 0.9 } },
      })
    end
    compare(6, build, iris, function() return { epochs = 3, batch_size = 20 } end)
  end)

  it("works in float64 and for values", function()
    local x = mlp.randn { 60, 3 }:double()
    local data = mlp.dataset { x = x, y = x:sum(-1):reshape(60, 1) }
    compare(3, function()
      return small({ mlp.Dense { units = 4, activation = "silu" }, mlp.Dense(1) },
        { loss = "mse", optimizer = "rmsprop" })
    end, data, function() return { epochs = 2, batch_size = 8 } end)
  end)

  it("takes seeds, data, weights and epochs of each net", function()
    local folds = {}
    for fold, train, test in mlp.model_selection.KFold { n_splits = 4, shuffle = true }
      :folds(moons) do folds[fold] = { train = train, test = test } end
    local function build() return two_classes { optimizer = adam(0.02) } end
    compare(4, build, function(i) return folds[i].train end, function(i)
      return { epochs = i, batch_size = 10, validation_data = folds[i].test,
        class_weight = i > 2 and { [1] = 2, [2] = 1 } or nil, shuffle = i ~= 3 }
    end, { 7, 8, 7, 9 })
    local a, b = family(4, build), family(4, build)
    local histories = mlp.fit_many(a, folds, { epochs = 2, verbose = 0 })
    for i, fold in ipairs(folds) do
      local history = b[i]:fit(fold.train, { epochs = 2, validation_data = fold.test, verbose = 0 })
      assert.equal(rows_of(history), rows_of(histories[i]))
    end
  end)

  it("stops each net by itself", function()
    local _, histories = compare(6, function(i)
      return two_classes { optimizer = sgd(0.002 * 4 ^ i) }
    end, moons, function(i)
      return { epochs = 30, batch_size = 16, validation_split = 0.25, eval_train = i == 1,
        callbacks = { mlp.EarlyStopping { patience = i - 1 } } }
    end)
    local lengths = {}
    for _, history in ipairs(histories) do lengths[#history] = true end
    local different = 0
    for _ in pairs(lengths) do different = different + 1 end
    assert.is_true(different > 2)
  end)

  it("gives callbacks of all nets a state of their own", function()
    local models = family(3, function(i) return two_classes { optimizer = sgd(0.2 * i) } end)
    local seen = {}
    local stopping = mlp.EarlyStopping { monitor = "loss", patience = 1 }
    mlp.fit_many(models, moons, { epochs = 20, verbose = 0, callbacks = { stopping,
      { on_epoch_end = function(self) seen[self.model] = true end } } })
    assert.is_nil(stopping.best)
    for _, model in ipairs(models) do assert.is_true(seen[model]) end
  end)

  it("lets the others go on where a net's loss is not finite", function()
    local function build(i)
      return small({ mlp.Dense { units = 4, activation = i == 1 and "tanh" or "relu" },
        mlp.BatchNormalization {}, mlp.Dense(1) },
        { loss = "mse", optimizer = mlp.SGD { learning_rate = i == 3 and 1000 or 0.01 } })
    end
    local data = mlp.dataset { x = moons.x, y = moons.x:sum(-1):reshape(150, 1) }
    local _, histories = compare(5, build, data, function() return { epochs = 4 } end)
    assert.is_truthy(histories[3].stop_reason:find "^non%-finite")
    assert.is_truthy(histories[3].culprit)
    assert.equal(4, #histories[4])
  end)

  it("ends a net whose gradient alone is not finite, as fit does", function()
    local x = mlp.randn { 40, 2 }
    local function build(i)
      local model = small({ mlp.Dense(3), mlp.Dense(1) },
        { loss = "mse", optimizer = mlp.SGD { learning_rate = 1e-3 } })
      model:build { 2 }
      if i == 2 then -- a loss of 1e36; the gradient of the last weight is beyond float32
        model:set_weights { ["dense_1.kernel"] = { { 1, 1, 1e21 }, { 1, 1, 1e21 } },
          ["dense_2.kernel"] = { { 1 }, { 1 }, { 1e-3 } } }
      end
      return model
    end
    local _, histories = compare(3, build, { x = x, y = x:sum(-1):reshape(40, 1) },
      function() return { epochs = 3 } end)
    assert.is_true(histories[2].culprit.gradient)
    assert.equal(3, #histories[3])
  end)

  it("groups nets of other shapes, losses and batches by themselves", function()
    compare(6, function(i)
      return small({ mlp.Dense { units = 2 + i // 2, activation = i % 2 == 0 and "relu" or "elu" },
        mlp.Dense { units = 2, activation = "softmax" } }, {
        loss = i > 4 and "categorical_focal_crossentropy" or "sparse_categorical_crossentropy",
        optimizer = "adam" })
    end, moons, function(i) return { epochs = 2, batch_size = i == 2 and 5 or 16 } end)
  end)

  it("takes layers of Lua, frozen layers, graphs", function()
    local square = mlp.Lambda { name = "square_many", call = function(x) return x * x end }
    compare(3, function()
      local x = mlp.Input { 2 }
      local h = mlp.Dense { units = 4, activation = "tanh" }(x)
      local model = mlp.Model { inputs = x, outputs = mlp.Dense { units = 1,
        activation = "sigmoid" }(mlp.layers.Concatenate {} { h, square(x) }) }
      model:compile { loss = "binary_crossentropy", optimizer = "adam" }
      return model
    end, moons, function() return { epochs = 2 } end)
    compare(3, function()
      local model = two_classes { optimizer = adam(0.01) }
      model.layers[1].trainable = false
      return model
    end, moons, function() return { epochs = 2 } end)
  end)

  it("takes nets that are not small, a few at a time", function()
    local data = mlp.datasets.digits { n = 60, seed = 1 }
    local function build()
      return small({ mlp.Flatten {}, mlp.Dense { units = 300, activation = "relu" },
        mlp.Dense { units = 10, activation = "softmax" } },
        { loss = "sparse_categorical_crossentropy", optimizer = adam(0.001)() })
    end
    compare(4, build, data, function() return { epochs = 1, batch_size = 32 } end)
  end)

  it("takes L-BFGS beside others", function()
    compare(3, function(i)
      return two_classes { optimizer = i == 2 and function() return "lbfgs" end or adam(0.01) }
    end, moons, function(i) return { epochs = 3, batch_size = i == 2 and "all" or 16 } end)
  end)

  it("takes nets abreast: losses, activations, penalties, numbers of classes and nets", function()
    local x = mlp.randn { 45, 3 }
    local function labels(k) return (mlp.rand { 45 } * k):floor():long() + 1 end
    local y = { values = x:abs(), pair = labels(2), classes = labels(5), ones = mlp.rand { 45, 3 } }
    local cases = {
      { "values", 3, "linear", "mse", hidden = "tanh" },
      { "values", 3, "softplus", "huber", hidden = "elu", l2 = true, metrics = { "mae" } },
      { "pair", 1, "sigmoid", "binary_crossentropy", hidden = "gelu", metrics = { "accuracy" } },
      { "ones", 3, "sigmoid", "binary_crossentropy", hidden = "sigmoid" },
      { "pair", 1, "sigmoid", "dice" }, -- a mean of one number
      { "pair", 2, "softmax", "sparse_categorical_crossentropy", dropout = true },
      { "classes", 5, "softmax", "sparse_categorical_crossentropy", norm = true,
        metrics = { "accuracy" } },
      { "classes", 5, "softmax", "categorical_crossentropy", hidden = "softmax" },
    }
    for number, case in ipairs(cases) do
      local function build()
        local layers = { mlp.Dense { units = 7, activation = case.hidden or "relu",
          kernel_regularizer = case.l2 and mlp.regularizers.L2 { l2 = 0.01 } or nil } }
        if case.dropout then layers[#layers + 1] = mlp.Dropout { rate = 0.3 } end
        if case.norm then layers[#layers + 1] = mlp.BatchNormalization {} end
        layers[#layers + 1] = mlp.Dense { units = 4, activation = "relu", use_bias = false }
        layers[#layers + 1] = mlp.Dense { units = case[2], activation = case[3] }
        return small(layers, { loss = case[4], metrics = case.metrics,
          optimizer = mlp.Adam { learning_rate = 0.01 } })
      end
      compare(2 * number + 1, build, { x = x, y = y[case[1]] },
        function() return { epochs = 2, batch_size = 6 } end)
    end
  end)

  it("takes float64 abreast, and batches longer than a chain of products", function()
    for _, dtype in ipairs { "float32", "float64" } do
      local x = mlp.randn { 650, 2 }
      if dtype == "float64" then x = x:double() end
      compare(9, function()
        return small({ mlp.Dense { units = 3, activation = "relu" }, mlp.Dense(1) },
          { loss = "mse", optimizer = "sgd" })
      end, { x = x, y = x:sum(-1):reshape(650, 1) },
        function() return { epochs = 2, batch_size = 400 } end)
    end
  end)

  it("steps together with every optimizer, and with options that change its formula", function()
    local function compared(name, options, data)
      compare(5, function(i)
        local own = {}
        for key, v in pairs(options) do own[key] = v end
        own.learning_rate = own.learning_rate or 0.002 * i
        return two_classes { optimizer = function() return mlp.optimizers[name](own) end }
      end, data or moons, function() return { epochs = 2, batch_size = 16 } end)
    end
    for _, kind in ipairs(require("mlp.core").registry().optimizer) do compared(kind.name, {}) end
    for _, case in ipairs {
      { "sgd", momentum = 0.9 }, { "sgd", momentum = 0.9, nesterov = true },
      { "sgd", momentum = 0.9, dampening = 0.5 }, { "sgd", momentum = 0.9, compat = "torch" },
      { "sgd", momentum = 0.9, nesterov = true, compat = "torch" }, { "sgd", weight_decay = 0.1 },
      { "sgd", weight_decay = 0.1, compat = "torch" }, { "adam", amsgrad = true },
      { "adam", compat = "torch", weight_decay = 0.1 }, { "adamw", compat = "torch" },
      { "adam", learning_rate = mlp.schedules.exponential_decay { initial_learning_rate = 0.01,
        decay_steps = 5, decay_rate = 0.5 } },
      { "adam", gradient_accumulation_steps = 3 }, { "adam", loss_scale_factor = 8 },
      { "sgd", momentum = 0.9, use_ema = true }, { "adam", clipnorm = 0.1 },
    } do
      local name = table.remove(case, 1)
      compared(name, case)
    end
  end)

  it("steps together where rates, decay rates and lengths of data differ", function()
    local rates = { 0, 0.1, 0.5, 0.9, 0.99, 0.3, 0.2, 0.7, 0.6 }
    compare(9, function(i)
      return two_classes { optimizer = function()
        return mlp.Adam { learning_rate = 0.01, beta_1 = rates[i], epsilon = 1e-8 * i }
      end }
    end, function(i) return moons:rows(1, 100 + 7 * (i % 3)) end,
      function(i) return { epochs = 2 + i % 3, batch_size = 16 } end)
    compare(9, function(i)
      return two_classes { optimizer = function()
        return mlp.SGD { learning_rate = 0.01, momentum = rates[i], nesterov = i % 2 == 0 }
      end }
    end, moons, function() return { epochs = 2, batch_size = 16 } end)
  end)

  it("goes on from a fit", function()
    local a = family(3, function() return two_classes { optimizer = adam(0.01) } end)
    local b = family(3, function() return two_classes { optimizer = adam(0.01) } end)
    for i = 1, 3 do
      a[i]:fit(moons, { epochs = i, verbose = 0 })
      b[i]:fit(moons, { epochs = i, verbose = 0 })
    end
    mlp.fit_many(a, moons, { epochs = 2, verbose = 0 })
    for i = 1, 3 do
      b[i]:fit(moons, { epochs = 2, verbose = 0 })
      assert.equal(b[i]:hash(), a[i]:hash())
      a[i]:fit(moons, { epochs = 1, verbose = 0 })
      b[i]:fit(moons, { epochs = 1, verbose = 0 })
      assert.equal(b[i]:hash(), a[i]:hash())
    end
  end)

  it("refuses what it cannot do, and says what to do instead", function()
    local function build() return two_classes { optimizer = adam(0.01) } end
    local models = family(2, build)
    local function fails(text, ...)
      local _, e = mlp.try(mlp.fit_many, ...)
      assert.is_truthy(e and e.message:find(text, 1, true), e and e.message)
    end
    fails("expected a list of compiled models, got none", nil, moons)
    fails("model 2: expected a compiled model, got 7", { models[1], 7 }, moons)
    fails("model 1: expected a compiled model; call model:compile",
      { mlp.Sequential { mlp.Dense(1) } }, moons)
    fails("models 1 and 2 share a layer", { models[1], models[1] }, moons)
    fails("unknown option 'resume'", models, moons, { resume = "x" })
    fails("each[2]: unknown option 'epoch'; did you mean 'epochs'?", models, moons,
      { each = { {}, { epoch = 2 } } })
    fails("option 'seeds': expected a list with an entry for each of the 2 models, got a list of 3",
      models, moons, { seeds = { 1, 2, 3 } })
    fails("a list with one for each of the 2 models, got a list of 1", models, { moons })
    fails("looks at batches; train that model by itself", models, moons,
      { callbacks = { mlp.Lambda { on_train_batch_end = print } } })
    fails("monitor", models, moons, { callbacks = { mlp.EarlyStopping { monitor = "nix" } } })
    assert.equal(0, models[1].iterations)
    mlp.fit_many(models, moons, { verbose = 0 }) -- and is free again
    assert.is_true(models[1].iterations > 0)
  end)

  it("names the net and hook of an error, and leaves the models usable", function()
    local models = family(3, function() return two_classes { optimizer = adam(0.01) } end)
    local ok, e = pcall(mlp.fit_many, models, moons, { epochs = 3, verbose = 0, each = { {}, {
      callbacks = { mlp.Lambda { on_epoch_end = function(epoch)
        if epoch == 2 then error "no more" end
      end } } }, {} } })
    assert.is_false(ok)
    assert.is_truthy(e:find("fit_many: net 2, callback 1", 1, true), e)
    mlp.fit_many(models, moons, { verbose = 0 })
  end)

  it("ends on Ctrl-C with all histories", function()
    local shown, code = program.at_terminal("expect ready\npause 200\nsend \\x03", { "-e", [[
      local mlp = require "mlp"
      local models = {}
      for i = 1, 3 do
        models[i] = mlp.Sequential { mlp.Dense { units = 4 }, mlp.Dense(1) }
        models[i]:compile { loss = "mse" }
      end
      print "ready"
      local list = mlp.fit_many(models, { x = mlp.rand { 64, 8 }, y = mlp.rand { 64, 1 } },
        { epochs = 1000000, verbose = 0, on_interrupt = "return" })
      print("after", #list, list[3].stop_reason, #list[3] == list[3].stopped_epoch - 1)
    ]] })
    assert.matches("after\t3\tinterrupted\ttrue", shown)
    assert.equal(130, code)
  end)
end)

--- The trial table of a study, all bits of it.
local function table_of(study)
  local rows = {}
  for i, t in ipairs(study:trials()) do
    local row = { t.number, t.state, t.value and ("%a"):format(t.value) or "none" }
    for _, name in ipairs { "lr", "units" } do row[#row + 1] = tostring(t.params[name]) end
    for _, step in ipairs(t.steps) do row[#row + 1] = ("%d %a"):format(step, t.reports[step]) end
    rows[i] = table.concat(row, " ")
  end
  return table.concat(rows, "\n")
end

local function build(t)
  local model = mlp.Sequential { mlp.Dense { units = t:Choice("units", { 4, 8 }),
    activation = "relu" }, mlp.Dropout { rate = 0.1 }, mlp.Dense { units = 1,
    activation = "sigmoid" } }
  model:compile { loss = "binary_crossentropy", optimizer = mlp.Adam {
    learning_rate = t:Float("lr", 1e-4, 1, { sampling = "log" }) } }
  return model
end

local function objective(t)
  local history = build(t):fit(moons, { epochs = 3, batch_size = 16, validation_split = 0.2,
    verbose = 0, callbacks = { t:callback { monitor = "val_loss" } } })
  return history[-1].val_loss
end

--- Studies with those options, one trial after the other and together: the same table.
local function same_table(options, f, n, together, more)
  local tables = {}
  for i, size in ipairs { 1, together } do
    local o = { seed = 5 }
    for name, v in pairs(options) do o[name] = v end
    local study = mlp.study(o)
    local run = { n_trials = n, together = size, verbose = 0 }
    for name, v in pairs(more or {}) do run[name] = v end
    study:optimize(f, run)
    tables[i] = table_of(study)
    study:close()
  end
  assert.equal(tables[1], tables[2])
  return tables[1]
end

describe("optimize together", function()
  it("gives the same trials", function()
    same_table({ sampler = "random", pruner = "none", duplicates = true }, objective, 12, 12)
    same_table({ sampler = "random", pruner = "none" }, objective, 12, 5)
    same_table({ sampler = mlp.tune.GridSampler { lr = { 0.01, 0.1 }, units = { 4, 8 } },
      pruner = "none" }, objective, 10, 8)
    same_table({ sampler = "tpe", pruner = "none", deterministic = true }, objective, 12, 5)
  end)

  it("prunes and fails each trial by itself", function()
    local shown = same_table({ sampler = "random", duplicates = true,
      pruner = mlp.tune.ThresholdPruner { upper = 0.6 } }, function(t)
        if t.number == 4 then error "no such trial" end
        return objective(t)
      end, 12, 6)
    assert.is_truthy(shown:find "4 FAIL")
    assert.is_truthy(shown:find "PRUNED")
    assert.is_truthy(shown:find "COMPLETE")
  end)

  it("follows trials of several fits, or none, and random numbers between them", function()
    same_table({ sampler = "random", pruner = "none", duplicates = true }, function(t)
      if t.number == 1 then return t:Float("other", 0, 1) end
      local score = t:cross_validate(build, moons, { k = 3, epochs = 1 + t.number % 2 })
      return score + mlp.rand { 1 }:item() + mlp.Dense(1)(moons.x):mean():item()
    end, 7, 4)
  end)

  it("is for Keras Tuner's way in, too: random search and Hyperband", function()
    for _, kind in ipairs { "RandomSearch", "Hyperband" } do
      local found = {}
      for i, together in ipairs { 1, 6 } do
        local tuner = mlp.tune[kind](build, { objective = "val_loss", seed = 2, together = together,
          max_trials = kind == "RandomSearch" and 6 or nil,
          max_epochs = kind == "Hyperband" and 4 or nil, factor = kind == "Hyperband" and 2 or nil,
          verbose = 0 })
        tuner:search(moons, { epochs = 2, batch_size = 16, validation_split = 0.2 })
        found[i] = table_of(tuner.study)
      end
      assert.equal(found[1], found[2], kind)
    end
  end)

  it("is for repeats, too", function()
    local function f()
      return two_classes { optimizer = adam(0.01) }:fit(moons, { epochs = 2, verbose = 0 })[-1].loss
    end
    assert.same(mlp.repeats(7, f).values, mlp.repeats(7, f, { together = 7 }).values)
  end)

  it("leaves no trial running where the script's error ends it", function()
    local study = mlp.study { sampler = "random", pruner = "none", duplicates = true }
    local ok = pcall(study.optimize, study, function(t)
      if t.number == 2 then error "stop here" end
      return objective(t)
    end, { n_trials = 6, together = 3, verbose = 0, catch = false })
    assert.is_false(ok)
    local counts = study:counts()
    assert.equal(0, counts.RUNNING)
    assert.equal(1, counts.FAIL)
    study:close()
  end)
end)
