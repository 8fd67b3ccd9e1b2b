--- Moving averages of a batch normalization that are far from the batches' own statistics.
local REST <const> = 0.3 -- of an average so much is still what it started from: it is cold

--- The share of the moving averages that is still what they started from; nil: no batch
--- normalization.
local function rest(e)
  local most
  for _, layer in ipairs(e.model.layers) do
    if layer.kind == "batch_normalization" and not layer.warm_up then
      most = math.max(most or 0, layer.momentum ^ e.steps)
    end
  end
  return most
end

return {
  name = "cold batch normalization", rank = 4, explains = true,
  remedy = "train for more steps (some 5 / (1 - momentum)), or take momentum = 0.9",
  judge = function(e)
    local left = rest(e)
    if not left then return end
    local gap = e.train - e.batch_loss
    local cold = left > REST and e.failed and gap > 0.03
    if cold or gap > 0.1 and gap > 0.2 * e.train then
      return math.min(1, 0.6 + gap), ("with the batch's own statistics the training loss is %.2f, "
        .. "with the moving averages %.2f, after %d steps"):format(e.batch_loss, e.train, e.steps)
    end
  end,
}
