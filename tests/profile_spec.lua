local mlp = require "mlp"
local program = require "program"

local function digits(rows) return { x = mlp.rand(rows, 20), y = mlp.full({ rows }, 2,
  { dtype = "int64" }) } end

local function model_of(activation)
  mlp.seed(0)
  local model = mlp.Sequential { mlp.Dense { 16, activation }, mlp.Dense { 3, "softmax" } }
  model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
  return model
end

describe("profile", function()
  it("counts the operations of products by their shapes", function()
    local profile = model_of("relu"):profile(digits(64), { batch_size = 32, batches = 4 })
    local found = {}
    for _, r in ipairs(profile.rows) do found[r.name .. " " .. r.pass] = r end
    local first = found["dense relu 32x20 20x16 forward"]
    assert.equal(4, first.calls)
    assert.equal(4 * 2 * 32 * 20 * 16, first.flops)
    -- the first layer needs no gradient of its input, the second one does
    assert.equal(4 * 2 * 32 * 20 * 16, found["dense relu 32x20 20x16 backward"].flops)
    assert.equal(4 * 2 * 2 * 32 * 16 * 3, found["dense 32x16 16x3 backward"].flops)
    assert.equal(4, found["optimizer step"].calls)
    assert.equal(4, found["gather a batch data"].calls)
  end)

  it("leaves the model as it was", function()
    local data, model, other = digits(64), model_of "tanh", model_of "tanh"
    local options = { epochs = 2, verbose = 0 }
    mlp.seed(5)
    model:fit(data, options)
    local before = model:hash()
    model:profile(data, { batches = 3 })
    assert.equal(before, model:hash())
    mlp.seed(5)
    other:fit(data, options)
    assert.equal(before, other:hash())
    mlp.seed(6)
    model:fit(data, options)
    mlp.seed(6)
    other:fit(data, options)
    assert.equal(other:hash(), model:hash()) -- Adam's moments and step count, too
  end)

  it("is a table and a picture", function()
    local profile = model_of("relu"):profile(digits(64), { batches = 2 })
    assert.matches("dense relu 32x20 20x16", tostring(profile))
    assert.matches("GFLOP/s", profile:text())
    assert.equal("\137PNG", profile:plot():png():sub(1, 4))
  end)

  it("--profile shows it at the end of a script", function()
    local folder = os.tmpname()
    os.remove(folder)
    local script = program.file [[
      local mlp = require "mlp"
      local model = mlp.Sequential { mlp.Dense(1) }
      model:compile { loss = "mse" }
      model:fit({ x = mlp.rand(32, 4), y = mlp.rand(32, 1) }, { epochs = 2, verbose = 0 })
      print "done"
    ]]
    local out, err, code = program.run { "--profile", "--out", folder, script }
    assert.equal(0, code, err)
    assert.equal("done\n", out)
    assert.matches("dense 32x4 4x1 +forward", err)
    local picture = assert(io.open(folder .. "/profile.png", "rb"))
    assert.equal("\137PNG", picture:read(4))
    picture:close()
  end)

  it("--profile counts on where the script asks for a profile itself", function()
    local folder = os.tmpname()
    os.remove(folder)
    local script = program.file [[
      local mlp = require "mlp"
      local data = { x = mlp.rand(32, 4), y = mlp.rand(32, 1) }
      local model = mlp.Sequential { mlp.Dense(1) }
      model:compile { loss = "mse" }
      local function steps() -- those of the profile: 7
        for _, r in ipairs(model:profile(data, { batches = 7 }).rows) do
          if r.pass == "step" then return r.calls end
        end
      end
      print(steps())
      model:fit(data, { epochs = 2, verbose = 0 })
      print(steps())
      model:fit(data, { epochs = 3, verbose = 0 })
    ]]
    local out, err, code = program.run { "--profile", "--out", folder, script }
    assert.same({ 0, "7\n7\n" }, { code, out }, err)
    assert.matches("optimizer +step +5 ", err) -- of the fits alone
  end)
end)
