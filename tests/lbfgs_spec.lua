local mlp = require "mlp"

local function t64(t) return mlp.tensor(t, { dtype = "float64" }) end

--- A net of 2-6-1 and 40 rows, the same each time.
local function problem(options, more)
  mlp.seed(3)
  local x = mlp.randn({ 40, 2 }, { dtype = "float64" })
  local y = (x:slice(1, 40)[{ {}, { 1, 1 } }]:sin() + 0.3 * x[{ {}, { 2, 2 } }]):detach()
  local layers = { mlp.Dense { 6, activation = "tanh" }, mlp.Dense(1) }
  for i, layer in ipairs(more or {}) do table.insert(layers, i, layer) end
  local model = mlp.Sequential(layers)
  model:build({ 2 }, "float64"):compile { optimizer = mlp.LBFGS(options), loss = "mse" }
  return model, mlp.dataset { x = x, y = y }
end

local ALL <const> = { epochs = 12, batch_size = "all", verbose = 0 }

describe("L-BFGS in fit #F36", function()
  it("finds the line of least squares, and stops there", function()
    -- y = -1/6 + 3/2 x through (0, 0), (1, 1), (2, 3); residuals 1/6, -1/3, 1/6
    local model = mlp.Sequential { mlp.Dense(1) }:build({ 1 }, "float64")
    model:compile { optimizer = "lbfgs", loss = "mse" }
    local h = model:fit({ x = t64 { { 0 }, { 1 }, { 2 } }, y = t64 { { 0 }, { 1 }, { 3 } } },
      { epochs = 100, batch_size = "all", verbose = 0 })
    assert.near(1.5, model.layers[1].kernel:item(), 1e-6)
    assert.near(-1 / 6, model.layers[1].bias:item(), 1e-6)
    assert.near(1 / 18, h.loss[#h], 1e-12)
    assert.truthy(#h < 15)
    assert.equal("converged: no step makes the loss less", h.stop_reason)
  end)

  -- tests/minimize_spec.lua holds mlp.minimize against scipy
  it("goes by the points of mlp.minimize, and logs where a step arrives", function()
    local model, data = problem()
    local h = model:fit(data, ALL)
    local other = problem()
    local r = mlp.minimize(other, data, { steps = 12 })
    for i, loss in ipairs(h.loss) do assert.near(r.values[i + 1] / loss, 1, 1e-7) end
    assert.near(h.loss[12], model:evaluate(data).loss, 1e-15)
    assert.truthy(h.loss[12] < 0.01)
  end)

  it("validates, calls hooks and restores the best weights", function()
    local model, data = problem()
    local steps, norms = 0, {}
    local h = model:fit(data, { epochs = 40, batch_size = "all", verbose = 0,
      validation_split = 0.25, callbacks = {
        mlp.EarlyStopping { monitor = "val_loss", patience = 3 },
        { on_batch_end = function() steps = steps + 1 end },
        { on_before_step = function()
          norms[#norms + 1] = model.layers[1].kernel.grad:norm():item()
        end },
      } })
    assert.equal(#h, steps)
    assert.equal(#h, #norms)
    assert.truthy(norms[#norms] < norms[1])
    assert.equal(#h, #h.val_loss)
  end)

  it("goes on from a saved model with its memory, to the last bit", function()
    local model, data = problem { history_size = 4 }
    model:fit(data, ALL)
    local half = problem { history_size = 4 }
    half:fit(data, { epochs = 5, batch_size = "all", verbose = 0 })
    local path = os.tmpname()
    half:save(path)
    local again = mlp.load(path)
    os.remove(path)
    again:fit(data, { epochs = 12, initial_epoch = 5, batch_size = "all", verbose = 0 })
    assert.equal(model:hash(), again:hash())
  end)

  it("counts a batch once in the averages of batch normalization", function()
    local model, data = problem({}, { mlp.BatchNormalization() })
    model:fit(data, { epochs = 1, batch_size = "all", verbose = 0 })
    local mean = (0.01 * data.x:mean(1)):totable()
    for i, v in ipairs(model.layers[1].moving_mean:totable()) do assert.near(mean[i], v, 1e-16) end
  end)

  it("keeps to one mask of dropout within a step", function()
    local model, data = problem({}, { mlp.Dropout(0.2) })
    local h = model:fit(data, { epochs = 8, batch_size = "all", verbose = 0 })
    assert.truthy(h.loss[8] == h.loss[8] and h.loss[8] < 1)
  end)

  it("stays inside of the loss's domain", function()
    local model = mlp.Sequential { mlp.Dense { 1, use_bias = false, kernel_initializer = "ones" } }
    model:build({ 1 }, "float64"):compile { optimizer = mlp.LBFGS { learning_rate = 100 },
      loss = function(_, p) return (p - p:log()):mean() end } -- least at p = 1
    local one = t64 { { 5 } }
    model:fit({ x = one, y = one }, { epochs = 30, batch_size = "all", verbose = 0 })
    assert.near(0.2, model.layers[1].kernel:item(), 1e-6)
  end)
end)
