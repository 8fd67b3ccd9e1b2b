-- What tables look like that functions give: no address.
local mlp = require "mlp"
local core = require "mlp.core"

local function no_address(v) assert.is_nil(tostring(v):find "0x%x+", tostring(v)) end

describe("a table that a function gives", function()
  local d = mlp.datasets.moons { n = 8 }
  local model = mlp.Sequential { mlp.Dense(2), input_shape = { 3 } }

  it("prints with its fields: a batch", function()
    local batch = d:batches { batch_size = 3, shuffle = false } ()
    assert.matches("^{ index = 1 2 3 %[int64 %(3,%)%], x = %[float32 %(3, 2%)%], y = "
      .. "[12] [12] [12] %[int64 %(3,%)%] }$", tostring(batch))
  end)

  it("prints with its fields: weights, of a model and a layer", function()
    assert.equal("{ [float32 (3, 2)], 0 0 [float32 (2,)] }", tostring(model:get_weights()))
    assert.equal(tostring(model:get_weights()), tostring(model.layers[1]:get_weights()))
    assert.matches("^{ { name = \"dense_1.kernel\", tensor = %[float32 %(3, 2%)%], trainable = ",
      tostring(model:weights()))
    assert.matches('^{ { name = "kernel", tensor = ', tostring(model.layers[1]:weights()))
  end)

  it("prints with its fields: outputs", function()
    local x = mlp.Input { 3 }
    local two = mlp.Model { inputs = x, outputs = { mlp.Dense(1)(x), mlp.Dense(2)(x) } }
    two:compile { loss = { "mse", "mse" } }
    assert.equal("{ [float32 (4, 1)], [float32 (4, 2)] }",
      tostring(two(mlp.ones(4, 3))))
    no_address(two:predict(mlp.ones(4, 3)))
    no_address(two.outputs)
    no_address(two.inputs)
  end)

  it("is a table like any other", function()
    assert.same({ 1, a = 2 }, core.mark_fields { 1, a = 2 })
    assert.equal("table", type(model:get_weights()))
    local e = select(2, mlp.try(mlp.ones, model:get_weights()))
    assert.is_nil(tostring(e):find "Fields", tostring(e))
  end)
end)
