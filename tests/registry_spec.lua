-- What holds for everything that is registered, whoever adds it: one file, no test of its own
-- needed.
local mlp = require "mlp"
local core = require "mlp.core"
local families = require "mlp.families"
local samples = require "samples"

local DOUBLE <const> = { dtype = "float64" }

local function make(family, name, options)
  if family == "layer" then return core.layer(name, options) end
  return core.object(family, name, options)
end

local function flat(t) return t:detach():clone():reshape(t:numel()):totable() end

--- The central difference of f() when element i of `values` changes; `write` puts them in place.
local function slope(f, values, i, write)
  local h, old = 1e-6, values[i]
  values[i] = old + h
  write(values)
  local up = f()
  values[i] = old - h
  write(values)
  local down = f()
  values[i] = old
  write(values)
  return (up - down) / (2 * h)
end

--- The gradient in tensor t against differences of f, at a few elements.
local function check_gradient(what, t, f)
  assert(t.grad, what .. " has no gradient")
  local values, gradient = flat(t), flat(t.grad)
  local function write(v)
    mlp.no_grad(function() t:copy_(mlp.tensor(v, DOUBLE):reshape(t:size())) end)
  end
  for i = 1, #values, math.max(1, #values // 7) do
    local expected, got = slope(f, values, i, write), gradient[i]
    local allowed = 1e-7 + 1e-5 * math.max(math.abs(expected), math.abs(got))
    assert.near(expected, got, allowed, ("%s, element %d"):format(what, i))
  end
end

--- Gradients of sum(weights * f()) in all those tensors.
local function check_gradients(what, tensors, f)
  local weights
  local function loss()
    local y = f()
    weights = weights or mlp.randn(y:size(), DOUBLE)
    return (y * weights):sum()
  end
  for _, t in ipairs(tensors) do t:zero_grad() end
  loss():backward()
  for i, t in ipairs(tensors) do
    check_gradient(("%s, tensor %d"):format(what, i), t, function()
      return mlp.no_grad(function() return loss():item() end)
    end)
  end
end

--- A text, with no blank at its ends.
local function text_ok(text)
  return type(text) == "string" and text:find "^%S" ~= nil and text:find "%S$" ~= nil
end

describe("every registered kind", function()
  samples.each(nil, function(kind, family)
    it(("%s %s: name, text, source, options"):format(family, kind.name), function()
      assert.matches("^%l[%l%d_]*$", kind.name)
      assert.is_true(text_ok(kind.doc), "doc")
      if family ~= "op" then assert.is_true(text_ok(kind.cite), "cite") end
      local seen = {}
      for _, option in ipairs(kind.options) do
        assert.matches("^%l[%l%d_]*$", option.name)
        assert.is_true(text_ok(option.doc), option.name)
        assert.is_nil(seen[option.name])
        seen[option.name] = true
        if type(option.preset) == "number" then
          assert.is_true(option.min <= option.preset and option.preset <= option.max, option.name)
        end
        if option.type == "object" and option.preset then
          core.object(option.family, option.preset) -- raises where there is none
        end
      end
    end)
  end)

  samples.each(nil, function(kind, family)
    if family == "op" then return end
    it(("%s %s: takes its presets, refuses what is wrong"):format(family, kind.name), function()
      local options = samples.options(kind)
      local from_presets = tostring(make(family, kind.name, samples.options(kind)))
      for _, option in ipairs(kind.options) do
        if option.preset ~= nil then options[option.name] = option.preset end
      end
      assert.equal(from_presets, tostring(make(family, kind.name, options)))
      local first = kind.options[1]
      local wrong = samples.options(kind)
      wrong[first and first.name .. "z" or "frobnicate"] = 1
      local hint = first and ("; did you mean '%s'?"):format(first.name) or ""
      assert.error_matches(function() make(family, kind.name, wrong) end,
        ("unknown option '.*'%s"):format(hint:gsub("%p", "%%%0")))
      for _, option in ipairs(kind.options) do
        wrong = samples.options(kind)
        wrong[option.name] = function() end
        assert.error_matches(function() make(family, kind.name, wrong) end,
          ("%s: option '%s': expected"):format(kind.name, option.name))
        if option.min and option.min > -1e300 and option.type ~= "boolean" then
          wrong[option.name] = option.min - 1 - math.abs(option.min)
          assert.error_matches(function() make(family, kind.name, wrong) end,
            ("%s: option '%s': expected"):format(kind.name, option.name))
        end
      end
    end)
  end)

  it("has names and aliases that no other of its family has, and is found by each", function()
    local seen = {}
    samples.each(nil, function(kind, family)
      for name in (kind.name .. " " .. (kind.alias or "")):gmatch "%S+" do
        local key = family .. " " .. name
        assert.is_nil(seen[key], key)
        seen[key] = true
        if families.plural[family] then
          assert.is_function(mlp[families.plural[family]][name])
          assert.is_function(mlp[families.plural[family]][families.camel(kind.name)])
        end
      end
    end)
  end)

  it("is suggested where its name is misspelt", function()
    samples.each(nil, function(kind, family)
      if family == "op" or #kind.name < 4 then return end
      assert.error_matches(function() core.object(family, kind.name .. "_") end,
        "did you mean '" .. kind.name)
    end)
  end)
end)

