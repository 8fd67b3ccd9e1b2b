--- What can be had from the data: a plain network of our own is trained on some of its rows, and
--- judged on others. A model that does much worse on the rows that it learned from has a problem.
local core = require "mlp.core"
local score = require "mlp.diagnosis.score"

local M = {}

local ROWS <const>, STEPS <const>, EPOCHS <const>, UNITS <const> = 2000, 3000, 100, 48
local FEW <const>, SPLITS <const> = 400, 4 -- of fewer rows the mean over several splits

--- Columns with mean 0 and deviation 1.
local function standard(t)
  local shift, scale = core.scaler_fit(t, "standard", 0, 1)
  return core.scaler_apply(t, shift, scale, false)
end

local function flat(x) return x.ndim > 2 and x:reshape(x.shape[1], -1) or x end

--- Rows at equal distances, at most `most`.
--- @param t mlp.Tensor
--- @param most integer
--- @return mlp.Tensor
function M.some_rows(t, most)
  local n, list = t.shape[1], {}
  if n <= most then return t end
  for i = 1, most do list[i] = (i - 1) * n // most + 1 end
  return t:gather_rows(core.tensor(list, { dtype = "int64" }))
end

local function network(target, width)
  local mlp = require "mlp"
  local dense = { UNITS, "relu", kernel_initializer = "he_uniform" }
  local output = target.classes and mlp.Dense { target.k, "softmax" } or mlp.Dense(width)
  return mlp.Sequential { mlp.Dense(dense), mlp.Dense(dense), output }:compile {
    optimizer = mlp.Adam(3e-3),
    loss = target.classes and "sparse_categorical_crossentropy" or "mean_squared_error",
  }
end

--- The best loss over the epochs of a network that is trained on some rows, on others, and its
--- standard error.
local function judged(train, rest, target)
  local y = train.y
  local model = network(target, y.ndim > 1 and y.shape[y.ndim] or 1)
  local judge = score.target(rest.y, true, target.k)
  local constant = target.classes and target.constant or y.ndim > 1 and y.shape[2] or 1
  local run = core.run(model, "train", train.x, y, 32, 1)
  local best, best_error, epochs = math.huge, 0, 0
  local limit = math.max(3, math.min(EPOCHS, STEPS * 32 // #train))
  repeat
    epochs = epochs + 1
    if epochs > 1 then run:restart(epochs) end
    run:on(0)
    if epochs % 3 == 0 or epochs == limit then
      local output = target.classes and model:predict_proba(rest.x) or model:predict(rest.x)
      local loss, e = score.mean(score.rows(judge, output, constant))
      if loss < best then best, best_error = loss, e end
    end
  until epochs >= limit
  return best, best_error
end

--- The loss that such a network gets on rows that it has not seen, best of its epochs, on the scale
--- of mlp.diagnosis.score, and its standard error. Few rows are split several times: a quarter of
--- them would be judged by chance. To be called inside mlp.aside.
--- @param x mlp.Tensor
--- @param y mlp.Tensor
--- @param crossentropy boolean
--- @return number loss, number error
function M.loss(x, y, crossentropy)
  x, y = standard(flat(M.some_rows(x, ROWS)):float()), M.some_rows(y, ROWS)
  core.seed((core.seed()))
  local target = score.target(y, crossentropy)
  if target.constant <= 0 then return 0, 0 end
  local labels = target.classes and core.tensor(target.classes, { dtype = "int64" })
    or standard(y:float())
  local data = core.dataset(x, labels, target.classes and target.k or 0, {})
  local splits = #data < FEW and SPLITS or 1
  local sum, squares = 0, 0
  for i = 1, splits do
    local train, rest = data:split { test = 0.25, seed = i }
    local loss, e = judged(train, rest, target)
    sum, squares = sum + loss, squares + e * e
  end
  local apart = math.max(1, splits / 2) -- they share rows: as good as half of them
  return sum / splits, math.sqrt(squares / splits / apart)
end

return M
