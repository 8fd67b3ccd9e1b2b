--- What every chart shares: checked options, figures with their metadata.

local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot
local provenance = require "mlp.provenance"

local M = {}

--- Text chunks that every figure gets, besides Software, Title, seed, version and what
--- mlp.provenance says of the script.
--- @type table<string, string>
M.metadata = {}

--- What figures are made with where a call does not say: width, height, dpi, theme.
--- @type table<string, any>
M.defaults = {}

M.FIGURE = "width height dpi theme meta "
M.SET = "title xlabel ylabel xlim ylim xscale yscale xinteger yinteger legend grid "
M.PANEL = "panel " .. M.SET

-- Points a side. Their square is looked at: of a model's loss, each over all data.
local MOST_POINTS <const> = { landscape = 200, other = 2000 }

-- What an option must be, where several charts have it.
local IS <const> = {
  ["a list"] = function(v) return type(v) == "table" end,
  ["a number"] = function(v) return type(v) == "number" end,
  ["a whole number"] = function(v) return math.tointeger(v) ~= nil end,
  ["a number or a list"] = function(v) return type(v) == "number" or type(v) == "table" end,
  ["a function"] = function(v) return type(v) == "function" end,
  ["a panel"] = function(v) return core.type(v) == "mlp.Panel" end,
}
local SHARED <const> = {
  { "names", "a list" }, { "labels", "a list" }, { "extent", "a list" }, { "meta", "a list" },
  { "width", "a number" }, { "height", "a number" }, { "dpi", "a number" },
  { "resolution", "a whole number" }, { "n", "a whole number" }, { "seed", "a whole number" },
  { "levels", "a number or a list" }, { "features", "a function" }, { "panel", "a panel" },
}

local function check_resolution(who, resolution)
  local most = MOST_POINTS[who] or MOST_POINTS.other
  if resolution < 2 or resolution > most then
    check.raise("argument", "%s: option 'resolution': expected 2 to %d points a side, got %d", who,
      most, resolution)
  end
end

local function check_shared(who, options)
  for _, shared in ipairs(SHARED) do
    local name, kind = shared[1], shared[2]
    if options[name] ~= nil and not IS[kind](options[name]) then
      check.raise("argument", "%s: option '%s': expected %s, got %s", who, name, kind,
        check.what(options[name]))
    end
  end
  if options.resolution then check_resolution(who, options.resolution) end
end

--- A path where options belong: somebody wants a file.
local function check_path(who, options)
  if type(options) == "string" and options:find "%.%l+$" then
    check.raise("argument", "%s: expected a table of options, got '%s'; a figure is written by "
      .. "figure:save \"%s\"", who, options, options)
  end
end

--- Options with their presets filled in, after the keys were checked against a list of names.
--- @param who string the function, for messages
--- @param options? table
--- @param known string names separated by spaces
--- @param presets? table
--- @return table
function M.check(who, options, known, presets)
  local all = {}
  for name in known:gmatch "%S+" do all[name] = check.none end
  for name, preset in pairs(presets or {}) do all[name] = preset end
  check_path(who, options)
  local o = check.options(who, options, all)
  check_shared(who, o)
  return o
end

--- Only those options that are named.
--- @param options table
--- @param names string separated by spaces
--- @return table
function M.pick(options, names)
  local some = {}
  for name in names:gmatch "%S+" do some[name] = options[name] end
  return some
end

local function add_metadata(figure, meta)
  for _, key in ipairs(check.sorted_keys(meta)) do figure:meta(key, tostring(meta[key])) end
end

--- @class mlp.FigureOptions
--- @field rows? integer of panels (1)
--- @field cols? integer of panels (1)
--- @field width? number inches (6.4, or 4.3 a column)
--- @field height? number inches (4.8, or 3.4 a row)
--- @field dpi? number dots an inch (160)
--- @field theme? "light"|"dark"|"tab10"
--- @field title? string above all panels
--- @field sharex? boolean panels of a column have one x range, labels below the last
--- @field sharey? boolean panels of a row have one y range, labels left of the first
--- @field widths? number[] of the columns, relative
--- @field heights? number[] of the rows, relative
--- @field meta? table<string, any> more text chunks

