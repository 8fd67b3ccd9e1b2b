--- Charts of plain data: lines, points, bars, histograms, matrices, contours.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local primitives = require("mlp.core").plot

local M = {}

local LINE = "label color alpha linewidth dash marker size edge low high "
local SCATTER = "label color alpha marker size edge classes names values cmap vmin vmax shades "
  .. "colorbar "

--- Is it a table of options, and no data?
local function is_options(v) return type(v) == "table" and #v == 0 and next(v) ~= nil end

--- y over x; several curves where y is a list of them. line(y) is line(nil, y).
--- @param x? table|mlp.Tensor  list or tensor; nil: 1, 2...
--- @param y? table|mlp.Tensor  list or tensor, or a list of those
--- @param options? table of the figure, the panel and the line; `labels` for several
--- @return mlp.Figure
--- @usage mlp.plot.line(nil, { 3, 1, 2 }, { title = "loss" }):save "loss.png"
function M.line(x, y, options)
  if is_options(y) then y, options = nil, y end
  if y == nil then x, y = nil, x end
  options = base.check("line", options, base.FIGURE .. base.PANEL .. LINE .. "labels")
  base.check_some("line", "argument 2 'y'", y)
  if x == nil and options.xinteger == nil then options.xinteger = true end
  local figure, panel = base.single(options)
  local style = base.pick(options, LINE)
  if not base.is_several(y) then
    panel:line(x, y, style)
    return figure
  end
  for i, curve in ipairs(y) do
    style.label = options.labels and options.labels[i]
    panel:line(x, curve, style)
  end
  return figure
end

--- Points, of one colour, by `classes` (1, 2...; `names` go into the legend) or by `values`.
--- @param x table|mlp.Tensor  list or tensor
--- @param y table|mlp.Tensor  list or tensor
--- @param options? table
--- @return mlp.Figure
function M.scatter(x, y, options)
  options = base.check("scatter", options, base.FIGURE .. base.PANEL .. SCATTER)
  base.check_some("scatter", "argument 2 'y'", y)
  local figure, panel = base.single(options)
  panel:scatter(x, y, base.pick(options, SCATTER))
  return figure
end

--- Bars, named where `names` are given.
--- @param heights table|mlp.Tensor  list or tensor; with `x` in the options, at those places
--- @param options? table
--- @return mlp.Figure
function M.bars(heights, options)
  options = base.check("bars", options,
    base.FIGURE .. base.PANEL .. "label color alpha edge names x bar_width")
  base.check_some("bars", "argument 1 'heights'", heights)
  local figure, panel = base.single(options)
  local style = base.pick(options, "label color alpha edge")
  style.bar_width = options.bar_width
  panel:set { xnames = options.names }
  if not options.x and options.xinteger == nil then panel:set { xinteger = true } end
  panel:bars(options.x, heights, style)
  return figure
end

--- How often values fall into equal intervals.
--- @param data table|mlp.Tensor  list or tensor
--- @param options? table `bins` (30), `range` = { low, high }
--- @return mlp.Figure
function M.hist(data, options)
  options = base.check("hist", options,
    base.FIGURE .. base.PANEL .. "label color alpha bins range", { bins = 30, ylabel = "count" })
  base.check_some("hist", "argument 1 'data'", data)
  local low, high = primitives.range(data)
  if options.range then low, high = options.range[1], options.range[2] end
  low, high = low or 0, high or 1
  if low == high then low, high, options.bins = low - 0.5, high + 0.5, 1 end
  local counts = primitives.histogram(data, options.bins, low, high)
  local width, middles = (high - low) / options.bins, {}
  for i = 1, options.bins do middles[i] = low + (i - 0.5) * width end
  local figure, panel = base.single(options)
  local style = base.pick(options, "label color alpha")
  style.bar_width, style.edge = width, "back"
  panel:bars(middles, counts, style)
  return figure
end

