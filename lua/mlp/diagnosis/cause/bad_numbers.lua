--- NaN or infinity among the training data.
local core = require "mlp.core"

return {
  name = "bad numbers", rank = 1, explains = true,
  remedy = "drop or fill in those rows (csv's option 'missing'); look at the columns",
  judge = function(e)
    local bad = core.stats(e.record.x:float()).nonfinite
    if e.record.y.dtype ~= "int64" then bad = bad + core.stats(e.record.y:float()).nonfinite end
    if bad > 0 then
      return 1, ("%d numbers of the training data are NaN or infinite"):format(bad)
    end
  end,
}
