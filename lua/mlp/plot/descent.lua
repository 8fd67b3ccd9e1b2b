--- Charts of optimizers at work: paths over contours, the surface of a loss.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot

local M = {}

--- A path as two lists, from { { x, y }, ... } or { x = {}, y = {} }.
local function coordinates(path)
  if path.x and path.y then return path.x, path.y end
  local x, y = {}, {}
  for i, point in ipairs(path) do x[i], y[i] = point[1], point[2] end
  return x, y
end

--- The paths' box with room around it.
local function extent_of(paths, room)
  local box = { math.huge, -math.huge, math.huge, -math.huge }
  for _, path in ipairs(paths) do
    local x, y = coordinates(path)
    for i, list in ipairs { x, y } do
      local low, high = primitives.range(list)
      if low then
        box[2 * i - 1], box[2 * i] = math.min(box[2 * i - 1], low), math.max(box[2 * i], high)
      end
    end
  end
  for i = 1, 3, 2 do
    if box[i] > box[i + 1] then box[i], box[i + 1] = -1, 1 end
    local margin = box[i] < box[i + 1] and (box[i + 1] - box[i]) * room or 1
    box[i], box[i + 1] = box[i] - margin, box[i + 1] + margin
  end
  return box
end

local function sample(f, box, n)
  local field = {}
  for r = 1, n do
    local row, y = {}, box[3] + (r - 0.5) / n * (box[4] - box[3])
    for c = 1, n do row[c] = f(box[1] + (c - 0.5) / n * (box[2] - box[1]), y) end
    field[r] = row
  end
  return field
end

--- Levels that thin out upwards, as a valley needs: equal steps of the root of the depth.
local function levels_of(field, count)
  local low, high = primitives.range(field)
  local levels = {}
  if not low or low == high then return levels end
  for i = 1, count do levels[i] = low + (high - low) * (i / (count + 1)) ^ 3 end
  return levels
end

--- What is shown as colours: the depth on a scale that shows the bottom of a valley.
local function squeezed(field)
  local cells, rows, cols = primitives.values(field)
  local low, high = primitives.range(cells)
  for i, v in ipairs(cells) do
    cells[i] = low and high > low and ((v - low) / (high - low)) ^ 0.25 or 0
  end
  return cells, rows, cols
end

