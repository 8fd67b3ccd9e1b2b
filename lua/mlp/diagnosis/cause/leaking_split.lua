--- Validation rows that are also training rows: their loss says nothing of new data.
local core = require "mlp.core"

local NEAR <const> = 0.05 -- of the typical distance between neighbours
local VALUES <const> = 20 -- of a column: so many are few

--- Squared distance of each row of a to its nearest row of b; the same row excluded where b is a.
local function nearest(a, b, same)
  local aa = (a * a):sum(2):reshape(-1, 1)
  local bb = (b * b):sum(2):reshape(1, -1)
  local d = aa + bb - a:matmul(b:t()) * 2
  if same then d = d + core.eye(a.shape[1], { dtype = "float64" }) * 1e30 end
  return d:min(2):clamp(0, 1e30):totable()
end

local function share_below(list, limit)
  local n = 0
  for _, v in ipairs(list) do n = n + (v <= limit and 1 or 0) end
  return n / #list
end

--- Has every column few values? Rows of such data are alike though nobody copied them.
local function is_coarse(t)
  for column = 1, t.shape[2] do
    local seen, n = {}, 0
    for _, v in ipairs(t:slice(column, column, 2):reshape(-1):totable()) do
      n, seen[v] = n + (seen[v] and 0 or 1), true
    end
    if n > VALUES then return false end
  end
  return true
end

return {
  name = "leaking split", rank = 5,
  remedy = "split before anything else is done; keep copies and rows of one source on one side",
  judge = function(e)
    if not e.vx or e.found[1] and e.found[1].cause == "bad numbers" then return end
    local reference = require "mlp.diagnosis.reference"
    local function flat(t) return (t.ndim > 2 and t:reshape(t.shape[1], -1) or t):double() end
    local train = flat(reference.some_rows(e.record.x, 4000))
    local shift, scale = core.scaler_fit(train, "standard", 0, 1)
    train = core.scaler_apply(train, shift, scale, false)
    local rows = core.scaler_apply(flat(reference.some_rows(e.vx, 300)), shift, scale, false)
    local sample = train:slice(1, math.min(1000, train.shape[1]))
    local own = nearest(sample, sample, true)
    local sorted = { table.unpack(own) }
    table.sort(sorted)
    local limit = NEAR ^ 2 * math.max(sorted[#sorted * 3 // 4 + 1], 1e-9)
    local leak, natural = share_below(nearest(rows, train, false), limit), share_below(own, limit)
    if leak - natural > 0.2 or leak > 0.6 and not is_coarse(sample) then
      local text = "%.0f %% of the validation rows lie on a training row; of the training rows "
        .. "%.0f %% have such a twin"
      return math.min(1, 0.6 + leak), text:format(100 * leak, 100 * natural)
    end
  end,
}
