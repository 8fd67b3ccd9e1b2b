--- Plots: every function returns a Figure; `:save "x.png"` writes it, `:png()` gives the bytes,
--- `:scene()` where everything is. Panels of `figure` are drawn on by hand:
---
---   local fig = mlp.plot.figure { cols = 2 }
---   fig:panel(1, 1):line(xs, ys, { label = "loss" }):set { xlabel = "epoch", yscale = "log" }
---   fig:panel(1, 2):scatter(a, b, { classes = c, names = { "no", "yes" } })
---   fig:save "both.png"

--- @class mlp.Figure
--- @field panel fun(self, row?: integer, col?: integer): mlp.Panel counted from 1 (1, 1)
--- @field save fun(self, path: string): mlp.Figure write a PNG, whole or not at all
--- @field png fun(self): string its bytes
--- @field scene fun(self): table width, height, panels, texts: where everything is, in pixels
--- @field meta fun(self, key: string, value: string): mlp.Figure a text chunk of the PNG
--- @field free fun(self)

--- Each method returns the panel. Data is a list of numbers or a tensor; x nil counts 1, 2... All
--- series know label, color, alpha, axis = "left" or "right"; besides,
---   line     linewidth, dash, marker, size, edge, low and high (a band)
---   scatter  marker, size, edge; classes and names, or values with cmap, vmin, vmax, colorbar
---   bars     bar_width, edge
---   image    rows, cols, extent, cmap, vmin, vmax, shades, smooth, tint, colorbar
---   contour  rows, cols, extent, levels, cmap, linewidth, dash
---   hline, vline   linewidth, dash
---   text     size, halign, valign, inside (x and y are shares of the axes)
--- and `set` title, title_size, legend, grid, axes, equal, and for x, y and r (right) each label,
--- lim, scale, integer, reverse, names: `xlabel`, `ylim`...
--- @class mlp.Panel
--- @field line fun(self, x: any, y: any, options?: table): mlp.Panel
--- @field scatter fun(self, x: any, y: any, options?: table): mlp.Panel
--- @field bars fun(self, x: any, heights: any, options?: table): mlp.Panel
--- @field image fun(self, data: any, options?: table): mlp.Panel
--- @field contour fun(self, data: any, options: table): mlp.Panel
--- @field hline fun(self, y: any, options?: table): mlp.Panel
--- @field vline fun(self, x: any, options?: table): mlp.Panel
--- @field text fun(self, x: number, y: number, text: string, options?: table): mlp.Panel
--- @field set fun(self, options: table): mlp.Panel

local base = require "mlp.plot.base"

local M = { figure = base.figure, metadata = base.metadata }

for _, part in ipairs { "basic", "training", "classes" } do
  for name, f in pairs(require("mlp.plot." .. part)) do M[name] = f end
end

return M
