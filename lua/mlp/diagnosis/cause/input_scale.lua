--- Features far from mean 0 and deviation 1: the first layer saturates, dies, or sees one feature.
local core = require "mlp.core"

--- The largest of |mean| and deviation among the columns, and the ratio of deviations.
local function scale_of(x)
  local v = (x.ndim > 2 and x:reshape(x.shape[1], -1) or x):double()
  local sd, mean = v:std(1), v:mean(1)
  local least, most, far = math.huge, 0, 0
  for i, s in ipairs(sd:totable()) do
    if s > 0 then
      least, most = math.min(least, s), math.max(most, s)
      far = math.max(far, math.abs(mean[i]:item()) / s)
    end
  end
  return most, most > 0 and most / least or 1, math.max(most, mean:abs():max():item()), far
end

return {
  name = "input scale", rank = 3, explains = true,
  remedy = "mlp.data.StandardScaler():fit(train) on the training part, and transform all parts",
  judge = function(e)
    if not e.failed then return end
    local _, ratio, size = scale_of(e.x)
    if size < 10 and size > 0.02 and ratio < 1e4 then return end
    local x = e.record.x
    local rows = x.ndim > 2 and x:reshape(x.shape[1], -1) or x
    local shift, scale = core.scaler_fit(rows, "standard", 0, 1)
    local standard = core.scaler_apply(rows, shift, scale, false):to(x.dtype):reshape(x.shape)
    local other = e:trial(1, { x = standard })
    local same = e.diverged and math.huge or e:trial(1)
    local gain = (math.min(same, 5) - other) / math.max(0.05, math.min(same, 5) - e.reference)
    if gain > 0.5 then
      return math.min(1, gain), ("features of size up to %.3g, deviations that differ %.3g-fold; "
        .. "with standardized ones the loss is %.2f instead of %.2f"):format(size, ratio, other,
        same)
    end
  end,
}
