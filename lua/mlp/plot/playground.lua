--- The figure of the TensorFlow Playground (Smilkov et al., playground.tensorflow.org): what every
--- neuron sees of the plane, weights as lines, the output with the data, the loss.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot
local probe = require "mlp.plot.probe"

local M = {}

local SIDE <const>, GAP_Y <const>, GAP_X <const> = 1, 0.45, 1.9 -- of a neuron's picture; units
local OUTPUT <const> = 4.6

--- Columns of pictures: the features, then every layer with weights but the last, each a list of
--- tensors; and the kernels between.
local function network(model, input)
  local columns, kernels, values = {}, {}, input
  local outputs = probe.outputs(model, input)
  local weighted = {}
  for _, w in ipairs(probe.weighted(model)) do weighted[w.name] = w.kernel end
  local pending
  for _, out in ipairs(outputs) do
    if weighted[out.name] then
      columns[#columns + 1] = pending or values
      kernels[#kernels + 1] = weighted[out.name]
    end
    pending = out.values
  end
  return columns, kernels, pending
end

local function check_model(kernels)
  for _, k in ipairs(kernels) do
    if k.ndim ~= 2 then
      check.raise("argument", "playground: expected a model of dense layers, got weights of %d "
        .. "dimensions", k.ndim)
    end
  end
  if #kernels == 0 then
    check.raise("argument", "playground: expected a model with at least one dense layer, got none")
  end
end

--- x of a column, y of its k-th neuron of n, the height of the whole.
local function spot(column, k, n, height)
  local total = n * SIDE + (n - 1) * GAP_Y
  return (column - 1) * (SIDE + GAP_X), height / 2 + total / 2 - (k - 1) * (SIDE + GAP_Y)
end

--- Values to [-1, 1]: by their largest size.
local function scaled(list)
  local low, high = primitives.range(list)
  local reach = math.max(-(low or 0), high or 1, 1e-12)
  return reach
end

local function draw_map(panel, values, n, box, reach)
  panel:image(values, { rows = n, cols = n, extent = box, cmap = "playground", vmin = -reach,
                        vmax = reach, smooth = true })
  panel:boxes({ box[1] }, { box[3] }, { box[2] }, { box[4] },
    { color = "#00000000", edge = "faint", linewidth = 0.6 })
end

local function draw_links(panel, kernel, column, counts, height, target)
  local cells, rows, cols = primitives.values(kernel:detach())
  local x0, y0, x1, y1, widths, values = {}, {}, {}, {}, {}, {}
  for i = 1, rows do
    for j = 1, cols do
      local ax, ay = spot(column, i, counts[column], height)
      local bx, by
      if target then
        bx, by = target[1], target[2]
      else
        bx, by = spot(column + 1, j, counts[column + 1], height)
        by = by - SIDE / 2
      end
      local w = cells[(i - 1) * cols + j]
      local k = #x0 + 1
      x0[k], y0[k], x1[k], y1[k] = ax + SIDE, ay - SIDE / 2, bx, by
      widths[k], values[k] = math.min(0.4 + 1.6 * math.abs(w), 8), w
    end
  end
  panel:segments(x0, y0, x1, y1, { widths = widths, values = values, cmap = "playground", vmin = -1,
                                   vmax = 1, colorbar = false, alpha = 0.9 })
end

--- A column of probabilities or of two classes as values about 0.
local function output_field(values, classes)
  local columns = primitives.shape(values)[2] or 1
  if columns > 1 then values = primitives.column(values, 2) end
  local list = primitives.values(values)
  local low = primitives.range(list)
  if classes and low and low >= 0 then
    for i, v in ipairs(list) do list[i] = 2 * v - 1 end
  end
  return list
end

local function draw_output(panel, output, x, y, box, e, n, dataset, options)
  local classes = dataset.n_classes or (core.is_tensor(y) and y.dtype == "int64" and 2) or nil
  local field = output_field(output, classes)
  panel:image(field, { rows = n, cols = n, extent = box, cmap = "playground", vmin = -1, vmax = 1,
                       smooth = not options.discretize, shades = options.discretize and 2 or nil })
  panel:boxes({ box[1] }, { box[3] }, { box[2] }, { box[4] },
    { color = "#00000000", edge = "faint", linewidth = 0.8 })
  if not y then return end
  local px, py, values = {}, {}, primitives.values(y)
  local a = primitives.values(primitives.column(x, 1))
  local b = primitives.values(primitives.column(x, 2))
  local shown = {}
  for i = 1, #a do
    if a[i] >= e[1] and a[i] <= e[2] and b[i] >= e[3] and b[i] <= e[4] then
      px[#px + 1] = box[1] + (a[i] - e[1]) / (e[2] - e[1]) * (box[2] - box[1])
      py[#py + 1] = box[3] + (b[i] - e[3]) / (e[4] - e[3]) * (box[4] - box[3])
      shown[#shown + 1] = classes and 2 * values[i] - 3 or values[i]
    end
  end
  panel:scatter(px, py, { values = shown, cmap = "playground", vmin = -1, vmax = 1, size = 4,
                          edge = "white", colorbar = false })
end

local function draw_loss(panel, history)
  panel:set { xlabel = "epoch", ylabel = "loss", legend = true }
  for _, name in ipairs { "loss", "val_loss" } do
    local column = history:column(name)
    if column then
      local values = {}
      for i = 1, #history do values[i] = column[i] or 0 / 0 end
      panel:line(nil, values, { label = name == "loss" and "training" or "test", linewidth = 1,
                                color = name == "loss" and "faint" or "fore" })
    end
  end
end

--- A network of two features as the Playground shows it.
--- @param model mlp.Model of dense layers
--- @param dataset mlp.Dataset|table|mlp.Tensor  of two features: points and the extent of the
---   pictures
--- @param options? table history (its loss is drawn), extent { x0, x1, y0, y1 }, resolution (40),
---   features (f(plane) -> tensor: what the model gets), names (of the features), discretize
--- @return mlp.Figure
--- @usage mlp.plot.playground(model, data, { history = history }):save "playground.png"
function M.playground(model, dataset, options)
  options = base.check("playground", options,
    base.FIGURE .. "title history extent resolution features names discretize",
    { resolution = 40, extent = { -6, 6, -6, 6 } })
  local x, y = probe.arrays("playground", dataset)
  local e, n = options.extent, options.resolution
  local plane = primitives.grid(x, e[1], e[2], n, e[3], e[4], n)
  local input = options.features and options.features(plane) or plane
  local columns, kernels, output = network(model, input)
  check_model(kernels)
  local counts, tallest = {}, 1
  for c, values in ipairs(columns) do
    counts[c] = primitives.shape(values)[2]
    tallest = math.max(tallest, counts[c])
  end
  local height = math.max(tallest * (SIDE + GAP_Y) + 1, OUTPUT + 2.4)
  local left = #columns * (SIDE + GAP_X)
  local width = left + OUTPUT + 0.4
  local settings = base.pick(options, base.FIGURE .. "title")
  settings.width = options.width or width * 0.62
  settings.height = options.height or settings.width * (height + 0.9) / width
  local figure = base.figure(settings)
  local panel = figure:panel(1, 1)
  panel:set { axes = false, equal = true, grid = false, legend = false, xlim = { -0.6, width },
              ylim = { 0, height + 0.9 } }
  local top = height - 0.2
  local box = { left, left + OUTPUT, top - OUTPUT, top }
  for c, kernel in ipairs(kernels) do
    local target = c == #kernels and { box[1], (box[3] + box[4]) / 2 } or nil
    draw_links(panel, kernel, c, counts, height, target)
  end
  for c, values in ipairs(columns) do
    for k = 1, counts[c] do
      local px, py = spot(c, k, counts[c], height)
      local map = primitives.column(values, k)
      draw_map(panel, map, n, { px, px + SIDE, py - SIDE, py }, scaled(map))
      if c == 1 then
        local name = options.names and options.names[k] or ("x%s"):format(utf8.char(0x2080 + k))
        panel:text(px - 0.12, py - SIDE / 2, name,
          { halign = "right", valign = "center", size = 9 })
      end
    end
    local what = c == 1 and "features" or ("hidden layer %d"):format(c - 1)
    panel:text((c - 1) * (SIDE + GAP_X) + SIDE / 2, height + 0.3, what,
      { halign = "center", size = 8, color = "faint" })
  end
  draw_output(panel, output, x, y, box, e, n, dataset, options)
  panel:text(left + OUTPUT / 2, height + 0.3, "output",
    { halign = "center", size = 8, color = "faint" })
  if options.history then
    local inset = panel:inset((left + 0.6) / (width + 0.6), 0.01,
      (left + 0.6 + OUTPUT) / (width + 0.6), (top - OUTPUT - 0.25) / (height + 0.9))
    draw_loss(inset, options.history)
  end
  return figure
end

return M
