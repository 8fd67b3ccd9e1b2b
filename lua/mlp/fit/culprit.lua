--- Where a number that is not finite came from, in words.
local function rows_text(c)
  if c.n == 0 then return "" end
  local more = c.n > #c.rows and (" and %d others"):format(c.n - #c.rows) or ""
  return (" for row%s %s%s of the data"):format(c.n > 1 and "s" or "",
    table.concat(c.rows, ", "), more)
end

--- "layer 'dense_2' (dense) gives inf for rows 5, 17 of the data": see run.culprit.
local function text(c)
  if not c then return "the loss is not finite" end
  local value = c.value ~= c.value and "nan" or ("%g"):format(c.value)
  if c.gradient then
    return ("the gradient of '%s.%s' is not finite"):format(c.layer, c.op)
  elseif c.weights then
    return ("the weight '%s.%s' is not finite"):format(c.layer, c.op)
  elseif not c.op then
    return ("the %s is %s%s"):format(c.layer, value, rows_text(c))
  elseif c.layer == "loss" then
    return ("the loss %s is %s%s, though the outputs of all layers are finite"):format(c.op, value,
      c.inner and (" (from operator '%s')"):format(c.inner) or "")
  end
  local inner = c.inner and c.inner ~= c.op and (", operator '%s'"):format(c.inner) or ""
  return ("layer '%s' (%s%s) gives %s%s"):format(c.layer, c.op, inner, value, rows_text(c))
end

return text
