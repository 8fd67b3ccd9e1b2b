--- Steps so small that the weights hardly move; with larger ones the same training gets further.
local LARGE <const> = 0.05 -- of its size: no training moves a weight so far in a step
local MOST <const> = 100 -- no training has a larger rate
local SEEN <const> = "a step moves the weights by %.1g of their size (1e-3 is common); with %.0f "
  .. "times the rate the training loss becomes %.2f instead of %.2f"

return {
  name = "learning rate too small", rank = 11, explains = true,
  remedy = "a larger learning rate (mlp.lr_find suggests one)",
  judge = function(e)
    if not e.failed or e.diverged then return end
    local ratio = e:step_ratio()
    if ratio > 5e-4 then return end
    local factor = 1
    while factor < 1e6 and ratio * factor < LARGE and e.record.rate * factor * 10 <= MOST do
      factor = factor * 10
      local other = e:trial(factor)
      if e.train - other > 0.4 * e.excess then
        return math.min(1, 0.6 + (e.train - other) / e.excess / 2.5),
          SEEN:format(ratio, factor, other, e.train)
      end
    end
  end,
}
