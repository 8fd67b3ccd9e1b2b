--- Units of tanh or sigmoid at the ends of their range, where the slope is near zero.
return {
  name = "saturation", rank = 7, explains = true,
  remedy = "smaller first weights (glorot_uniform), standardized features, a smaller learning rate",
  judge = function(e)
    if not e.failed then return end
    local worst, first
    for i, layer in ipairs(e.now) do
      local share = layer.hidden and layer.saturated or 0
      if share > (worst and worst.saturated or 0.5) then
        worst, first = layer, e.first[i].saturated or 0
      end
    end
    if worst then
      local text = "%.0f %% of the outputs of %s are at the ends of its range; at the start %.0f %%"
      return 0.5 + worst.saturated / 2, text:format(100 * worst.saturated, worst.name, 100 * first),
        first < 0.5 and 11.5 or nil
    end
  end,
}
