--- Tables and the graph of a model, drawn as figures: everything in points, by measured texts.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot

local M = {}

local OUTER <const> = 6 -- points that the lay-out keeps free around a figure
local MOST_PIXELS <const> = 16000

local EDGE <const> = 1 -- points around all, for the outer half of lines along it

--- A figure of one panel whose units are points, y upwards.
local function canvas(width, height, options)
  local settings = base.pick(options, base.FIGURE .. "title")
  local above = options.title and 21 or 0
  local around = 2 * (OUTER + EDGE)
  settings.width, settings.height = (width + around) / 72, (height + above + around) / 72
  local dpi = options.dpi or 160
  settings.dpi = math.min(dpi, MOST_PIXELS / math.max(settings.width, settings.height))
  local figure = base.figure(settings)
  local panel = figure:panel(1, 1)
  panel:set { axes = false, grid = false, legend = false, xlim = { -EDGE, width + EDGE },
              ylim = { -EDGE, height + EDGE } }
  return figure, panel
end

--- Width of the widest line, and height of the lines, in points.
local function measure(text, size) return primitives.text_size(text, size) end

-- Tables ------------------------------------------------------------------------

local PAD <const>, LINE <const> = 8, 18 -- points

local function cell_text(v, format)
  if v == nil then return "" end
  if math.type(v) == "float" then return base.number(v, format) end
  return tostring(v)
end

