local mlp = require "mlp"

local f64 <const> = { dtype = "float64" }
local function T(t) return mlp.tensor(t, f64) end
local function ints(t) return mlp.tensor(t, { dtype = "int64" }) end

local function near(expected, t, tolerance)
  local e = T(expected)
  assert.same(e.shape, t.shape)
  assert.truthy(t:double():allclose(e, { rtol = tolerance or 1e-12, atol = tolerance or 1e-12 }),
    tostring(t))
end

describe("Torch7's maths", function()
  local a = T { { 1, 2 }, { 3, 4 } }

  it("adds products", function()
    near({ { 2, 4 }, { 6, 8 } }, a:addcmul(a, T(2), 0.5))
    near({ { 2, 4 }, { 6, 8 } }, a:addcmul(a, T(2), { value = 0.5 }))
    near({ { 1.5, 2.5 }, { 3.5, 4.5 } }, a:addcdiv(a, a * 2))
    near({ { 8, 12 }, { 18, 26 } }, a:addmm(a, a)) -- a a = {{7, 10}, {15, 22}}
    near({ { 13.5, 19 }, { 28.5, 42 } }, a:addmm(a, a, { beta = -0.5, alpha = 2 }))
    near({ 6, 13 }, T({ 1, 2 }):addmv(a, T { 1, 2 })) -- a {1, 2} = {5, 11}
    near({ { 4, 6 }, { 9, 12 } }, a:addr(T { 1, 2 }, T { 3, 4 }))
    near({ { 3, 4 }, { 6, 8 } }, T({ 1, 2 }):ger(T { 3, 4 }))
    near({ { 2, 2 }, { 2, 2 } }, a:lerp(T { { 3, 2 }, { 1, 0 } }, 0.5))
  end)

  it("divides with remainders, and rounds towards 0", function()
    -- C's fmod and Lua's %
    local x, y = T { 7, -7, 7, -7, 5.5 }, T { 3, 3, -3, -3, 2 }
    near({ 1, -1, 1, -1, 1.5 }, x:fmod(y))
    near({ 1, 2, -2, -1, 1.5 }, x:remainder(y))
    near({ 2, -2, 0 }, T({ 2.7, -2.7, 0.5 }):trunc())
    near({ 0.75, -0.75, 0.5 }, T({ 2.75, -2.75, 0.5 }):frac())
  end)

  it("logarithms, powers, hyperbolic functions", function()
    near({ 0, 3, -1 }, T({ 1, 8, 0.5 }):log2())
    near({ 0, 3, -2 }, T({ 1, 1000, 0.01 }):log10(), 1e-15)
    near({ 1, 8, 0.5 }, T({ 0, 3, -1 }):exp2())
    near({ 0, 1.1752011936438014, -10.017874927409903 }, T({ 0, 1, -3 }):sinh(), 1e-15)
    near({ 1, 1.5430806348152437, 10.067661995777765 }, T({ 0, 1, -3 }):cosh(), 1e-15)
    near({ 1e-9 }, T({ 1e-9 }):sinh(), 1e-24)
    near({ 0, 1 }, T({ 0, math.pi / 4 }):tan(), 1e-15)
  end)

  it("runs along a dimension: products, order, middle, most frequent", function()
    near({ { 1, 2 }, { 3, 8 } }, a:cumprod(1))
    near({ { 1, 2 }, { 3, 12 } }, a:cumprod(2))
    local x = T { { 3, 1, 2, 3 }, { 5, 4, 4, 6 } }
    local v, i = x:topk(2)
    near({ { 3, 3 }, { 6, 5 } }, v)
    assert.same({ { 1, 4 }, { 4, 1 } }, i:totable())
    v, i = x:topk(1, 2, false)
    near({ { 1 }, { 4 } }, v)
    assert.same({ { 2 }, { 2 } }, i:totable())
    v, i = x:kthvalue(3)
    near({ 3, 5 }, v)
    assert.same({ 1, 1 }, i:totable())
    v = x:median() -- torch.median: the lower of two
    near({ 2, 4 }, v)
    v, i = x:mode()
    near({ 3, 4 }, v)
    assert.same({ 1, 2 }, i:totable())
    v, i = x:max_with_indices(1)
    near({ 5, 4, 4, 6 }, v)
    assert.same({ 2, 2, 2, 2 }, i:totable())
    v, i = x:min_with_indices(2, true)
    near({ { 1 }, { 4 } }, v)
    assert.same({ { 2 }, { 2 } }, i:totable())
  end)

  it("var and std take a correction", function()
    local x = T { 1, 2, 3, 4 } -- numpy.var(x), numpy.var(x, ddof=1)
    assert.near(1.25, x:var():item(), 1e-15)
    assert.near(5 / 3, x:var(nil, false, 1):item(), 1e-15)
    assert.near(math.sqrt(5 / 3), x:std(1, false, 1):item(), 1e-15)
  end)

  it("norms: of p, of a difference, cut back", function()
    local x = T { { 3, -4 }, { 0, 0 } }
    assert.near(5, x:pnorm():item(), 1e-15)
    assert.near(7, x:pnorm(1):item(), 1e-15)
    assert.near(4, x:pnorm(math.huge):item(), 1e-15)
    assert.near(2, x:pnorm(0):item(), 1e-15)
    assert.near((27 + 64) ^ (1 / 3), x:pnorm(3):item(), 1e-14)
    assert.near(5, x:dist(x * 2):item(), 1e-15)
    near({ { 0.6, -0.8 }, { 0, 0 } }, x:renorm(2, 1, 1), 1e-6)
  end)

  it("compares: allclose, isnan, isinf, isfinite", function()
    local x = T { 1, 0 / 0, math.huge }
    assert.same({ 0, 1, 0 }, x:isnan():totable())
    assert.same({ 0, 0, 1 }, x:isinf():totable())
    assert.same({ 1, 0, 0 }, x:isfinite():totable())
    assert.is_false(x:allclose(x))
    assert.is_true(x:allclose(x, { equal_nan = true }))
    assert.is_true(T({ 1 }):allclose(T { 1 + 1e-6 }))
    assert.is_false(T({ 1 }):allclose(T { 1.1 }))
    assert.is_false(T({ 1 }):allclose(T { math.huge }))
  end)

  it("counts: bincount, histc, unique, nonzero", function()
    assert.same({ 2, 0, 1, 0 }, ints({ 1, 3, 1 }):bincount(4):totable())
    -- torch.histc(torch.tensor([1., 2., 1.]), bins=4, min=0, max=3): 0, 2, 1, 0
    near({ 0, 2, 1, 0 }, T({ 1, 2, 1 }):histc(4, 0, 3))
    near({ 2, 0, 1 }, T({ 1, 2, 1 }):histc(3))
    local values, counts, places = ints({ { 3, 1 }, { 3, 9007199254740993 } }):unique()
    assert.same({ 1, 3, 9007199254740993 }, values:totable())
    assert.same({ 1, 2, 1 }, counts:totable())
    assert.same({ { 2, 1 }, { 2, 3 } }, places:totable())
    assert.same({ { 1, 2 }, { 2, 1 } }, T({ { 0, 1 }, { 2, 0 } }):nonzero():totable())
    assert.same({ 0, 2 }, mlp.zeros(2, 2):nonzero().shape)
    assert.error_matches(function() ints({ 0 }):bincount() end,
      "from 1 to 2%^28, got 0.* element 1")
  end)

  it("masks and indices", function()
    local mask = a:gt(2)
    near({ { 1, 2 }, { 0, 0 } }, a:masked_fill(mask, 0))
    near({ { 1, 2 }, { 8, 9 } }, a:masked_scatter(mask, T { 8, 9, 10 }))
    assert.error_matches(function() a:masked_scatter(mask, T { 8 }) end,
      "at least 2 elements in source, got 1")
    near({ { 1, 2 }, { 13, 24 } }, a:index_add(1, ints { 2 }, T { { 10, 20 } }))
    near({ { 1, 2 }, { 24, 4 } }, a:index_copy(1, ints { 2 }, T { { 24, 4 } }))
    near({ { 0, 2 }, { 0, 4 } }, a:index_fill(2, ints { 1 }, 0))
    near({ { 9, 2 }, { 3, 8 } }, a:scatter(2, ints { { 1 }, { 2 } }, T { { 9 }, { 8 } }))
    near({ { 5, 2 }, { 3, 5 } }, a:scatter(2, ints { { 1 }, { 2 } }, 5))
    near({ { 10, 2 }, { 3, 12 } }, a:scatter_add(2, ints { { 1 }, { 2 } }, T { { 9 }, { 8 } }))
    near({ { 2 }, { 4 } }, a:index_select(2, ints { 2 })) -- as scatter: dimension, index
    near({ { 1 }, { 4 } }, a:gather(2, ints { { 1 }, { 2 } }))
    assert.error_matches(function() a:gather(ints { { 1 }, { 2 } }, 2) end,
      "gather: argument 'dim': expected a number, got a tensor .*; .* t:gather%(dim, index%)")
    assert.error_matches(function() a:index_select(ints { 1 }) end, "t:gather_rows%(index, dim%)")
    assert.error_matches(function() a:scatter(2, ints { { 3 }, { 1 } }, 5) end,
      "index 3 at position 1")
  end)

  it("matrices: triangles, diagonals, trace", function()
    local m = mlp.arange(1, 9, 1, f64):reshape(3, 3)
    near({ { 1, 0, 0 }, { 4, 5, 0 }, { 7, 8, 9 } }, m:tril())
    near({ { 0, 2, 3 }, { 0, 0, 6 }, { 0, 0, 0 } }, m:triu(1))
    near({ { 1, 2, 0 }, { 4, 5, 6 }, { 7, 8, 9 } }, m:tril(1))
    near({ 1, 5, 9 }, m:diag())
    near({ 2, 6 }, m:diag(1))
    near({ 4, 8 }, m:diag(-1))
    near({ { 0, 0 }, { 3, 0 } }, T({ 3 }):diag(-1))
    near({ { 0, 1, 0 }, { 0, 0, 2 }, { 0, 0, 0 } }, T({ 1, 2 }):diag(1))
    assert.equal(15, m:trace():item())
  end)

  it("shapes: narrow, split, chunk, tile, flip, roll, flatten, unfold, stack", function()
    local x = mlp.arange(1, 5, 1, f64)
    near({ 2, 3 }, x:narrow(1, 2, 2))
    local parts = x:split(2)
    assert.equal(3, #parts)
    near({ 5 }, parts[3])
    assert.equal(2, #x:chunk(2))
    near({ 4, 5 }, x:chunk(2)[2])
    near({ { 1, 2, 1, 2 }, { 1, 2, 1, 2 } }, T({ 1, 2 }):tile(2, 2))
    near({ 5, 4, 3, 2, 1 }, x:flip(1))
    near({ 4, 5, 1, 2, 3 }, x:roll(2))
    near({ 2, 3, 4, 5, 1 }, x:roll(-1))
    near({ 1, 2, 3, 4 }, a:flatten())
    near({ { 1, 2, 3 }, { 3, 4, 5 } }, x:unfold(1, 3, 2))
    assert.same({ 2, 2, 2 }, mlp.stack({ a, a }, 2).shape)
    near({ { 1, 2, 1, 2 }, { 3, 4, 3, 4 } }, mlp.cat({ a, a }, 2))
    near({ 1, 10, 100 }, mlp.logspace(0, 2, 3, f64), 1e-14)
    near({ { 0, 0 }, { 0, 0 } }, mlp.zeros_like(a))
    assert.equal("float64", mlp.ones_like(a).dtype)
    assert.error_matches(function() x:narrow(1, 2, -1) end, "narrow: argument 'length'")
    assert.error_matches(function() x:split(0) end, "split: argument 'size'")
    assert.error_matches(function() x:flip(2) end, "flip: argument 'dim': expected 1..1")
  end)

  it("has gradients through what is composed", function()
    local x = T({ { 1, 2 }, { 3, 4 } }):requires_grad_();
    (x:diag() * T { 1, 10 }):sum():backward()
    near({ { 1, 0 }, { 0, 10 } }, x.grad)
    x:zero_grad();
    (x:topk(1) * 3):sum():backward()
    near({ { 0, 3 }, { 0, 3 } }, x.grad)
    x:zero_grad();
    (x:tile(2, 1):roll(1, 2):flip(1)):sum():backward()
    near({ { 2, 2 }, { 2, 2 } }, x.grad)
  end)
end)

describe("out =", function()
  it("writes where it is told, and gives that tensor back", function()
    local a, b, r = T { 1, 2 }, T { 3, 4 }, mlp.zeros({ 2 }, f64)
    assert.equal(r, a:add(b, { out = r }))
    near({ 4, 6 }, r)
    near({ 3, 8 }, mlp.mul(a, b, { out = r }))
    near({ 3, 8 }, r)
    mlp.exp(T { 0, 0 }, { out = r })
    near({ 1, 1 }, r)
    a:mul(2, { out = a })
    near({ 2, 4 }, a)
    b:sum({ out = mlp.zeros({}, f64) })
    local s = mlp.zeros({ 1 }, f64)
    b:sum(1, true, { out = s })
    near({ 7 }, s)
    local m = mlp.zeros({ 2, 2 }, f64)
    mlp.matmul(m + 1, m + 2, { out = m })
    near({ { 4, 4 }, { 4, 4 } }, m)
    local wide = mlp.zeros({ 2, 2 }, f64)
    mlp.exp(T { 0, 0 }, { out = wide:t()[1] }) -- a column, with gaps
    near({ { 1, 0 }, { 1, 0 } }, wide)
  end)

  it("makes no tensor", function()
    local a, b, r = mlp.ones(1000), mlp.ones(1000), mlp.zeros(1000)
    collectgarbage()
    collectgarbage "stop"
    local before = require("mlp.core").memory()
    for _ = 1, 50 do mlp.add(a, b, { out = r }) end
    local after = require("mlp.core").memory()
    collectgarbage "restart"
    assert.equal(before, after)
  end)

  it("is right where memory overlaps #A19", function()
    local t = mlp.arange(1, 6, 1, f64)
    mlp.add(t[{ { 1, 5 } }], t[{ { 2, 6 } }], { out = t[{ { 2, 6 } }] })
    near({ 1, 3, 5, 7, 9, 11 }, t)
  end)

  it("refuses shapes, types and the tape", function()
    local a = T { 1, 2 }
    local function fails(f, text) assert.error_matches(f, text) end
    fails(function() a:add(1, { out = mlp.zeros({ 3 }, f64) }) end,
      "add: expected a tensor for the result of float64 %(2,%), got float64 %(3,%)")
    fails(function() a:add(1, { out = mlp.zeros(2) }) end, "got float32 %(2,%)")
    fails(function() a:add(1, { out = 7 }) end, "")
    fails(function() a:add(1, { oout = a }) end, "unknown option 'oout'")
    local w = T({ 1, 2 }):requires_grad_()
    fails(function() w:add(1, { out = a }) end,
      "add: a result that is written over a tensor cannot be recorded")
    fails(function() a:add(1, { out = w }) end,
      "requires a gradient is modified inside mlp.no_grad")
    near({ 1, 2 }, a)
    mlp.no_grad(function() w:add(1, { out = w }) end)
    near({ 2, 3 }, w:detach())
    local c = T { 3, 4 }
    local l = (w * c):sum()
    c:exp({ out = c }) -- #A17
    fails(function() l:backward() end, "an input of 'mul' was modified in place")
  end)
end)

describe("in place", function()
  it("gives the same as the method without the dash", function()
    local x = T { 0.25, 0.5 }
    for _, name in ipairs { "exp", "sqrt", "neg", "tanh", "log1p", "square" } do
      local t = x:clone()
      assert.equal(t, t[name .. "_"](t))
      assert.equal(x[name](x):hash(), t:hash())
    end
    for _, name in ipairs { "add", "sub", "mul", "div", "pow", "maximum", "fmod" } do
      local t = x:clone()
      t[name .. "_"](t, 2)
      assert.equal(x[name](x, 2):hash(), t:hash())
    end
    near({ 0.3, 0.4 }, x:clone():clamp_(0.3, 0.4))
    near({ 0, 0 }, x:clone():zero_())
    local t = x:clone()
    t:add_(t)
    near({ 0.5, 1 }, t)
    assert.error_matches(function() x:add_(mlp.zeros({ 2, 2 }, f64)) end,
      "add: expected a tensor for the result of float64 %(2, 2%), got float64 %(2,%)")
    assert.error_matches(function() T({ 1 }):requires_grad_():exp_() end, "inside mlp.no_grad")
  end)
end)
