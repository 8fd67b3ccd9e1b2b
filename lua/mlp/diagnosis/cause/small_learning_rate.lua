--- Steps so small that the weights hardly move; with larger ones the same training gets further.
local SEEN <const> = "a step moves the weights by %.1g of their size (1e-3 is common); with %d "
  .. "times the rate the training loss becomes %.2f instead of %.2f"

return {
  name = "learning rate too small", rank = 11, explains = true,
  remedy = "ten times the learning rate (mlp.lr_find suggests one)",
  judge = function(e)
    if not e.failed or e.diverged then return end
    local ratio = e:step_ratio()
    if ratio > 5e-4 then return end
    for _, factor in ipairs { 10, 100, 1000 } do
      local other = e:trial(factor)
      if e.train - other > 0.4 * e.excess then
        return math.min(1, 0.6 + (e.train - other) / e.excess / 2.5),
          SEEN:format(ratio, factor, other, e.train)
      end
    end
  end,
}
