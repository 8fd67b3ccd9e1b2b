--- A gradient that shrinks from layer to layer on its way back.
return {
  name = "vanishing gradient", rank = 9, explains = true,
  remedy = "relu with he_uniform; beyond 8 layers residual connections and batch normalization",
  judge = function(e)
    if not e.failed then return end
    local first, most, layers = nil, 0, 0
    for _, layer in ipairs(e.first) do
      if layer.gradient then
        first, most, layers = first or layer.gradient, math.max(most, layer.gradient), layers + 1
      end
    end
    if layers >= 3 and first < most / 30 then
      return math.min(1, 0.6 + math.log(most / math.max(first, 1e-30), 10) / 10),
        ("before training the gradient of the first of %d layers is %.2g, the largest %.2g"):format(
          layers, first, most)
    end
  end,
}
