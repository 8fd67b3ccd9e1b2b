--- The same training gets further with a tenth, or less, of the learning rate.
return {
  name = "learning rate too large", rank = 10, explains = true,
  remedy = "a tenth of the learning rate (mlp.lr_find suggests one), or a schedule that lowers it",
  judge = function(e)
    if not e.failed then return end
    local now = e.diverged and math.max(2, e.train) or math.min(e.train, 5)
    now = math.min(now, 1e300) -- against an infinite loss any other is a gain
    for _, factor in ipairs { 0.1, 0.01, 1e-3 } do
      local other = e:trial(factor)
      if now - other > 0.4 * math.max(now - e.reference, 0.1) then
        local text = "with %g times the rate, %.2g, the training loss becomes %.2f instead of %s"
        local loss = e.diverged and "not finite" or ("%.2f"):format(e.train)
        return math.min(1, 0.6 + (now - other) / (now - e.reference) / 2.5),
          text:format(factor, factor * e.record.rate, other, loss)
      end
    end
  end,
}
