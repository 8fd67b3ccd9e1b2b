-- BatchNormalization { renorm = true }: Ioffe 2017, arXiv:1702.03275, algorithm 1. Training runs
-- against Keras are in runs_spec.lua.
local mlp = require "mlp"

local DOUBLE <const> = { dtype = "float64" }
local EPSILON <const> = 1e-3

local function near(expected, got, allowed)
  assert.near(0, (expected - got):abs():max():item(), allowed or 1e-12)
end

local function rows(n, seed)
  mlp.seed(seed or 3)
  return mlp.randn(n, 3, DOUBLE) * 2 + 1
end

--- r, d, s and the mean of a batch by the paper's formulas.
local function corrections(x, M, S, limits)
  local mean, s = x:mean(1), (x:var(1) + EPSILON):sqrt()
  return (s / S):clamp(limits.rmin, limits.rmax), ((mean - M) / S):clamp(-limits.dmax, limits.dmax),
    s, mean
end

local function net(options)
  mlp.seed(5)
  options = options or { renorm = true, renorm_clipping = { rmax = 2, rmin = 0.5, dmax = 1 } }
  local model = mlp.Sequential { mlp.Dense { 6, use_bias = false },
    mlp.BatchNormalization(options), mlp.Activation "tanh", mlp.Dense(1), input_shape = { 3 } }
  model:compile { loss = "mse", optimizer = mlp.Adam(0.01) }
  return model
end

local function data()
  local x = rows(40):float()
  return { x = x, y = x:sum(2):reshape(40, 1) }
end

--- A callback that sets the limits of the second layer before each epoch.
local function relaxing(most)
  return { on_epoch_begin = function(self, epoch)
    local norm = self.model.layers[2]
    norm.renorm_rmax = 1 + (most - 1) * math.min(1, epoch / 3)
    norm.renorm_rmin = 1 / norm.renorm_rmax
    norm.renorm_dmax = norm.renorm_rmax - 1
  end }
end

