--- How good predictions are, on one scale for all losses: 0 is perfect, 1 is what the best constant
--- prediction gets (the shares of the classes, or the mean of the values).
local core = require "mlp.core"

local M = {}

local CLIP <const> = 1e-7 -- Keras's, for logarithms of probabilities

--- Targets as a list of classes and their number, or nil for values. A column of 0 and 1 that a
--- cross-entropy takes is two classes, rows with a single one are classes too.
local function classes_of(y, crossentropy)
  local rows = y:totable()
  if y.dtype == "int64" then
    local list, k = {}, 0
    for i, c in ipairs(rows) do
      list[i] = type(c) == "table" and c[1] or c
      k = math.max(k, list[i])
    end
    return list, k
  end
  if not crossentropy or y.ndim ~= 2 then return nil end
  local list, width = {}, y.shape[2]
  for i, row in ipairs(rows) do
    local best = 1
    for j, v in ipairs(row) do
      if v ~= 0 and v ~= 1 then return nil end
      if v > row[best] then best = j end
    end
    list[i] = width == 1 and row[1] + 1 or best
  end
  return list, math.max(2, width)
end

--- @class mlp.Target
--- @field classes integer[]?  of each row
--- @field k integer?
--- @field share number[]?  of each class
--- @field rows table?  of values
--- @field constant number  loss of the best constant prediction

--- The kind of the model's loss; "" where it is a function.
--- @param model mlp.Model  of one output
--- @return string
function M.loss_kind(model)
  local loss = core.model_objects(model)[1]
  return core.type(loss) == "mlp.Object" and loss.kind or ""
end

--- The entropy of shares.
local function entropy(share)
  local h = 0
  for _, p in ipairs(share) do
    if p > 0 then h = h - p * math.log(p) end
  end
  return h
end

local function value_target(y)
  local rows, mean, n = y:totable(), {}, y.shape[1]
  for i, row in ipairs(rows) do
    if type(row) ~= "table" then rows[i] = { row } end
    for j, v in ipairs(rows[i]) do mean[j] = (mean[j] or 0) + v / n end
  end
  local variance = 0
  for _, row in ipairs(rows) do
    for j, v in ipairs(row) do variance = variance + (v - mean[j]) ^ 2 / n end
  end
  return { rows = rows, constant = variance }
end

--- Read targets once.
--- @param y mlp.Tensor
--- @param crossentropy boolean  is the loss one?
--- @param k? integer  classes, where they are known
--- @return mlp.Target
function M.target(y, crossentropy, k)
  local classes, most = classes_of(y, crossentropy)
  if not classes then return value_target(y) end
  local share = {}
  k = math.max(k or 2, most)
  for c = 1, k do share[c] = 0 end
  for _, c in ipairs(classes) do share[c] = share[c] + 1 / #classes end
  return { classes = classes, k = k, share = share, constant = entropy(share) }
end

--- The probability that a row of output gives to a class.
local function probability(row, class)
  if type(row) ~= "table" then row = { row } end
  if #row == 1 then return class == 2 and row[1] or 1 - row[1] end
  return row[class] or 0
end

local function clipped(p)
  if p ~= p then return CLIP end
  return math.min(1 - CLIP, math.max(CLIP, p))
end

--- Losses of single rows, over `constant`.
--- @param target mlp.Target
--- @param output mlp.Tensor  probabilities, or values
--- @param constant number  of the training data
--- @return number[]
function M.rows(target, output, constant)
  local list, rows = {}, output:double():totable()
  for i, row in ipairs(rows) do
    if target.classes then
      list[i] = -math.log(clipped(probability(row, target.classes[i]))) / constant
    else
      local sum = 0
      for j, v in ipairs(type(row) == "table" and row or { row }) do
        sum = sum + (v - (target.rows[i][j] or 0)) ^ 2
      end
      list[i] = (sum == sum and sum or math.huge) / constant
    end
  end
  return list
end

--- The share of each class's rows that the output gives the most to.
--- @return number[] recall
function M.recall(target, output)
  local hit, count = {}, {}
  for c = 1, target.k do hit[c], count[c] = 0, 0 end
  for i, row in ipairs(output:totable()) do
    local class, best = target.classes[i], 1
    if type(row) ~= "table" then row = { row } end
    if #row == 1 then best = row[1] > 0.5 and 2 or 1 end
    for c = 2, #row do if row[c] > row[best] then best = c end end
    count[class] = count[class] + 1
    if best == class then hit[class] = hit[class] + 1 end
  end
  for c = 1, target.k do hit[c] = count[c] > 0 and hit[c] / count[c] or 1 end
  return hit
end

--- Mean and standard error of a list.
--- @return number mean, number error
function M.mean(list)
  local n, sum, square = #list, 0, 0
  for _, v in ipairs(list) do sum = sum + v end
  local mean = sum / n
  for _, v in ipairs(list) do square = square + (v - mean) ^ 2 end
  return mean, n > 1 and math.sqrt(square / (n - 1) / n) or 0
end

return M
