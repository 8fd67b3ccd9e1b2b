-- SpectralNormalization: Miyato et al. 2018, arXiv:1802.05957, algorithm 1. Training runs against
-- Keras are in runs_spec.lua.
local mlp = require "mlp"

local DOUBLE <const> = { dtype = "float64" }

local function net(options)
  mlp.seed(5)
  options = options or {}
  options[1] = mlp.Dense { 5, activation = "tanh", name = "inner" }
  local model = mlp.Sequential { mlp.SpectralNormalization(options), mlp.Dense(1) }
  model:build { 4 }
  model:compile { loss = "mse", optimizer = "adam" }
  return model
end

local function rows()
  mlp.seed(6)
  local x = mlp.randn(40, 4)
  return { x = x, y = x:sum(2):reshape(40, 1) }
end

local function spectral_norm(w)
  local _, s = mlp.linalg.svd(w)
  return s:max():item()
end

describe("SpectralNormalization", function()
  it("divides by the length of w u where it does not train #F16", function()
    local layer = mlp.SpectralNormalization { mlp.Dense { 5, use_bias = false } }
    local x = mlp.randn(7, 4, DOUBLE)
    layer(x)
    local w, u = layer.layer.kernel, layer.vector_u
    local sigma = w:matmul((u / u:norm()):reshape(5)):norm()
    local distance = layer(x) - x:matmul(w) / sigma
    assert.near(0, distance:abs():max():item(), 1e-14)
    assert.same({ 1, 5 }, u:size())
  end)

  it("brings the largest singular value to 1, from steps of training", function()
    local layer = mlp.SpectralNormalization { mlp.Dense { 5, use_bias = false } }
    local x = mlp.eye(4, DOUBLE)
    for _ = 1, 100 do layer(x, { training = true }) end
    assert.near(1, spectral_norm(layer(x):detach()), 1e-9)
    assert.near(1, layer.vector_u:norm():item(), 1e-14)
  end)

  it("is as far after one step of k iterations as after k steps of one", function()
    local at = {}
    for k = 1, 3, 2 do
      mlp.seed(8)
      local layer = mlp.SpectralNormalization { mlp.Dense(5), power_iterations = k }
      for _ = 1, 3 // k do layer(mlp.ones(2, 4), { training = true }) end
      at[k] = layer.vector_u:hash()
    end
    assert.equal(at[1], at[3])
  end)

  it("uses a kernel of zeros as it is, with its gradient, and keeps the vector", function()
    local layer = mlp.SpectralNormalization { mlp.Dense { 3, kernel_initializer = "zeros" } }
    local x = mlp.ones(2, 4, DOUBLE)
    layer(x)
    local before = layer.vector_u:hash()
    layer(x, { training = true }):sum():backward()
    assert.equal(before, layer.vector_u:hash())
    assert.equal(2, layer.layer.kernel.grad:min():item())
    assert.equal(2, layer.layer.kernel.grad:max():item())
  end)

  it("leaves the vector as it is when frozen, or only evaluated", function()
    local model, data = net { trainable = false }, rows()
    local vector = model.layers[1].vector_u:hash()
    model:fit(data, { epochs = 2, verbose = 0 })
    assert.equal(vector, model.layers[1].vector_u:hash())
    assert.is_false(model.layers[1].layer.trainable)
    model.layers[1].trainable = true
    model:evaluate(data, { verbose = 0 })
    assert.equal(vector, model.layers[1].vector_u:hash())
    model:fit(data, { verbose = 0 })
    assert.not_equal(vector, model.layers[1].vector_u:hash())
  end)

  it("has an exact gradient outside of training", function()
    local model = mlp.Sequential { mlp.SpectralNormalization(mlp.Dense { 5, activation = "tanh" }) }
    assert.is_true(mlp.gradcheck(model:build({ 4 }, "float64"), mlp.randn(3, 4, DOUBLE)).ok)
  end)

  it("serves Embedding, whose input is of whole numbers, and Maxout", function()
    local x = mlp.tensor({ { 1, 2 }, { 3, 1 }, { 2, 2 }, { 3, 3 } }, { dtype = "int64" })
    local model = mlp.Sequential {
      mlp.SpectralNormalization(mlp.Embedding { input_dim = 3, output_dim = 4 }), mlp.Flatten(),
      mlp.SpectralNormalization(mlp.Maxout { units = 2 }), mlp.Dense(1) }
    model:compile { loss = "mse" }
    model:fit({ x = x, y = mlp.ones(4, 1) }, { epochs = 3, verbose = 0 })
    assert.same({ 4, 1 }, model(x):size())
    assert.same({ 1, 4 }, model.layers[3].vector_u:size())
  end)

  it("trains by hand to the bits of fit", function()
    local data, by_fit, by_hand = rows(), net(), net()
    by_fit:fit(data, { epochs = 3, batch_size = 16, shuffle = false, verbose = 0 })
    for _ = 1, 3 do
      for first = 1, 40, 16 do
        local x, y = data.x:slice(first, math.min(first + 15, 40)),
          data.y:slice(first, math.min(first + 15, 40))
        local loss = by_hand:loss(y, by_hand(x, { training = true }))
        by_hand:zero_grad()
        loss:backward()
        by_hand:step()
      end
    end
    assert.equal(by_fit:hash(), by_hand:hash())
  end)

  it("trains among many to the bits of its own fit", function()
    local alone, many, data = {}, {}, rows()
    for i = 1, 3 do
      alone[i], many[i] = net(), net()
      for _, model in ipairs { alone[i], many[i] } do
        model.layers[2]:set_weights { bias = { i } }
      end
      mlp.seed(i)
      alone[i]:fit(data, { epochs = 3, shuffle = false, verbose = 0 })
    end
    mlp.fit_many(many, data, { epochs = 3, shuffle = false, verbose = 0 })
    for i = 1, 3 do assert.equal(alone[i]:hash(), many[i]:hash()) end
  end)

  it("goes on from a file as if it had not stopped, the inner layer's name kept", function()
    local path, data = os.tmpname(), rows()
    local straight, model = net { power_iterations = 2 }, net { power_iterations = 2 }
    straight:fit(data, { epochs = 4, verbose = 0 })
    model:fit(data, { epochs = 2, verbose = 0 })
    model:save(path)
    local loaded = mlp.load(path)
    os.remove(path)
    loaded:fit(data, { initial_epoch = 2, epochs = 4, verbose = 0 })
    assert.equal(straight:hash(), loaded:hash())
    assert.equal("spectral_normalization_1/inner", loaded.layers[1].layer.name)
    assert.equal(tostring(straight.layers[1]), tostring(loaded.layers[1]))
  end)

  it("is a part of a layer in Lua, twice, by names of their own", function()
    local Twice = mlp.Layer { name = "twice_normalized",
      build = function(self)
        self.one = mlp.SpectralNormalization(mlp.Dense(3))
        self.two = mlp.SpectralNormalization(mlp.Dense(3))
      end,
      call = function(self, x) return self.two(self.one(x)) end }
    local model, path = mlp.Sequential { Twice {}, input_shape = { 3 } }, os.tmpname()
    local names = {}
    for i, w in ipairs(model:weights()) do names[i] = w.name end
    local first = "twice_normalized_1/spectral_normalization_"
    assert.same({ first .. "1.vector_u", first .. "1/dense_1.kernel", first .. "1/dense_1.bias",
      first .. "2.vector_u", first .. "2/dense_1.kernel", first .. "2/dense_1.bias" }, names)
    model:save(path)
    assert.equal(model:hash(), mlp.load(path):hash())
    os.remove(path)
  end)

  it("comes back from a recipe", function()
    for _, inner in ipairs { mlp.Dense(3), mlp.Dense { 3, name = "own", trainable = false } } do
      local model = mlp.Sequential { mlp.SpectralNormalization(inner), input_shape = { 2 } }
      local again = mlp.from_recipe(model:recipe())
      assert.equal(model:hash(), again:hash())
      assert.equal(model.layers[1].layer.name, again.layers[1].layer.name)
      assert.equal(model.layers[1].layer.trainable, again.layers[1].layer.trainable)
    end
  end)

  it("follows the conventions of its model", function()
    local model = mlp.Sequential { compat = "torch", input_shape = { 2 },
      mlp.SpectralNormalization(mlp.Dense(3)) }
    assert.equal("torch_uniform", model.layers[1].layer.kernel_initializer.kind)
  end)

  it("is looked through for what goes with a loss", function()
    local model = mlp.Sequential { mlp.SpectralNormalization(mlp.Dense { 1, activation =
      "softmax" }) }
    assert.error_matches(function() model:compile { loss = "mse" } end,
      "compile: layer 1 'spectral_normalization_1': softmax of 1 unit is always 1")
  end)

  it("says what it is made around", function()
    local function error_of(f) return select(2, mlp.try(f)).message end
    local x = mlp.ones(2, 4)
    assert.matches("spectral_normalization: option 'layer': expected a layer, such as "
      .. "mlp.Dense%(4%), got 16", error_of(function() mlp.SpectralNormalization(16) end))
    local used = mlp.Dense(3)
    used(x)
    assert.matches("expected a layer that is used nowhere else yet, got ", error_of(function()
      mlp.SpectralNormalization(used)
    end))
    assert.matches("expected a built%-in layer with a kernel or embeddings, such as Dense, got "
      .. "dropout", error_of(function() mlp.SpectralNormalization(mlp.Dropout(0.1))(x) end))
    local part = mlp.Dense(3)
    mlp.SpectralNormalization(part)
    assert.matches("model: dense is a part of another layer", error_of(function()
      mlp.Sequential { part }
    end))
  end)
end)
