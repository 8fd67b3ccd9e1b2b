local mlp = require "mlp"
local core = require "mlp.core"
local golden = require "golden.keras"

local function t64(v) return mlp.tensor(v, { dtype = "float64" }) end

--- The loss of predictions p (a tensor) by the loss of that name, or by an object.
local function loss(name, y, p)
  local model = mlp.Sequential { mlp.Dense(1) }
  model:compile { loss = name }
  return model:loss(y, p)
end

describe("loss", function()
  -- Keras 3, ops.normalize: x / max(norm, 1e-7)
  it("cosine_similarity sees the direction of rows as short as 1e-6", function()
    local y = mlp.tensor({ { 3, 4 } }, { dtype = "float64" })
    local p = mlp.tensor({ { 3e-6, 4e-6 } }, { dtype = "float64" })
    local cosine = mlp.losses.CosineSimilarity()
    assert.near(-1, cosine(y, p):item(), 1e-12)
    assert.near(-0.5, cosine(y, p * 0.01):item(), 1e-12) -- of norm 5e-8
  end)

  for i, case in ipairs(golden.loss) do
    it(("%s is Keras's, value and gradient (case %d) #S8 #S9 #F28 #F29"):format(case.name, i),
      function()
        local p = t64(case.p):requires_grad_()
        local value = loss(mlp.losses[case.name](case.options), t64(case.y), p)
        assert.near(case.value, value:item(), 1e-13 * math.max(1, math.abs(case.value)))
        value:backward()
        for r, row in ipairs(case.slope) do
          for c, slope in ipairs(row) do
            assert.near(slope, p.grad[{ r, c }]:item(), 1e-12 * math.max(1, math.abs(slope)))
          end
        end
      end)
  end

  it("root_mean_squared_error is its closed form, with slope 0 at no error #S8", function()
    local y, p = t64 { { 1 }, { 2 }, { 4 } }, t64 { { 1 }, { 3 }, { 1 } }
    assert.near(math.sqrt(10 / 3), loss("rmse", y, p):item(), 1e-15)
    local exact = y:clone():requires_grad_()
    loss("rmse", y, exact):backward()
    assert.same({ { 0 }, { 0 }, { 0 } }, exact.grad:totable())
  end)

  it("dice and tversky see class 2 as 1 and class 1 as 0 in one column", function()
    local y = mlp.tensor({ 1, 2, 2, 1 }, { dtype = "int64" })
    local as_numbers = t64 { { 0 }, { 1 }, { 1 }, { 0 } }
    local p = t64 { { 0.2 }, { 0.7 }, { 0.9 }, { 0.4 } }
    for _, name in ipairs { "dice", "tversky" } do
      assert.equal(loss(name, as_numbers, p):item(), loss(name, y, p):item())
    end
    assert.near(1 - 2 * 1.6 / (2 + 2.2 + 1e-7), loss("dice", y, p):item(), 1e-15)
  end)

  it("hinge sees class 2 as +1 and class 1 as -1", function()
    local p = t64 { { 0.9 }, { 0.2 } }
    local classes = mlp.tensor({ 2, 1 }, { dtype = "int64" })
    assert.near((0.1 + 1.2) / 2, loss("hinge", classes, p):item(), 1e-15)
  end)

  -- y = (1, 2, 4), p = (1, 3, 1): |d| = 0, 1, 3 (lecture table S8)
  it("mean_absolute_error and mean_squared_error are the golden numbers #S8", function()
    local y, p = t64 { { 1 }, { 2 }, { 4 } }, t64 { { 1 }, { 3 }, { 1 } }
    assert.near(4 / 3, loss("mae", y, p):item(), 1e-15)
    assert.near(10 / 3, loss("mse", y, p):item(), 1e-15)
  end)

  it("binary_crossentropy is its closed form, by Keras's clipping at 0 and 1 #S9", function()
    local y = t64 { { 1 }, { 0 }, { 1 } }
    local p = t64 { { 0.9 }, { 0.2 }, { 0.6 } }
    local expected = -(math.log(0.9) + math.log(0.8) + math.log(0.6)) / 3
    assert.near(expected, loss("binary_crossentropy", y, p):item(), 1e-12)
    -- Keras 3: -ln 1e-7 = 16.118096
    assert.near(16.118096, loss("binary_crossentropy", t64 { { 1 } }, t64 { { 0 } }):item(), 1e-6)
  end)

  it("goes to the logits through a sigmoid: finite and exact at +-1000 #S9 #H03", function()
    local z = t64({ { 1000 }, { -1000 } }):requires_grad_()
    local l = loss("binary_crossentropy", t64 { { 0 }, { 1 } }, z:sigmoid())
    assert.near(1000, l:item(), 1e-9)
    l:backward()
    assert.near(0.5, z.grad[1][1]:item(), 1e-12) -- (p - y) / n
    assert.near(-0.5, z.grad[2][1]:item(), 1e-12)
  end)

  it("one-hot targets and classes give the same loss #S4", function()
    local z = t64 { { 1, 2, 3 }, { 0, -1, 2 }, { 5, 5, 5 } }
    local y = mlp.tensor({ 3, 1, 2 }, { dtype = "int64" })
    local sparse = loss("sparse_categorical_crossentropy", y, z:softmax())
    local dense = loss("categorical_crossentropy", y:one_hot(3, "float64"), z:softmax())
    assert.near(sparse:item(), dense:item(), 1e-12)
    local by_class = loss("categorical_crossentropy", y, z:softmax())
    assert.near(sparse:item(), by_class:item(), 1e-12)
  end)

  -- scores of the lecture's table: exact -ln P (T3)
  it("softmax and log loss reproduce the lecture's table #S5", function()
    local z = t64 { { -3.44, 1.16, -0.81, 3.91 } }
    local up, p = { 0.0321, 3.1899, 0.4449, 49.8990 }, z:softmax():totable()[1]
    local rounded = { 0.0006, 0.0596, 0.0083, 0.9315 }
    local ll = { 7.420911, 2.820911, 4.790911, 0.070911 }
    for i = 1, 4 do
      assert.near(up[i], z:exp()[1][i]:item(), 5e-5)
      assert.near(rounded[i], p[i], 5e-5)
      assert.near(ll[i], -math.log(p[i]), 5e-7)
    end
    assert.near(1, p[1] + p[2] + p[3] + p[4], 1e-15)
    local shifted = (z + 1000):softmax():totable()[1]
    for i = 1, 4 do assert.near(p[i], shifted[i], 1e-12) end
  end)

  it("binary cross-entropy sees class 2 as the positive one", function()
    local p = t64 { { 0.9 }, { 0.2 } }
    local classes = mlp.tensor({ 2, 1 }, { dtype = "int64" })
    assert.near(-(math.log(0.9) + math.log(0.8)) / 2, loss("binary_crossentropy", classes,
      p):item(), 1e-12)
  end)

  it("a label out of range names row and fix #A12", function()
    local p = t64 { { 0.5, 0.5 }, { 0.5, 0.5 } }
    assert.error_matches(function()
      loss("sparse_categorical_crossentropy", mlp.tensor({ 1, 0 }, { dtype = "int64" }), p)
    end, "label 0 at row 2: expected 1%.%.2 %(labels are 1%-based; use y %+ 1%)")
  end)

  it("values where classes are wanted, and the other way round, are refused", function()
    assert.error_matches(function()
      loss("mse", mlp.tensor({ 1, 2 }, { dtype = "int64" }), t64 { { 1 }, { 2 } })
    end, "mean_squared_error: expected targets that are values %(floats%), got classes")
    assert.error_matches(function()
      loss("sparse_categorical_crossentropy", t64 { 1, 2 }, t64 { { 1, 0 }, { 0, 1 } })
    end, "expected targets %(n,%) of classes")
  end)

  for _, kind in ipairs(core.registry().loss) do
    it(kind.name .. " has a source and the gradient that its values say", function()
      assert.truthy(kind.cite)
      local n, k = 5, kind.name:find "binary" and 1 or 3
      local z = mlp.randn(n, k, { dtype = "float64" })
      local target
      if kind.name:find "sparse" or kind.name == "circle" then
        target = mlp.tensor({ 1, 2, 3, 2, 1 }, { dtype = "int64" })
      elseif kind.name:find "cross_?entropy" then
        target = mlp.rand(n, k, { dtype = "float64" })
      else
        target = mlp.randn(n, k, { dtype = "float64" }) + 10
      end
      for _, activation in ipairs { "none", k == 1 and "sigmoid" or "softmax" } do
        local function value(x)
          local positive = kind.name:find "cross_?entropy" or kind.name == "poisson"
          if activation == "none" and positive then
            x = x:square() + 0.1
          elseif activation ~= "none" then x = x[activation](x) end
          if activation == "none" and k == 1 and kind.name:find "cross_?entropy" then x = x / 20 end
          return loss(kind.name, target, x)
        end
        local x = z:clone():requires_grad_()
        value(x):backward()
        for i = 1, n do
          for j = 1, k do
            local eps, up, down = 1e-6, z:clone(), z:clone()
            up[{ i, j }], down[{ i, j }] = z[{ i, j }]:item() + eps, z[{ i, j }]:item() - eps
            local numeric = (value(up):item() - value(down):item()) / (2 * eps)
            local analytic = x.grad[{ i, j }]:item()
            assert.near(numeric, analytic,
              1e-7 + 1e-5 * math.max(math.abs(numeric), math.abs(analytic)))
          end
        end
      end
    end)
  end
end)
