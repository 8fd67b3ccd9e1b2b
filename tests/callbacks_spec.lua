local mlp = require "mlp"
local core = require "mlp.core"
local plateau = require "golden.keras_plateau"

--- Feed values to an EarlyStopping as if they were epochs: the epoch of the stop (nil: none) and
--- the best.
local function trace(values, options)
  options.monitor = "val_loss"
  options.restore_best_weights = false
  local stop
  local callback = mlp.EarlyStopping(options)
  callback.model = { stop_training = function() stop = true end }
  callback.params = { columns = { "loss", "val_loss" }, history = {} }
  callback:on_train_begin {}
  for epoch, v in ipairs(values) do
    callback:on_epoch_end(epoch, { val_loss = v })
    if stop then return epoch, callback.best_epoch, callback end
  end
  return nil, callback.best_epoch, callback
end

describe("EarlyStopping #F48", function()
  local nan = 0 / 0
  -- Keras 3.16 traces (semantics c.8); the NaN row is ours: NaN counts as worst
  local golden = {
    { { 1, .9, .8, .85, .83, .81, .82, .7 }, { patience = 3 }, 6, 3 },
    { { 1, .9, .95 }, { patience = 0 }, 3, 2 },
    { { 1, 1.1, 1.2 }, { patience = 0 }, 2, 1 },
    { { 1, .95, .94, .93 }, { patience = 2, min_delta = .1 }, 3, 1 },
    { { 1, .9, .8, .7, .6 }, { patience = 3, baseline = .5 }, nil, 5 },
    { { nan, .9, .8, .7, .6 }, { patience = 3 }, nil, 5 },
    { { 3, 2, 1, 5, 5, 5 }, { patience = 2, start_from_epoch = 2 }, 5, 3 },
    { { .5, .6, .7, .6, .65 }, { patience = 2, mode = "max" }, 5, 3 },
  }
  for i, case in ipairs(golden) do
    it(("follows golden trace %d #S41"):format(i), function()
      local stop, best = trace(case[1], case[2])
      assert.equal(case[3], stop)
      assert.equal(case[4], best)
    end)
  end

  -- Lightning 2's rules: checked at each epoch, thresholds strictly
  local thresholds = {
    { { 1, .5, .2, .1 }, { patience = 9, stopping_threshold = .3 }, 3, "stopping_threshold" },
    { { 1, .5, .3, .1 }, { patience = 9, stopping_threshold = .1 }, nil, "not_stopped" },
    { { 1, 2, 9, 1 }, { patience = 9, divergence_threshold = 5 }, 3, "divergence_threshold" },
    { { .5, .6, .9 }, { patience = 9, mode = "max", stopping_threshold = .8 }, 3,
      "stopping_threshold" },
    { { 1, nan, 1 }, { patience = 9, check_finite = true }, 2, "non_finite_metric" },
    { { 1, 1 / 0, 1 }, { patience = 9 }, nil, "not_stopped" },
    { { 1, 2, 3, 4 }, { patience = 2 }, 3, "patience_exhausted" },
  }
  for i, case in ipairs(thresholds) do
    it(("stops for a reason, %d: %s"):format(i, case[4]), function()
      local stop, _, callback = trace(case[1], case[2])
      assert.equal(case[3], stop)
      assert.equal(case[4], callback.stopping_reason)
      assert.equal(case[3] == nil, callback.stopping_reason_message == "")
    end)
  end

  local function small_model()
    mlp.seed(0)
    local data = mlp.datasets.moons { n = 100, noise = 0.2 }
    local model = mlp.Sequential { mlp.Dense { units = 4, activation = "tanh" },
      mlp.Dense { units = 1, activation = "sigmoid" } }
    model:compile { loss = "binary_crossentropy", metrics = { "accuracy" } }
    return model, data
  end

  it("raises before epoch 1 for a monitor that is not logged, and suggests", function()
    local model, data = small_model()
    local epochs = 0
    local count = mlp.Lambda { on_epoch_begin = function() epochs = epochs + 1 end }
    assert.error_matches(function()
      model:fit(data, { verbose = 0, validation_split = 0.2, callbacks = { count,
        mlp.EarlyStopping { monitor = "val_lss" } } })
    end, "monitor': nothing named 'val_lss' is logged; did you mean 'val_loss'%?")
    assert.error_matches(function()
      model:fit(data, { verbose = 0, callbacks = { count, mlp.EarlyStopping {} } })
    end, "there is no validation data: pass validation_split or validation_data")
    assert.equal(0, epochs)
  end)

  it("takes acc for accuracy", function()
    local model, data = small_model()
    model:fit(data, { verbose = 0, validation_split = 0.2,
      callbacks = { mlp.EarlyStopping { monitor = "val_acc" } } })
  end)

  it("restores the weights of the best epoch", function()
    local model, data = small_model()
    local hashes = {}
    local record = { on_epoch_end = function(self,
      epoch) hashes[epoch] = self.model:hash() end }
    local history = model:fit(data, { epochs = 40, verbose = 0, validation_split = 0.2,
      callbacks = { record, mlp.EarlyStopping { patience = 2, min_delta = 0.05 } } })
    assert.equal("early_stopping", history.stop_reason)
    assert.equal(hashes[history.best_epoch], model:hash())
    assert.not_equal(hashes[#history], model:hash())
    assert.equal(#history, history.stopped_epoch)
  end)
end)

describe("callbacks", function()
  local function fit_with(callbacks, options)
    mlp.seed(0)
    local data = mlp.datasets.blobs { n = 100 }
    local model = mlp.Sequential { mlp.Dense { units = 3, activation = "softmax" } }
    model:compile { loss = "sparse_categorical_crossentropy" }
    options = options or {}
    options.callbacks, options.verbose = callbacks, 0
    return model:fit(data, options)
  end

  it("count epochs and batches from 1; the last batch is the rest #S12", function()
    local seen = {}
    fit_with({ mlp.Lambda { on_batch_end = function(batch, logs)
      seen[#seen + 1] = batch
      assert.is_number(logs.loss)
    end } }, { epochs = 2, batch_size = 32 })
    assert.same({ 1, 2, 3, 4, 1, 2, 3, 4 }, seen) -- ceil(100 / 32) = 4
  end)

  it("nothing is left for the collector between two batches with a hook", function()
    local used = {}
    for i = 1, 100 do used[i] = 0 end
    collectgarbage "stop"
    fit_with({ mlp.Lambda { on_batch_end = function(batch)
      used[batch] = collectgarbage "count"
    end } }, { batch_size = 1 })
    collectgarbage "restart"
    assert.equal(used[50], used[99])
  end)

  it("an error in a hook comes out as the same value; the log names the hook #B02", function()
    local said
    local warn = core.warn
    core.warn = function(text) said = text end
    for _, value in ipairs { { "mine" }, io.stdout, false } do
      local ok, e = pcall(fit_with, { mlp.Lambda { on_epoch_end = function() error(value) end } })
      assert.is_false(ok)
      assert.equal(value, e)
      assert.equal("fit: callback 1 (LambdaCallback) in on_epoch_end, epoch 1 failed", said)
    end
    assert.is_false(pcall(fit_with, { { on_epoch_end = function() error() end } })) -- error(nil)
    core.warn = warn
  end)

  it("a text gets callback, hook and epoch in front #B02 #B03", function()
    local ok, e = pcall(fit_with, { {}, { on_epoch_begin = function(_, epoch)
      if epoch == 2 then error "mine" end
    end } }, { epochs = 3 })
    assert.is_false(ok)
    assert.matches("^fit: callback 2 in on_epoch_begin, epoch 2: .*mine\nstack traceback", e)
  end)

  it("all 18 hooks of Keras are called, in order #F47", function()
    local mock, seen = {}, {}
    for _, name in ipairs(require("mlp.hooks").NAMES) do
      if not name:find "^on_batch" then
        mock[name] = function() seen[#seen + 1] = name:gsub("^on_", "") end
      end
    end
    mlp.seed(0)
    local data = mlp.datasets.blobs { n = 20 }
    local model = mlp.Sequential { mlp.Dense { units = 3, activation = "softmax" } }
    model:compile { loss = "sparse_categorical_crossentropy" }
    model:fit(data, { validation_data = data, verbose = 0, callbacks = { mlp.Lambda(mock) } })
    model:predict(data.x, { callbacks = { mlp.Lambda(mock) } })
    -- the order of Keras 3's trainer: fit, evaluate inside of the epoch, predict
    assert.equal("train_begin epoch_begin train_batch_begin train_batch_end test_begin "
      .. "test_batch_begin test_batch_end test_end epoch_end train_end predict_begin "
      .. "predict_batch_begin predict_batch_end predict_end", table.concat(seen, " "))
  end)

  it("a hook cannot fit the model that is training #B06", function()
    assert.error_matches(function()
      fit_with { { on_epoch_end = function(self)
        self.model:fit({ x = mlp.zeros(2, 2), y = mlp.tensor({ 1, 2 }, { dtype = "int64" }) })
      end } }
    end, "the model is already training")
  end)

  it("batch hooks do not change the bits", function()
    mlp.seed(0)
    local data = mlp.datasets.moons { n = 200 }
    local function hash(callbacks)
      mlp.seed(0)
      local model = mlp.Sequential { mlp.Dense { units = 4, activation = "tanh" },
        mlp.Dropout(0.5), mlp.Dense { units = 1, activation = "sigmoid" } }
      model:compile { loss = "binary_crossentropy" }
      model:fit(data, { epochs = 3, verbose = 0, callbacks = callbacks })
      return model:hash()
    end
    assert.equal(hash {}, hash { mlp.Lambda { on_batch_end = function() end } })
  end)
end)

--- A model that learns nothing, and what its callbacks see: logs as given, epoch by epoch.
local function replay(callback, rows, optimizer)
  local columns = { "loss", "val_loss", "learning_rate" }
  callback.model = { optimizer = optimizer, stop_training = function() end }
  callback.params = { columns = columns, history = {} }
  callback:on_train_begin {}
  local rates = {}
  for epoch, logs in ipairs(rows) do
    if callback.on_epoch_begin then callback:on_epoch_begin(epoch, {}) end
    if callback.on_epoch_end then callback:on_epoch_end(epoch, logs) end
    rates[epoch] = optimizer and optimizer.learning_rate
  end
  return rates
end

local function small_model()
  mlp.seed(0)
  local model = mlp.Sequential { mlp.Dense { units = 4, activation = "tanh" },
    mlp.Dense { units = 1, activation = "sigmoid" } }
  model:compile { loss = "binary_crossentropy", metrics = { "accuracy" }, optimizer = mlp.SGD {} }
  return model, mlp.datasets.moons { n = 100, noise = 0.2, seed = 2 }
end

local function read(path)
  local f <close> = assert(io.open(path))
  return f:read "a"
end

describe("ReduceLROnPlateau", function()
  for i, case in ipairs(plateau) do
    it("follows trace " .. i .. " of Keras 3", function()
      local rows = {}
      for epoch, v in ipairs(plateau.values) do rows[epoch] = { val_loss = v } end
      local optimizer = mlp.SGD { learning_rate = 1 }
      assert.same(case[2], replay(mlp.ReduceLROnPlateau(case[1]), rows, optimizer))
    end)
  end

  it("is in the history, and refuses a schedule", function()
    local model, data = small_model()
    local history = model:fit(data, { epochs = 4, verbose = 0, callbacks = {
      mlp.ReduceLROnPlateau { monitor = "loss", min_delta = 10, patience = 1, factor = 0.5 } } })
    assert.same({ 0.01, 0.01, 0.005, 0.0025 }, history.learning_rate)
    model:compile { loss = "binary_crossentropy", optimizer = mlp.SGD { learning_rate =
      mlp.schedules.CosineDecay { initial_learning_rate = 0.1, decay_steps = 10 } } }
    assert.error_matches(function()
      model:fit(data, { verbose = 0, callbacks = { mlp.ReduceLROnPlateau { monitor = "loss" } } })
    end, "expected an optimizer with a number as its learning_rate, got the schedule cosine_decay")
    assert.error_matches(function() mlp.ReduceLROnPlateau { factor = 1 } end, "less than 1, got 1")
  end)
end)

describe("LearningRateScheduler", function()
  it("sets the rate of each epoch, from 1", function()
    local optimizer = mlp.SGD { learning_rate = 1 }
    local callback = mlp.LearningRateScheduler(function(epoch, rate)
      return epoch > 2 and rate / 2 or rate
    end)
    assert.same({ 1, 1, .5, .25 }, replay(callback, { {}, {}, {}, {} }, optimizer))
    assert.error_matches(function() mlp.LearningRateScheduler {} end,
      "'schedule': expected a function")
    assert.error_matches(function()
      replay(mlp.LearningRateScheduler(function() end), { {} }, optimizer)
    end, "expected schedule%(1%) to return a number, got nil")
  end)

  it("steps as fast as the rate says", function()
    local model, data = small_model()
    local still = model:fit(data, { verbose = 0 }) and model:hash()
    local history = model:fit(data, { epochs = 2, verbose = 0, callbacks = {
      mlp.LearningRateScheduler(function() return 0 end) } })
    assert.equal(still, model:hash())
    assert.same({ 0, 0 }, history.learning_rate)
  end)
end)

describe("ModelCheckpoint", function()
  local folder

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    os.execute("mkdir " .. folder)
  end)
  after_each(function() os.execute("rm -r " .. folder) end)

  local function files()
    local list = {}
    for name in io.popen("ls " .. folder):lines() do list[#list + 1] = name end
    return list
  end

  it("saves each epoch under its name; the file is the model of that epoch", function()
    local model, data = small_model()
    local hashes = {}
    model:fit(data, { epochs = 3, verbose = 0, callbacks = {
      { on_epoch_end = function(self, epoch) hashes[epoch] = self.model:hash() end },
      mlp.ModelCheckpoint(folder .. "/m-{epoch:02d}.safetensors") } })
    assert.same({ "m-01.safetensors", "m-02.safetensors", "m-03.safetensors" }, files())
    assert.equal(hashes[2], mlp.load(folder .. "/m-02.safetensors"):hash())
  end)

  it("keeps the best alone", function()
    local callback = mlp.ModelCheckpoint { filepath = folder .. "/best", save_best_only = true,
      initial_value_threshold = 0.9 }
    local saved = {}
    callback.save_weights_only = true
    callback.model = { save_weights = function(_, path) saved[#saved + 1] = path end }
    callback.params = { columns = { "loss", "val_loss" } }
    callback:on_train_begin {}
    local at = {}
    for epoch, v in ipairs { 1, 0.8, 0 / 0, 0.9, 0.7 } do
      callback:on_epoch_begin(epoch)
      callback:on_epoch_end(epoch, { val_loss = v })
      at[epoch] = #saved
    end
    assert.same({ 0, 1, 1, 1, 2 }, at)
  end)

  it("saves after so many batches, metrics in the name", function()
    local model, data = small_model()
    model:fit(data, { epochs = 2, batch_size = 25, verbose = 0, callbacks = { mlp.ModelCheckpoint {
      filepath = folder .. "/w{epoch}-{batch}", save_freq = 3, save_weights_only = true } } })
    assert.same({ "w1-3", "w2-2" }, files())
    model:fit(data, { verbose = 0, callbacks = {
      mlp.ModelCheckpoint(folder .. "/a{accuracy:.0f}-{loss:3.0f}") } })
    assert.equal(3, #files())
  end)

  it("makes its folder, as Keras", function()
    local model, data = small_model()
    model:fit(data, { verbose = 0, callbacks = { mlp.ModelCheckpoint(folder .. "/a/b/{epoch}") } })
    assert.same({ "a" }, files())
    assert.equal(model:hash(), mlp.load(folder .. "/a/b/1"):hash())
  end)

  it("refuses a name that it cannot make, before epoch 1", function()
    local model, data = small_model()
    local before = model:build({ 2 }):hash()
    local function fit(path)
      model:fit(data, { verbose = 0, callbacks = { mlp.ModelCheckpoint(path) } })
    end
    assert.error_matches(function() fit "{val_loss:.2f}" end, "no number is named 'val_loss'")
    assert.error_matches(function() fit "{epoch:x}" end, "expected {epoch:02d} or")
    assert.error_matches(function() mlp.ModelCheckpoint {} end, "'filepath': expected a file name")
    assert.error_matches(function() mlp.ModelCheckpoint { filepath = "x", save_freq = "batch" } end,
      "'save_freq': expected 'epoch' or a number of batches, got 'batch'")
    assert.equal(before, model:hash())
  end)
end)

describe("loggers", function()
  local path

  before_each(function() path = os.tmpname() end)
  after_each(function() os.remove(path) end)

  it("CSVLogger writes whole rows, sorted names, NA for what is missing", function()
    local callback = mlp.CSVLogger(path)
    replay(callback, { { loss = 0.5, val_loss = 1 / 3 }, { loss = 0 / 0 } })
    assert.equal("epoch,learning_rate,loss,val_loss\n1,NA,0.5,0.3333333333333333\n2,NA,nan,NA\n",
      read(path)) -- before the end of training
    callback = mlp.CSVLogger { filename = path, append = true }
    replay(callback, { { loss = 2 } })
    assert.equal("1,NA,2,NA", read(path):match "([^\n]*)\n$")
    assert.equal(1, select(2, read(path):gsub("epoch", "")))
  end)

  it("CSVLogger agrees with the history", function()
    local model, data = small_model()
    local history = model:fit(data, { epochs = 3, verbose = 0, callbacks = { mlp.CSVLogger {
      filename = path, separator = ";" } } })
    local rows = {}
    for line in read(path):gmatch "[^\n]+" do rows[#rows + 1] = line end
    assert.equal("epoch;accuracy;loss", rows[1])
    for epoch, row in history:rows() do
      local e, accuracy, loss = rows[epoch + 1]:match "(.*);(.*);(.*)"
      assert.same({ epoch, row.accuracy, row.loss },
        { tonumber(e), tonumber(accuracy), tonumber(loss) })
    end
  end)

  it("JSONLogger writes a line an epoch", function()
    local callback = mlp.JSONLogger(path)
    replay(callback, { { loss = 0.5 }, { loss = 0 / 0, val_loss = math.huge } })
    local lines = {}
    for line in read(path):gmatch "[^\n]+" do lines[#lines + 1] = core.json_decode(line) end
    assert.same({ { epoch = 1, loss = 0.5 }, { epoch = 2, loss = "nan", val_loss = "inf" } }, lines)
  end)

  it("take the first option without its name, alone or with others", function()
    assert.equal('CSVLogger { append = true, filename = "a.csv" }',
      (tostring(mlp.CSVLogger { "a.csv", append = true }):gsub("'", '"')))
    assert.equal("val_accuracy", mlp.EarlyStopping("val_accuracy").monitor)
    assert.equal(3, mlp.ReduceLROnPlateau { "loss", patience = 3 }.patience)
    assert.equal(0.5, mlp.GradientTolerance(0.5).tolerance)
    assert.error_matches(function() mlp.CSVLogger { "a.csv", "b.csv" } end,
      "CSVLogger: unknown option '2'")
  end)

  it("say where they cannot write", function()
    for _, make in ipairs { mlp.CSVLogger, mlp.JSONLogger } do
      assert.error_matches(function() replay(make "/nowhere/at/all.csv", {}) end,
        "cannot write '/nowhere/at/all.csv': no such file")
      assert.error_matches(function() replay(make "/tmp", {}) end,
        "cannot write '/tmp': it is a folder")
      assert.error_matches(function() make {} end, "'filename': expected a file name, got none")
    end
  end)

  -- a file of one block at most, 512 or 1024 bytes, stands for a full disk
  it("end with a whole line where the disk is full #E02", function()
    local program = require "program"
    local script = program.file [[
      local mlp = require "mlp"
      local log = mlp[arg[1] ] { arg[2], append = true }
      log.params = { columns = { "loss" } }
      log:on_train_begin {}
      for epoch = 1, 400 do log:on_epoch_end(epoch, { loss = 1 / 3 }) end ]]
    local lines = { CSVLogger = "%d,0%.3+\n", JSONLogger = '{"epoch":%d+,"loss":0%.3+}\n' }
    for kind, line in pairs(lines) do
      os.remove(path)
      local _, message = program.run({ script, kind, path }, "trap '' XFSZ; ulimit -f 1;")
      assert.matches(kind .. ": cannot write '.+': the file would be too large", message)
      local text = read(path)
      assert.truthy(#text > 300 and #text <= 1024, #text)
      assert.matches(line .. "$", text)
    end
    os.remove(script)
  end)
end)

describe("hooks", function()
  -- the script's lines, from the fault up, and none of the library's
  it("that fail are named by their line, once", function()
    local program = require "program"
    local name = program.file [[
local mlp = require "mlp"
local model = mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse" }
local function look(logs) return logs.nothing.at_all end
model:fit(mlp.datasets.plane { n = 8 }, { verbose = 0, callbacks = { {
  on_epoch_end = function(_, _, logs) look(logs) end } } })
]]
    local _, said = program.run { name }
    os.remove(name)
    said = said:gsub(name, "script"):gsub("/%S-script", "script")
    assert.equal("mlprun: fit: callback 1 in on_epoch_end, epoch 1: script:3: attempt to index a "
      .. "nil value (field 'nothing')\nstack traceback:\n\tscript:3: in upvalue 'look'\n"
      .. "\tscript:5: in local 'f'\n\tscript:4: in main chunk\n", said)
  end)

  it("are those of Keras, in its order", function()
    local model, data = small_model()
    local seen = {}
    local all = {}
    for _, name in ipairs(require("mlp.hooks").NAMES) do
      if name ~= "on_batch_begin" and name ~= "on_batch_end" then
        all[name] = function(n) seen[#seen + 1] = name .. (type(n) == "number" and n or "") end
      end
    end
    local recorder = mlp.Lambda(all)
    model:fit(data, { batch_size = 50, verbose = 0, validation_data = data,
      validation_batch_size = 100, callbacks = { recorder } })
    assert.equal("on_train_begin on_epoch_begin1 on_train_batch_begin1 on_train_batch_end1 "
      .. "on_train_batch_begin2 on_train_batch_end2 on_test_begin on_test_batch_begin1 "
      .. "on_test_batch_end1 on_test_end on_epoch_end1 on_train_end", table.concat(seen, " "))
    seen = {}
    model:evaluate(data, { batch_size = 100, callbacks = { recorder } })
    model:predict(data.x, { batch_size = 100, callbacks = { recorder } })
    assert.equal("on_test_begin on_test_batch_begin1 on_test_batch_end1 on_test_end "
      .. "on_predict_begin on_predict_batch_begin1 on_predict_batch_end1 on_predict_end",
      table.concat(seen, " "))
  end)

  it("of a LambdaCallback have Keras's arguments, of a table itself first", function()
    local model, data = small_model()
    local seen, own = {}, {}
    function own:on_epoch_end(epoch, logs) self.got = { epoch, logs.loss } end
    model:fit(data, { verbose = 0, callbacks = { own, mlp.LambdaCallback {
      on_train_begin = function(...) seen[1] = { select("#", ...), type((...)) } end,
      on_epoch_end = function(epoch, logs) seen[2] = { epoch, logs.loss } end,
      on_batch_end = function(batch, logs) seen[3] = { batch, type(logs.loss) } end } } })
    assert.same({ 2, "table" }, seen[1]) -- the second is nil
    assert.same(own.got, seen[2])
    assert.same({ 4, "number" }, seen[3])
    assert.error_matches(function() mlp.LambdaCallback { on_epoch_end = 3 } end,
      "LambdaCallback: option 'on_epoch_end': expected a function, got 3")
  end)

  it("on_batch_end is another name of on_train_batch_end", function()
    local model, data = small_model()
    local n = 0
    model:fit(data, { batch_size = 50, verbose = 0, callbacks = {
      mlp.Lambda { on_batch_end = function(batch) n = n + batch end } } })
    assert.equal(3, n)
  end)
end)

describe("fit", function()
  it("stops after max_time, and says so", function()
    local model, data = small_model()
    local clock = core.clock()
    local history = model:fit(data, { epochs = 1000000, verbose = 0, max_time = 0.2 })
    assert.truthy(core.clock() - clock < 5)
    assert.equal("max_time", history.stop_reason)
    assert.equal(#history, history.stopped_epoch)
    assert.error_matches(function() model:fit(data, { max_time = -1 }) end, "'max_time'")
  end)

  it("ends with averaged weights where the optimizer keeps them", function()
    local model, data = small_model()
    local last
    model:compile { loss = "binary_crossentropy",
      optimizer = mlp.SGD { learning_rate = 0.5, use_ema = true, ema_momentum = 0 } }
    local hash = { on_epoch_end = function(self) last = self.model:hash() end }
    model:fit(data, { epochs = 2, verbose = 0, callbacks = { hash } })
    assert.equal(last, model:hash()) -- momentum 0: the average is the last value
    model.optimizer.ema_momentum = 0.9
    model:fit(data, { epochs = 2, verbose = 0, callbacks = { hash } })
    assert.not_equal(last, model:hash())
  end)

  it("raises for TerminateOnNaN, where that was asked for", function()
    local model, data = small_model()
    model:compile { loss = "mse", optimizer = mlp.SGD { learning_rate = 1000 } }
    data = mlp.dataset { x = data.x * 1e20, y = data.x:slice(1, 1, 2) * 1e30 }
    assert.error_matches(function()
      model:fit(data, { epochs = 9, verbose = 0,
        callbacks = { mlp.TerminateOnNaN { raise_error = true } } })
    end, "TerminateOnNaN: non%-finite loss at epoch")
  end)
end)