local IMAGE = "rows cols extent cmap vmin vmax shades smooth tint colorbar label "

--- A picture: a matrix through a colour map, or RGB. Row 1 is at the top.
--- @param data table|mlp.Tensor  rows of numbers or a tensor (height, width) or (height, width, 3)
--- @param options? table `axes` (false)
--- @return mlp.Figure
function M.image(data, options)
  options = base.check("image", options, base.FIGURE .. base.PANEL .. IMAGE .. "axes",
    { axes = false, cmap = "greys_r" })
  local figure, panel = base.single(options)
  panel:set { equal = true, yreverse = true, axes = options.axes }
  panel:image(data, base.pick(options, IMAGE))
  return figure
end

--- Two digits, but all of those before the point, which are no longer than "1.2e+04".
local function two_digits(v)
  local size = math.abs(v)
  return (size >= 100 and size < 1e6 and "%.0f" or "%.2g"):format(v)
end

--- A matrix with names along its sides; `annotate` writes the values.
--- @param matrix table|mlp.Tensor  rows of numbers or a tensor (rows, cols)
--- @param options? table `xnames`, `ynames`, `annotate` (false), `format` (two digits: "%.2g")
--- @return mlp.Figure
function M.heatmap(matrix, options)
  options = base.check("heatmap", options,
    base.FIGURE .. base.PANEL .. IMAGE .. "xnames ynames annotate format equal",
    { colorbar = true, format = check.none, cmap = "viridis", equal = false })
  base.check_some("heatmap", "argument 1 'matrix'", matrix)
  local figure, panel = base.single(options)
  panel:set { yreverse = true, equal = options.equal, xnames = options.xnames,
              ynames = options.ynames, xinteger = true, yinteger = true }
  panel:image(matrix, base.pick(options, IMAGE))
  if options.annotate then
    local cells, _, cols = primitives.values(matrix)
    local low, high = primitives.range(cells)
    base.annotate(panel, cells, cols, {
      format = function(v) return options.format and options.format:format(v) or two_digits(v) end,
      cmap = options.cmap,
      low = options.vmin or low or 0, high = options.vmax or high or 1,
    })
  end
  return figure
end

--- An image has cells about its samples, a contour ends at the outermost: the extent of the cells.
local function cells_about(extent, rows, cols)
  local x0, x1, y0, y1 = table.unpack(extent)
  local dx, dy = (x1 - x0) / math.max(cols - 1, 1) / 2, (y1 - y0) / math.max(rows - 1, 1) / 2
  return { x0 - dx, x1 + dx, y0 - dy, y1 + dy }
end

--- Lines of equal height over a field in colours. Row 1 is at the bottom.
--- @param field table|mlp.Tensor  rows of numbers or a tensor (rows, cols)
--- @param options? table `extent` = { x0, x1, y0, y1 } of the outermost samples, `levels` (8, or a
---   list), `filled` (true)
--- @return mlp.Figure, mlp.Panel
function M.contour(field, options)
  options = base.check("contour", options,
    base.FIGURE .. base.PANEL .. IMAGE .. "levels filled color equal",
    { levels = check.any(8), filled = true, colorbar = true, smooth = true, equal = false })
  local _, rows, cols = primitives.values(field)
  rows, cols = options.rows or rows, options.cols or cols
  local extent = options.extent or { 1, cols, 1, rows }
  options.extent = cells_about(extent, rows, cols)
  if cols > 1 then options.xlim = options.xlim or { extent[1], extent[2] } end
  if rows > 1 then options.ylim = options.ylim or { extent[3], extent[4] } end
  local figure, panel = base.single(options)
  panel:set { equal = options.equal }
  if options.filled then panel:image(field, base.pick(options, IMAGE)) end
  local levels = options.levels
  if type(levels) == "number" then
    local low, high = primitives.range(field)
    levels = {}
    if low and low < high then
      for i, tick in ipairs((primitives.ticks(low, high, options.levels, { inside = true }))) do
        levels[i] = tick.value
      end
    end
  end
  if #levels > 0 then
    local style = base.pick(options, "rows cols extent color")
    style.color = style.color or (options.filled and "white" or nil)
    style.levels, style.alpha = levels, options.filled and 0.7 or 1
    if not options.filled and not style.color then style.cmap = options.cmap or "viridis" end
    panel:contour(field, style)
  end
  return figure, panel
