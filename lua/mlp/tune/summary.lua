--- What a search found and what it searched, as text. The form is Keras Tuner's.
local frozen = require "mlp.tune.frozen"

local M = {}

--- The n best complete trials, best first; of several objectives the Pareto front.
--- @return mlp.FrozenTrial[]
function M.best(study, n)
  if study.several then return table.move(study:pareto(), 1, n, 1, {}) end
  local h = study.history:refresh()
  local list = h:ranking()
  local trials = {}
  for k = 1, math.min(n, #list) do trials[k] = frozen.read(study, h.id[list[k]]) end
  return trials
end

local function score(trial)
  local parts = {}
  for i, v in ipairs(trial.values) do parts[i] = ("%.6g"):format(v) end
  return table.concat(parts, ", ")
end

--- @param objective string  what the first line calls it
--- @param n integer  trials
function M.results(study, objective, n)
  local lines = { "Results summary", "Objective: " .. objective }
  for _, trial in ipairs(M.best(study, n)) do
    lines[#lines + 1] = ("\nTrial %d summary"):format(trial.number)
    for _, name in ipairs(trial.names) do
      lines[#lines + 1] = ("%s: %s"):format(name, tostring(trial.params[name]))
    end
    lines[#lines + 1] = "Score: " .. score(trial)
  end
  return table.concat(lines, "\n")
end

--- @param names string[]
--- @param distributions table<string, any>
function M.space(names, distributions)
  local lines = { "Search space summary", ("Hyper-parameters: %d"):format(#names) }
  for _, name in ipairs(names) do
    lines[#lines + 1] = ("%s: %s"):format(name, tostring(distributions[name]))
  end
  return table.concat(lines, "\n")
end

return M
