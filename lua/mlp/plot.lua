--- Plots: every function returns a Figure; `:save "x.png"` (or .svg, .pdf) writes it, `:png()`
--- gives the bytes, `:scene()` where everything is. Panels of `figure` are drawn on by hand:
---
---   local fig = mlp.plot.figure { cols = 2 }
---   fig:panel(1, 1):line(xs, ys, { label = "loss" }):set { xlabel = "epoch", yscale = "log" }
---   fig:panel(1, 2):scatter(a, b, { classes = c, names = { "no", "yes" } })
---   fig:save "both.png"

local base = require "mlp.plot.base"

local M = { figure = base.figure, metadata = base.metadata, defaults = base.defaults }

local PARTS <const> = {
  "basic", "training", "classes", "layers", "scores", "regression", "functions", "descent",
  "validation", "samples", "graph", "sheet", "playground", "animate", "terminal", "origin",
}

for _, part in ipairs(PARTS) do
  for name, f in pairs(require("mlp.plot." .. part)) do M[name] = f end
end

return M
