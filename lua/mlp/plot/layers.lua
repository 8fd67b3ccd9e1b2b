--- Charts of a model's layers: gradients, activations, weights.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local primitives = require("mlp.core").plot
local probe = require "mlp.plot.probe"

local M = {}

--- The largest tensor of every layer that a monitor saw, which are the kernels.
local function kernels_of(monitor)
  local best, order = {}, {}
  for _, row in ipairs(monitor.rows) do
    local other = best[row.layer]
    if not other then order[#order + 1] = row.layer end
    if not other or row.n > other.n then best[row.layer] = row end
  end
  return best, order
end

--- One field of a monitor's rows as lists [layer][sample], names of layers, and what to write on
--- the axis of samples with its values.
local function monitored(who, monitor, field)
  local best, names = kernels_of(monitor)
  if #names == 0 then
    check.raise("state", "%s: expected a monitor that has seen a fit, got one without samples", who)
  end
  local lists, x, at = {}, {}, {}
  for i, name in ipairs(names) do lists[i], at[name] = {}, i end
  local by_epoch = monitor.every == "epoch"
  for _, row in ipairs(monitor.rows) do
    if row.name == best[row.layer].name then
      if row[field] == nil then
        check.raise("argument", "%s: expected a monitor of %s, got one of %s", who,
          field == "ratio" and "updates" or field == "histogram" and "weights with bins = 40"
          or "gradients", monitor.what)
      end
      table.insert(lists[at[row.layer]], row[field])
      if row.layer == names[1] then x[#x + 1] = by_epoch and row.epoch or row.step end
    end
  end
  return { rows = lists, names = names, x = x, xlabel = by_epoch and "epoch" or "step" }
end

--- What the first argument of a chart of layers means: lists [layer][sample] with names and x.
local function layer_rows(who, source, field)
  if type(source) == "table" and source.rows and source.what then
    return monitored(who, source, field)
  end
  if type(source) == "table" and type(source[1]) == "number" then source = { source } end
  if type(source) ~= "table" or #source == 0 then
    check.raise("argument", "%s: argument 1: expected a model, a monitor or lists of numbers, got "
      .. "%s", who, type(source) == "table" and "an empty list" or type(source))
  end
  return { rows = source, xlabel = "epoch" }
end

local function numbered(n)
  local names = {}
  for i = 1, n do names[i] = tostring(i) end
  return names
end

--- The norm of the gradient of each layer, on a logarithmic axis; several curves where several
--- lists are given. A gradient that vanishes is a line that falls to the left.
--- @param source mlp.Model|table|mlp.Tensor  a compiled model
---   (then data is the second argument), mlp.monitor.gradients
---   (its last sample), a list with a number per layer, or a list of those
--- @param data? mlp.Dataset|table|mlp.Tensor  dataset or { x =, y = }, where source is a model
--- @param options? table labels, names (of layers)
--- @return mlp.Figure
--- @usage mlp.plot.gradient_norms(model, train):save "gradients.png"
function M.gradient_norms(source, data, options)
  local curves, names
  if probe.is_model(source) then
    local gradients
    names, gradients = M.layer_gradients(source, data)
    curves = { {} }
    for i, g in ipairs(gradients) do curves[1][i] = probe.norm(g) end
  else
    local seen = layer_rows("gradient_norms", source, "norm")
    curves, names, options = seen.rows, seen.names, data
    if names then -- of a monitor
      local last = {}
      for i, list in ipairs(curves) do last[i] = list[#list] end
      curves = { last }
    end
  end
  options = base.check("gradient_norms", options, base.FIGURE .. base.PANEL .. "labels names",
    { xlabel = "layer", ylabel = "gradient norm", yscale = "log" })
  local figure, panel = base.single(options)
  panel:set { xnames = options.names or names or numbered(#curves[1]) }
  for i, norms in ipairs(curves) do
    panel:line(nil, norms, { marker = "circle", label = options.labels and options.labels[i] })
  end
  return figure
end

--- A number for each layer and sample as colours, the first layer at the top, on a logarithmic
--- scale.
--- @param source mlp.Model|table|mlp.Tensor  mlp.monitor.gradients, or rows [layer][epoch]
--- @param options? table names (of layers), label, cmap, scale ("log"), vmin, vmax
--- @return mlp.Figure
--- @usage mlp.plot.gradient_heatmap(monitor):save "gradients.png"
function M.gradient_heatmap(source, options)
  local seen = layer_rows("gradient_heatmap", source, "norm")
  options = base.check("gradient_heatmap", options,
    base.FIGURE .. base.PANEL .. "names label cmap vmin vmax scale",
    { xlabel = seen.xlabel, ylabel = "layer", label = "gradient norm", cmap = "viridis",
      scale = "log" })
  local n, x = #seen.rows, seen.x
  local extent
  if x and #x > 1 then
    local half = (x[#x] - x[1]) / (#x - 1) / 2
    extent = { x[1] - half, x[#x] + half, 0.5, n + 0.5 }
  end
  local figure, panel = base.single(options)
  panel:set { yreverse = true, xinteger = true,
              ynames = options.names or seen.names or numbered(n) }
  panel:image(seen.rows, { colorbar = true, label = options.label, cmap = options.cmap,
                           scale = options.scale, vmin = options.vmin, vmax = options.vmax,
                           extent = extent })
  return figure
end

--- The size of a step relative to the weights it changes, by layer over the run, with the usual
--- target of 1e-3.
--- Source: Karpathy, CS231n notes, "Ratio of weights:updates".
--- @param source mlp.Model|table|mlp.Tensor  mlp.monitor.updates, or lists [layer][epoch]
--- @param options? table names (of layers), target (1e-3)
--- @return mlp.Figure
function M.update_ratio(source, options)
  local seen = layer_rows("update_ratio", source, "ratio")
  options = base.check("update_ratio", options, base.FIGURE .. base.PANEL .. "names target",
    { xlabel = seen.xlabel, ylabel = "‖update‖ / ‖weights‖", yscale = "log", xinteger = true,
      target = 1e-3 })
  local names = options.names or seen.names or numbered(#seen.rows)
  local figure, panel = base.single(options)
  for i, ratios in ipairs(seen.rows) do
    panel:line(seen.x, ratios, { label = names[i], marker = #ratios == 1 and "circle" or nil })
  end
  panel:hline(options.target, { label = ("target %.3g"):format(options.target), dash = "dashed",
                                color = "fore" })
  return figure
end

--- Values as { low, high, counts }, shared by the histograms of this file.
local function counted(values, bins, range)
  if type(values) == "table" and values.counts then return values end
  local low, high = primitives.range(values)
  if range then low, high = range[1], range[2] end
  if not low then return nil end
  if low == high then low, high = low - 0.5, high + 0.5 end
  return { low = low, high = high, counts = primitives.histogram(values, bins, low, high) }
end

local function share_text(share, word)
  return ("%.0f %% %s"):format(100 * share, word)
end

--- One small histogram of shares, with a remark in its corner.
local function draw_histogram(panel, entry, options, xlabel)
  local h = counted(entry.values, options.bins, options.range)
  panel:set { title = entry.title, title_size = 10, text_size = 8, xlabel = xlabel }
  if not h then
    panel:text(0.5, 0.5, "no finite value", { inside = true, halign = "center" })
    return
  end
  local n, width, middles, shares = 0, (h.high - h.low) / #h.counts, {}, {}
  for _, c in ipairs(h.counts) do n = n + c end
  for i, c in ipairs(h.counts) do
    middles[i], shares[i] = h.low + (i - 0.5) * width, c / math.max(n, 1)
  end
  panel:bars(middles, shares, { bar_width = width, color = "C0" })
  local _, top = primitives.range(shares)
  panel:set { ylim = { 0, top > 0 and 1.3 * top or 1 } } -- room for the remark
  local share, word = entry.saturated, "saturated"
  if entry.activation and entry.activation:find "relu" and not share then
    share, word = entry.dead, "dead"
  end
  local note = entry.note or share and share_text(share, word)
  if note then
    panel:text(0.5, 0.97, note, { inside = true, halign = "center", valign = "top", size = 8,
                                  box = true, color = share and share > 0.5 and "red" or "fore" })
  end
end

local function small_multiples(entries, options, xlabel)
  local n = #entries
  local cols = options.cols or math.min(n, n <= 4 and n or math.ceil(math.sqrt(n * 1.6)))
  local rows = math.ceil(n / cols)
  local settings = base.pick(options, base.FIGURE .. "title")
  settings.rows, settings.cols = rows, cols
  settings.width = options.width or math.max(4, 2.1 * cols + 0.4)
  settings.height = options.height or 1.7 * rows + (options.title and 0.6 or 0.2)
  local figure = base.figure(settings)
  for i, entry in ipairs(entries) do
    local row, col = (i - 1) // cols + 1, (i - 1) % cols + 1
    draw_histogram(figure:panel(row, col), entry, options, i + cols > n and xlabel or nil)
  end
  return figure
end

--- Lists with titles to entries of small_multiples.
local function entries_of(who, lists, names)
  if type(lists) == "table" and lists.rows and lists.what then
    check.raise("argument", "%s: expected a model and its data, or a list of tensors, got a "
      .. "monitor; gradient_norms, gradient_heatmap, update_ratio and weight_ridge draw what it "
      .. "saw", who)
  end
  local out = {}
  for i, values in ipairs(lists) do
    out[i] = { title = names and names[i] or ("layer %d"):format(i), values = values }
  end
  return out
end

--- The distribution of every layer's outputs, with the share that is saturated (97 % of the way to
--- the end of a tanh, a sigmoid...) or of units that are dead (relu: 0 for every row).
--- @param source mlp.Model|table|mlp.Tensor  a model
---   (then data is the second argument), or a list of tensors or lists
--- @param data? mlp.Dataset|table|mlp.Tensor  dataset, { x = } or tensor, where source is a model
--- @param options? table names, bins (40), range, cols, rows_of_data (1000)
--- @return mlp.Figure
--- @usage mlp.plot.activations(model, test):save "activations.png"
function M.activations(source, data, options)
  local model = probe.is_model(source)
  if not model then options = data end
  options = base.check("activations", options,
    base.FIGURE .. "title names bins range cols rows_of_data", { bins = 40, rows_of_data = 1000 })
  local entries
  if model then
    entries = {}
    local x = probe.arrays("activations", data, options.rows_of_data)
    for _, e in ipairs(probe.outputs(source, x)) do
      if e.kind ~= "dropout" and e.kind ~= "flatten" then entries[#entries + 1] = e end
    end
  else
    entries = entries_of("activations", source, options.names)
  end
  if #entries == 0 then
    check.raise("argument", "activations: expected at least one layer, got none")
  end
  return small_multiples(entries, options, "output")
end

--- The distribution of the gradient of every layer's weights, with its norm.
--- @param source mlp.Model|table|mlp.Tensor  a compiled model
---   (then data is the second argument), or a list of tensors
--- @param data? mlp.Dataset|table|mlp.Tensor  dataset or { x =, y = }, where source is a model
--- @param options? table names, bins (40), range, cols
--- @return mlp.Figure
function M.gradients(source, data, options)
  local model = probe.is_model(source)
  if not model then options = data end
  options = base.check("gradients", options,
    base.FIGURE .. "title names bins range cols", { bins = 40 })
  local names, lists = options.names, source
  if model then
    local x, y = probe.arrays("gradients", data, 256)
    names, lists = probe.gradients(source, x, y)
  end
  local entries = entries_of("gradients", lists, names)
  if #entries == 0 then
    check.raise("argument", "gradients: expected at least one layer, got none")
  end
  for i, e in ipairs(entries) do
    if type(lists[i]) == "userdata" then e.note = ("norm %.2g"):format(probe.norm(lists[i])) end
  end
  return small_multiples(entries, options, "gradient")
end

--- The gradient of the loss for the weights of every layer, on the first 256 rows.
--- @param model mlp.Model compiled
--- @param data mlp.Dataset|table|mlp.Tensor  dataset or { x =, y = }
--- @return string[] names, mlp.Tensor[] gradients
function M.layer_gradients(model, data)
  local x, y = probe.arrays("layer_gradients", data, 256)
  return probe.gradients(model, x, y)
end

local function hex(r, g, b)
  return ("#%02x%02x%02x"):format(math.floor(255 * r + 0.5), math.floor(255 * g + 0.5),
    math.floor(255 * b + 0.5))
end

--- The outline of a histogram as a curve from its low to its high end, heights over the baseline.
local function outline(h, baseline, unit)
  local x, y, low = { h.low }, { baseline }, { baseline }
  local width = (h.high - h.low) / #h.counts
  for i, c in ipairs(h.counts) do
    x[i + 1], y[i + 1] = h.low + (i - 0.5) * width, baseline + c / width * unit
    low[i + 1] = baseline
  end
  local n = #x + 1
  x[n], y[n], low[n] = h.high, baseline, baseline
  return x, y, low
end

--- Histograms one behind the other: a distribution over epochs, the first at the top and furthest
--- away, as in TensorBoard.
--- @param snapshots table  a list of lists or tensors (or { low, high, counts }), one an epoch, or
---   mlp.monitor.weights { every = "epoch", bins = 40 }, of which the option layer says which
--- @param options? table layer (1), labels, bins (40), overlap (2.5), cmap ("viridis"), most (20:
---   so many are drawn)
--- @return mlp.Figure
--- @usage mlp.plot.weight_ridge(monitor, { layer = 2 }):save "weights.png"
function M.weight_ridge(snapshots, options)
  options = base.check("weight_ridge", options,
    base.FIGURE .. base.PANEL .. "layer labels bins overlap cmap most",
    { layer = 1, bins = 40, overlap = 2.5, cmap = "viridis", most = 20, xlabel = "weight",
      ylabel = "epoch", legend = false })
  if type(snapshots) == "table" and snapshots.rows and snapshots.what then
    local seen = monitored("weight_ridge", snapshots, "histogram")
    options.title = options.title or seen.names[options.layer]
    options.labels, options.ylabel = options.labels or seen.x, seen.xlabel
    snapshots = seen.rows[options.layer] or {}
  end
  local shown, labels, top = {}, {}, 0
  local step = math.max(1, math.ceil(#snapshots / options.most))
  for i = 1, #snapshots, step do
    local h = counted(snapshots[i], options.bins)
    if h then
      shown[#shown + 1] = h
      labels[#labels + 1] = options.labels and tostring(options.labels[i]) or tostring(i)
      local width = (h.high - h.low) / #h.counts
      for _, c in ipairs(h.counts) do top = math.max(top, c / width) end
    end
  end
  if #shown == 0 then
    check.raise("argument", "weight_ridge: expected at least one snapshot, got none")
  end
  local figure, panel = base.single(options)
  local n, unit = #shown, options.overlap / top
  local names = {}
  for i = 1, n do names[i] = labels[n + 1 - i] end -- epoch 1 stands highest
  panel:set { ynames = names, grid = false, ylim = { 0.5, n + options.overlap + 0.3 } }
  for i, h in ipairs(shown) do
    local x, y, low = outline(h, n + 1 - i, unit)
    local color = hex(primitives.colour(options.cmap, n > 1 and 0.9 * (i - 1) / (n - 1) or 0.4))
    panel:line(x, y, { low = low, high = y, band_alpha = 0.85, color = color, linewidth = 0 })
    panel:line(x, y, { color = "back", linewidth = 1.2 })
  end
  return figure
end

local function square_side(n)
  local side = math.floor(math.sqrt(n) + 0.5)
  return side * side == n and side > 1 and side or nil
end

--- The weights of a layer: a picture of each unit's inputs where these are an image, else one
--- matrix in two colours about 0.
--- @param source mlp.Model|table|mlp.Tensor  a model, or a matrix (inputs, units)
--- @param options? table layer (1: of those with weights), shape { height, width } of the inputs,
---   units (36: so many at most), title
--- @return mlp.Figure
--- @usage mlp.plot.weights(model, { shape = { 28, 28 } }):save "filters.png"
function M.weights(source, options)
  options = base.check("weights", options, base.FIGURE .. "title layer shape units cmap",
    { layer = 1, units = 36, cmap = "RdBu" })
  local matrix = source
  if probe.is_model(source) then
    local layer = probe.weighted(source)[options.layer]
    if not layer then
      check.raise("argument", "weights: option 'layer': expected 1 to %d, got %d",
        #probe.weighted(source), options.layer)
    end
    matrix = layer.kernel:detach()
    options.title = options.title or layer.name
  end
  local shape = primitives.shape(matrix)
  local side = square_side(shape[1])
  local picture = options.shape or side and side >= 5 and { side, side }
  local basic = require "mlp.plot.basic"
  if picture then
    local settings = base.pick(options, base.FIGURE .. "title cmap")
    settings.shape, settings.diverging = picture, true
    local images = {}
    for j = 1, math.min(shape[2], options.units) do images[j] = primitives.column(matrix, j) end
    return basic.grid_images(images, settings)
  end
  local low, high = primitives.range(matrix)
  local reach = math.max(-(low or 0), high or 1, 1e-12)
  local settings = base.pick(options, base.FIGURE .. "title cmap")
  settings.vmin, settings.vmax, settings.label = -reach, reach, "weight"
  settings.xlabel, settings.ylabel = "unit", "input"
  return basic.heatmap(matrix, settings)
end

return M
