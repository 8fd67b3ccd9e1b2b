--- model:summary(): the layers of a model as a table.
local core = require "mlp.core"
local notes = require "mlp.model.notes"

local function thousands(n)
  local s = tostring(n)
  return s:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
end

local function losses_text(n, model)
  if #model.outputs == 1 then return n.losses[1].kind end
  local parts = {}
  for i, output in ipairs(model.outputs) do
    parts[#parts + 1] = n.losses[i] and ("%s of %s"):format(n.losses[i].kind, output.name) or nil
  end
  return table.concat(parts, ", ")
end

--- @return string
local function summary(model)
  local lines = { ("%-20s %-16s %-20s %12s"):format("layer", "kind", "output", "weights"),
    ("-"):rep(71) }
  for _, use in ipairs(core.model_uses(model)) do
    local n = 0
    for _, w in ipairs(use.layer:weights()) do n = n + w.tensor:numel() end
    local shape = model.built and "(*, " .. table.concat(use.shape, ", ") .. ")" or "not built"
    lines[#lines + 1] = ("%-20s %-16s %-20s %12s"):format(use.layer.name, use.layer.kind, shape,
      thousands(n))
  end
  lines[#lines + 1] = ("-"):rep(71)
  lines[#lines + 1] = ("weights: %s, trainable: %s"):format(thousands(model:count()),
    thousands(model:count(true)))
  local n = notes.of(model)
  if model.optimizer then
    lines[#lines + 1] = ("loss: %s, metrics: %s, optimizer: %s"):format(losses_text(n, model),
      #n.metric_names > 0 and table.concat(n.metric_names, ", ") or "none", model.optimizer)
  end
  return table.concat(lines, "\n")
end

return summary