--- An empty figure: a grid of panels.
--- @param options? mlp.FigureOptions
--- @return mlp.Figure
function M.figure(options)
  options = M.check("figure", options,
    M.FIGURE .. "rows cols title sharex sharey widths heights")
  local rows, cols = options.rows or 1, options.cols or 1
  for name, preset in pairs(M.defaults) do
    if options[name] == nil then options[name] = preset end
  end
  options.width = options.width or (cols == 1 and 6.4 or 4.3 * cols)
  options.height = options.height or (rows > 1 and 3.4 * rows or cols > 1 and 3.6 or 4.8)
  local meta = options.meta
  options.meta = nil
  local figure = primitives.figure(options)
  add_metadata(figure, provenance.script())
  add_metadata(figure, M.metadata)
  add_metadata(figure, meta or {})
  return figure
end

--- A figure of one panel, with the panel's options set; with `panel` in the options it is drawn
--- there, and the chart returns that panel in the place of a figure.
--- @param options table those of the chart
--- @return mlp.Figure, mlp.Panel
function M.single(options)
  if options.panel then
    return options.panel, options.panel:set(M.pick(options, M.SET))
  end
  local figure = M.figure(M.pick(options, M.FIGURE))
  local panel = figure:panel(1, 1):set(M.pick(options, M.SET))
  if options.title then figure:meta("Title", options.title) end
  return figure, panel
end

--- A number as a reader writes it: a true minus, and 1e-9 without "-09" and "+12".
--- @param v number
--- @param format? string "%.4g"
--- @return string
function M.number(v, format)
  local text = (format or "%.4g"):format(v):gsub("e%+?(%-?)0*", "e%1"):gsub("%-", "\u{2212}")
  return text
end

--- Is it a list of lists or tensors, rather than one list of numbers?
--- @param data any
--- @return boolean
function M.is_several(data)
  return type(data) == "table" and (type(data[1]) == "table" or type(data[1]) == "userdata")
end

--- Raise where there is nothing to draw.
--- @param who string
--- @param name string the argument, such as "argument 2 'y'"
--- @param data table|mlp.Tensor  list or tensor
function M.check_some(who, name, data)
  if type(data) == "table" and #data == 0
    or core.is_tensor(data) and data:numel() == 0 then
    check.raise("argument", "%s: %s: expected at least one number, got none", who, name)
  end
end

--- Black or white, whichever has more contrast with the cell's colour.
--- Source: WCAG 2.2, relative luminance and contrast ratio: both have the same at 0.179.
--- @param map string
--- @param share number of the way along it
--- @return string
function M.ink(map, share)
  local channels = { primitives.colour(map, math.max(0, math.min(1, share))) }
  for i, v in ipairs(channels) do
    channels[i] = v <= 0.04045 and v / 12.92 or ((v + 0.055) / 1.055) ^ 2.4
  end
  local luminance = 0.2126 * channels[1] + 0.7152 * channels[2] + 0.0722 * channels[3]
  return luminance > 0.179 and "black" or "white"
end

--- Letters that fit into the cells of a matrix, in points.
local function cell_letters(texts, cols)
  local widest = 1
  for _, text in ipairs(texts) do
    widest = math.max(widest, (primitives.text_size(text, 1)))
  end
  return math.min(10, 200 / (#texts / cols) / 1.6, 290 / cols / (1.1 * widest))
end

--- Write every cell's value into it, where there is room.
--- @param panel mlp.Panel
--- @param cells number[] row by row
--- @param cols integer
--- @param style { format: function, low: number, high: number, cmap: string }
function M.annotate(panel, cells, cols, style)
  local texts = {}
  for i, value in ipairs(cells) do
    local known = value == value -- a gap has nothing to say
    texts[i] = known and style.format(value):gsub("%-", "\u{2212}") or ""
  end
  local size = cell_letters(texts, cols)
  if size < 4 then return end
  for i, value in ipairs(cells) do
    local share = style.high > style.low and (value - style.low) / (style.high - style.low) or 0.5
    if texts[i] ~= "" then
      panel:text((i - 1) % cols + 1, (i - 1) // cols + 1, texts[i], {
        size = size, halign = "center", valign = "center", color = M.ink(style.cmap, share),
      })
    end
  end
end

return M