-- What a gradient takes as a constant, and is one after so many iterations.
local settled = { spectral_normalization = "power_iterations" }

describe("every layer", function()
  samples.each("layer", function(kind)
    it(kind.name .. ": keeps the rows, and has the shape that it says", function()
      local model, row = samples.model(kind)
      local use = core.model_uses(model)[1]
      for _, n in ipairs { 1, 5 } do
        local y = model(kind.integers and samples.inputs(kind, row, n)
          or mlp.randn({ n, table.unpack(row) }))
        assert.same({ n, table.unpack(use.shape) }, y:size())
      end
    end)

    it(kind.name .. ": gradients of 20 shapes, training and not #H04", function()
      if kind.integers then return end -- of its weights alone, in float32: see custom_spec
      mlp.seed(11)
      math.randomseed(11)
      for draw = 1, 20 do
        local training = draw % 2 == 0
        local options = samples.options(kind)
        if settled[kind.name] then options[settled[kind.name]] = 1000 end
        local sample = samples.layer(kind, options)
        local row = draw > 2 and samples.another_row(kind, options, sample.row) or sample.row
        local x = samples.inputs(kind, row, math.random(2, 5), "float64")
        local tensors = core.is_tensor(x) and { x } or { table.unpack(x) }
        for _, t in ipairs(tensors) do t:requires_grad_() end
        core.layer_call(sample.layer, x, training, 3)
        for _, w in ipairs(sample.layer:weights()) do
          if w.trainable then tensors[#tensors + 1] = w.tensor end
        end
        check_gradients(kind.name, tensors, function()
          return core.layer_call(sample.layer, x, training, 3)
        end)
      end
    end)
  end)
end)

describe("every activation", function()
  samples.each("activation", function(kind)
    it(kind.name .. ": gradient", function()
      mlp.seed(12)
      local layer = mlp.Activation(core.object("activation", kind.name, samples.options(kind)))
      local x = mlp.randn(4, 6, DOUBLE) * 2
      x = x:detach():requires_grad_()
      check_gradients(kind.name, { x }, function() return layer(x) end)
    end)
  end)
end)

-- The rules of Keras 3.16 for a kernel (in, out): bounds, mean, standard deviation.
local function uniform(limit) return { -limit, limit, 0, limit / math.sqrt(3) } end
local function truncated(sd) -- sd of what is left inside two sigma is `sd`
  local cut = 2 * sd / 0.87962566103423978
  return { -cut, cut, 0, sd }
end
local distributions = {
  zeros = function() return { 0, 0, 0, 0 } end,
  ones = function() return { 1, 1, 1, 0 } end,
  constant = function() return { 0, 0, 0, 0 } end,
  random_uniform = function() return uniform(0.05) end,
  random_normal = function() return { -math.huge, math.huge, 0, 0.05 } end,
  truncated_normal = function() return { -0.1, 0.1, 0, 0.05 * 0.87962566103423978 } end,
  glorot_uniform = function(i, o) return uniform(math.sqrt(6 / (i + o))) end,
  glorot_normal = function(i, o) return truncated(math.sqrt(2 / (i + o))) end,
  he_uniform = function(i) return uniform(math.sqrt(6 / i)) end,
  he_normal = function(i) return truncated(math.sqrt(2 / i)) end,
  lecun_uniform = function(i) return uniform(math.sqrt(3 / i)) end,
  lecun_normal = function(i) return truncated(math.sqrt(1 / i)) end,
  variance_scaling = function(i) return truncated(math.sqrt(1 / i)) end,
}

local function kernel(name, inputs, units, seed)
  mlp.seed(seed)
  local layer = mlp.Dense { units = units, use_bias = false, kernel_initializer = name }
  mlp.Sequential { layer }:build({ inputs }, "float64")
  return layer.kernel:detach()
end

describe("every initializer", function()
  samples.each("initializer", function(kind)
    local rule = distributions[kind.name]
    if rule then
      it(kind.name .. ": bounds, mean and variance of 1e5 draws #S37", function()
        for _, shape in ipairs { { 250, 400 }, { 1000, 100 } } do
          local w, n = kernel(kind.name, shape[1], shape[2], 3), 1e5
          local low, high, mean, sd = table.unpack(rule(shape[1], shape[2]))
          assert.truthy(w:min():item() >= low and w:max():item() <= high)
          assert.near(mean, w:mean():item(), 5 * sd / math.sqrt(n) + 1e-12)
          local variance = (w - mean):square():mean():item()
          -- a variance has standard deviation sd^2 sqrt((kurtosis - 1) / n), kurtosis <= 3
          assert.near(sd ^ 2, variance, 5 * sd ^ 2 * math.sqrt(2 / n) + 1e-12)
          if sd > 0 and high < math.huge then -- the bounds are reached, nearly
            assert.truthy(w:max():item() > 0.99 * high and w:min():item() < 0.99 * low)
          end
        end
      end)
    end

    it(kind.name .. ": finite, the same for the same seed", function()
      local w = kernel(kind.name, 8, 8, 3)
      assert.equal(w:hash(), kernel(kind.name, 8, 8, 3):hash())
      for _, v in ipairs(flat(w)) do assert.truthy(v == v and math.abs(v) < 1e30) end
    end)
  end)

  it("glorot and he limits of the lecture's layers #S37", function()
    -- shared specification, semantics c.3 [calc]
    local cases = { { 2, 8, 0.774596669, 1.732050808 }, { 8, 8, 0.612372436, 0.866025404 } }
    for _, case in ipairs(cases) do
      local fan_in, fan_out, glorot, he = table.unpack(case)
      assert.near(glorot, distributions.glorot_uniform(fan_in, fan_out)[2], 1e-9)
      assert.near(he, distributions.he_uniform(fan_in)[2], 1e-9)
    end
  end)
end)

-- penalty(w, options), where the source has a formula
local penalties = {
  l1 = function(w, o) return o.l1 * w:abs():sum():item() end,
  l2 = function(w, o) return o.l2 * w:square():sum():item() end,
  l1l2 = function(w, o) return o.l1 * w:abs():sum():item() + o.l2 * w:square():sum():item() end,
}

describe("every regularizer", function()
  samples.each("regularizer", function(kind)
    it(kind.name .. ": value and gradient", function()
      mlp.seed(13)
      local options = samples.options(kind)
      for _, option in ipairs(kind.options) do -- factors that are 0 unless given
        if option.type == "number" and option.preset == 0 then options[option.name] = 0.01 end
      end
      local penalty = core.object("regularizer", kind.name, options)
      local layer = mlp.Dense { units = 3, use_bias = false, kernel_regularizer = penalty }
      local model = mlp.Sequential { layer }:build({ 4 }, "float64")
      model:compile { loss = "mse" }
      local x, y = mlp.zeros(1, 4, DOUBLE), mlp.zeros(1, 3, DOUBLE) -- no loss but the penalty
      local value = model:loss(y, model(x)):item()
      assert.truthy(value > 0)
      if penalties[kind.name] then
        assert.near(penalties[kind.name](layer.kernel:detach(), penalty), value, 1e-14)
      end
      check_gradients(kind.name, { layer.kernel }, function() return model:loss(y, model(x)) end)
      for _ = 1, 2 do -- the compiled plan follows the weights
        local before = model:loss(y, model(x)):item()
        assert.equal(before, model:train_on_batch(x, y))
      end
    end)
  end)
end)

describe("every loss", function()
  samples.each("loss", function(kind)
    it(kind.name .. ": a finite number, and its gradient, in 20 shapes #H04", function()
      mlp.seed(14)
      math.randomseed(14)
      for _ = 1, 20 do
        local n, c = math.random(1, 7), math.random(2, 6)
        local model = mlp.Sequential { mlp.Dense(c) }:build({ 2 }, "float64")
        model:compile { loss = core.object("loss", kind.name, samples.options(kind)) }
        local p = mlp.randn(n, c, DOUBLE):softmax():detach():requires_grad_()
        local y = mlp.randn(n, c, DOUBLE):softmax()
        if not mlp.try(model.loss, model, y, p) then
          local classes = {}
          for i = 1, n do classes[i] = math.random(1, c) end
          y = mlp.tensor(classes, { dtype = "int64" })
        end
        local value = model:loss(y, p):item()
        assert.truthy(value == value and math.abs(value) < 1e6)
        check_gradients(kind.name, { p }, function() return model:loss(y, p) end)
      end
    end)
  end)
end)

describe("every loss without a reduction", function()
  samples.each("loss", function(kind)
    local options = samples.options(kind)
    local has = false
    for _, option in ipairs(kind.options) do has = has or option.name == "reduction" end
    options.reduction = "none"
    if not has or kind.name == "circle" then return end -- one number a batch

    it(kind.name .. ": is a number a row, that of the row alone", function()
      mlp.seed(15)
      local loss = core.object("loss", kind.name, options)
      local p = mlp.randn(5, 3, DOUBLE):softmax():detach()
      local y = mlp.randn(5, 3, DOUBLE):softmax():detach()
      if not mlp.try(loss, y, p) then
        y = mlp.tensor({ 1, 2, 3, 2, 1 }, { dtype = "int64" })
      end
      local all = loss(y, p)
      assert.same({ 5 }, all:size())
      for i = 1, 5 do
        local one = loss(y:slice(i, i), p:slice(i, i)):item()
        assert.near(one, all[i]:item(), 1e-14 * math.max(1, math.abs(one)))
      end
    end)
  end)
end)

describe("every optimizer", function()
  samples.each("optimizer", function(kind)
    it(kind.name .. ": makes w^2 smaller, with weights of either type", function()
      for _, dtype in ipairs { "float32", "float64" } do
        local layer = mlp.Dense { units = 1, use_bias = false, kernel_initializer = "ones" }
        local model = mlp.Sequential { layer }:build({ 1 }, dtype)
        local optimizer = core.object("optimizer", kind.name, samples.options(kind))
        model:compile { optimizer = optimizer, loss = "mse" }
        local x, y = mlp.ones(1, 1, { dtype = dtype }), mlp.zeros(1, 1, { dtype = dtype })
        for _ = 1, 20 do model:train_on_batch(x, y) end
        local w = layer.kernel:item()
        assert.truthy(w < 1 and w > -1)
      end
    end)
  end)
end)

describe("every dataset", function()
  samples.each("dataset", function(kind)
    it(kind.name .. ": rows as asked for, the same for the same seed", function()
      local options = samples.options(kind)
      options.seed = 4
      local one, two = mlp.datasets[kind.name](options), mlp.datasets[kind.name](options)
      assert.equal(one.x:hash(), two.x:hash())
      assert.equal(one.y:hash(), two.y:hash())
      assert.equal(one.x.shape[1], one.y.shape[1])
      local sum = one.x:double():sum():item()
      assert.truthy(sum == sum and math.abs(sum) < 1e12)
    end)
  end)
end)