describe("batch renormalization", function()
  it("is the paper's, with its averages, over three steps #F15", function()
    local limits = { rmax = 1.3, rmin = 0.9, dmax = 0.4 }
    local layer = mlp.BatchNormalization { renorm = true, renorm_momentum = 0.8, momentum = 0.6,
      renorm_clipping = limits }
    local M, S, moving = mlp.zeros(3, DOUBLE), mlp.ones(3, DOUBLE), mlp.ones(3, DOUBLE)
    for step = 1, 3 do
      local x = rows(9, step)
      local r, d, s, mean = corrections(x, M, S, limits)
      near((x - mean) / s * r + d, layer(x, { training = true }))
      M, S, moving = M * 0.8 + mean * 0.2, S * 0.8 + s * 0.2, moving * 0.6 + s * 0.4
      near(M, layer.renorm_mean)
      near(S, layer.renorm_stddev)
      near(moving, layer.moving_stddev)
      near(moving ^ 2 - EPSILON, layer.moving_variance)
    end
    local x = rows(4, 9)
    near((x - layer.moving_mean) / moving, layer(x))
  end)

  it("takes r and d as constants of the gradient", function()
    local limits = { rmax = 1.3, rmin = 0.9, dmax = 0.4 }
    local layer = mlp.BatchNormalization { renorm = true, renorm_clipping = limits }
    local x, weights = rows(9):requires_grad_(), rows(9, 4):detach();
    (layer(x, { training = true }) * weights):sum():backward()
    local z = x:detach():clone():requires_grad_()
    local r = corrections(z:detach(), mlp.zeros(3, DOUBLE), mlp.ones(3, DOUBLE), limits);
    ((z - z:mean(1)) / (z:var(1) + EPSILON):sqrt() * r * weights):sum():backward()
    near(z.grad, x.grad)
    local fixed = mlp.BatchNormalization { renorm = true,
      renorm_clipping = { rmax = 2, rmin = 2, dmax = 0 } }
    local report = mlp.gradcheck(function(t) return fixed(t, { training = true }) end, rows(6))
    assert.is_true(report.ok)
  end)

  it("is batch normalization, to the bit, where r is 1 and d 0", function()
    local hash = {}
    for i, options in ipairs { {}, { renorm = true,
      renorm_clipping = { rmax = 1, rmin = 1, dmax = 0 } } } do
      local model = net(options)
      model:fit(data(), { epochs = 3, batch_size = 16, verbose = 0 })
      hash[i] = model.layers[1].kernel:hash()
    end
    assert.equal(hash[1], hash[2])
  end)

  it("without limits is the averages, which at first change nothing", function()
    local layer, x = mlp.BatchNormalization { renorm = true }, rows(9)
    near(x, layer(x, { training = true }))
  end)

  it("has limits that a callback relaxes, to the bits of a layer made with them", function()
    local changed, made = net(), net { renorm = true, renorm_rmax = 3, renorm_rmin = 0.3,
      renorm_dmax = 2 }
    local norm = changed.layers[2]
    changed:train_on_batch(data().x, data().y) -- a plan is there
    changed:set_weights(made:get_weights())
    changed:compile { loss = "mse", optimizer = mlp.Adam(0.01) }
    norm.renorm_rmax, norm.renorm_rmin, norm.renorm_dmax = 3, 0.3, 2
    mlp.seed(1)
    changed:fit(data(), { epochs = 3, shuffle = false, verbose = 0 })
    made:fit(data(), { epochs = 3, shuffle = false, verbose = 0 })
    assert.equal(made:hash(), changed:hash())
    assert.equal(3, norm.renorm_rmax)
  end)

  it("keeps the optimizer's state when limits change", function()
    local model = net()
    model:fit(data(), { epochs = 2, verbose = 0, callbacks = { relaxing(4) } })
    assert.equal(4, model.iterations)
  end)

  it("trains among many, alike or not, to the bits of its own fit", function()
    local options = { epochs = 4, batch_size = 16, shuffle = false, verbose = 0 }
    local alone, many = {}, {}
    for i = 1, 4 do
      local limits = { renorm = true, renorm_rmax = i // 2 + 1, renorm_dmax = i // 2 }
      alone[i], many[i] = net(limits), net(limits)
      for _, model in ipairs { alone[i], many[i] } do
        model.layers[4]:set_weights { bias = { i } }
      end
      alone[i]:fit(data(), options)
    end
    mlp.fit_many(many, data(), options)
    for i = 1, 4 do assert.equal(alone[i]:hash(), many[i]:hash()) end

    options.callbacks = { relaxing(3) } -- all in the same way
    for i = 1, 4 do alone[i]:fit(data(), options) end
    mlp.fit_many(many, data(), options)
    for i = 1, 4 do assert.equal(alone[i]:hash(), many[i]:hash()) end

    options.callbacks, options.each = nil, {}
    for i = 1, 4 do options.each[i] = { callbacks = { relaxing(i) } } end
    assert.error_matches(function() mlp.fit_many(many, data(), options) end,
      "or an option of its layers set, while it trained; train it by itself")
  end)

  it("trains by hand to the bits of fit", function()
    local by_fit, by_hand, all = net(), net(), data()
    by_fit:fit(all, { epochs = 2, batch_size = 20, shuffle = false, verbose = 0 })
    for k = 0, 3 do
      local first = k % 2 * 20 + 1
      local x, y = all.x:slice(first, first + 19), all.y:slice(first, first + 19)
      local loss = by_hand:loss(y, by_hand(x, { training = true }))
      by_hand:zero_grad()
      loss:backward()
      by_hand:step()
    end
    assert.equal(by_fit:hash(), by_hand:hash())
  end)

  it("goes on from a file as if it had not stopped", function()
    for _, clipping in ipairs { { rmax = 2 }, { dmax = 1 } } do
      local options = { renorm = true, renorm_clipping = clipping }
      local path, straight, model = os.tmpname(), net(options), net(options)
      straight:fit(data(), { epochs = 4, verbose = 0 })
      model:fit(data(), { epochs = 2, verbose = 0 })
      model:save(path)
      local loaded = mlp.load(path)
      os.remove(path)
      loaded:fit(data(), { initial_epoch = 2, epochs = 4, verbose = 0 })
      assert.equal(straight:hash(), loaded:hash())
      assert.equal(tostring(straight.layers[2]), tostring(loaded.layers[2]))
    end
  end)

  it("warms up with momentum = 'auto': the first batch alone", function()
    local layer, x = mlp.BatchNormalization { renorm = true, momentum = "auto" }, rows(9)
    layer(x, { training = true })
    near(x:var(1), layer.moving_variance)
  end)

  it("has its averages found again by SWA", function()
    local model, all = net(), data()
    model:fit(all, { epochs = 3, batch_size = 40, verbose = 0,
      callbacks = { mlp.callbacks.SWA { start = 1 } } })
    local h = model.layers[1](all.x)
    near(h:var(1), model.layers[2].moving_variance, 1e-5)
    near(h:mean(1), model.layers[2].moving_mean, 1e-6)
  end)

  it("says what its limits may be", function()
    local function error_of(f, ...) return select(2, mlp.try(f, ...)).message end
    local BN = mlp.BatchNormalization
    assert.matches("batch_normalization: option 'renorm_clipping': expected { rmax = 3, "
      .. "rmin = 1 / 3, dmax = 5 }, got 3", error_of(BN, { renorm = true, renorm_clipping = 3 }))
    assert.matches("unknown option 'r_max'; did you mean 'rmax'", error_of(BN,
      { renorm = true, renorm_clipping = { r_max = 3 } }))
    assert.matches("option 'renorm_dmax': expected a number from 0 to inf, got %-1", error_of(BN,
      { renorm = true, renorm_clipping = { dmax = -1 } }))
    assert.matches("option 'renorm_clipping': expected rmin <= rmax, got rmin 2 and rmax 1",
      error_of(BN { renorm_rmin = 2, renorm_rmax = 1, renorm = true }, rows(4)))
    local layer = BN { renorm = true }
    assert.matches("option 'renorm_rmax': expected a number, got 'x'", error_of(function()
      layer.renorm_rmax = "x"
    end))
  end)
end)
