local mlp = require "mlp"

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
    if stop then return epoch, callback.best_epoch end
  end
  return nil, callback.best_epoch
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
    local record = mlp.Lambda { on_epoch_end = function(self,
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
    fit_with({ mlp.Lambda { on_batch_end = function(_, batch, logs)
      seen[#seen + 1] = batch
      assert.is_number(logs.loss)
    end } }, { epochs = 2, batch_size = 32 })
    assert.same({ 1, 2, 3, 4, 1, 2, 3, 4 }, seen) -- ceil(100 / 32) = 4
  end)

  it("an error in a hook comes out as the same value #B02", function()
    local token = { "mine" }
    local ok, e = pcall(fit_with, { mlp.Lambda { on_epoch_end = function() error(token) end } })
    assert.is_false(ok)
    assert.equal(token, e)
  end)

  it("a hook cannot fit the model that is training #B06", function()
    assert.error_matches(function()
      fit_with { mlp.Lambda { on_epoch_end = function(self)
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