end

local function as_list(images)
  if type(images) ~= "userdata" then return images end
  local shape, list = primitives.shape(images), {}
  for i = 1, shape[1] do list[i] = primitives.row(images, i) end
  return list
end

--- The columns of a matrix of weights (inputs, units), one image each.
local function columns_of(matrix)
  local list = {}
  for j = 1, primitives.shape(matrix)[2] do list[j] = primitives.column(matrix, j) end
  return list
end

--- One scale for all images; about 0 where they diverge.
local function common_scale(images, diverging)
  local low, high = math.huge, -math.huge
  for _, image in ipairs(images) do
    local a, b = primitives.range(image)
    if a then low, high = math.min(low, a), math.max(high, b) end
  end
  if low > high then return nil, nil end
  if not diverging then return low, high end
  local reach = math.max(-low, high)
  return -reach, reach
end

--- Columns for n pictures: rather wide than high, with the fewest places left empty.
local function columns_for(n)
  local best, least = 1, math.huge
  for cols = math.ceil(math.sqrt(n)), math.ceil(math.sqrt(2 * n)) do
    local empty = math.ceil(n / cols) * cols - n
    if empty < least then best, least = cols, empty end
  end
  return best
end

--- @class mlp.GridImagesOptions: mlp.FigureOptions
--- @field titles? any[] a caption for each
--- @field shape? integer[] { height, width } where images are flat
--- @field columns? boolean each column of the matrix is an image
--- @field diverging? boolean one scale about 0, in two colours
--- @field shared? boolean one scale for all (true)
--- @field cmap? string
--- @field title_size? number points (8)

--- Many small pictures: samples with captions, or weights of the first layer.
--- @param images table|mlp.Tensor  a list of images, a tensor (n, height, width), or a matrix of
---   weights
--- @param options? mlp.GridImagesOptions
--- @return mlp.Figure
function M.grid_images(images, options)
  options = base.check("grid_images", options,
    base.FIGURE .. "title rows cols titles shape columns diverging shared cmap title_size",
    { shared = true })
  local list = options.columns and columns_of(images) or as_list(images)
  local n, shape = #list, options.shape or {}
  if n == 0 then check.raise("argument", "grid_images: expected at least one image, got none") end
  local cols = options.cols or options.rows and math.ceil(n / options.rows) or columns_for(n)
  local rows = options.rows or math.ceil(n / cols)
  local low, high
  if options.shared or options.diverging then low, high = common_scale(list, options.diverging) end
  local style = { rows = shape[1], cols = shape[2], vmin = low, vmax = high,
                  cmap = options.cmap or options.diverging and "RdBu" or "greys_r" }
  local settings = base.pick(options, base.FIGURE .. "title")
  settings.rows, settings.cols = rows, cols
  settings.width = options.width or math.max(3, math.min(10, cols * 1.1 + 0.2))
  settings.height = options.height
    or rows * (settings.width / cols + (options.titles and 0.2 or 0))
    + (options.title and 0.4 or 0.1)
  local figure = base.figure(settings)
  for i = 1, math.min(n, rows * cols) do
    local panel = figure:panel((i - 1) // cols + 1, (i - 1) % cols + 1)
    panel:set { axes = false, equal = true, yreverse = true, title_size = options.title_size or 8,
                title = options.titles and tostring(options.titles[i]) }
    panel:image(list[i], style)
  end
  return figure
end

return M
