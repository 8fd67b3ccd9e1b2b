--- Much better on what it has seen than on what it has not.

--- Least and last value of the validation loss over the epochs.
local function rise(history)
  local column = history:column "val_loss"
  if not column then return 1 end
  local least, last = math.huge, nil
  for epoch = 1, #history do
    local v = column[epoch]
    if v and v == v then least, last = math.min(least, v), v end
  end
  return last and least > 0 and last / least or 1
end

return {
  name = "overfitting", rank = 13,
  remedy = "early stopping, dropout (0.2 to 0.5), L2, fewer units, more data",
  judge = function(e)
    if e.failed or not e.validation then return end
    local gap = e.validation - e.train
    local sigma = math.sqrt(e.validation_error ^ 2 + e.train_error ^ 2)
    local grown = rise(e.record.history)
    if gap > 0.5 and (gap > 3 * sigma or grown > 1.3)
      or gap > 0.2 and gap > 3 * sigma and grown > 1.1 then
      local text = "training loss %.2f, validation loss %.2f, which ended at %.2f times its least"
      return math.min(1, 0.5 + gap / 2), text:format(e.train, e.validation, grown)
    end
  end,
}
