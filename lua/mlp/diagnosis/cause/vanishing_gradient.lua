--- A gradient that shrinks from layer to layer on its way back, or a signal that does on its way
--- forth, which comes to the same.

local SMALL <const> = 1 / 30

--- Gradient of the first layer, the largest one; spread of the first and last hidden layer.
local function ends_of(layers)
  local e = { first = nil, most = 0, near = nil, far = nil, n = 0 }
  for _, layer in ipairs(layers) do
    if layer.gradient then
      e.first, e.most, e.n = e.first or layer.gradient, math.max(e.most, layer.gradient), e.n + 1
      if layer.hidden then e.near, e.far = e.near or layer.spread, layer.spread end
    end
  end
  return e
end

return {
  name = "vanishing gradient", rank = 9, explains = true,
  remedy = "relu with he_uniform; beyond 8 layers residual connections and batch normalization",
  judge = function(e)
    if not e.failed then return end
    local ends = ends_of(e.first)
    if ends.n < 3 then return end
    local back = ends.first / math.max(ends.most, 1e-30)
    local forth = ends.far / math.max(ends.near, 1e-30)
    local text = "before training the gradient of the first of %d layers is %.2g, the largest "
      .. "%.2g; the signal's deviation falls from %.2g to %.2g"
    if back < SMALL or forth < SMALL then
      local shrunk = math.max(1e-30, math.min(back, forth))
      return math.min(1, 0.6 - math.log(shrunk, 10) / 10),
        text:format(ends.n, ends.first, ends.most, ends.near, ends.far)
    end
  end,
}
