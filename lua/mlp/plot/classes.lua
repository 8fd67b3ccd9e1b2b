--- Charts of what a model has learned: confusion matrix, decision boundary.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"
local probe = require "mlp.plot.probe"
local primitives = core.plot

local M = {}

--- Divisors of the cells for each way to normalise.
local function totals(cells, n, how)
  local sums = {}
  for i = 1, n * n do
    local key = how == "true" and (i - 1) // n or how == "pred" and (i - 1) % n or 0
    sums[key] = (sums[key] or 0) + cells[i]
  end
  return function(i)
    local key = how == "true" and (i - 1) // n or how == "pred" and (i - 1) % n or 0
    return sums[key] > 0 and sums[key] or 1
  end
end

local function normalised(cells, n, how)
  if not how then return cells end
  local total, out = totals(cells, n, how), {}
  for i, v in ipairs(cells) do out[i] = v / total(i) end
  return out
end

local function check_names(names, n)
  if names and #names ~= n then
    check.raise("shape", "confusion: argument 2 'class_names': expected %d names, got %d", n,
      #names)
  end
  if names then return names end
  names = {}
  for i = 1, n do names[i] = tostring(i) end
  return names
end

local WAYS = { ["true"] = true, pred = true, all = true }

local function normalisation(how)
  if how == true then return "true" end
  if how and not WAYS[how] then
    check.raise("argument", "confusion: option 'normalize': expected true, 'true', 'pred' or "
      .. "'all', got %s", tostring(how))
  end
  return how
end

--- Counts and names of classes of what a model says of a dataset.
local function judged(model, data)
  if core.type(data) ~= "mlp.Dataset" then
    check.raise("argument", "confusion: argument 2 'data': expected the dataset that the model is "
      .. "judged on, got %s", check.what(data))
  end
  local matrix = require("mlp.metrics").confusion_matrix(data, model:predict(data))
  return matrix, data.class_names
end

--- How often class i (row) was taken for class j (column).
--- @param matrix table|mlp.Tensor|mlp.Model  counts: rows of numbers or a tensor (n, n); or a
---   model, and its dataset in the place of names
--- @param class_names? string[]|mlp.Dataset
--- @param options? table `normalize`: true or "true" (by true class), "pred", "all"; `cmap`
--- @return mlp.Figure
function M.confusion(matrix, class_names, options)
  options = base.check("confusion", options,
    base.FIGURE .. base.PANEL .. "normalize cmap colorbar",
    { cmap = "blues", colorbar = true, xlabel = "predicted class", ylabel = "true class" })
  local how = normalisation(options.normalize)
  if probe.is_model(matrix) then matrix, class_names = judged(matrix, class_names) end
  base.check_some("confusion", "argument 1 'matrix'", matrix)
  local cells, n, cols = primitives.values(matrix)
  if n ~= cols then
    check.raise("shape", "confusion: argument 1 'matrix': expected as many rows as columns, got %d "
      .. "and %d", n, cols)
  end
  local names = check_names(class_names, n)
  local shown = normalised(cells, n, how)
  local _, most = primitives.range(shown)
  local high = how and 1 or math.max(most or 1, 1)
  options.width, options.height = options.width or 5.6, options.height or 4.8
  local figure, panel = base.single(options)
  panel:set { equal = true, yreverse = true, xnames = names, ynames = names }
  panel:image(shown, { rows = n, cols = n, vmin = 0, vmax = high, cmap = options.cmap,
                       colorbar = options.colorbar })
  base.annotate(panel, shown, n, {
    low = 0, high = high, cmap = options.cmap,
    format = function(v) return (how and "%.2f" or "%.0f"):format(v) end,
  })
  return figure
end

--- Range of a column with room around it.
local function padded(column, padding)
  local low, high = primitives.range(column)
  low, high = low or 0, high or 1
  local room = low < high and (high - low) * padding or 0.5
  return low - room, high + room
end

--- Probabilities (or values) into the panel: two classes, more, or a regression.
local function draw_field(panel, output, style, options, classes, names)
  local columns = primitives.shape(output)[2] or 1
  if classes > 2 then
    style.tint = true
    panel:image(output, style)
    return
  end
  if columns == 2 then output = primitives.column(output, 2) end
  style.colorbar = options.colorbar
  if classes == 0 then
    style.label = options.label or "prediction"
    panel:image(output, style)
    return
  end
  style.cmap, style.alpha, style.vmin, style.vmax = options.cmap or "coolwarm", 0.7, 0, 1
  style.label = options.label or ("P(%s)"):format(names and names[2] or "class 2")
  panel:image(output, style)
  panel:contour(output, { rows = style.rows, cols = style.cols, extent = style.extent,
                          levels = { 0.5 }, color = "fore", linewidth = 1.3 })
end

--- One scale for a regression's field and for the true values on top: a point that is not seen is
--- one that the model got right.
local function share_colours(style, look, output, y, cmap)
  local low, high = primitives.range(output)
  local least, most = primitives.range(y)
  if low and least then low, high = math.min(low, least), math.max(high, most) end
  for _, shown in ipairs { style, look } do
    shown.vmin, shown.vmax, shown.cmap = low, high, cmap
  end
  look.values = y
end

--- What the legend calls the classes; of two without names the bar of colours says which is which.
local function names_of(dataset)
  if dataset.class_names or dataset.n_classes == 2 then return dataset.class_names end
  local names = {}
  for k = 1, dataset.n_classes do names[k] = ("class %d"):format(k) end
  return names
end

--- @class mlp.BoundaryOptions: mlp.FigureOptions
--- @field resolution? integer samples a side (200)
--- @field extent? number[] { x0, x1, y0, y1 }
--- @field padding? number room around the data, as a share of its range (0.08)
--- @field points? boolean draw the samples (true)
--- @field size? number of the points
--- @field shades? integer so many steps of colour
--- @field discretize? boolean two steps
--- @field colorbar? boolean (true)
--- @field cmap? string
--- @field label? string of the colour bar

--- What a model of two features says about the plane, with the samples on top. Two classes: the
--- probability of the second and its contour at 0.5; more: the likeliest class's colour, paler
--- where it is less sure; values: their field.
--- @param model any with predict_proba or, for values, predict
--- @param dataset mlp.Dataset with x of shape (n, 2)
--- @param options? mlp.BoundaryOptions
--- @return mlp.Figure
--- @usage mlp.plot.decision_boundary(model, test):save "boundary.png"
function M.decision_boundary(model, dataset, options)
  options = base.check("decision_boundary", options, base.FIGURE .. base.PANEL
    .. "resolution padding points shades discretize colorbar cmap label extent size",
    { resolution = 200, padding = 0.08, points = true, colorbar = true, size = 5,
      xlabel = "x\u{2081}", ylabel = "x\u{2082}" })
  if core.type(dataset) == "mlp.Model" then
    check.raise("argument", "decision_boundary: argument 1 'model': expected a model, got %s; "
      .. "decision_boundary(model, data)", check.what(model))
  end
  local features = primitives.shape(dataset.x)
  if #features ~= 2 or features[2] ~= 2 then
    check.raise("shape", "decision_boundary: argument 2 'dataset': expected 2 features, got %d",
      features[2] or 1)
  end
  local classes = dataset.n_classes or 0
  local x, y = primitives.column(dataset.x, 1), primitives.column(dataset.x, 2)
  local extent, n = options.extent, options.resolution
  if not extent then
    local x0, x1 = padded(x, options.padding)
    local y0, y1 = padded(y, options.padding)
    extent = { x0, x1, y0, y1 }
  end
  local grid = primitives.grid(dataset.x, extent[1], extent[2], n, extent[3], extent[4], n)
  local output = classes > 0 and model:predict_proba(grid) or model:predict(grid)
  local figure, panel = base.single(options)
  local style = { rows = n, cols = n, extent = extent, smooth = not options.discretize,
                  shades = options.discretize and 2 or options.shades }
  local look = { size = options.size, edge = "white", colorbar = false }
  if classes > 0 then look.classes, look.names = dataset.y, names_of(dataset)
  else share_colours(style, look, output, dataset.y, options.cmap) end
  draw_field(panel, output, style, options, classes, dataset.class_names)
  if options.points then
    panel:scatter(x, y, look)
  end
  return figure
end

return M
