local mlp = require "mlp"
local linalg = mlp.linalg

local function f64(t) return mlp.tensor(t, { dtype = "float64" }) end

local function near(expected, t, tolerance)
  local e = (type(expected) == "table" and f64(expected) or expected):double()
  assert.same(e.shape, t.shape)
  local gap = (e - t:double()):abs():max():item()
  assert.truthy(gap <= (tolerance or 1e-12), "off by " .. gap)
end

local function matrix(m, n, seed)
  mlp.seed(seed)
  return mlp.randn({ m, n }, { dtype = "float64" })
end

local function eye(n) return mlp.eye(n, { dtype = "float64" }) end

describe("linear algebra", function()
  before_each(function() mlp.seed(0) end)
  after_each(function() mlp.seed(0) end)

  it("cholesky: a matrix whose factor is known in whole numbers", function()
    -- Wikipedia, "Cholesky decomposition": the example of the article.
    local a = f64 { { 4, 12, -16 }, { 12, 37, -43 }, { -16, -43, 98 } }
    near({ { 2, 0, 0 }, { 6, 1, 0 }, { -8, 5, 3 } }, a:cholesky(), 0)
    near({ { 2, 0, 0 }, { 6, 1, 0 }, { -8, 5, 3 } }, linalg.cholesky(a:float()), 0)
    near(f64 { 1, 2, 3 }, a:cholesky():cholesky_solve(a:matmul(f64 { 1, 2, 3 })), 1e-11)
    assert.near(math.log(36), a:logdet():item(), 1e-13) -- (2 * 1 * 3)^2
    assert.near(36, a:det():item(), 1e-11)
  end)

  it("factors put the matrix together again, at 1 to 70 rows", function()
    for _, n in ipairs { 1, 2, 5, 33, 70 } do
      local m = matrix(n, n, n)
      local a = m:matmul(m:t()) + eye(n)
      local l = a:cholesky()
      near(a, l:matmul(l:t()), 1e-12 * n * a:max():item())
      local b = matrix(n, 3, n + 1)
      near(b, a:matmul(l:cholesky_solve(b)), 1e-9)
      near(b, m:matmul(m:solve(b)), 1e-9)
      near(eye(n), m:inverse():matmul(m), 1e-9)
      near(b, l:t():matmul(l:triangular_solve(b, { transposed = true })), 1e-9)
      near(b, l:t():matmul(l:t():triangular_solve(b, { upper = true })), 1e-9)
    end
  end)

  it("solve: pivots where the diagonal has a zero; det has the permutation's sign", function()
    local a = f64 { { 0, 2, 1 }, { 1, 0, 0 }, { 3, 0, 1 } }
    near(f64 { 2, -1, 4 }, a:solve(f64 { 2, 2, 10 }), 1e-14)
    assert.near(-2, a:det():item(), 1e-14)
    assert.truthy(a:logdet():item() ~= a:logdet():item())
    assert.equal(0, mlp.zeros(2, 2):det():item())
    assert.equal(-math.huge, mlp.zeros(2, 2):logdet():item())
  end)

  it("works on stacks", function()
    local a = matrix(4, 4, 1):reshape(1, 4, 4):expand(3, 4, 4) * f64({ 1, 2, 3 }):reshape(3, 1, 1)
    local x = a:solve(mlp.ones({ 3, 4 }, { dtype = "float64" }))
    for i = 1, 3 do
      near(a[i]:solve(mlp.ones({ 4 }, { dtype = "float64" })), x[i], 0)
      near(a[i]:inverse(), a:inverse()[i], 0)
      assert.equal(a[i]:det():item(), a:det()[i]:item())
    end
  end)

  it("says what cannot be done, and where", function()
    local function fails(f, text) assert.error_matches(f, text) end
    fails(function() f64({ { 1, 2 }, { 2, 1 } }):cholesky() end,
      "cholesky: expected a positive definite matrix, got one whose leading minor of order 2")
    fails(function() f64({ { 1, 2 }, { 0, 1 } }):cholesky() end,
      "cholesky: expected a symmetric matrix, got one whose elements %(1, 2%) and %(2, 1%)")
    fails(function() mlp.concat({ eye(2), eye(2) * 0 }):reshape(2, 2, 2):inverse() end,
      "inverse: expected an invertible matrix, got a singular one 2 of 2: pivot 1 is 0")
    fails(function() f64({ { 1, 2 }, { 2, 4 } }):solve(f64 { 1, 1 }) end,
      "solve: .* singular one: pivot 2 is 0")
    fails(function() f64({ { 1, 0 }, { 2, 0 } }):triangular_solve(f64 { 1, 1 }) end, "pivot 2 is 0")
    fails(function() mlp.zeros(2, 3):inverse() end, "expected a square matrix, got shape %(2, 3%)")
    fails(function() mlp.eye(2):solve(mlp.zeros(3)) end, "got a %(2, 2%) and b %(3,%)")
    fails(function() f64({ { 0 / 0 } }):cholesky() end,
      "argument 1: expected finite numbers, got nan at element 1")
    fails(function() f64({ { 0 / 0 } }):svd() end, "svd: expected finite numbers")
    fails(function() mlp.zeros(2):qr() end, "qr: expected a matrix, got shape %(2,%)")
    fails(function() mlp.eye(2):long():svd() end, "expected float32 or float64, got int64")
    fails(function() mlp.eye(2):requires_grad_():svd() end, "svd: has no gradient; use t:detach")
    fails(function() mlp.zeros(3, 2):lstsq(mlp.zeros(2)) end, "as many rows of b as a has")
  end)

  it("gradients of cholesky: that of log det is the inverse", function()
    -- d log det(A) / dA = A^-T, and log det(A) = 2 sum(log(diag(L)))
    local m = matrix(4, 4, 3)
    local a = (m:matmul(m:t()) + eye(4)):detach():requires_grad_()
    local l = a:cholesky();
    ((l * eye(4)):sum(2):log():sum() * 2):backward()
    near(a:detach():inverse(), a.grad, 1e-12)
    a:zero_grad()
    a:logdet():backward()
    near(a:detach():inverse(), a.grad, 1e-12)
  end)

  it("qr: orthonormal columns, an upper triangle, a diagonal that is not negative", function()
    for _, size in ipairs { { 3, 3 }, { 7, 4 }, { 4, 7 }, { 1, 1 }, { 40, 30 } } do
      local a = matrix(size[1], size[2], size[1])
      local q, r = a:qr()
      near(a, q:matmul(r), 1e-12)
      near(eye(q.shape[2]), q:t():matmul(q), 1e-12)
      for i = 1, r.shape[1] do
        assert.truthy(r[{ i, i }]:item() >= 0)
        for j = 1, i - 1 do assert.equal(0, r[{ i, j }]:item()) end
      end
    end
  end)

  it("svd: orthonormal vectors, values in order", function()
    for _, size in ipairs { { 3, 3 }, { 7, 4 }, { 4, 7 }, { 1, 5 }, { 40, 30 } } do
      local a = matrix(size[1], size[2], size[1])
      local u, s, v = a:svd()
      near(a, (u * s):matmul(v), 1e-12)
      near(eye(s.shape[1]), u:t():matmul(u), 1e-12)
      near(eye(s.shape[1]), v:matmul(v:t()), 1e-12)
      assert.same((s:sort(1, true)):totable(), s:totable())
      local peak = u * u:abs():eq(u:abs():max(1, true)):double()
      assert.truthy(peak:sum(1):min():item() > 0)
    end
    -- A^T A = [[25, 20], [20, 25]]: eigenvalues 45 and 5
    near(f64 { math.sqrt(45), math.sqrt(5) }, select(2, f64({ { 3, 0 }, { 4, 5 } }):svd()), 1e-14)
  end)

  it("eigh: values in order, orthonormal vectors", function()
    near(f64 { 1, 3 }, (f64({ { 2, 1 }, { 1, 2 } }):eigh()), 1e-14)
    local m = matrix(30, 30, 5)
    local a = m + m:t()
    local w, v = a:eigh()
    near(a:matmul(v), v * w, 1e-11)
    near(eye(30), v:t():matmul(v), 1e-12)
    assert.near(w:sum():item(), (a * eye(30)):sum():item(), 1e-11)
    assert.same((w:sort()):totable(), w:totable())
  end)

  it("lstsq, pinv, rank, cond: a line through points, a matrix of rank 1", function()
    -- y = 1 + 2 x exactly; then the normal equations of (0,0) (1,1) (2,3): y = -1/6 + 3/2 x
    local x = f64 { { 1, 0 }, { 1, 1 }, { 1, 2 } }
    near(f64 { 1, 2 }, (x:lstsq(f64 { 1, 3, 5 })), 1e-13)
    near(f64 { -1 / 6, 1.5 }, (x:lstsq(f64 { 0, 1, 3 })), 1e-13)
    near(f64 { -1 / 6, 1.5 }, linalg.pinv(x):matmul(f64 { 0, 1, 3 }), 1e-13)
    local one = f64 { { 1, 2 }, { 2, 4 } }
    local least, rank = one:lstsq(f64 { 5, 10 }) -- the shortest x with x1 + 2 x2 = 5
    near(f64 { 1, 2 }, least, 1e-13)
    assert.equal(1, rank)
    assert.equal(1, linalg.rank(one))
    assert.equal(2, linalg.rank(x))
    assert.near(3, linalg.cond(f64 { { 2, 1 }, { 1, 2 } }), 1e-13)
    near({ { 0.04, 0.08 }, { 0.08, 0.16 } }, linalg.pinv(one), 1e-14)
    assert.equal("float32", (x:float():lstsq(mlp.zeros(3))).dtype)
  end)

  it("gives the same bits with any number of threads and twice in a row", function()
    local m = matrix(60, 60, 9)
    local _, s = m:svd()
    local _, again = m:svd()
    assert.equal(s:hash(), again:hash())
  end)
end)
