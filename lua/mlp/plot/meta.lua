--- @meta
--- Figures and panels, which are written in C, described for mlp.help and for editors. This file is
--- never run.

--- What a plot gives back. Drawing happens when it is saved or asked for its bytes.
--- @class mlp.Figure
local Figure = {}

--- A panel of the grid, counted from 1.
--- @param row? integer (1)
--- @param col? integer (1)
--- @return mlp.Panel
function Figure:panel(row, col) end

--- Add a text to the file's metadata.
--- @param key string 1 to 79 bytes
--- @param value string
--- @return mlp.Figure itself
function Figure:meta(key, value) end

--- Write a picture, whole or not at all: pixels (.png), or shapes (.svg, .pdf).
--- @param path string
--- @return mlp.Figure itself
--- @usage mlp.plot.history(history):save "history.svg"
function Figure:save(path) end

--- The picture as the bytes of a PNG.
--- @return string
function Figure:png() end

--- The picture as the text of an SVG.
--- @return string
function Figure:svg() end

--- The picture as the bytes of a PDF of one page.
--- @return string
function Figure:pdf() end

--- Where everything is, in pixels from the upper left: { width, height, panels, texts }.
--- @return table
function Figure:scene() end

--- Show it in a terminal that shows pictures (kitty, iTerm2, WezTerm).
function Figure:show() end

--- Release the memory now instead of when collected.
function Figure:free() end

--- Where curves and points are drawn. Every method returns the panel. Data is a list of numbers or
--- a tensor; every series knows label, color ("#rrggbb", "C0" to "C9" of the cycle, a name), alpha,
--- and axis = "left" or "right".
--- @class mlp.Panel
local Panel = {}

--- A curve; NaN makes a gap.
--- @param x any nil: 1, 2...
--- @param y any
--- @param options? table linewidth, dash, marker, size, edge, step; low and high (a band),
---   band_alpha
--- @return mlp.Panel
function Panel:line(x, y, options) end

--- Points.
--- @param x any
--- @param y any
--- @param options? table marker, size, edge, low and high (whiskers), horizontal; classes, names,
---   or values with cmap, vmin, vmax, scale, shades, colorbar
--- @return mlp.Panel
function Panel:scatter(x, y, options) end

--- Bars.
--- @param x any their middles
--- @param heights any
--- @param options? table bar_width, base, horizontal, edge, low and high (whiskers); classes and
---   names, or values as in scatter
--- @return mlp.Panel
function Panel:bars(x, heights, options) end

--- Boxes from corner to corner; an infinite one reaches the end of the axes.
--- @param x0 any
--- @param y0 any
--- @param x1 any
--- @param y1 any
--- @param options? table edge, linewidth, radius (points); classes and names, or values
--- @return mlp.Panel
--- @usage panel:boxes({ 10 }, { -math.huge }, { 20 }, { math.huge }, { alpha = 0.1 })
function Panel:boxes(x0, y0, x1, y1, options) end

--- Straight pieces, with heads where asked for: arrows, edges of a graph.
--- @param x0 any
--- @param y0 any
--- @param x1 any
--- @param y1 any
--- @param options? table linewidth, widths (one each), dash, head (points); classes or values
--- @return mlp.Panel
function Panel:segments(x0, y0, x1, y1, options) end

--- A matrix as a picture: through a colour map, or (rows, cols, 3) as RGB, or `tint` by class.
--- @param data table|mlp.Tensor  rows of numbers or a tensor
--- @param options? table rows, cols, extent { x0, x1, y0, y1 }, cmap, vmin, vmax, scale, shades,
---   smooth, tint, colorbar
--- @return mlp.Panel
function Panel:image(data, options) end

--- Lines of equal height.
--- @param data table|mlp.Tensor  rows of numbers or a tensor
--- @param options table levels, rows, cols, extent, cmap, vmin, vmax, scale, linewidth, dash
--- @return mlp.Panel
function Panel:contour(data, options) end

--- Level lines across the axes.
--- @param y any a number or a list
--- @param options? table linewidth, dash
--- @return mlp.Panel
function Panel:hline(y, options) end

--- Upright lines across the axes.
--- @param x any a number or a list
--- @param options? table linewidth, dash
--- @return mlp.Panel
function Panel:vline(x, options) end

--- A text.
--- @param x number
--- @param y number
--- @param text string
--- @param options? table size, halign, valign, angle, dx and dy (points), box, inside (x and y are
---   shares of the axes), to = { x, y } (an arrow to a point)
--- @return mlp.Panel
function Panel:text(x, y, text, options) end

--- A panel within the axes, in shares of these, counted from below.
--- @param x0 number
--- @param y0 number
--- @param x1 number
--- @param y1 number
--- @return mlp.Panel the new one
function Panel:inset(x0, y0, x1, y1) end

--- Titles and axes: title, title_size, text_size, legend (true, false, "outside", "upper_right"),
--- grid, axes (false: none), equal; and for x, y and r (right) each label, lim { low, high }, scale
--- ("linear", "log"), integer, reverse, names: xlabel, ylim...
--- @param options table
--- @return mlp.Panel
function Panel:set(options) end