--- Heads on the steps of a short path, so that its direction is seen.
local function add_arrows(panel, x, y, color)
  local x0, y0, x1, y1 = {}, {}, {}, {}
  for i = 1, #x - 1 do
    if x[i] == x[i] and x[i + 1] == x[i + 1] then
      x0[#x0 + 1], y0[#y0 + 1], x1[#x1 + 1], y1[#y1 + 1] = x[i], y[i], x[i + 1], y[i + 1]
    end
  end
  panel:segments(x0, y0, x1, y1, { head = 6, linewidth = 1.5, color = color })
end

local function draw_paths(panel, paths, options)
  for i, path in ipairs(paths) do
    local x, y = coordinates(path)
    local color = path.color or ("C%d"):format((i - 1) % 7)
    panel:line(x, y, { color = "back", linewidth = 3, alpha = 0.6 })
    panel:line(x, y, { color = color, linewidth = 1.5,
                       marker = #x <= options.dots and "circle" or nil, size = 3,
                       label = path.label or options.labels and options.labels[i] })
    if #x <= options.arrows then add_arrows(panel, x, y, color) end
  end
  local x, y = coordinates(paths[1])
  panel:scatter({ x[1] }, { y[1] }, { marker = "ring", size = 8, color = "fore", label = "start" })
end

local CORNERS <const> = { { 0.66, 0.02, 0.99, 0.36 }, { 0.01, 0.02, 0.34, 0.36 },
                          { 0.66, 0.64, 0.99, 0.98 }, { 0.01, 0.64, 0.34, 0.98 } }

--- The corner of the axes that hides the fewest steps; a start or the minimum count for many.
local function emptiest(paths, box, minimum)
  local best, least = nil, math.huge
  for _, corner in ipairs(CORNERS) do
    local hidden = 0
    local function look(x, y, weight)
      local u = (x - box[1]) / (box[2] - box[1])
      local v = (y - box[3]) / (box[4] - box[3])
      local inside = u > corner[1] and u < corner[3] and v > corner[2] and v < corner[4]
      hidden = hidden + (inside and weight or 0)
    end
    for _, path in ipairs(paths) do
      local x, y = coordinates(path)
      for i = 1, #x do look(x[i], y[i], i == 1 and 1000 or 1) end
      for i = 1, #x - 1 do look((x[i] + x[i + 1]) / 2, (y[i] + y[i + 1]) / 2, 1) end
    end
    if minimum then look(minimum[1], minimum[2], 1000) end
    if hidden < least then best, least = corner, hidden end
  end
  return best
end

--- The loss along each path, in an inset.
local function add_inset(panel, f, paths, place)
  local inset = panel:inset(place[1], place[2], place[3], place[4])
  inset:set { yscale = "log", title = "loss", xlabel = "step", xinteger = true, legend = false }
  for i, path in ipairs(paths) do
    local x, y = coordinates(path)
    local loss = path.loss or {}
    if not path.loss then
      for k = 1, #x do loss[k] = f(x[k], y[k]) end
    end
    inset:line(nil, loss, { color = path.color or ("C%d"):format((i - 1) % 7), linewidth = 1 })
  end
end

--- Paths of optimizers over the contours of a function of two variables, with the loss by step in
--- an inset.
--- @param f any f(x, y), or a matrix of values over `extent` (row 1 at the bottom)
--- @param paths table a list of paths, each { { x, y }, ... } or { x = {}, y = {} }, with label,
---   color, loss
--- @param options? table extent { x0, x1, y0, y1 }, levels (14, or a list), labels,
---   minimum { x, y }, inset (true, false or { x0, y0, x1, y1 } in shares), arrows (25: on paths
---   of at most so many points), dots (60, likewise), resolution (160)
--- @return mlp.Figure
--- @usage mlp.plot.trajectories(rosenbrock, { sgd, adam }, { labels = { "SGD", "Adam" } })
function M.trajectories(f, paths, options)
  options = base.check("trajectories", options, base.FIGURE .. base.PANEL
    .. "extent levels labels minimum inset arrows dots resolution cmap",
    { levels = check.any(14), arrows = 25, dots = 60, resolution = 160, xlabel = "x", ylabel = "y",
      inset = check.any(true), cmap = "blues_r" })
  if type(paths) ~= "table" or #paths == 0 then
    check.raise("argument", "trajectories: argument 2 'paths': expected a list of paths, got none")
  end
  local box = options.extent or extent_of(paths, 0.15)
  local callable = type(f) == "function"
  local field = callable and sample(f, box, options.resolution) or f
  local levels = options.levels
  if type(levels) == "number" then levels = levels_of(field, levels) end
  options.xlim = options.xlim or { box[1], box[2] }
  options.ylim = options.ylim or { box[3], box[4] }
  local figure, panel = base.single(options)
  local cells, rows, cols = squeezed(field)
  panel:image(cells, { rows = rows, cols = cols, extent = box, smooth = true, cmap = options.cmap,
                       alpha = 0.55, vmin = -0.3, vmax = 1 })
  if #levels > 0 then
    panel:contour(field, { extent = box, levels = levels, color = "faint", linewidth = 0.7,
                           alpha = 0.8 })
  end
  draw_paths(panel, paths, options)
  if options.minimum then
    panel:scatter({ options.minimum[1] }, { options.minimum[2] },
      { marker = "star", size = 11, color = "C4", edge = "black", label = "minimum" })
  end
  local with_loss = callable or paths[1].loss
  if options.inset and with_loss then
    add_inset(panel, f, paths, options.inset == true
      and emptiest(paths, { options.xlim[1], options.xlim[2], options.ylim[1], options.ylim[2] },
        options.minimum) or options.inset)
  end
  return figure
end

--- A random direction in the space of weights, in which every matrix has the norm of the weights'
--- own and biases stay.
local function direction(weights, seed)
  local list, state = {}, seed * 0x9E3779B97F4A7C15 + 1
  local function uniform() -- xorshift64*: a stream of its own, so that no model's changes
    state = state ~ (state >> 12)
    state = state ~ (state << 25)
    state = state ~ (state >> 27)
    return (((state * 0x2545F4914F6CDD1D) >> 11) + 0.5) / 2 ^ 53
  end
  for i, w in ipairs(weights) do
    local d = {}
    for k = 1, w:numel() do
      d[k] = math.sqrt(-2 * math.log(uniform())) * math.cos(2 * math.pi * uniform())
    end
    d = core.tensor(d, { dtype = w.dtype }):reshape(w.shape)
    local size, own = (d ^ 2):sum():item(), (w ^ 2):sum():item()
    list[i] = w.ndim < 2 and d * 0 or d * math.sqrt(own / math.max(size, 1e-30))
  end
  return list
end

--- The loss of a model along two random directions through its weights, which are left as they
--- were. Source: Li et al. 2018, arXiv:1712.09913 (directions scaled to each tensor's norm; biases
--- kept).
--- @param model mlp.Model compiled
--- @param data mlp.Dataset|table|mlp.Tensor  dataset or { x =, y = }
--- @param options? table range (1), resolution (21, at most 200), seed, levels, those of contour
--- @return mlp.Figure
function M.landscape(model, data, options)
  options = base.check("landscape", options,
    base.FIGURE .. base.PANEL .. "range resolution seed levels cmap",
    { range = 1, resolution = 21, seed = 1, levels = check.any(12), cmap = "viridis",
      xlabel = "first direction", ylabel = "second direction" })
  local weights, n, field = model:get_weights(), options.resolution, {}
  local a, b = direction(weights, options.seed), direction(weights, options.seed + 1)
  local function at(u, v)
    local moved = {}
    for i, w in ipairs(weights) do moved[i] = w + a[i] * u + b[i] * v end
    model:set_weights(moved)
    return model:evaluate(data).loss
  end
  local r = options.range
  local ok, e = pcall(function()
    for j = 1, n do
      field[j] = {}
      for i = 1, n do
        field[j][i] = at((2 * (i - 1) / (n - 1) - 1) * r, (2 * (j - 1) / (n - 1) - 1) * r)
      end
    end
  end)
  model:set_weights(weights)
  if not ok then error(e, 0) end
  local settings = base.pick(options, base.FIGURE .. base.PANEL .. "levels cmap")
  settings.extent, settings.label = { -r, r, -r, r }, "loss"
  local figure, panel = require("mlp.plot.basic").contour(field, settings)
  panel:scatter({ 0 }, { 0 }, { marker = "star", size = 11, color = "C4", edge = "black" })
  return figure
end

return M
