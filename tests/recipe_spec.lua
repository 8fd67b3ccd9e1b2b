-- Row 98: all that a training starts from, as a line of text.
local mlp = require "mlp"

describe("model:recipe #F98", function()
  local data = mlp.datasets.moons { n = 100, noise = 0.1 }

  local function fit(model)
    mlp.seed(7)
    model:fit(data, { epochs = 3, verbose = 0 })
    return model:hash()
  end

  it("makes the model again: the same first weights, the same training", function()
    mlp.seed(7)
    local model = mlp.Sequential { mlp.Dense { 8, activation = "relu",
      kernel_regularizer = mlp.regularizers.L2(0.01) }, mlp.Dropout(0.2),
      mlp.BatchNormalization(), mlp.Dense { 2, activation = "softmax", name = "head" } }
    model:build { 2 }
    model:compile { optimizer = mlp.Adam { 0.01, clipnorm = 1 }, loss = "scce",
      metrics = { "accuracy" } }
    local text, first = model:recipe(), model:hash()
    assert.truthy(#text < 500, #text)
    assert.is_nil(text:find "\n")
    mlp.seed(1) -- somewhere else
    local other = mlp.from_recipe(text)
    assert.equal(first, other:hash())
    assert.equal(text, other:recipe())
    assert.same({ "loss", "accuracy" }, other:log_names())
    assert.equal(fit(model), fit(other))
    assert.equal(text, model:recipe()) -- trained weights are not in it
  end)

  it("holds graphs, several outputs and float64", function()
    local x = mlp.Input { shape = { 2 }, dtype = "float64" }
    local h = mlp.Dense { 4, activation = "tanh" } (x)
    local model = mlp.Model { inputs = x,
      outputs = { a = mlp.Dense(1)(h), b = mlp.Dense(1)(mlp.Concatenate {} { h, x }) } }
    model:compile { loss = { "mse", "mae" }, loss_weights = { 1, 0.5 }, optimizer = "sgd" }
    local other = mlp.from_recipe(model:recipe())
    assert.equal(model:hash(), other:hash())
    assert.equal(model:recipe(), other:recipe())
  end)

  it("refuses what it does not know", function()
    local model = mlp.Sequential { mlp.Dense(1), input_shape = { 2 } }
    local text = model:recipe()
    assert.error_matches(function() mlp.from_recipe(text:sub(1, -5)) end, "cut off or changed")
    assert.error_matches(function() mlp.from_recipe "hello" end, "begins with 'mlp1:'")
    assert.error_matches(function() mlp.from_recipe((text:gsub("dense", "dance"))) end,
      "layer 'dance'")
    assert.error_matches(function() mlp.Sequential({ mlp.Dense(1) }):recipe() end, "is built")
  end)
end)
