--- Worse than a plain network on the same data, for no reason that lies in the training.

local PENALTY <const> = 0.15 -- of the loss: so much is a lot
local DROPOUT <const> = 0.5 -- the lecture's good values end here

--- The largest rate of dropout.
local function dropout(model)
  local rate = 0
  for _, layer in ipairs(model.layers) do
    if layer.kind == "dropout" then rate = math.max(rate, layer.rate) end
  end
  return rate
end

--- Is there a finding that explains it? What only arose on the way does not where a penalty on the
--- weights is a large part of the loss, or most units are dropped.
local function explained(e, penalty, rate)
  local curbed = penalty >= PENALTY or rate > DROPOUT
  for _, f in ipairs(e.found) do
    if f.explains and (f.rank < 11.5 or not curbed) then return true end
  end
  return false
end

return {
  name = "underfitting", rank = 11.2, last = true,
  remedy = "train longer; then more units or layers; then less dropout and regularization",
  judge = function(e)
    if not e.failed and e.excess <= 0.05 + 2 * e.noise then return end
    local penalty = e:penalty_share()
    if not e.failed and penalty < PENALTY then return end -- so little needs a reason
    local rate = dropout(e.model)
    if explained(e, penalty, rate) then return end
    local longer = e:trial(1, { from_now = true })
    local more = e.train - longer > 0.3 * e.excess and "; more steps bring %.2f"
      or "; more steps bring no better than %.2f"
    local weights = penalty > PENALTY and ("; %.0f %% of the loss are penalties on weights"):format(
      100 * penalty) or ""
    if rate > DROPOUT then weights = weights .. ("; dropout takes %.0f %%"):format(100 * rate) end
    local text = "training loss %.2f, a plain network gets %.2f on rows that it has not seen"
    return math.min(1, 0.5 + e.excess), text:format(e.train, e.reference) .. more:format(longer)
      .. weights
  end,
}
