local core = require "mlp.core"
local mlp = require "mlp"

local f64 <const> = { dtype = "float64" }
local function T(t) return mlp.tensor(t, f64) end

local function rosenbrock(x)
  local n = #x
  local a, b = x:slice(1, n - 1), x:slice(2, n)
  return ((b - a * a) ^ 2 * 100 + (1 - a) ^ 2):sum()
end

local function beale(p)
  local x, y = p[1], p[2]
  return (1.5 - x + x * y) ^ 2 + (2.25 - x + x * y * y) ^ 2 + (2.625 - x + x * y * y * y) ^ 2
end

local function near(expected, t, tolerance)
  for i, v in ipairs(expected) do assert.near(v, t[i]:item(), tolerance) end
end

describe("minimize by L-BFGS", function()
  -- scipy.optimize.minimize(method = "L-BFGS-B") 1.17.1 takes 46, 54 and 30 evaluations of these.
  it("Rosenbrock's valley, Beale's function: the known minima", function()
    local r = mlp.minimize(rosenbrock, T { -1.2, 1 })
    near({ 1, 1 }, r.x, 1e-7)
    assert.truthy(r.converged and r.value < 1e-14 and r.evaluations < 92, tostring(r))
    r = mlp.minimize(beale, T { 1, 1 })
    near({ 3, 0.5 }, r.x, 1e-6)
    assert.truthy(r.converged and r.evaluations < 108, tostring(r))
    r = mlp.minimize(rosenbrock, T { 1.3, 0.7, 0.8, 1.9, 1.2 })
    near({ 1, 1, 1, 1, 1 }, r.x, 1e-7)
    assert.truthy(r.converged and r.evaluations < 60, tostring(r))
  end)

  it("a quadratic: the solution of its equations", function()
    local a, b = T { { 3, 1 }, { 1, 2 } }, T { 1, -1 }
    local r = mlp.minimize(function(x) return x:dot(a:matmul(x)) / 2 - x:dot(b) end, T { 0, 0 })
    near({ 0.6, -0.8 }, r.x, 1e-8) -- numpy.linalg.solve
    assert.near(-0.7, r.value, 1e-14)
    assert.equal(#r.values, r.steps + 1)
    for i = 2, #r.values do assert.truthy(r.values[i] <= r.values[i - 1]) end
  end)

  it("several tensors, float32, and a start that is the end", function()
    local r = mlp.minimize(function(a, b) return ((a - 1) ^ 2):sum() + ((b + 2) ^ 2):sum() end,
      { mlp.zeros(2, 2), mlp.zeros(3) }, { tol = 1e-5 })
    assert.same({ 2, 2 }, r.x[1].shape)
    near({ 1, 1, 1, 1 }, r.x[1]:reshape(-1), 1e-5)
    near({ -2, -2, -2 }, r.x[2], 1e-5)
    r = mlp.minimize(function(x) return (x * x):sum() end, T { 0 })
    assert.truthy(r.converged and r.steps == 0 and r.evaluations == 1)
  end)

  it("takes its options from an object", function()
    local function f(x) return ((x - 3) ^ 2):sum() end
    local r = mlp.minimize(f, T { 0, 10 }, { optimizer = mlp.LBFGS { history_size = 2 } })
    near({ 3, 3 }, r.x, 1e-8)
    r = mlp.minimize(f, T { 0, 10 }, { optimizer = mlp.LBFGS { line_search = "none" } })
    near({ 3, 3 }, r.x, 1e-6)
    r = mlp.minimize(function(x) return (x ^ 4):sum() end, T { 2 }, -- its slope ends below .1
      { optimizer = mlp.LBFGS { tolerance_grad = 0.1 } })
    assert.equal("converged", r.reason)
    assert.truthy(r.gradient <= 0.1 and r.gradient > 1e-4, tostring(r))
  end)

  it("passes an error from within a search on, and is usable after it", function()
    local calls, start = 0, T { -1.2, 1 }
    local function f(x)
      calls = calls + 1
      if calls == 3 then error "enough" end
      return rosenbrock(x)
    end
    assert.error_matches(function() mlp.minimize(f, start) end, "^enough$")
    near({ -1.2, 1 }, start, 0)
    near({ 1, 1 }, mlp.minimize(f, start).x, 1e-7)
  end)

  it("stays inside of a function's domain", function()
    local r = mlp.minimize(function(x) return (x - x:log()):sum() end, T { 5 })
    near({ 1 }, r.x, 1e-7)
  end)
end)

describe("minimize by an optimizer", function()
  it("every one of them goes down", function()
    for _, kind in ipairs(require("mlp.core").registry().optimizer) do
      local r = mlp.minimize(function(x) return ((x - 3) ^ 2):sum() end, T { 0, 10 },
        { optimizer = kind.name, steps = 20 })
      assert.truthy(r.value < r.values[1], kind.name)
      if kind.name ~= "lbfgs" then
        assert.equal(21, r.evaluations)
        assert.equal("steps used up", r.reason)
      end
    end
  end)

  it("has the bits of no factor where the loss is scaled by a power of two", function()
    local function ended(factor)
      return mlp.minimize(function(x) return ((x - 3) ^ 4):sum() end, mlp.tensor { 1, 5.5 },
        { optimizer = mlp.Adam { learning_rate = 0.1, loss_scale_factor = factor, clipnorm = 2 },
          steps = 60, tol = 1e-3 })
    end
    local plain, scaled = ended(0), ended(1024)
    assert.same(plain.x:totable(), scaled.x:totable())
    assert.same({ plain.steps, plain.gradient }, { scaled.steps, scaled.gradient })
  end)

  it("keeps nothing once its result is dropped", function()
    local function held()
      mlp.minimize(rosenbrock, T { 0, 0 }, { optimizer = "sgd", steps = 2 })
      collectgarbage()
      collectgarbage()
      return (core.memory())
    end
    held()
    assert.equal(held(), held())
  end)

  it("takes the steps of the formula, its options included", function()
    -- SGD: x - 0.1 * 2 x = 0.8 x
    local r = mlp.minimize(function(x) return (x * x):sum() end, T { 1, 2 },
      { optimizer = mlp.SGD { learning_rate = 0.1 }, steps = 3 })
    near({ 0.512, 1.024 }, r.x, 1e-15)
    -- clipped to a norm of 1: x - 0.1 on the first step from 10
    r = mlp.minimize(function(x) return (x * x):sum() end, T { 10 },
      { optimizer = mlp.SGD { learning_rate = 0.1, global_clipnorm = 1 }, steps = 1 })
    near({ 9.9 }, r.x, 1e-14)
  end)

  it("says what is wrong", function()
    local function fails(f, text) assert.error_matches(f, text) end
    fails(function() mlp.minimize(function(x) return x end, T { 1, 2 }) end,
      "expected a function that returns one number, got shape 2")
    fails(function() mlp.minimize(function() return 1 end, T { 1 }) end, "one number, got 1")
    fails(function() mlp.minimize(rosenbrock, 3) end, "argument 'x0': expected a tensor")
    fails(function() mlp.minimize(rosenbrock, T { 1, 1 }, { optimizer = "adem" }) end, "adem")
    fails(function() mlp.minimize(rosenbrock, T { 1, 1 }, { setps = 1 }) end, "mean 'steps'")
  end)
end)

describe("minimize a model", function()
  it("finds the line of least squares", function()
    -- y = -1/6 + 3/2 x through (0, 0), (1, 1), (2, 3)
    local data = mlp.dataset { x = T { { 0 }, { 1 }, { 2 } }, y = T { { 0 }, { 1 }, { 3 } } }
    local model = mlp.Sequential { mlp.Dense(1) }
    model:compile { optimizer = "sgd", loss = "mse" }
    model:build({ 1 }, "float64")
    local r = mlp.minimize(model, data)
    assert.truthy(r.converged, tostring(r))
    assert.equal(model, r.x)
    near({ -1 / 6, 4 / 3, 17 / 6 }, model:predict(data.x):reshape(-1), 1e-7)
    assert.near(1 / 18, r.value, 1e-12) -- residuals 1/6, -1/3, 1/6: the mean of their squares
  end)

  it("trains a net to a small loss in few steps", function()
    local data = mlp.datasets.xor { n = 4, corners = true }
    local model = mlp.Sequential { mlp.Dense { units = 4, activation = "tanh" },
      mlp.Dense { units = 1, activation = "sigmoid" } }
    model:compile { optimizer = "adam", loss = "binary_crossentropy" }
    local r = mlp.minimize(model, data, { steps = 100, tol = 1e-4 })
    assert.truthy(r.value < 1e-3, tostring(r))
    assert.error_matches(function() mlp.minimize(mlp.Sequential { mlp.Dense(1) }, data) end,
      "expected a compiled model")
  end)
end)

describe("gradcheck", function()
  it("agrees with what is right, and reports", function()
    local report = mlp.gradcheck(function(a, b) return a:matmul(b):tanh() end,
      { mlp.randn({ 3, 4 }, f64), mlp.randn({ 4, 2 }, f64) })
    assert.is_true(report.ok)
    assert.equal(20, report.checked)
    assert.matches("20 elements of 2 inputs agree", tostring(report))
  end)

  it("takes layers and models, and looks at their weights", function()
    local layer = mlp.Dense { units = 3, activation = "gelu" }
    assert.equal(2 * 4 + 4 * 3 + 3, mlp.gradcheck(layer, mlp.randn({ 2, 4 }, f64)).checked)
    local model = mlp.Sequential { mlp.Dense { units = 3, activation = "tanh" }, mlp.Dense(1) }
    model:build({ 2 }, "float64")
    local x = mlp.randn({ 5, 2 }, f64)
    assert.equal(10 + 9 + 4, mlp.gradcheck(model, x).checked)
    local before = model:hash()
    mlp.gradcheck(model, x)
    assert.equal(before, model:hash())
  end)

  it("names the input and the element that are off", function()
    local function wrong(a, b) -- detach hides the dependency on one element
      local mask = T { 0, 1, 0 }
      return (a * 2 + b * (1 - mask) + b:detach() * mask):sum()
    end
    assert.error_matches(function() mlp.gradcheck(wrong, { T { 1, 2, 3 }, T { 1, 2, 3 } }) end,
      "input 2: 1 of 3 elements are off; the worst is {2}: backward gives 0, differences 1")
    local report = mlp.gradcheck(wrong, { T { 1, 2, 3 }, T { 1, 2, 3 } }, { raise = false })
    assert.is_false(report.ok)
    assert.equal(0, report.inputs[1].wrong)
    assert.same({ 2 }, report.inputs[2].index)
  end)

  it("takes what can be called: a loss", function()
    local y, p = T { 1, 0, 2 }, T { 0.5, 1, -1 }
    assert.is_true(mlp.gradcheck(mlp.losses.mse(), { y:reshape(1, 3), p:reshape(1, 3) }).ok)
  end)

  it("says what it takes", function()
    local model = mlp.Sequential { mlp.Dense(2), input_shape = { 3 } }
    local x = mlp.ones({ 2, 3 }, f64)
    local function says(text, ...)
      assert.equal(text, (select(2, mlp.try(mlp.gradcheck, ...)).message:gsub("^.-%d: ", "")))
    end
    says("gradcheck: argument 2 'inputs': expected what the model is to be called on, a tensor of "
      .. "float64 or a list of tensors, got none", model)
    says("gradcheck: argument 2 'inputs': expected what the function is to be called on, a tensor "
      .. "of float64 or a list of tensors, got a dataset; take data.x:double()", print,
      mlp.datasets.moons { n = 8 })
    says("gradcheck: argument 1 'f': expected a function of tensors, a layer or a model, got a "
      .. "tensor (2, 3)", x)
    says("gradcheck: argument 1 'f': expected a function of tensors, a layer or a model, got a "
      .. "table", {}, x)
    says("gradcheck: argument 3 'options': expected a table of options, got a tensor (2, 3); "
      .. "several inputs go in a list, and a loss in a function: gradcheck(function(p) return "
      .. "loss(y, p) end, p)", model, x, x)
    says("gradcheck: 'dense_1.kernel': expected a weight of float64, which differences need, got "
      .. "float32; check a model that is built as model:build({ features }, \"float64\"), or a "
      .. "layer that was made on such tensors", model, x)
  end)

  it("wants float64", function()
    assert.error_matches(function() mlp.gradcheck(function(x) return x end, mlp.ones(2)) end,
      "gradcheck: input 1: expected float64, got float32; use :double%(%)")
  end)
end)
