local mlp = require "mlp"
local core = require "mlp.core"

local folder

local function remove_folder()
  local there, names = pcall(core.list_folder, folder or "")
  for _, name in ipairs(there and names or {}) do os.remove(folder .. "/" .. name) end
  if not there then return end
  os.remove(folder)
end

local function new_folder()
  remove_folder()
  folder = os.tmpname()
  os.remove(folder)
  core.make_folder(folder)
  return folder
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local points = mlp.datasets.moons { n = 90, noise = 0.3, seed = 11 }
local values = { x = points.x, y = mlp.randn(90, 1) }

local function dense(...)
  local layers = { ... }
  for i, layer in ipairs(layers) do
    if type(layer) == "number" then layers[i] = mlp.Dense { units = layer, activation = "tanh" } end
  end
  layers[#layers + 1] = mlp.Dense { units = 1, activation = "sigmoid" }
  return mlp.Sequential(layers)
end

-- What a configuration may have: model, optimizer, loss, metrics, data, options, callbacks; `start`
-- has presets.
local cosine = mlp.schedules.CosineDecay { initial_learning_rate = 0.05, decay_steps = 20 }
local configurations = {
  { "SGD", optimizer = function() return mlp.SGD() end },
  { "SGD with momentum and a schedule", optimizer = function()
    return mlp.SGD { learning_rate = cosine, momentum = 0.9, nesterov = true }
  end },
  { "RMSprop, centered", optimizer = function() return mlp.RMSprop { centered = true } end },
  { "Adam with amsgrad", optimizer = function() return mlp.Adam { amsgrad = true } end },
  { "AdamW with dropout", model = function() return dense(8, mlp.Dropout(0.5)) end,
    optimizer = function() return mlp.AdamW() end },
  { "Nadam with batch norm", model = function() return dense(8, mlp.BatchNormalization()) end,
    optimizer = function() return mlp.Nadam() end },
  { "Adagrad", optimizer = function() return mlp.Adagrad() end },
  { "Adadelta, clipped", optimizer = function() return mlp.Adadelta { clipnorm = 0.1 } end },
  { "Ftrl with l1", optimizer = function()
    return mlp.Ftrl { l1_regularization_strength = 0.01 }
  end },
  { "Lion with decay", optimizer = function() return mlp.Lion { weight_decay = 0.01 } end },
  { "Lamb", optimizer = function() return mlp.Lamb() end },
  { "averaged weights", optimizer = function()
    return mlp.Adam { use_ema = true, ema_momentum = 0.9 }
  end },
  { "accumulated gradients", optimizer = function()
    return mlp.SGD { gradient_accumulation_steps = 3, momentum = 0.5 }
  end },
  { "noise, dropout, layer norm", model = function()
    return dense(mlp.GaussianNoise(0.1), 8, mlp.LayerNormalization(), mlp.GaussianDropout(0.2))
  end },
  { "penalties and constraints", model = function()
    return mlp.Sequential { mlp.Dense { units = 8, kernel_regularizer = "l2",
      kernel_constraint = mlp.constraints.MaxNorm(1) },
      mlp.Dense { units = 1, activation = "sigmoid" } }
  end },
  { "early stopping, plateau, metrics", options = { validation_split = 0.2 }, metrics =
    { "accuracy", "auc", "precision" }, callbacks = function()
    return { mlp.EarlyStopping { patience = 1, min_delta = 0.01 },
      mlp.ReduceLROnPlateau { patience = 1, min_delta = 0.05, factor = 0.5 } }
  end },
  { "a rate set by epoch", callbacks = function()
    return { mlp.LearningRateScheduler(function(_, rate) return rate * 0.7 end) }
  end },
  { "rows as they stand, all at once, float64", options = { shuffle = false, batch_size = "all" },
    data = { x = points.x:double(), y = values.y:double() }, loss = "mse",
    model = function() return mlp.Sequential { mlp.Dense(4), mlp.Dropout(0.1), mlp.Dense(1) } end },
  { "a loss in Lua, validation each other epoch", loss = function(y, p)
    return ((y - p) ^ 2):mean()
  end, data = values, options = { validation_data = values, validation_freq = 2 } },
  { "stochastic weight averaging", model = function() return dense(8, mlp.BatchNormalization()) end,
    callbacks = function() return { mlp.SWA { start = 1, learning_rate = 0.02 } } end },
  { "averages swapped in", options = { validation_data = points }, optimizer = function()
    return mlp.Adam { use_ema = true }
  end, callbacks = function() return { mlp.SwapEMAWeights { swap_on_epoch = true } } end },
  { "epochs of three steps", options = { steps_per_epoch = 3 } },
  { "monitors", callbacks = function()
    return { mlp.monitor.gradients { every = 4, log = true }, mlp.monitor.weights { every = 3 } }
  end },
}

local function start(c, callbacks, options)
  mlp.seed(5)
  local model = c.model and c.model() or dense(8)
  model:compile { loss = c.loss or "binary_crossentropy", metrics = c.metrics or {},
    optimizer = c.optimizer and c.optimizer() or mlp.Adam { learning_rate = 0.01 } }
  local o = { epochs = 5, batch_size = 20, verbose = 0, callbacks = c.callbacks and c.callbacks()
    or {} }
  for name, v in pairs(c.options or {}) do o[name] = v end
  for name, v in pairs(options or {}) do o[name] = v end
  for _, callback in ipairs(callbacks or {}) do table.insert(o.callbacks, callback) end
  return model, model:fit(c.data or points, o)
end

local function stop_after(n)
  return mlp.Lambda { on_batch_end = function()
    n = n - 1
    if n == 0 then error { "stopped" } end
  end }
end

local function end_of(model, history) return model:hash() .. "\n" .. tostring(history) end

local settings = require "mlp.settings"
local quiet = {} -- core.warn tells where it goes on from
before_each(function()
  settings.quiet, quiet.was = true, settings.quiet
  quiet.warn, core.warn = core.warn, function(text) quiet.text = text end
end)
after_each(function()
  core.warn, settings.quiet = quiet.warn, quiet.was
  remove_folder()
end)

describe("a fit that goes on from a checkpoint #F46 #E09", function()
  for i, c in ipairs(configurations) do
    it(("ends with the bits of one that never stopped: %s #D23"):format(c[1]), function()
      local whole = end_of(start(c))
      local backup = { backup_dir = new_folder(), save_freq = 3 + i % 3 }
      if c.options and c.options.batch_size then backup.save_freq = 2 end
      local bomb = stop_after(c.options and c.options.batch_size and 3 or 7 + i % 8)
      assert.is_false(pcall(start, c, { bomb, mlp.BackupAndRestore(backup) }))
      assert.equal(whole, end_of(start(c, { stop_after(1e9), mlp.BackupAndRestore(backup) })))
    end)
  end

  it("goes on after the last whole epoch where save_freq is epoch #B03", function()
    local c = configurations[16]
    local whole = end_of(start(c))
    local bomb = mlp.Lambda { on_epoch_end = function(epoch)
      if epoch == 3 then error "mine" end
    end }
    local ok, e = pcall(start, c, { bomb, mlp.BackupAndRestore(new_folder()) })
    assert.is_false(ok)
    assert.matches("^fit: callback 3 %(LambdaCallback%) in on_epoch_end, epoch 3: .*mine", e)
    assert.equal(whole, end_of(start(c, { mlp.BackupAndRestore(folder) }, { verbose = "auto" })))
    assert.matches("going on from '.*': epoch 3 of 5", quiet.text)
    assert.same(nil, io.open(folder .. "/checkpoint.safetensors")) -- at the end it is removed
  end)

  it("keeps the state of a callback of one's own", function()
    local function counter()
      return { n = 0, seen = {}, on_batch_end = function(self, _, logs)
        self.n = self.n + 1
        self.seen[self.n] = logs.loss
      end, get_state = function(self)
        return { n = self.n, seen = self.seen, z = { 0 / 0, -1 / 0 } }
      end, set_state = function(self, state)
        self.n, self.seen, self.z = state.n, state.seen, state.z
      end }
    end
    local whole, first, second = counter(), counter(), counter()
    start({}, { whole })
    pcall(start, {}, { first, stop_after(9), mlp.BackupAndRestore { backup_dir = new_folder(),
      save_freq = 4 } })
    assert.equal(9, first.n)
    start({}, { second, mlp.BackupAndRestore { backup_dir = folder, save_freq = 4 } })
    assert.same(whole.seen, second.seen)
    assert.is_true(second.z[1] ~= second.z[1] and second.z[2] == -math.huge)
  end)

  it("goes on after a whole epoch in the middle of a pass over the rows", function()
    local c = { options = { steps_per_epoch = 3 } }
    local whole = end_of(start(c))
    pcall(start, c, { stop_after(7), mlp.BackupAndRestore(new_folder()) })
    assert.equal(whole, end_of(start(c, { mlp.BackupAndRestore(folder) })))
  end)

  it("says so where nothing is left to do, and trains further on demand #E10", function()
    local keep = { backup_dir = new_folder(), delete_checkpoint = false }
    local done = end_of(start({}, { mlp.BackupAndRestore(keep) }))
    assert.equal(done, end_of(start({}, { mlp.BackupAndRestore(keep) }, { verbose = "auto" })))
    assert.matches("is a training at its end: finished after epoch 5 of 5; nothing is left to do",
      quiet.text)
    local longer = end_of(start({}, {}, { epochs = 7 }))
    assert.equal(longer, end_of(start({}, {}, { epochs = 7, resume = folder })))
    assert.equal(longer, end_of(start({}, {}, { epochs = 7,
      resume = folder .. "/checkpoint.safetensors" })))
  end)

  it("takes the checkpoint before where the newest is damaged #E11", function()
    local whole = end_of(start {})
    pcall(start, {}, { stop_after(17), mlp.BackupAndRestore(new_folder()) })
    local newest = folder .. "/checkpoint.safetensors"
    local text = read(newest)
    for _, damaged in ipairs { text:sub(1, -3) .. "ab", text:sub(1, 1000), "" } do
      write(newest, damaged)
      assert.equal(whole, end_of(start({}, {}, { resume = folder, verbose = "auto" })))
      assert.matches("epoch 3 of 5", quiet.text)
    end
    write(newest, "")
    write(folder .. "/checkpoint.previous.safetensors", "")
    assert.error_matches(function() start({}, {}, { resume = folder }) end,
      "neither checkpoint can be read: .*checkpoint.safetensors.*previous")
  end)

  it("a checkpoint is a model's file", function()
    pcall(start, {}, { stop_after(9), mlp.BackupAndRestore(new_folder()) })
    local model = mlp.load(folder .. "/checkpoint.safetensors")
    assert.equal(90, #model:predict(points.x))
  end)

  it("a log has each row once, behind what it held before", function()
    local csv, json = os.tmpname(), os.tmpname()
    local function loggers()
      write(csv, "")
      write(json, "before\n")
      return mlp.CSVLogger(csv), mlp.JSONLogger { json, append = true }
    end
    start({}, { loggers() })
    local rows, lines = read(csv), read(json)
    assert.matches("^before\n{", lines)
    local a, b = loggers()
    local function callbacks(more)
      return { a, b, more or {}, mlp.BackupAndRestore { backup_dir = folder, save_freq = 7 } }
    end
    new_folder()
    pcall(start, {}, callbacks(stop_after(13)))
    assert.is_true(#read(json) < #lines)
    a, b = mlp.CSVLogger(csv), mlp.JSONLogger { json, append = true }
    start({}, callbacks())
    assert.equal(rows, read(csv))
    assert.equal(lines, read(json))
    os.remove(csv)
    os.remove(json)
  end)

  it("ends an epoch that ran out of time only in memory #F44", function()
    local whole = end_of(start {})
    local slow = mlp.Lambda { on_batch_end = function()
      local stop = core.clock() + 0.01
      while core.clock() < stop do end
    end }
    local _, history = start({}, { slow, mlp.BackupAndRestore(new_folder()) }, { max_time = 0.08 })
    assert.equal("max_time", history.stop_reason)
    assert.equal(whole, end_of(start({}, { mlp.BackupAndRestore(folder) })))
  end)
end)

describe("what differs from a checkpoint is refused by name #E09", function()
  local function refused(message, c, options, seed)
    pcall(start, {}, { stop_after(9), mlp.BackupAndRestore(new_folder()) })
    local before
    local ok, e = pcall(function()
      local o = { resume = folder }
      for name, v in pairs(options or {}) do o[name] = v end
      if seed then c.model = function() mlp.seed(seed); return dense(8) end end
      start(c, { mlp.Lambda { on_train_begin = function() before = true end } }, o)
    end)
    assert.is_false(ok)
    assert.matches(message, tostring(e))
    assert.is_nil(before)
  end

  it("the model", function()
    refused("layer 1 'dense_1': units differs: 8 in it, 9 now", { model = function()
      return dense(9)
    end })
    refused("layer 2 'dense_2': kind differs: dense in it, dropout now", { model =
      function() return dense(8, mlp.Dropout(0.1)) end })
    refused("optimizer: kind differs: adam in it, sgd now", { optimizer = function()
      return mlp.SGD { learning_rate = 0.01 }
    end })
    refused("learning_rate differs: 0.01 at its start, 0.02 now", { optimizer = function()
      return mlp.Adam { learning_rate = 0.02 }
    end })
  end)

  it("seed, data, batch size, callbacks", function()
    refused("its seed is 5, that of this run 6; run with %-%-seed 5, or mlp.seed%(5%)", {}, nil, 6)
    refused("the data differ from those", { data = mlp.datasets.moons { n = 90, seed = 1 } })
    refused("the data differ: 90 rows in it, 91 now", { data = mlp.datasets.moons { n = 91 } })
    refused("batch_size differs: 20 in it, 16 now", {}, { batch_size = 16 })
    refused("shuffle differs: true in it, false now", {}, { shuffle = false })
    refused("the validation data differ", {}, { validation_data = values, validation_freq = 1 })
    refused("callback 1 'EarlyStopping'", { callbacks = function()
      return { mlp.EarlyStopping { monitor = "loss" } }
    end })
  end)

  it("a file that is no checkpoint", function()
    local model = start {}
    local path = new_folder() .. "/m.safetensors"
    model:save(path)
    assert.error_matches(function() start({}, {}, { resume = path }) end,
      "it holds a model, but no training")
    assert.error_matches(function() start({}, {}, { resume = folder }) end, "no checkpoint in")
    assert.error_matches(function() start({}, {}, { resume = folder .. "/none" }) end, "none")
    assert.error_matches(function() start({}, {}, { resume = 3 }) end, "expected the name of")
    assert.error_matches(function() mlp.BackupAndRestore {} end, "expected a folder, got nil")
    assert.error_matches(function()
      mlp.BackupAndRestore { backup_dir = "x", save_freq = "batch" }
    end, "'epoch' or a number")
  end)
end)
