--- A class so rare that the model ignores it.
local score = require "mlp.diagnosis.score"

return {
  name = "class imbalance", rank = 12,
  remedy = "weight the classes or sample the rare one more often; look at recall and F1",
  judge = function(e)
    if not e.target.classes then return end
    local recall = score.recall(e.target, e.model:predict_proba(e.x))
    local rare, common = 1, 1
    for c = 2, e.target.k do
      if e.target.share[c] < e.target.share[rare] then rare = c end
      if e.target.share[c] > e.target.share[common] then common = c end
    end
    local share = e.target.share[rare]
    local rows = share * #e.target.classes
    if rows >= 5 and share < 0.2 * e.target.share[common] and recall[rare] < 0.5
      and recall[common] > 0.9 then
      local text = "class %d has %.1f %% of the rows, and %.0f %% of them are recognized"
      return 0.95 - share, text:format(rare, 100 * share, 100 * recall[rare])
    end
  end,
}
