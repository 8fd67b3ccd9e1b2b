local mlp = require "mlp"
local core = require "mlp.core"
local golden = require "golden.keras"
local program = require "program"

local function t64(v) return mlp.tensor(v, { dtype = "float64" }) end

--- Every number of two nested lists.
local function assert_near(expected, got, allowed)
  if type(expected) == "number" then return assert.near(expected, got, allowed) end
  assert.equal(#expected, #got)
  for i, v in ipairs(expected) do assert_near(v, got[i], allowed) end
end

describe("layer", function()
  for i, case in ipairs(golden.norm) do
    it(("%s is Keras's, in training and after (case %d) #F13 #F15 #F16 #F20 #F21"):format(
      case.name, i), function()
      local layer, x = core.layer(case.name, case.options), t64(case.x)
      assert_near(case.trained, layer(x, { training = true }):totable(), 1e-13)
      assert_near(case.after, layer(x):totable(), 1e-13)
      local state = {}
      for _, w in ipairs(layer:weights()) do
        if not w.trainable then state[#state + 1] = w.tensor:totable() end
      end
      assert_near(case.state, state, 1e-14)
    end)
  end

  for i, case in ipairs(golden.merge) do
    it(("%s is Keras's (case %d) #F18"):format(case.name, i), function()
      local layer = core.layer(case.name, case.options)
      local value = layer { t64(case.a), t64(case.b) }
      assert_near(case.value, value:totable(), 1e-14)
    end)
  end

  it("Dense takes a cost on its kernel and one on its output #S57 #F17 #F27", function()
    local case = golden.penalised[1]
    local model = mlp.Sequential {
      mlp.Dense { 5, kernel_regularizer = mlp.regularizers.L1(0.01),
        activity_regularizer = mlp.regularizers.L2(0.01) },
    }:build({ 3 }, "float64")
    local x, y = t64(case.x), mlp.zeros(4, 5, { dtype = "float64" })
    model:set_weights { t64(case.kernel), mlp.full({ 5 }, case.bias, { dtype = "float64" }) }
    model:compile { optimizer = mlp.SGD { learning_rate = 0.1 }, loss = "mse" }
    local data = model(x):square():mean():item()
    assert.near(data + case.value, model:loss(y, model(x)):item(), 1e-14)
    assert.near(data + case.value, model:evaluate({ x = x, y = y }).loss, 1e-14)
    assert.near(data + case.value, model:train_on_batch(x, y), 1e-14)
  end)

  it("ActivityRegularization divides by the rows of the batch #F17", function()
    local x = t64 { { 1, -2 }, { 3, 0 } }
    local model = mlp.Sequential { mlp.ActivityRegularization { l1 = 0.1, l2 = 0.01 } }
    model:compile { loss = function(_, p) return (p * 0):sum() end }
    assert.near((0.1 * 6 + 0.01 * 14) / 2, model:loss(x, model(x)):item(), 1e-15)
  end)

  it("a penalty on a softmax leaves the way to the logits open", function()
    local z, y = t64 { { 1000, -1000 } }, mlp.tensor({ 2 }, { dtype = "int64" })
    local model = mlp.Sequential { mlp.Dense { 2, activation = "softmax", use_bias = false,
      kernel_initializer = "identity", activity_regularizer = mlp.regularizers.L2(1) } }
    model:compile { loss = "sparse_categorical_crossentropy" }
    assert.near(2000 + 1, model:loss(y, model(z)):item(), 1e-9)
  end)

  -- keep and rate: lecture, T11
  it("Dropout takes keep, and warns above one half #T11 #S56", function()
    assert.near(0.2, mlp.Dropout { keep = 0.8 }.rate, 1e-15)
    assert.error_matches(function() mlp.Dropout { keep = 0.8, rate = 0.2 } end,
      "dropout: expected 'rate' or 'keep', got both")
    assert.error_matches(function() mlp.Dropout { keep = 2 } end,
      "dropout: option 'keep': expected a number from 0 to 1, got 2")
    local script = "local mlp = require 'mlp' mlp.Dropout(0.5) mlp.Dropout(0.6)"
    local _, said = program.run { "-e", script }
    assert.equal("mlprun: dropout: rate 0.6 drops more than half of the units; a good value is 0.2 "
      .. "to 0.5; rate is the share that is dropped: to keep that share, say keep = 0.6\n", said)
  end)

  -- Klambauer et al. 2017: a x + b where it stays, a low + b where not, low = -scale alpha of selu
  it("AlphaDropout has the two values of its formula", function()
    local rate, low = 0.3, -1.0507009873554805 * 1.6732632423543772
    local a = ((1 - rate) * (1 + rate * low * low)) ^ -0.5
    local b = -a * low * rate
    local y = mlp.AlphaDropout(rate)(mlp.full({ 50, 4 }, 2, { dtype = "float64" }),
      { training = true })
    local values = y:unique():totable()
    assert.equal(2, #values)
    assert.near(a * low + b, values[1], 1e-14)
    assert.near(a * 2 + b, values[2], 1e-14)
  end)

  it("GaussianNoise has the deviation that it says", function()
    mlp.seed(5)
    local y = mlp.GaussianNoise(0.5)(mlp.zeros({ 400, 250 }, { dtype = "float64" }),
      { training = true })
    assert.near(0.5, y:std():item(), 0.5 * 5 / math.sqrt(2e5)) -- five standard errors
  end)

  it("untruncated_normal of variance_scaling has variance scale / fan", function()
    mlp.seed(5)
    local rule = mlp.initializers.VarianceScaling { scale = 2, mode = "fan_out",
      distribution = "untruncated_normal" }
    local layer = mlp.Dense { 250, kernel_initializer = rule, use_bias = false }
    mlp.Sequential { layer }:build({ 400 }, "float64")
    local sd = math.sqrt(2 / 250)
    assert.near(sd, layer.kernel:detach():std():item(), sd * 5 / math.sqrt(2e5))
    assert.truthy(layer.kernel:detach():abs():max():item() > 3 * sd) -- not cut off at two
  end)

  for _, kind in ipairs { "gaussian_noise", "gaussian_dropout", "alpha_dropout" } do
    it(kind .. " keeps what it promises: identity, mean, variance, a new draw #F14", function()
      mlp.seed(5)
      local layer = core.layer(kind, { 0.3 })
      local x = mlp.randn(400, 250, { dtype = "float64" })
      assert.equal(x:hash(), layer(x):hash())
      local one, two = core.layer_call(layer, x, true, 1), core.layer_call(layer, x, true, 2)
      assert.equal(one:hash(), core.layer_call(layer, x, true, 1):hash())
      assert.not_equal(one:hash(), two:hash())
      -- variances: 1 + 0.3^2; (1 + 3/7) times 1; 1 (Klambauer et al. 2017, section 3)
      local variance = ({ gaussian_noise = 1.09, gaussian_dropout = 1 + 0.3 / 0.7,
        alpha_dropout = 1 })[kind]
      assert.near(0, one:mean():item(), 5 * math.sqrt(variance / 1e5))
      assert.near(variance, one:square():mean():item(), 0.04)
    end)
  end

  it("Maxout is the largest of its pieces #F21", function()
    local layer = mlp.Maxout { units = 2, pieces = 3 }
    local x = mlp.randn(5, 4, { dtype = "float64" })
    local y = layer(x):totable()
    local z = x:matmul(layer.kernel):totable()
    for i = 1, 5 do
      for u = 1, 2 do
        assert.near(math.max(z[i][3 * u - 2], z[i][3 * u - 1], z[i][3 * u]), y[i][u], 1e-15)
      end
    end
  end)
end)

describe("batch normalization", function()
  local function model()
    mlp.seed(3)
    local m = mlp.Sequential { mlp.Dense(4), mlp.BatchNormalization { momentum = 0.9 },
      mlp.Dense(1) }
    m:compile { optimizer = mlp.SGD { learning_rate = 0.1 }, loss = "mse" }
    return m:build({ 3 }, "float64")
  end
  local x, y
  before_each(function()
    mlp.seed(8)
    x = mlp.randn(8, 3, { dtype = "float64" })
    y = mlp.randn(8, 1, { dtype = "float64" })
  end)

  it("moves its averages in both executors, to the same bits #F15", function()
    local planned, eager = model(), model()
    for _ = 1, 5 do
      planned:train_on_batch(x, y)
      local loss = eager:loss(y, eager(x, { training = true }))
      eager:zero_grad()
      loss:backward()
      eager:step()
    end
    assert.equal(planned:hash(), eager:hash())
    assert.not_equal(0, planned.layers[2].moving_mean[1]:item())
    assert.equal(planned:predict(x):hash(), planned(x):hash())
  end)

  it("evaluates with the averages of now, not of when it was compiled", function()
    local m = model()
    local before = m:evaluate({ x = x, y = y }).loss
    for _ = 1, 3 do m:train_on_batch(x, y) end
    local after = m:evaluate({ x = x, y = y }).loss
    assert.not_equal(before, after)
    assert.near(m:loss(y, m(x)):item(), after, 1e-15)
  end)

  -- PyTorch 2: shared specification, semantics c.7 [calc]
  it("is PyTorch's with momentum 0.9, epsilon 1e-5 and unbiased", function()
    local layer = mlp.BatchNormalization { momentum = 0.9, epsilon = 1e-5, unbiased = true }
    local out = layer(t64 { { 1 }, { 2 }, { 3 }, { 4 } }, { training = true }):totable()
    assert_near({ { -1.34163542 }, { -0.447211807 }, { 0.447211807 }, { 1.34163542 } }, out, 1e-8)
    assert.near(0.25, layer.moving_mean:item(), 1e-15)
    assert.near(1.066666667, layer.moving_variance:item(), 1e-9)
  end)

  it("stands still where it is frozen", function()
    local layer = mlp.BatchNormalization { trainable = false }
    local out = layer(t64 { { 1 }, { 3 } }, { training = true }):totable()
    assert_near({ { 1 / math.sqrt(1.001) }, { 3 / math.sqrt(1.001) } }, out, 1e-15)
    assert.equal(0, layer.moving_mean:item())
  end)

  it("refuses a single row in training, naming the fix #A11", function()
    local m = model()
    assert.error_matches(function()
      m:fit({ x = x:slice(1, 5), y = y:slice(1, 5) }, { batch_size = 4, verbose = 0 })
    end, "at least 2 rows in training, got 1 from layer 1 'dense_1' .*%); choose a batch_size")
    assert.equal(0, m.iterations) -- before the first step
  end)
end)

describe("constraint", function()
  for i, case in ipairs(golden.constraint) do
    it(("%s is Keras's (case %d) #F22"):format(case.name, i), function()
      local layer = mlp.Dense { units = 3, use_bias = false,
        kernel_constraint = mlp.constraints[case.name](case.options) }
      local model = mlp.Sequential { layer }:build({ 4 }, "float64")
      model:set_weights { t64(case.w) }
      model:compile { optimizer = mlp.SGD { learning_rate = 0 }, loss = "mse" }
      local x, y = mlp.ones(2, 4, { dtype = "float64" }), mlp.ones(2, 3, { dtype = "float64" })
      model:train_on_batch(x, y)
      assert_near(case.value, layer.kernel:totable(), 1e-13)
    end)
  end

  it("of a bias sees it as one column", function()
    local layer = mlp.Dense { units = 2, bias_initializer = "ones", bias_constraint = "unit_norm" }
    local model = mlp.Sequential { layer }:build({ 1 }, "float64")
    model:compile { optimizer = mlp.SGD { learning_rate = 0 }, loss = "mse" }
    model:train_on_batch(mlp.ones(1, 1, { dtype = "float64" }),
      mlp.ones(1, 2, { dtype = "float64" }))
    assert_near({ 1 / (math.sqrt(2) + 1e-7), 1 / (math.sqrt(2) + 1e-7) }, layer.bias:totable(),
      1e-15)
  end)
end)

describe("regularizer", function()
  for i, case in ipairs(golden.regularizer) do
    it(("%s is Keras's (case %d) #F27 #S52 #S58"):format(case.name, i), function()
      local layer = mlp.Dense { units = 3, use_bias = false,
        kernel_regularizer = mlp.regularizers[case.name](case.options) }
      local model = mlp.Sequential { layer }:build({ 4 }, "float64")
      model:set_weights { t64(case.w) }
      model:compile { loss = "mse" }
      local x, y = mlp.zeros(1, 4, { dtype = "float64" }), mlp.zeros(1, 3, { dtype = "float64" })
      assert.near(case.value, model:loss(y, model(x)):item(), 1e-14)
    end)
  end
end)

describe("initializer", function()
  local function kernel(initializer, inputs, units)
    mlp.seed(2)
    local layer = mlp.Dense { units = units, use_bias = false, kernel_initializer = initializer }
    mlp.Sequential { layer }:build({ inputs }, "float64")
    return layer.kernel:detach()
  end

  it("orthogonal gives gain^2 I, by rows or by columns #F26", function()
    local q = kernel(mlp.initializers.Orthogonal { gain = 2 }, 7, 4)
    assert_near((mlp.eye(4) * 4):totable(), q:t():matmul(q):totable(), 1e-14)
    q = kernel("orthogonal", 3, 8)
    assert_near(mlp.eye(3):totable(), q:matmul(q:t()):totable(), 1e-14)
  end)

  it("identity passes its inputs on #F26", function()
    assert.same({ { 3, 0 }, { 0, 3 }, { 0, 0 } },
      kernel(mlp.initializers.Identity { gain = 3 }, 3, 2):totable())
  end)

  -- glorot_uniform is VarianceScaling(1, fan_avg, uniform), he_normal (2, fan_in): Keras 3 source
  it("variance_scaling has the others as cases #F26", function()
    local make = mlp.initializers.VarianceScaling
    assert.equal(kernel("glorot_uniform", 6, 5):hash(),
      kernel(make { mode = "fan_avg", distribution = "uniform" }, 6, 5):hash())
    assert.equal(kernel("he_normal", 6, 5):hash(), kernel(make { scale = 2 }, 6, 5):hash())
    assert.equal(kernel("lecun_normal", 6, 5):hash(), kernel(make {}, 6, 5):hash())
  end)
end)

describe("an activation", function()
  it("is applied to a tensor by calling it, or its name", function()
    local t = mlp.tensor { -1, 2 }
    assert.same({ 0.0, 2.0 }, mlp.activations.relu(t):totable())
    assert.same({ -0.5, 2.0 }, mlp.activations.LeakyReLU { negative_slope = 0.5 }(t):totable())
    assert.near(1, mlp.activations.softmax(t):sum():item(), 1e-6)
  end)
end)
