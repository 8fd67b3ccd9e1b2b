--- All units of a layer have the same weights, so that they stay one unit for ever.
return {
  name = "symmetric weights", rank = 2, explains = true,
  remedy = "initialize with random weights (glorot_uniform, he_uniform), not with a constant",
  judge = function(e)
    if not e.failed and e.excess <= 0.05 then return end -- equal weights are no chance
    for i, layer in ipairs(e.now) do
      if layer.hidden and layer.alike and e.first[i].alike then
        return 1, ("all units of %s have equal weights, at the start and now"):format(layer.name)
      end
    end
  end,
}
