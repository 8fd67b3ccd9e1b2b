-- Kinds one by one against Keras 3 and PyTorch: tests/golden/from_keras_kinds.py and
-- from_torch_kinds.py say how each number was made.
local mlp = require "mlp"
local core = require "mlp.core"
local keras = require "golden.keras_kinds"
local stream = require "golden.stream"
local torch = require "golden.torch_kinds"

local DOUBLE <const> = { dtype = "float64" }

local function t64(v) return mlp.tensor(v, DOUBLE) end

--- Every number of two nested lists.
local function assert_near(expected, got, allowed)
  if type(expected) == "number" then
    return assert.near(expected, got, allowed * math.max(1, math.abs(expected)))
  end
  assert.equal(#expected, #got)
  for i, v in ipairs(expected) do assert_near(v, got[i], allowed) end
end

--- A matrix of the stream that both sides make, times `scale`, plus `shift`.
local function matrix(seed, rows, columns, scale, shift)
  local x = t64(stream.numbers(seed, rows * columns)):reshape(rows, columns)
  return (x * (scale or 1) + (shift or 0)):detach()
end

describe("activation, as Keras 3 #F27", function()
  for i, case in ipairs(keras.activations) do
    it(("%s: values and slopes (case %d)"):format(case.name, i), function()
      local layer = mlp.Activation(mlp.activations[case.name](case.options))
      local x = matrix(1, 3, 5, 4):requires_grad_()
      local y = layer(x)
      assert_near(case.value, y:totable(), 1e-11);
      (y * matrix(2, 3, 5)):sum():backward()
      assert_near(case.slope, x.grad:totable(), 1e-11)
    end)
  end

  -- sums of exponentials go by blocks of 2048
  it("softmax and log_softmax of 5000 columns are their formulas", function()
    local x = matrix(5, 2, 5000, 3)
    local y, l = mlp.Activation "softmax"(x), mlp.Activation "log_softmax"(x)
    for r = 1, 2 do
      local total = 0
      for c = 1, 5000 do total = total + math.exp(x[r][c]:item()) end
      for _, c in ipairs { 1, 2047, 2048, 2049, 4096, 4097, 5000 } do
        local v = x[r][c]:item() - math.log(total)
        assert.near(v, l[r][c]:item(), 1e-11)
        assert.near(math.exp(v), y[r][c]:item(), 1e-14)
      end
    end
  end)

  it("lecun_tanh is 1.7159 tanh(2 x / 3) (LeCun et al. 1998, Efficient BackProp)", function()
    local x = t64 { -2, 0, 0.5, 1 }
    local y = mlp.Activation "lecun_tanh"(x:reshape(4, 1)):reshape(4):totable()
    for i, v in ipairs(x:totable()) do
      local e = math.exp(4 * v / 3)
      assert.near(1.7159 * (e - 1) / (e + 1), y[i], 1e-14)
    end
  end)
end)

--- Least and largest of n draws, and the deciles between.
local function quantiles(t)
  local v = t:detach():reshape(-1):sort():totable()
  local list = {}
  for i = 0, 10 do list[i + 1] = v[math.max(1, math.floor(i / 10 * #v + 0.5))] end
  return list
end

--- The deciles of two samples of one distribution. That of 1e5 draws has a standard error under
--- 0.5 % of the distance between the deciles 1 and 9, and the sample's own is of the same size.
local function same_distribution(expected, got, bounded)
  local width = expected[10] - expected[2]
  for i = bounded and 1 or 2, bounded and 11 or 10 do
    assert.near(expected[i], got[i], 0.025 * width, "decile " .. i - 1)
  end
end

local unbounded = { random_normal = true, orthogonal = true }

describe("initializer", function()
  for _, case in ipairs(keras.initializers) do
    it(case.name .. ": the deciles of 1e5 draws are Keras's #F26", function()
      mlp.seed(7)
      local layer = mlp.Dense { 400, use_bias = false, kernel_initializer = case.name }
      mlp.Sequential { layer }:build({ 250 }, "float64")
      same_distribution(case.quantiles, quantiles(layer.kernel), not unbounded[case.name])
    end)
  end

  -- limits for (inputs, units): shared specification, semantics c.3 [calc]
  local limits = {
    { 2, 8, glorot_uniform = 0.774596669, he_uniform = 1.732050808, lecun_uniform = 1.224744871,
      torch_uniform = 0.707106781, he_normal = 2 * 1.136847234 },
    { 8, 8, glorot_uniform = 0.612372436, he_uniform = 0.866025404, lecun_uniform = 0.612372436,
      torch_uniform = 0.353553391 },
    { 784, 128, glorot_uniform = 0.081110711, he_uniform = 0.087481777,
      lecun_uniform = 0.061858957, torch_uniform = 0.035714286 },
  }

  it("stays within its limit, and comes near it in 100,352 draws #F26 #S37", function()
    mlp.seed(6)
    for _, case in ipairs(limits) do
      local inputs, units = case[1], case[2]
      for name, limit in pairs(case) do
        if type(name) == "string" then
          local layer = mlp.Dense { units, use_bias = false, kernel_initializer = name }
          mlp.Sequential { layer }:build({ inputs }, "float64")
          local most = layer.kernel:abs():max():item()
          assert.truthy(most <= limit + 1e-9, name)
          if inputs * units > 1e5 then assert.truthy(most > 0.9995 * limit, name) end
        end
      end
    end
  end)

  it("of compat = 'torch' draws kernel and bias as PyTorch's Linear does #F26", function()
    mlp.seed(8)
    local layer = mlp.Dense { 400, compat = "torch" }
    mlp.Sequential { layer }:build({ 250 }, "float64")
    same_distribution(torch.linear[1].quantiles, quantiles(layer.kernel), true)
    local biases = {}
    for i = 1, 50 do
      layer = mlp.Dense { 400, compat = "torch" }
      mlp.Sequential { layer }:build({ 250 }, "float64")
      biases[i] = layer.bias:detach()
    end
    same_distribution(torch.linear[2].quantiles, quantiles(mlp.concat(biases)), true)
  end)
end)

describe("batch normalization over five steps", function()
  local function follows(case, options)
    local layer = mlp.BatchNormalization(options)
    for t, step in ipairs(case.steps) do
      local x = matrix(9 + t, 4, 3, t, t - 1)
      assert_near(step.y, layer(x, { training = true }):totable(), 1e-11)
      assert_near(step.mean, layer.moving_mean:totable(), 1e-12)
      assert_near(step.variance, layer.moving_variance:totable(), 1e-12)
    end
    assert_near(case.after, layer(matrix(15, 4, 3)):totable(), 1e-11)
  end

  for i, case in ipairs(keras.batch_normalization) do
    it(("is Keras's (case %d) #F15"):format(i), function() follows(case, case.options) end)
  end

  for i, case in ipairs(torch.batch_normalization) do
    it(("is PyTorch's with compat = 'torch' (case %d) #F15"):format(i), function()
      case.options.compat = "torch"
      follows(case, case.options)
    end)
  end
end)

describe("normalization", function()
  for _, case in ipairs(torch.norms) do
    it(case.name .. " is PyTorch's with compat = 'torch' #F16", function()
      local options = { compat = "torch" }
      for k, v in pairs(case.options) do options[k] = v end
      local layer = mlp.layers[case.name](options)
      assert_near(case.value, layer(t64(case.x)):totable(), 1e-12)
    end)
  end
end)

describe("dropout", function()
  for _, case in ipairs(keras.dropout) do
    it(("of %g scales what it keeps as Keras does, and keeps as much #F13"):format(case.rate),
      function()
        mlp.seed(9)
        local warn = core.warn
        core.warn = function() end -- above one half
        local layer = mlp.Dropout(case.rate)
        core.warn = warn
        local y = layer(mlp.ones(250, 400, DOUBLE), { training = true })
        assert.near(case.value, y:max():item(), 1e-15)
        local share = y:sum():item() / case.value / 1e5
        assert.near(case.share * case.value, share * case.value, 0.02)
        assert.near(1e5 * share, y:gt(0):double():sum():item(), 1e-6)
      end)
  end
end)

describe("EarlyStopping, run beside Keras's #F48 #S41", function()
  for i, case in ipairs(keras.stopping) do
    it(("stops where it does (trace %d)"):format(i), function()
      local callback, stopped = mlp.EarlyStopping(case.options), 0
      local model = { stop_training = function() stopped = true end,
        get_weights = function() return {} end }
      callback.model, callback.params = model, { columns = { "loss", "val_loss" } }
      callback:on_train_begin()
      for epoch, v in ipairs(case.values) do
        callback:on_epoch_end(epoch, { val_loss = v })
        if stopped == true then
          stopped = epoch
          break
        end
      end
      assert.equal(case.stopped, stopped)
      assert.equal(case.best, callback.best_epoch)
    end)
  end
end)

describe("optimizer with compat = 'torch', against ten steps of PyTorch #F34 #S60", function()
  -- x1, x2, y: the gradients are (x1 y, x2 y), y; as in golden/keras_optimizers.lua
  local rows = require("golden.keras_optimizers").rows

  for i, case in ipairs(torch.optimizers) do
    it(("%s (case %d)"):format(case.name, i), function()
      local options = { compat = case.name ~= "Rprop" and "torch" or nil }
      for k, v in pairs(case.options) do options[k] = v end
      local model = mlp.Sequential { mlp.Dense(1) }:build({ 2 }, "float64")
      model:compile { optimizer = mlp[case.name](options),
        loss = function(y, p) return (p * y):sum() end }
      model:set_weights { t64 { { 1 }, { -0.5 } }, t64 { 0.25 } }
      local path = {}
      for _, row in ipairs(rows) do
        model:train_on_batch(t64 { { row[1], row[2] } }, t64 { { row[3] } })
        local kernel = model.layers[1].kernel:totable()
        for _, v in ipairs { kernel[1][1], kernel[2][1], model.layers[1].bias:item() } do
          path[#path + 1] = v
        end
      end
      assert_near(case.path, path, 1e-11)
    end)
  end
end)

describe("L-BFGS without a line search, against ten steps of PyTorch #F36", function()
  local sizes = { { 2, 3 }, { 3 }, { 3, 1 }, { 1 } }

  for i, case in ipairs(torch.lbfgs) do
    it(("case %d"):format(i), function()
      local options, start = { line_search = "none" }, {}
      for k, v in pairs(case.options) do options[k] = v end
      for k, size in ipairs(sizes) do
        start[k] = matrix(21 + k, size[1], size[2] or 1):reshape(size)
      end
      local model = mlp.Sequential { mlp.Dense { 3, activation = "tanh" }, mlp.Dense(1) }
      model:build({ 2 }, "float64"):compile { optimizer = mlp.LBFGS(options), loss = "mse" }
      model:set_weights(start)
      local x, y, path = matrix(20, 8, 2), matrix(21, 8, 1), {}
      for _ = 1, 10 do
        model:fit({ x = x, y = y }, { batch_size = "all", verbose = 0 })
        for _, w in ipairs(model:get_weights()) do
          for _, v in ipairs(w:reshape(-1):totable()) do path[#path + 1] = v end
        end
      end
      assert_near(case.path, path, 1e-9)
    end)
  end
end)

describe("loss, as PyTorch #F28 #F29 #F30", function()
  for i, case in ipairs(torch.losses) do
    it(("%s: value and gradient (case %d)"):format(case.name, i), function()
      local p = t64(case.p):requires_grad_()
      local classes = type(case.y[1]) == "number"
      local y = mlp.tensor(case.y, { dtype = classes and "int64" or "float64" })
      local weights = case.weights and t64(case.weights) or nil
      local value = mlp.losses[case.name](case.options)(y, p, { sample_weight = weights })
      assert.near(case.value, value:item(), 1e-12)
      value:backward()
      assert_near(case.slope, p.grad:totable(), 1e-12)
    end)
  end
end)

describe("operator, as PyTorch", function()
  local a, b = matrix(6, 3, 4, 2), matrix(7, 3, 4, 2)
  local s = (matrix(8, 3, 3) + mlp.eye(3, DOUBLE) * 2):detach()
  local known = { a = a, b = b, s = s, p = (a:abs() + 0.1):detach(),
    u = (a / 2):detach(), m = a:gt(0), n = b:gt(0),
    q = s:matmul(s:t()):detach(), v = a:select(1, 1), w = b:select(1, 1), c = b:slice(1, 2, 2),
    l = s:tril(), r = mlp.tensor({ 3, 1, 3 }, { dtype = "int64" }),
    i = mlp.tensor({ { 2, 1 }, { 4, 3 }, { 1, 4 } }, { dtype = "int64" }) }

  for i, case in ipairs(torch.ops) do
    it(("%s (case %d)"):format(case.name, i), function()
      local given = {}
      for k, v in ipairs(case.given) do given[k] = known[v] or v end
      local self = given[1]
      local method = self[case.name] or mlp.linalg[case.name]
      local y = method(table.unpack(given))
      y = y.ndim == 0 and y:item() or y:double():totable()
      assert_near(case.value, y, 1e-11)
    end)
  end
end)