--- Texts of all cells, and what each column is aligned to: numbers to the right.
local function read_cells(rows, header, format)
  local texts, right, cols = {}, {}, header and #header or 0
  for r, row in ipairs(rows) do
    if type(row) ~= "table" then
      check.raise("argument", "table: row %d: expected a list, got %s", r, type(row))
    end
    texts[r] = {}
    for c = 1, math.max(#row, cols) do
      cols = math.max(cols, c)
      texts[r][c] = cell_text(row[c], format)
      if type(row[c]) == "number" and right[c] == nil then right[c] = true end
      if row[c] ~= nil and type(row[c]) ~= "number" then right[c] = false end
    end
  end
  return texts, right, cols
end

--- A table of rows as a picture. Columns of numbers stand on the right.
--- @param rows any[][]
--- @param options? table header (names), format ("%.4g"), size (10), mark (number of a row)
--- @return mlp.Figure
--- @usage mlp.plot.table({ { "adam", 0.93 }, { "sgd", 0.88 } }, { header = { "", "accuracy" } })
function M.table(rows, options)
  options = base.check("table", options, base.FIGURE .. "title header format size mark",
    { format = "%.4g", size = 10 })
  if type(rows) ~= "table" or #rows == 0 then
    check.raise("argument", "table: argument 1 'rows': expected a list of rows, got none")
  end
  local texts, right, cols = read_cells(rows, options.header, options.format)
  local size, line, total, left = options.size, LINE * options.size / 10, 0, {}
  local all = table.move(texts, 1, #texts, 1, {})
  if options.header then
    local names = {}
    for c = 1, cols do names[c] = cell_text(options.header[c], "%s") end
    table.insert(all, 1, names)
  end
  local widths = {}
  for c = 1, cols do
    widths[c] = 0
    for _, row in ipairs(all) do
      widths[c] = math.max(widths[c], (measure(row[c] or "", size)))
    end
    left[c], total = total, total + widths[c] + 2 * PAD
  end
  local figure, panel = canvas(total, line * #all, options)
  for r, row in ipairs(all) do
    local y = line * (#all - r)
    local number = options.header and r - 1 or r
    if number > 0 and (number % 2 == 0 or number == options.mark) then
      panel:boxes({ 0 }, { y }, { total }, { y + line },
        { color = number == options.mark and "C4" or "grey", alpha = number == options.mark and 0.3
          or 0.1 })
    end
    for c = 1, cols do
      local x = left[c] + PAD + (right[c] and widths[c] or 0)
      panel:text(x, y + line / 2, row[c] or "",
        { halign = right[c] and "right" or "left", valign = "center", size = size })
    end
  end
  if options.header then
    local y = line * #rows
    panel:segments({ 0, 0 }, { y, 0 }, { total, total }, { y, 0 }, { linewidth = 0.8 })
  end
  return figure
end

-- The graph of a model --------------------------------------------------------------

local BOX_PAD <const>, ROW_GAP <const>, COL_GAP <const> = 9, 22, 16 -- points

local function thousands(n)
  local s = tostring(n):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return s
end

local function describe(use)
  local layer, n = use.layer, 0
  for _, w in ipairs(layer:weights()) do n = n + w.tensor:numel() end
  local activation = layer.kind ~= "activation" and layer.activation and layer.activation.kind
  local head = layer.name
  if activation and activation ~= "linear" then head = head .. " · " .. activation end
  local shape = #use.shape > 0 and ("(%s)"):format(table.concat(use.shape, ", ")) or "not built"
  return head, n > 0 and ("%s   %s weights"):format(shape, thousands(n)) or shape, layer.kind
end

--- Boxes: the input, then every use of a layer, with the row in which each stands.
local function nodes_of(model)
  local uses, nodes = core.model_uses(model), {}
  local shape = model.input_shape
  nodes[0] = { head = "input", foot = shape and ("(%s)"):format(table.concat(shape, ", ")) or "",
               level = 0, inputs = {} }
  for i, use in ipairs(uses) do
    local head, foot, kind = describe(use)
    local level = 0
    for _, j in ipairs(use.inputs) do level = math.max(level, nodes[math.max(j, 0)].level) end
    nodes[i] = { head = head, foot = foot, kind = kind, level = level + 1, inputs = use.inputs }
  end
  for i = 0, #uses do
    local n = nodes[i]
    n.width = math.max((measure(n.head, 10)), (measure(n.foot, 8))) + 2 * BOX_PAD
  end
  return nodes, #uses
end

--- Middles of all boxes; returns the size of the whole.
local function place(nodes, n)
  local rows, widest, deepest = {}, 0, 0
  for i = 0, n do
    local row = rows[nodes[i].level] or { width = -COL_GAP }
    rows[nodes[i].level] = row
    row[#row + 1] = nodes[i]
    row.width = row.width + nodes[i].width + COL_GAP
    widest, deepest = math.max(widest, row.width), math.max(deepest, nodes[i].level)
  end
  local height = (deepest + 1) * 34 + deepest * ROW_GAP
  for level, row in pairs(rows) do
    local x = (widest - row.width) / 2
    for _, node in ipairs(row) do
      node.x, node.y = x + node.width / 2, height - 17 - level * (34 + ROW_GAP)
      x = x + node.width + COL_GAP
    end
  end
  return widest, height
end

--- Arrows to the next row are straight; longer ones go around on the right.
local function draw_edges(panel, nodes, n, right)
  local lane = 0
  for i = 1, n do
    local to = nodes[i]
    for _, j in ipairs(to.inputs) do
      local from = nodes[math.max(j, 0)]
      if to.level - from.level == 1 then
        panel:segments({ from.x }, { from.y - 17 }, { to.x }, { to.y + 17 },
          { head = 6, linewidth = 1, color = "faint" })
      else
        lane = lane + 1
        local x = right + 8 * lane
        panel:line({ from.x + from.width / 2, x, x }, { from.y, from.y, to.y },
          { color = "faint", linewidth = 1 })
        panel:segments({ x }, { to.y }, { to.x + to.width / 2 }, { to.y },
          { head = 6, linewidth = 1, color = "faint" })
      end
    end
  end
end

local function count_lanes(nodes, n)
  local lanes = 0
  for i = 1, n do
    for _, j in ipairs(nodes[i].inputs) do
      if nodes[i].level - nodes[math.max(j, 0)].level > 1 then lanes = lanes + 1 end
    end
  end
  return lanes
end

--- The layers of a model as boxes with their names, activations, shapes and numbers of weights, and
--- arrows from each to what takes its output.
--- @param model mlp.Model
--- @param options? table title
--- @return mlp.Figure
--- @usage mlp.plot.model_graph(model):save "model.svg"
function M.model_graph(model, options)
  options = base.check("model_graph", options, base.FIGURE .. "title")
  local nodes, n = nodes_of(model)
  if n == 0 then check.raise("argument", "model_graph: expected a model with layers, got none") end
  local width, height = place(nodes, n)
  local figure, panel = canvas(width + 8 * count_lanes(nodes, n) + 2, height, options)
  draw_edges(panel, nodes, n, width)
  local colors = { input = "C4" }
  for i = 0, n do
    local node = nodes[i]
    local weighted = node.foot:find "weights"
    local x, y, w = node.x, node.y, node.width / 2
    panel:boxes({ x - w }, { y - 17 }, { x + w }, { y + 17 }, {
      color = i == 0 and colors.input or weighted and "C0" or "grey", alpha = 0.15, radius = 4,
      edge = i == 0 and colors.input or weighted and "C0" or "grey" })
    panel:text(x, y + 7, node.head, { halign = "center", valign = "center", size = 10 })
    panel:text(x, y - 8, node.foot, { halign = "center", valign = "center", size = 8,
                                      color = "faint" })
  end
  return figure
end

return M
