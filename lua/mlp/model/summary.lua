--- model:summary(): the layers of a model as a table, with what they are joined to where that is
--- not simply the layer before.
local core = require "mlp.core"
local notes = require "mlp.model.notes"

local function thousands(n)
  local s = tostring(n)
  return s:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
end

local function bytes_text(n)
  if n < 1024 then return n .. " B" end
  if n < 1024 * 1024 then return ("%.1f KiB"):format(n / 1024) end
  return ("%.1f MiB"):format(n / 1024 / 1024)
end

local function losses_text(n, model)
  if #model.outputs == 1 then return n.losses[1].kind end
  local parts = {}
  for i, output in ipairs(model.outputs) do
    if n.losses[i] then
      parts[#parts + 1] = ("%s of %s"):format(n.losses[i].kind, output.name)
    end
  end
  return table.concat(parts, ", ")
end

--- The inputs of a use, by name.
local function sources(model, uses, use)
  local names = {}
  for i, k in ipairs(use.inputs) do
    local input = model.inputs[1 - k]
    names[i] = k > 0 and uses[k].layer.name or input.name
      or (#model.inputs > 1 and "input " .. 1 - k or "input")
  end
  return table.concat(names, ", ")
end

--- Is each use joined to the one before it, and to nothing else?
local function is_row(uses)
  for i, use in ipairs(uses) do
    if #use.inputs ~= 1 or use.inputs[1] ~= i - 1 then return false end
  end
  return true
end

local function shape_text(model, use)
  if not model.built then return "not built" end
  return #use.shape == 0 and "(*)" or "(*, " .. table.concat(use.shape, ", ") .. ")"
end

local function counts(layer)
  local all, trained = 0, 0
  for _, w in ipairs(layer:weights()) do
    local n = w.tensor:numel()
    all, trained = all + n, trained + (w.trainable and n or 0)
  end
  return all, trained
end

--- One line of the table; names that need it make their columns wider.
local function row(widths, ...)
  local line = ("%%-%ds %%-%ds %%-%ds %%12s"):format(widths[1], widths[2], widths[3])
  return line:format(...)
end

local function use_line(model, uses, use, seen, joined, widths)
  local layer = use.layer
  local n, trained = counts(layer)
  local weights = seen[layer.name] and "shared" or thousands(n)
  if n > 0 and trained == 0 and not seen[layer.name] then weights = weights .. " frozen" end
  seen[layer.name] = true
  local line = row(widths, layer.name, layer.kind, shape_text(model, use), weights)
  return joined and line .. "  " .. sources(model, uses, use) or line
end

--- Nothing where a plan cannot be made: summary does not raise.
local function memory_line(model)
  local ok, b = pcall(model.memory, model)
  if not ok then return nil end
  return ("memory: %s %s batches of 32 (weights %s, gradients %s, optimizer %s, plan %s)"):format(
    bytes_text(b.total), model.optimizer and "to train on" or "to predict", bytes_text(b.weights),
    bytes_text(b.gradients), bytes_text(b.optimizer), bytes_text(b.plan))
end

--- @return string
local function summary(model)
  local uses, seen = core.model_uses(model), {}
  local joined = not is_row(uses)
  local widths = { 20, 20, 16 }
  for _, use in ipairs(uses) do
    local texts = { use.layer.name, use.layer.kind, shape_text(model, use) }
    for i, text in ipairs(texts) do widths[i] = math.min(99, math.max(widths[i], #text)) end
  end
  local rule = ("-"):rep(widths[1] + widths[2] + widths[3] + 15)
  local lines = { row(widths, "layer", "kind", "output", "weights") .. (joined and "  from" or ""),
    rule }
  for _, use in ipairs(uses) do
    lines[#lines + 1] = use_line(model, uses, use, seen, joined, widths)
  end
  lines[#lines + 1] = rule
  lines[#lines + 1] = ("weights: %s, trainable: %s"):format(thousands(model:count()),
    thousands(model:count(true)))
  local n = notes.of(model)
  if model.optimizer then
    lines[#lines + 1] = ("loss: %s, metrics: %s, optimizer: %s"):format(losses_text(n, model),
      #n.metric_names > 0 and table.concat(n.metric_names, ", ") or "none", model.optimizer)
  end
  if model.built then lines[#lines + 1] = memory_line(model) end
  return table.concat(lines, "\n")
end

return summary
