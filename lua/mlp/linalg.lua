--- mlp.linalg: linear algebra by name, and what follows from a decomposition in a line.
local check = require "mlp.check"

local M = {}

--- See Tensor:cholesky.
--- @param a mlp.Tensor
--- @return mlp.Tensor
function M.cholesky(a) return a:cholesky() end

--- See Tensor:cholesky_solve.
--- @param l mlp.Tensor
--- @param b mlp.Tensor
--- @return mlp.Tensor
function M.cholesky_solve(l, b) return l:cholesky_solve(b) end

--- See Tensor:triangular_solve.
--- @param t mlp.Tensor
--- @param b mlp.Tensor
--- @param options? table  upper false, transposed false
--- @return mlp.Tensor
function M.triangular_solve(t, b, options) return t:triangular_solve(b, options) end

--- See Tensor:solve.
--- @param a mlp.Tensor
--- @param b mlp.Tensor
--- @return mlp.Tensor
function M.solve(a, b) return a:solve(b) end

--- See Tensor:inverse.
--- @param a mlp.Tensor
--- @return mlp.Tensor
function M.inv(a) return a:inverse() end

--- See Tensor:det.
--- @param a mlp.Tensor
--- @return mlp.Tensor
function M.det(a) return a:det() end

--- See Tensor:logdet.
--- @param a mlp.Tensor
--- @return mlp.Tensor
function M.logdet(a) return a:logdet() end

--- See Tensor:qr.
--- @param a mlp.Tensor
--- @return mlp.Tensor q
--- @return mlp.Tensor r
function M.qr(a) return a:qr() end

--- See Tensor:svd.
--- @param a mlp.Tensor
--- @return mlp.Tensor u
--- @return mlp.Tensor s
--- @return mlp.Tensor v
function M.svd(a) return a:svd() end

--- See Tensor:eigh.
--- @param a mlp.Tensor
--- @return mlp.Tensor values
--- @return mlp.Tensor vectors
function M.eigh(a) return a:eigh() end

--- See Tensor:lstsq.
--- @param a mlp.Tensor
--- @param b mlp.Tensor
--- @param rcond? number
--- @return mlp.Tensor x
--- @return integer rank
function M.lstsq(a, b, rcond) return a:lstsq(b, rcond) end

local EPSILON <const> = { float32 = 2 ^ -23, float64 = 2 ^ -52 }

--- The singular values, and the size below which one counts as 0: NumPy's rule.
local function cut(a, s, rcond)
  local m, n = a.shape[1], a.shape[2]
  local largest = s:numel() > 0 and s[1]:item() or 0
  return largest * (rcond or math.max(m, n) * EPSILON[a.dtype])
end

--- The Moore-Penrose inverse (n, m) of a matrix (m, n), by its singular values.
--- @param a mlp.Tensor
--- @param rcond? number  values below rcond times the largest count as 0; max(m, n) times the
---   machine's precision
--- @return mlp.Tensor
function M.pinv(a, rcond)
  local u, s, v = a:svd()
  local least = cut(a, s, rcond)
  local kept = s:gt(least)
  local inverse = kept:where(1 / kept:where(s, 1), 0)
  return (v:t() * inverse):matmul(u:t())
end

--- How many singular values are not 0.
--- @param a mlp.Tensor
--- @param rcond? number  as in pinv
--- @return integer
function M.rank(a, rcond)
  local _, s = a:svd()
  return math.tointeger(s:gt(cut(a, s, rcond)):to("int64"):double():sum():item())
end

--- The condition number: the largest singular value divided by the smallest.
--- @param a mlp.Tensor
--- @return number
function M.cond(a)
  local _, s = a:svd()
  if s:numel() == 0 then check.raise("shape", "cond: expected elements, got an empty matrix") end
  return s[1]:item() / s[-1]:item()
end

return M
