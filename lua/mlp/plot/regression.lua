--- Charts of models that predict values.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot
local probe = require "mlp.plot.probe"

local M = {}

local function list_of(v)
  if core.is_tensor(v) then return (primitives.values(v)) end
  return v
end

local function check_rows(who, y, p)
  base.check_some(who, "argument 1 'y'", y)
  if #y ~= #p then
    check.raise("shape", "%s: expected as many targets as predictions, got %d and %d", who, #y, #p)
  end
end

--- R squared and root mean squared error.
local function fit_of(y, p)
  local mean, n, left, all = 0, #y, 0, 0
  for i = 1, n do mean = mean + y[i] / n end
  for i = 1, n do
    left, all = left + (y[i] - p[i]) ^ 2, all + (y[i] - mean) ^ 2
  end
  return all > 0 and 1 - left / all or 0 / 0, math.sqrt(left / math.max(n, 1))
end

--- Of targets that are all the same there is no R squared.
local function fit_text(y, p)
  local r2, rmse = fit_of(y, p)
  return (r2 == r2 and ("R² %.3f\n"):format(r2) or "") .. ("RMSE %.3g"):format(rmse)
end

--- Where a note hides fewer points, if they lie about the diagonal: "above" it on the left, or
--- below it on the right.
local function free_corner(y, p, low, high)
  local above, below = 0, 0
  for i = 1, #y do
    local a, b = (y[i] - low) / (high - low), (p[i] - low) / (high - low)
    if a < 0.3 and b > 0.8 then above = above + 1 end
    if a > 0.7 and b < 0.2 then below = below + 1 end
  end
  return above <= below and "above" or "below"
end

local function draw_curve(model, x, y, options)
  local low, high = primitives.range(x)
  if not low then low, high = 0, 1 end
  local room = low < high and (high - low) * options.padding or 0.5
  low, high = low - room, high + room
  local n, at = options.resolution, {}
  for i = 1, n do at[i] = { low + (i - 1) / (n - 1) * (high - low) } end
  local input = core.tensor(at, { dtype = x.dtype })
  local figure, panel = base.single(options)
  panel:scatter(x, y, { size = options.size, color = "C0", alpha = 0.6, label = "data" })
  panel:line(input, model:predict(input), { color = "C1", linewidth = 2, label = "model" })
  return figure
end

--- What a model of one feature predicts, as a curve over the data; of two features, as a surface in
--- colours with the data in the same colours.
--- @param model mlp.Model
--- @param dataset mlp.Dataset|table|mlp.Tensor  dataset or { x =, y = }
--- @param options? table resolution (200), padding (0.05), size; of two features those of
---   decision_boundary
--- @return mlp.Figure
--- @usage mlp.plot.regression(model, data):save "fit.png"
function M.regression(model, dataset, options)
  local x, y = probe.arrays("regression", dataset)
  if x.ndim == 2 and x.shape[2] == 2 then
    return require("mlp.plot.classes").decision_boundary(model, { x = x, y = y }, options)
  end
  if x.ndim ~= 2 or x.shape[2] ~= 1 then
    check.raise("shape", "regression: argument 2 'dataset': expected 1 or 2 features, got %d",
      x.ndim == 2 and x.shape[2] or x.ndim)
  end
  options = base.check("regression", options,
    base.FIGURE .. base.PANEL .. "resolution padding size",
    { resolution = 200, padding = 0.05, size = 4, xlabel = "x", ylabel = "y" })
  return draw_curve(model, x, y, options)
end

--- Predictions over true values: a model that is right lies on the diagonal.
--- @param y table|mlp.Tensor  targets
--- @param p table|mlp.Tensor  predictions
--- @param options? table size, alpha
--- @return mlp.Figure
function M.predicted(y, p, options)
  options = base.check("predicted", options, base.FIGURE .. base.PANEL .. "size alpha",
    { width = 5, height = 4.6, xlabel = "true value", ylabel = "predicted value", size = 4,
      alpha = 0.6 })
  y, p = list_of(y), list_of(p)
  check_rows("predicted", y, p)
  local figure, panel = base.single(options)
  local a, b = primitives.range(y)
  local c, d = primitives.range(p)
  local corner = "above"
  if a and c then
    local low, high = math.min(a, c), math.max(b, d)
    corner = free_corner(y, p, low, high)
    panel:line({ low, high }, { low, high }, { color = "faint", dash = "dashed", linewidth = 1 })
  end
  panel:scatter(y, p, { size = options.size, alpha = options.alpha, color = "C0" })
  local left = corner == "above"
  panel:text(left and 0.03 or 0.97, left and 0.97 or 0.03, fit_text(y, p),
    { inside = true, halign = left and "left" or "right", valign = left and "top" or "bottom",
      box = true, size = 9 })
  return figure
end

--- What is left of the targets: residuals over predictions, and how they are distributed. A band
--- about 0 without a shape is what is wanted.
--- @param y table|mlp.Tensor  targets
--- @param p table|mlp.Tensor  predictions
--- @param options? table size, alpha, bins (30)
--- @return mlp.Figure
function M.residuals(y, p, options)
  options = base.check("residuals", options, base.FIGURE .. "title size alpha bins",
    { size = 4, alpha = 0.6, bins = 30 })
  y, p = list_of(y), list_of(p)
  check_rows("residuals", y, p)
  local rest = {}
  for i = 1, #y do rest[i] = y[i] - p[i] end
  local settings = base.pick(options, base.FIGURE .. "title")
  settings.cols, settings.widths, settings.sharey = 2, { 3, 1 }, true
  settings.width, settings.height = options.width or 7, options.height or 4
  local figure = base.figure(settings)
  figure:panel(1, 1):scatter(p, rest, { size = options.size, alpha = options.alpha, color = "C0" })
    :hline(0, { color = "fore", dash = "dashed" })
    :set { xlabel = "predicted value", ylabel = "true − predicted" }
  local low, high = primitives.range(rest)
  low, high = low or 0, high or 1
  if low == high then low, high = low - 0.5, high + 0.5 end
  local counts = primitives.histogram(rest, options.bins, low, high)
  local width, middles = (high - low) / options.bins, {}
  for i = 1, options.bins do middles[i] = low + (i - 0.5) * width end
  figure:panel(1, 2):bars(middles, counts, { horizontal = true, bar_width = width, edge = "back",
                                             color = "C0" }):set { xlabel = "count" }
  return figure
end

return M
