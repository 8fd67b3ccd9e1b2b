local program = require "program"

-- A network of every kind of part there is, on odd sizes, so that tiles have borders; then nets
-- that train side by side, the first of them also by itself.
local script = program.file [[
  local mlp = require "mlp"
  local data = mlp.datasets.digits { n = 300 }
  local x = mlp.Input { 784 }
  local h = mlp.Dense { units = 67, activation = "relu", kernel_initializer = "he_normal" }(x)
  h = mlp.Add {} { h, mlp.Dense { units = 67, activation = "tanh",
    kernel_regularizer = "l2" }(mlp.Dropout(0.3)(h)) }
  local model = mlp.Model { inputs = x, outputs = mlp.Dense { units = 10,
    activation = "softmax" }(h) }
  model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy",
    metrics = { "accuracy" } }
  local history = model:fit(data, { epochs = 2, batch_size = 41, validation_split = 0.2,
    verbose = 0 })
  print(model:hash(), ("%a %a"):format(history.loss[2], history.val_loss[2]))
  local function net(seed)
    mlp.seed(seed)
    return mlp.Sequential { mlp.Dense { 9, "tanh" }, mlp.Dropout(0.2), mlp.Dense { 2, "softmax" } }
      :compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
  end
  local rows, options = mlp.datasets.moons { n = 70 }, { batch_size = 16, verbose = 0 }
  local nets, alone = { net(1), net(2), net(3) }, net(1)
  mlp.seed(0)
  mlp.fit_many(nets, rows, options)
  alone:fit(rows, options)
  assert(nets[1]:hash() == alone:hash(), "not the bits of its own fit")
  print(nets[2]:hash(), nets[3]:hash())
]]

local function run(...)
  local words = { ... }
  words[#words + 1] = script
  local out, err, code = program.run(words)
  assert.equal(0, code, err)
  assert.matches("^%x+\t", out)
  return out
end

describe("bits", function()
  local first = run()

  it("are the same in a second run #H08 #F97", function() assert.equal(first, run()) end)

  for _, threads in ipairs { "1", "2", "4" } do
    it("are the same with " .. threads .. " threads #H08", function()
      assert.equal(first, run("--threads", threads))
    end)
  end

  for _, isa in ipairs { "baseline", "v3", "v4" } do
    it("are the same with the instruction set " .. isa .. " #H08", function()
      local _, err, code = program.run { "--isa", isa, "-e", "" }
      if code ~= 0 then
        pending("not on this machine: " .. isa .. " (" .. err:gsub("%s+$", "") .. ")")
        return
      end
      assert.equal(first, run("--isa", isa))
    end)
  end

  it("of models drawn at random are the same by hand, in halves and beside others", function()
    local drawn <const> = "tests/random_models.lua"
    local out, err, code = program.run { drawn, "--count", "20" }
    assert.equal(0, code, out .. err)
    assert.equal(out, program.run { "--threads", "3", "--isa", "baseline", drawn,
      "--count", "20" })
  end)

  it("differ for another seed", function() assert.not_equal(first, run("--seed", "1")) end)

  it("of the loop written by hand are those of fit #S17", function()
    local out, err, code = program.run { "experiments/by_hand.lua", "--epochs", "6" }
    assert.equal(0, code, err)
    local hand, fit = out:match "by hand%s+(%x+)", out:match "by fit%s+(%x+)"
    assert.equal(64, #hand)
    assert.equal(hand, fit)
  end)

  it("of rows taken as a view or as a copy are the same", function()
    local mlp = require "mlp"
    mlp.seed(0)
    local wide = mlp.randn(64, 10)
    local view, model = wide:slice(3, 9, 2), nil
    local function output(x)
      mlp.seed(0)
      model = mlp.Sequential { mlp.Dense { units = 5, activation = "tanh" } }
      return model(x):hash()
    end
    assert.is_false(view:is_contiguous())
    assert.equal(output(view), output(view:clone()))
  end)
end)
