--- Units of relu that give zero for every row: no gradient passes them.
local CONSTANT <const> = 0.95 -- a training loss from here on is that of a constant answer

return {
  name = "dead units", rank = 6, explains = true,
  remedy = "he_uniform with biases at zero, a smaller learning rate, or LeakyReLU",
  judge = function(e)
    if not e.failed and e.train < CONSTANT then return end
    local worst, first = nil, 0
    for i, layer in ipairs(e.now) do
      if layer.hidden and layer.dead and layer.dead > (worst and worst.dead or 0.5) then
        worst, first = layer, e.first[i].dead or 0
      end
    end
    if worst and (e.failed or worst.dead == 1) then -- a dead layer needs no yard-stick
      local text = "%.0f %% of the units of %s are zero for all rows; at the start %.0f %% were"
      return 0.5 + worst.dead / 2, text:format(100 * worst.dead, worst.name, 100 * first),
        first < 0.5 and 11.5 or nil
    end
  end,
}
