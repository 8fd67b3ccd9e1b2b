local mlp = require "mlp"
local core = require "mlp.core"
local program = require "program"

local data = mlp.datasets.moons { n = 100, noise = 0.2, seed = 4 }

local function model()
  mlp.seed(1)
  local m = mlp.Sequential { mlp.Dense { units = 6, activation = "tanh" }, mlp.Dropout(0.2),
    mlp.Dense { units = 1, activation = "sigmoid" } }
  return m:compile { loss = "binary_crossentropy", metrics = { "accuracy" } }
end

--- Train a new model quietly: the model and its history.
local function fit(options, rows)
  local m = model()
  options.verbose = options.verbose or 0
  return m, m:fit(rows or data, options)
end

local function counter(hook)
  local seen = {}
  return mlp.Lambda { [hook] = function(batch) seen[#seen + 1] = batch end }, seen
end

local function warnings(f)
  local list, warn = {}, core.warn
  core.warn = function(text) list[#list + 1] = text end
  local ok, e = pcall(f)
  core.warn = warn
  if not ok then error(e, 0) end
  return list
end

describe("fit: how much of the data #F40 #F43", function()
  it("steps_per_epoch batches an epoch; the pass over the rows goes on", function()
    local hook, seen = counter "on_train_batch_end"
    local m, history = fit { epochs = 4, steps_per_epoch = 3, callbacks = { hook } }
    assert.same({ 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3 }, seen) -- passes have 4 batches
    assert.equal(12, m.iterations)
    assert.equal(4, #history)
    local whole = fit { epochs = 3 }
    assert.equal(whole:hash(), m:hash()) -- three passes of four, cut otherwise
  end)

  it("limit_train_batches cuts each pass: a number, or a share", function()
    for _, limit in ipairs { 2, 0.5 } do
      assert.equal(6, (fit { epochs = 3, limit_train_batches = limit }).iterations)
    end
    assert.equal(3, (fit { epochs = 3, limit_train_batches = 0.01 }).iterations) -- at least one
    assert.equal(12, (fit { epochs = 3, limit_train_batches = 1.0 }).iterations)
  end)

  it("validation_steps and limit_val_batches cut the validation", function()
    for _, o in ipairs { { validation_steps = 2 }, { limit_val_batches = 2 },
      { limit_val_batches = 0.5 } } do
      local hook, seen = counter "on_test_batch_end"
      o.validation_data, o.callbacks = data, { hook }
      local m, history = fit(o)
      assert.same({ 1, 2 }, seen)
      local want = m:evaluate({ x = data.x:slice(1, 64), y = data.y:slice(1, 64) },
        { batch_size = 32 })
      assert.equal(want.loss, history.val_loss[1])
    end
  end)

  it("validation_freq is a number or a list of epochs; others have no such key #S15", function()
    local _, history = fit { epochs = 5, validation_split = 0.2, validation_freq = 2 }
    assert.same({ nil, true, nil, true, nil }, { nil, history[2].val_loss ~= nil, nil,
      history[4].val_loss ~= nil, nil })
    assert.is_nil(history[1].val_loss or history[3].val_loss or history[5].val_loss)
    _, history = fit { epochs = 4, validation_split = 0.2, validation_freq = { 1, 4 } }
    assert.truthy(history[1].val_loss and history[4].val_loss)
    assert.is_nil(history[2].val_loss or history[3].val_loss)
  end)

  it("fast_dev_run is one epoch of so many batches that writes no file", function()
    local path = os.tmpname()
    os.remove(path)
    local hook, seen = counter "on_test_batch_end"
    local m, history = fit { epochs = 9, fast_dev_run = 2, validation_split = 0.5, callbacks = {
      hook, mlp.CSVLogger(path), mlp.ModelCheckpoint(path), mlp.BackupAndRestore(path) } }
    assert.same({ 2, 1, 2 }, { m.iterations, #history, #seen })
    assert.is_nil(io.open(path))
    assert.equal(1, (fit { epochs = 9, fast_dev_run = true }).iterations)
  end)

  it("overfit_batches are the same first rows each epoch, validated on too", function()
    local m, history = fit { epochs = 3, overfit_batches = 1, validation_split = 0.2 }
    assert.equal(3, m.iterations)
    assert.equal(3, #history.val_loss)
    local again = fit({ epochs = 3, overfit_batches = 1 },
      { x = data.x:slice(1, 40), y = data.y:slice(1, 40) })
    local other = fit { epochs = 3, overfit_batches = 1 }
    assert.equal(again:hash(), other:hash())
  end)

  it("num_sanity_val_steps looks at validation before the first epoch", function()
    local bad = { x = data.x, y = mlp.rand(100, 3) }
    local begun = {}
    local hook = mlp.Lambda { on_epoch_begin = function(epoch) begun[epoch] = true end }
    assert.is_false(pcall(fit, { validation_data = bad, num_sanity_val_steps = 1,
      callbacks = { hook } }))
    assert.same({}, begun)
    local plain = fit { epochs = 2, validation_split = 0.2 }
    local checked = fit { epochs = 2, validation_split = 0.2, num_sanity_val_steps = -1 }
    assert.equal(plain:hash(), checked:hash())
  end)

  it("eval_train logs the training data in evaluation, as evaluate gives them #D24", function()
    local m, history = fit { epochs = 2, eval_train = true }
    assert.same({ "loss", "accuracy", "train_loss", "train_accuracy" }, history.columns)
    assert.equal(m:evaluate(data, { batch_size = 32 }).loss, history.train_loss[2])
    assert.not_equal(history.loss[2], history.train_loss[2])
  end)

  it("refuses what makes no sense, by name", function()
    for message, o in pairs {
      ["'limit_val_batches': expected a number of batches"] = { limit_val_batches = 1.5 },
      ["'limit_train_batches': .*got 0$"] = { limit_train_batches = 0 },
      ["'steps_per_epoch': expected at least 1, got 0"] = { steps_per_epoch = 0 },
      ["'validation_freq': .*got 0"] = { validation_freq = { 0 } },
      ["'verbose': expected 'auto', 0, 1 or 2, got 3"] = { verbose = 3 },
      ["'num_sanity_val_steps'"] = { num_sanity_val_steps = -2 },
    } do
      assert.error_matches(function() fit(o) end, message)
    end
  end)
end)

describe("fit on an iterator #F40 #B05", function()
  local function rows(first, last) return data.x:slice(first, last), data.y:slice(first, last) end

  local function batch_of(_, batch)
    local first = 32 * (batch - 1) + 1
    if first <= 100 then return rows(first, math.min(first + 31, 100)) end
  end

  it("gives the bits of the same rows in memory, metrics too", function()
    local want, a = fit { epochs = 3, shuffle = false }
    local got, b = fit({ epochs = 3 }, batch_of)
    assert.equal(want:hash(), got:hash())
    assert.same({ a.loss, a.accuracy }, { b.loss, b.accuracy })
  end)

  it("validates on one, and evaluate takes one: the numbers of the same rows #F40", function()
    local _, a = fit { epochs = 3, validation_data = { x = data.x:slice(1, 100),
      y = data.y:slice(1, 100) } }
    local seen = 0
    local m, b = fit { epochs = 3, validation_data = batch_of, callbacks = { mlp.Lambda {
      on_test_batch_end = function() seen = seen + 1 end } } }
    for i, v in ipairs(a.val_loss) do assert.near(v, b.val_loss[i], 1e-6) end
    assert.equal(3 * 4, seen)
    local x, y = rows(1, 100)
    local want, got = m:evaluate { x = x, y = y }, m:evaluate(batch_of)
    assert.near(want.loss, got.loss, 1e-6)
    assert.equal(want.accuracy, got.accuracy)
    local _, c = fit { validation_data = batch_of, limit_val_batches = 1 }
    local first, labels = rows(1, 32)
    local _, d = fit { validation_data = { x = first, y = labels } }
    assert.same(d.val_loss, c.val_loss)
    assert.error_matches(function() fit { validation_data = batch_of, limit_val_batches = 0.5 } end,
      "option 'limit_val_batches': expected a number of batches")
    assert.error_matches(function() m:evaluate(function() end) end, "got one that gives none")
  end)

  it("takes a coroutine that never ends, and yields through fit #B04", function()
    local function forever()
      while true do
        for batch in data:batches { batch_size = 32 } do coroutine.yield(batch) end
      end
    end
    local m, history = fit({ epochs = 3, steps_per_epoch = 4, validation_data = data },
      coroutine.wrap(forever))
    assert.equal(12, m.iterations)
    assert.equal(3, #history.val_loss)
    local inside = model()
    local training = coroutine.create(function()
      return inside:fit(function(epoch, batch)
        coroutine.yield(epoch, batch)
        return batch_of(epoch, batch)
      end, { epochs = 2, verbose = 0, callbacks = { mlp.Lambda { on_epoch_end = function(epoch)
        coroutine.yield("end", epoch)
      end } } })
    end)
    local seen = {}
    repeat
      local ok, a, b = coroutine.resume(training)
      assert(ok, a)
      if a == "end" then seen[#seen + 1] = b end
    until coroutine.status(training) == "dead"
    assert.same({ 1, 2 }, seen)
    assert.equal((fit({ epochs = 2 }, batch_of)):hash(), inside:hash())
  end)

  it("a training in a coroutine that is dropped gives its memory back #B05", function()
    local function drop()
      local training = coroutine.wrap(function()
        model():fit(function(...)
          coroutine.yield()
          return batch_of(...)
        end, { epochs = 2, verbose = 0 })
      end)
      for _ = 1, 3 do training() end
    end
    drop()
    collectgarbage()
    collectgarbage()
    local before = core.memory()
    for _ = 1, 20 do drop() end
    collectgarbage()
    collectgarbage()
    assert.is_true(core.memory() <= before)
  end)

  it("names the batch where it fails, and keeps other values as they are #B02", function()
    local function failing(value)
      return function(epoch, batch)
        if epoch == 2 and batch == 3 then error(value) end
        return batch_of(epoch, batch)
      end
    end
    local ok, e = pcall(fit, { epochs = 3 }, failing "disk on fire")
    assert.is_false(ok)
    assert.matches("^fit: batch 3 of the iterator, epoch 2: .*disk on fire", e)
    for _, value in ipairs { {}, io.stdout, 7 } do
      local list = warnings(function() ok, e = pcall(fit, { epochs = 3 }, failing(value)) end)
      assert.is_false(ok)
      if type(value) ~= "number" then assert.equal(value, e) end
      assert.matches("batch 3 of the iterator, epoch 2 failed", list[1])
    end
    assert.error_matches(function() fit({}, function() return 7 end) end,
      "fit, batch 1 of the iterator: expected a dataset, or a table")
    assert.error_matches(function() fit({}, function() end) end, "got one that gives none")
    assert.error_matches(function() fit({ validation_split = 0.1 }, batch_of) end,
      "expected validation_data instead of validation_split")
  end)

  it("stops, and says so, where it ends before steps_per_epoch", function()
    local history
    local list = warnings(function()
      history = select(2, fit({ epochs = 3, steps_per_epoch = 6 }, batch_of))
    end)
    assert.equal("the iterator ended at epoch 1, batch 4", history.stop_reason)
    assert.matches("the iterator ended at epoch 1, batch 4", list[1])
  end)

  it("goes on from a checkpoint, called with the epoch and batch that follow #F46", function()
    local folder = os.tmpname()
    os.remove(folder)
    local whole = fit({ epochs = 3 }, batch_of)
    local n = 0
    local bomb = mlp.Lambda { on_batch_end = function()
      n = n + 1
      if n == 7 then error { "stopped" } end
    end }
    local backup = { backup_dir = folder, save_freq = 3 }
    warnings(function()
      pcall(fit, { epochs = 3, callbacks = { bomb, mlp.BackupAndRestore(backup) } }, batch_of)
    end)
    local asked = {}
    local m = fit({ epochs = 3, callbacks = { mlp.BackupAndRestore(backup) } }, function(...)
      asked[#asked + 1] = { ... }
      return batch_of(...)
    end)
    assert.equal(whole:hash(), m:hash())
    assert.same({ { 1, 1 }, { 2, 3 }, { 2, 4 } }, { table.unpack(asked, 1, 3) })
  end)
end)

describe("fit: what it says", function()
  it("the rule of the split and the balance of classes first #D6", function()
    local script = [[
      local mlp = require "mlp"
      local y = {}
      for i = 1, 40 do y[i] = Y end
      local d = mlp.dataset { x = mlp.rand(40, 2), y = y, class_names = { "no", "yes" } }
      local m = mlp.Sequential { mlp.Dense { units = 1, activation = "sigmoid" } }
      m:compile { loss = "binary_crossentropy" }
      m:fit(d, { validation_split = 0.25, verbose = 2 MORE })]]
    local function err_of(y, more)
      local text = script:gsub("Y", function() return y end):gsub("MORE", more)
      return (select(2, program.run { "-e", text }))
    end
    assert.matches("^Train on 30 rows %(no 50.0 %%, yes 50.0 %%%), validate on 10 %(no 50.0 %%, "
      .. "yes 50.0 %%%): stratified\nEpoch 1/1", err_of("i % 2 + 1", ""))
    local err = err_of("i > 30 and 2 or 1", ", validation_how = 'tail'")
    assert.matches("yes 100.0 %%%): the last rows", err)
    assert.matches("fit: no is in the training data and not in the others", err)
  end)

  it("nothing with verbose = 0", function()
    local _, err = program.run { "-e", [[
      local mlp = require "mlp"
      local m = mlp.Sequential { mlp.Dense(1) }
      m:compile { loss = "mse" }
      m:fit({ x = mlp.rand(40, 2), y = mlp.rand(40, 1) },
        { validation_split = 0.25, verbose = 0 })]] }
    assert.equal("", err)
  end)
end)

describe("models that come and go", function()
  it("leave no memory behind: 150 as 50", function()
    local function some(n)
      for _ = 1, n do fit { validation_split = 0.2, callbacks = { mlp.EarlyStopping() } } end
      collectgarbage()
      collectgarbage()
      return core.memory(), collectgarbage "count"
    end
    for _ = 1, 200 do require("mlp.record").evaluated("none", {}) end -- the run's record is full
    some(10)
    local bytes, kib = some(50)
    local more, lua = some(100)
    assert.is_true(more <= bytes, ("%d bytes after 50, %d after 150"):format(bytes, more))
    assert.is_true(lua <= kib + 8, ("%.0f KiB of Lua after 50, %.0f after 150"):format(kib, lua))
  end)

  it("takes what Keras takes: (x, y), verbose, Model(x, y), history.history", function()
    local x, y = mlp.rand(12, 2), mlp.rand(12, 1)
    local a = mlp.Input { 2 }
    local net = mlp.Model(a, mlp.Dense(1)(a)):compile { loss = "mse" }
    local history = net:fit({ x, y }, { verbose = 0, validation_data = { x, y } })
    assert.equal(history.history["val_loss"][1], history.val_loss[1])
    assert.equal(net:evaluate({ x = x, y = y }).loss, net:evaluate({ x, y }, { verbose = 0 }).loss)
    assert.error_matches(function() net:fit({ x = { x, x }, y = y }) end, "expected 1, one each")
  end)

  it("what it takes and gives prints as what it is", function()
    local rows = mlp.dataset { x = mlp.zeros(8, 2), y = { "a", "b", "a", "b", "a", "b", "a", "b" } }
    local net = mlp.Sequential { mlp.Dense { 4, "relu" }, mlp.Dense { 1, "sigmoid" } }
    net:compile { loss = "bce", optimizer = mlp.SGD { 0.1, momentum = 0.9 } }
    local history = net:fit(rows, { epochs = 20, verbose = 0 })
    assert.matches("^loss: 0%.%d+$", tostring(history[1]))
    assert.matches("^{ 0%.%d+, .*, %.%.%., .* }$", tostring(history.loss))
    assert.equal("sgd { learning_rate = 0.1, momentum = 0.9 }", tostring(net.optimizer))
    assert.equal("dense { units = 4, activation = relu }", tostring(net.layers[1]))
    assert.equal("(2,)", tostring(net.input_shape))
    assert.equal("{ a, b }", tostring(rows.class_names))
    assert.equal("EarlyStopping { patience = 3 }", tostring(mlp.EarlyStopping { patience = 3 }))
    assert.matches("^mlp%.losses: .*Huber", tostring(mlp.losses))
  end)
end)

describe("an option of an activation that is set while fit runs", function()
  it("holds from then on, as in the loop written out", function()
    local rows = mlp.datasets.moons { n = 64 }
    local function build()
      mlp.seed(1)
      local activation = mlp.activations.LeakyReLU(0.1)
      return mlp.Sequential { mlp.Dense { 8, activation }, mlp.Dense { 1, "sigmoid" } }
        :compile { loss = "binary_crossentropy", optimizer = "sgd" }, activation
    end
    local fitted, slope = build()
    fitted:fit(rows, { epochs = 2, batch_size = 16, verbose = 0, callbacks = {
      mlp.Lambda { on_epoch_end = function() slope.negative_slope = 0.7 end } } })
    local by_hand, own = build()
    for epoch = 1, 2 do
      for batch in rows:batches { batch_size = 16, epoch = epoch } do
        local loss = by_hand:loss(batch.y, by_hand(batch.x, { training = true }))
        by_hand:zero_grad()
        loss:backward()
        by_hand:step()
      end
      own.negative_slope = 0.7
    end
    assert.equal(by_hand:hash(), fitted:hash())
  end)
end)
