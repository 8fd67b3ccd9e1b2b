--- A gradient that grows from layer to layer on its way back.
return {
  name = "exploding gradient", rank = 8, explains = true,
  remedy = "smaller first weights (glorot, he), batch normalization, clipnorm",
  judge = function(e)
    if not e.failed then return end
    local first, last
    for _, layer in ipairs(e.first) do
      first = first or layer.gradient
      last = layer.gradient or last
    end
    if not first or last == nil then return end
    if first ~= first or first > 30 * last and first > 1 then
      local text = "before training the gradient of the first layer is %.2g, of the last %.2g"
      return math.min(1, 0.7 + math.log(first / last, 10) / 10), text:format(first, last)
    end
  end,
}
