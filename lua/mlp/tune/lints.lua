--- What is likely to be a mistake in a search, said before it begins. (What is one in any model,
--- compile says: model/lint.lua.)
local core = require "mlp.core"
local describe = require "mlp.file.describe"
local hyperparameters = require "mlp.tune.hyperparameters"

local M = {}

local function warn(fmt, ...) core.warn(fmt:format(...)) end

--- A text of all that makes a model: layers, options, compile.
local function text_of(tuner, values)
  local before = table.pack(core.run_state(0, 0, 0))
  local ok, text = pcall(function()
    local model = tuner.hypermodel.build(hyperparameters.new(values))
    return core.json_encode(describe(model, true))
  end)
  core.run_state(table.unpack(before, 1, 3))
  return ok and text or nil
end

--- Names of hyper-parameters that change nothing of the model.
function M.unused(tuner)
  local list = {}
  if tuner.hypermodel.fit then return list end -- it may use them there
  for _, name in ipairs(tuner.names) do
    local d = tuner.space[name]
    if d.n ~= 1 then
      local low = text_of(tuner, { [name] = d:external(d:from_unit(0)) })
      local high = text_of(tuner, { [name] = d:external(d:from_unit(1 - 1e-9)) })
      if low and low == high then list[#list + 1] = name end
    end
  end
  return list
end

--- How many points a discrete space has with and without those names.
local function sizes(tuner, without)
  local all, rest, skip = 1, 1, {}
  for _, name in ipairs(without) do skip[name] = true end
  for _, name in ipairs(tuner.names) do
    local n = tuner.space[name].n or math.huge
    all = all * n
    if not skip[name] then rest = rest * n end
  end
  return all, rest
end

local function lint_unused(tuner)
  local names = M.unused(tuner)
  if #names == 0 then return end
  local all, rest = sizes(tuner, names)
  local count = all < math.huge and ("; of %d configurations only %d differ"):format(all, rest)
    or ""
  for _, name in ipairs(names) do
    warn("%s: hyper-parameter '%s' was registered and never read: models with different values of "
      .. "it are the same%s", tuner.who, name, count)
  end
end

--- Rounds that are shorter than the patience of an early stop, and epochs that are not used.
local function lint_hyperband(tuner, options)
  if not tuner.plan then return end
  local shortest = tuner.plan[1].rounds[1].to
  if options.epochs and options.epochs ~= tuner.options.max_epochs then
    warn("Hyperband: search's epochs = %d is not used; the rounds end at max_epochs = %d",
      options.epochs, tuner.options.max_epochs)
  end
  for _, callback in ipairs(options.callbacks or {}) do
    local patience = callback.who == "EarlyStopping" and callback.patience
    if patience and patience >= shortest then
      local lengths, seen = {}, {}
      for _, bracket in ipairs(tuner.plan) do
        for _, round in ipairs(bracket.rounds) do
          if round.to - round.from <= patience and not seen[round.to] then
            lengths[#lengths + 1] = ("%d..%d"):format(round.from, round.to)
            seen[round.to] = true
          end
        end
      end
      warn("Hyperband: EarlyStopping with patience = %d can never stop a round of %s epochs",
        patience, table.concat(lengths, ", "))
    end
  end
end

function M.run(tuner, _, options)
  lint_hyperband(tuner, options)
  lint_unused(tuner)
end

return M
