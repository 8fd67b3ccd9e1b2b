--- Moving averages of a batch normalization that are far from the batches' own statistics.
return {
  name = "cold batch normalization", rank = 4, explains = true,
  remedy = "train for more steps (some 5 / (1 - momentum)), or take momentum = 0.9",
  judge = function(e)
    local has
    for _, layer in ipairs(e.now) do has = has or layer.kind == "batch_normalization" end
    if not has then return end
    local gap = e.train - e.batch_loss
    if gap > 0.1 and gap > 0.2 * e.train then
      return math.min(1, 0.6 + gap), ("with the batch's own statistics the training loss is %.2f, "
        .. "with the moving averages %.2f, after %d steps"):format(e.batch_loss, e.train, e.steps)
    end
  end,
}
