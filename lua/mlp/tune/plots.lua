--- Plots of a study: study:plot "history" is plots.history(study).
local M = {}

for _, part in ipairs { "trials", "model" } do
  for name, f in pairs(require("mlp.tune.plot." .. part)) do M[name] = f end
end

return M
