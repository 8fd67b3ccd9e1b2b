--- Plots made of characters, for who works over ssh: sparklines, histograms in blocks, boundaries
--- in half blocks. Colours are left out where NO_COLOR, TERM=dumb, --color=never or a pipe asks
--- for it; without UTF-8 in the locale plain ASCII is used.

local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot
local settings = require "mlp.settings"

local M = {}

local BARS <const> = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local ASCII_BARS <const> = { "_", ".", "-", "=", "+", "*", "#", "@" }
local EIGHTHS <const> = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }

local function given(name)
  local v = os.getenv(name)
  return v and v ~= ""
end

--- May colours be used on standard output?
local function in_colour()
  if settings.color ~= nil then return settings.color end
  if given "NO_COLOR" then return false end
  if given "FORCE_COLOR" then return true end
  return core.is_terminal "stdout" and given "TERM" and os.getenv "TERM" ~= "dumb" or false
end

local OPTIONS <const> = { width = check.none, color = check.none, utf8 = check.none }

--- Options with what the terminal says where they are silent.
local function read(who, options, more)
  local known = {}
  for name, preset in pairs(OPTIONS) do known[name] = preset end
  for name, preset in pairs(more or {}) do known[name] = preset end
  local o = check.options(who, options, known)
  if o.color == nil then o.color = in_colour() end
  if o.utf8 == nil then o.utf8 = settings.is_utf8() end
  o.width = check.whole(who, "width", o.width or core.terminal_width "stdout", 8)
  return o
end

local function number_text(v)
  if v ~= v then return "nan" end
  return ("%.4g"):format(v)
end

--- The means of `width` equal stretches, or the values where they are fewer; NaN where a stretch
--- has none.
local function shortened(values, width)
  local n, out = #values, {}
  if n <= width then return values end
  for i = 1, width do
    local sum, count = 0, 0
    for k = (i - 1) * n // width + 1, i * n // width do
      local v = values[k]
      if v == v and v ~= math.huge and v ~= -math.huge then sum, count = sum + v, count + 1 end
    end
    out[i] = count > 0 and sum / count or 0 / 0
  end
  return out
end

local function spark(values, o, log)
  local bars, cells = o.utf8 and BARS or ASCII_BARS, {}
  values = shortened(values, o.width)
  if log then
    local moved = {}
    for i, v in ipairs(values) do moved[i] = v > 0 and math.log(v) or 0 / 0 end
    values = moved
  end
  local low, high = primitives.range(values)
  for i, v in ipairs(values) do
    if v ~= v or not low then
      cells[i] = " "
    else
      local t = high > low and (v - low) / (high - low) or 0.5
      cells[i] = bars[math.max(1, math.min(8, math.floor(t * 8) + 1))]
    end
  end
  return table.concat(cells)
end

local function list_of(who, data)
  if not core.is_tensor(data) and type(data) ~= "table" then
    check.raise("argument", "%s: expected a list of numbers or a tensor, got %s", who, type(data))
  end
  return (primitives.values(data))
end

--- A curve in one line of blocks.
--- @param values table|mlp.Tensor  list or tensor
--- @param options? table width (that of the terminal), log (false), utf8
--- @return string
--- @usage print(mlp.plot.spark { 5, 3, 2, 1.5, 1.2 }) --> █▄▂▁▁
function M.spark(values, options)
  local o = read("spark", options, { log = false })
  return spark(list_of("spark", values), o, o.log)
end

local function dense(history, name)
  local column, out = history:column(name) or {}, {}
  for i = 1, #history do out[i] = column[i] or 0 / 0 end
  return out
end

--- The values that are numbers: the first, and the last.
local function ends(values)
  local first, last
  for _, v in ipairs(values) do
    if v == v then first, last = first or v, v end
  end
  return number_text(first or 0 / 0), number_text(last or 0 / 0)
end

local function widest_of(texts)
  local widest = 0
  for _, text in ipairs(texts) do widest = math.max(widest, utf8.len(text)) end
  return widest
end

--- Every column of a history in a line: name, curve, first and last value; in a narrow terminal
--- the last alone.
--- @param history mlp.History
--- @param options? table width, columns (names), utf8
--- @return string
function M.spark_history(history, options)
  local o = read("spark_history", options, { columns = check.none })
  local names, columns, spans, lasts, lines = o.columns or history.columns, {}, {}, {}, {}
  for i, name in ipairs(names) do
    columns[i] = dense(history, name)
    local first, last = ends(columns[i])
    spans[i], lasts[i] = ("%s %s %s"):format(first, o.utf8 and "→" or "->", last), last
  end
  local widest, tails = widest_of(names), spans
  if o.width - widest - widest_of(tails) - 5 < 8 then tails = lasts end
  o.width = math.max(4, math.min(o.width - widest - widest_of(tails) - 5, 60))
  for i, name in ipairs(names) do
    lines[i] = ("%s%s  %s  %s"):format(name, (" "):rep(widest - #name), spark(columns[i], o),
      tails[i])
  end
  return table.concat(lines, "\n")
end

--- A bar of so many columns, to an eighth.
local function bar(length, utf8)
  local whole = math.floor(length)
  if not utf8 then return ("#"):rep(math.floor(length + 0.5)) end
  local part = math.floor((length - whole) * 8)
  return ("█"):rep(whole) .. (part > 0 and EIGHTHS[part] or "")
end

--- Numbers `step` apart as texts of equal decimals.
local function edge_texts(low, step, n)
  local top, texts = math.max(math.abs(low), math.abs(low + n * step)), {}
  local whole = low == math.floor(low) and step == math.floor(step)
  local decimals = whole and 0 or math.max(0, math.ceil(-math.log(step, 10)) + 1)
  local format = (top >= 1e7 or top < 1e-4) and "%.2e" or ("%%.%df"):format(decimals)
  for i = 1, n do
    local edge = low + (i - 1) * step
    texts[i] = format:format(math.abs(edge) < 1e-9 * step and 0 or edge):gsub("^%-([0.]+)$", "%1")
  end
  return texts
end

--- How often values fall into equal intervals, a line for each.
--- @param data table|mlp.Tensor  list or tensor
--- @param options? table bins (10), width, utf8
--- @return string
--- @usage print(mlp.plot.blocks(model.layers[1]:weights()[1].tensor))
function M.blocks(data, options)
  local o = read("blocks", options, { bins = 10 })
  check.whole("blocks", "bins", o.bins, 1)
  local low, high = primitives.range(data)
  if not low then return "no finite value" end
  if low == high then low, high = low - 0.5, high + 0.5 end
  local counts = primitives.histogram(data, o.bins, low, high)
  local edges, most, digits = edge_texts(low, (high - low) / o.bins, o.bins), 1, 1
  for i = 1, o.bins do
    most = math.max(most, counts[i])
    digits = math.max(digits, #("%.0f"):format(counts[i]))
  end
  local widest = widest_of(edges)
  local room, lines = math.max(4, math.min(o.width - widest - digits - 4, 60)), {}
  for i = 1, o.bins do
    lines[i] = ("%s%s %s%s %.0f"):format((" "):rep(widest - #edges[i]), edges[i],
      o.utf8 and "│" or "|", bar(counts[i] / most * room, o.utf8), counts[i])
  end
  return table.concat(lines, "\n")
end

-- Boundaries --------------------------------------------------------------------

local CYCLE <const> = { { 0, 114, 178 }, { 213, 94, 0 }, { 0, 158, 115 }, { 204, 121, 167 },
                        { 230, 159, 0 }, { 86, 180, 233 } }
local SHADES <const> = { " ", "░", "▒", "▓", "█" }
local ASCII_SHADES <const> = { " ", ".", "+", "%", "#" }

local function truecolor()
  local v = os.getenv "COLORTERM"
  return v == "truecolor" or v == "24bit"
end

local function sgr(which, c)
  if truecolor() then return ("%d;2;%d;%d;%d"):format(which, c[1], c[2], c[3]) end
  local function level(v) -- the nearest of 0, 95, 135, 175, 215, 255: the cube of 256 colours
    return v < 48 and 0 or v < 115 and 1 or math.floor((v - 35) / 40)
  end
  return ("%d;5;%d"):format(which, 16 + 36 * level(c[1]) + 6 * level(c[2]) + level(c[3]))
end

local function mixed(c, t)
  local out = {}
  for i = 1, 3 do out[i] = math.floor(255 + (c[i] - 255) * t + 0.5) end
  return out
end

--- The class with the largest of the k outputs of place i, and that.
local function likeliest(cells, k, i)
  local best, at = -math.huge, 1
  for j = 1, k do
    local v = cells[(i - 1) * k + j]
    if v > best then best, at = v, j end
  end
  return at, best
end

--- Colour of a place by its outputs: of the likeliest class, the paler the less sure.
local function colour_of(cells, k, i)
  if k == 1 then
    local r, g, b = primitives.colour("coolwarm", cells[i])
    return { math.floor(255 * r), math.floor(255 * g), math.floor(255 * b) }
  end
  local at, best = likeliest(cells, k, i)
  local sure = math.max(0, (best - 1 / k) / (1 - 1 / k))
  return mixed(CYCLE[(at - 1) % #CYCLE + 1], 0.25 + 0.75 * sure)
end

--- The plane's columns and rows of characters, and the data's box with room around it.
local function frame(x, o)
  local cols = math.max(8, math.min(o.width - 2, 60))
  local rows = math.max(4, math.min(24, cols // 2)) -- a character is twice as high as wide
  local a, b = primitives.range(primitives.column(x, 1))
  local c, d = primitives.range(primitives.column(x, 2))
  if not a or not c then a, b, c, d = 0, 1, 0, 1 end
  local rx, ry = math.max((b - a) * 0.08, 1e-9), math.max((d - c) * 0.08, 1e-9)
  return cols, rows, { a - rx, b + rx, c - ry, d + ry }
end

--- Where the samples lie, by place: the class of the last of each.
local function samples_at(x, y, box, cols, rows)
  local at, xs, ys = {}, primitives.values(primitives.column(x, 1)),
    primitives.values(primitives.column(x, 2))
  local classes = y and primitives.values(y)
  for i = 1, #xs do
    local c = math.floor((xs[i] - box[1]) / (box[2] - box[1]) * cols)
    local r = math.floor((ys[i] - box[3]) / (box[4] - box[3]) * rows)
    if c >= 0 and c < cols and r >= 0 and r < rows then
      at[r * cols + c + 1] = classes and classes[i] or 1
    end
  end
  return at
end

local DARK <const> = { { 0, 40, 100 }, { 130, 20, 20 }, { 0, 70, 50 }, { 110, 40, 90 },
                       { 120, 70, 0 }, { 20, 80, 120 } }

local function coloured_lines(cells, k, cols, rows, at)
  local lines = {}
  for r = rows, 1, -1 do -- each line shows two rows of places, the upper one first
    local parts, last = {}, nil
    for c = 1, cols do
      local upper = colour_of(cells, k, (2 * r - 1) * cols + c)
      local lower = colour_of(cells, k, (2 * r - 2) * cols + c)
      local sample = at[(r - 1) * cols + c]
      local ink = sample and DARK[(math.floor(sample) - 1) % #DARK + 1] or upper
      local code = ("\27[%s;%sm"):format(sgr(38, ink), sgr(48, lower))
      local sign = sample and "●" or "▀"
      parts[#parts + 1] = code ~= last and code .. sign or sign
      last = code
    end
    lines[#lines + 1] = table.concat(parts) .. "\27[0m"
  end
  return lines
end

local function plain_lines(cells, k, cols, rows, utf8, at)
  local shades, lines = utf8 and SHADES or ASCII_SHADES, {}
  for r = rows, 1, -1 do
    local parts = {}
    for c = 1, cols do
      local i = (2 * r - 2) * cols + c
      local sample = at[(r - 1) * cols + c]
      if sample then
        parts[c] = k == 1 and (sample == 2 and "x" or "o") or tostring(math.floor(sample) % 10)
      elseif k == 1 then
        parts[c] = shades[math.max(1, math.min(5, math.floor(cells[i] * 5) + 1))]
      else
        parts[c] = shades[(likeliest(cells, k, i) - 1) % #shades + 1]
      end
    end
    lines[#lines + 1] = table.concat(parts)
  end
  return lines
end

--- What the colours or shades mean.
local function caption(coloured, classes, names)
  if classes > 2 then return coloured and "classes by colour" or "classes by shade" end
  local what = classes == 2 and ("P(%s)"):format(names and names[2] or "class 2") or "prediction"
  return (coloured and "blue to red: " or "light to dark: ") .. what
end

--- What a model of two features says about the plane, in half blocks of colour; where colours are
--- not wanted in shades, with the samples as letters.
--- @param model mlp.Model
--- @param dataset mlp.Dataset
--- @param options? table width, color, utf8
--- @return string
--- @usage print(mlp.plot.boundary_text(model, test))
function M.boundary_text(model, dataset, options)
  local o = read("boundary_text", options)
  local x = dataset.x
  if x.ndim ~= 2 or x.shape[2] ~= 2 then
    check.raise("shape", "boundary_text: argument 2 'dataset': expected 2 features, got %d",
      x.ndim == 2 and x.shape[2] or 1)
  end
  local cols, rows, box = frame(x, o)
  local grid = primitives.grid(x, box[1], box[2], cols, box[3], box[4], 2 * rows)
  local classes = dataset.n_classes or 0
  local p = classes > 0 and model:predict_proba(grid) or model:predict(grid)
  if classes == 2 and p.shape[2] == 2 then p = primitives.column(p, 2) end
  local cells = primitives.values(p)
  local k = #cells // (cols * 2 * rows)
  if classes == 0 then
    local low, high = primitives.range(cells)
    for i, v in ipairs(cells) do cells[i] = high > low and (v - low) / (high - low) or 0.5 end
  end
  local lines
  local coloured = o.color and o.utf8
  local at = samples_at(x, classes > 0 and dataset.y or nil, box, cols, rows)
  if coloured then
    lines = coloured_lines(cells, k, cols, rows, classes > 0 and at or {})
  else
    lines = plain_lines(cells, k, cols, rows, o.utf8, at)
  end
  local says = caption(coloured, classes, dataset.class_names)
  local range = ("x1 %.3g to %.3g, x2 %.3g to %.3g"):format(table.unpack(box))
  lines[#lines + 1] = says .. (#says + #range + 2 > o.width and "\n" or "; ") .. range
  return table.concat(lines, "\n")
end

-- Pictures in terminals that show them ----------------------------------------------

local BASE64 <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, c = s:byte(i, i + 2)
    local n = a << 16 | (b or 0) << 8 | (c or 0)
    local function letter(shift) return BASE64:sub((n >> shift & 63) + 1, (n >> shift & 63) + 1) end
    out[#out + 1] = letter(18) .. letter(12) .. (b and letter(6) or "=") .. (c and letter(0) or "=")
  end
  return table.concat(out)
end

--- Kitty's protocol: pieces of at most 4096 letters.
local function kitty(png)
  local text, parts = base64(png), {}
  for i = 1, #text, 4096 do
    local last = i + 4096 > #text
    parts[#parts + 1] = ("\27_G%sm=%d;%s\27\\"):format(i == 1 and "f=100,a=T," or "",
      last and 0 or 1, text:sub(i, i + 4095))
  end
  return table.concat(parts) .. "\n"
end

local function iterm(png)
  return ("\27]1337;File=inline=1;size=%d:%s\a\n"):format(#png, base64(png))
end

--- The escape sequence that shows a PNG in this terminal, or nil.
local function picture(png)
  local program, term = os.getenv "TERM_PROGRAM" or "", os.getenv "TERM" or ""
  if term:find "kitty" or term:find "ghostty" or given "KITTY_WINDOW_ID" then return kitty(png) end
  if program == "iTerm.app" or program == "WezTerm" or os.getenv "LC_TERMINAL" == "iTerm2" then
    return iterm(png)
  end
end

--- Print what fits a terminal: a history as sparklines, a model with its dataset as a boundary, a
--- list or tensor as a histogram, a figure as a picture where the terminal shows such (kitty,
--- iTerm2, WezTerm).
--- @param what any
--- @param dataset? any where `what` is a model
--- @param options? table as for spark_history, boundary_text, blocks
--- @usage mlp.plot.show(history)
function M.show(what, dataset, options)
  local kind = core.type(what)
  local text
  if kind == "mlp.Model" then
    if not dataset then
      check.raise("argument", "show: argument 'dataset': expected the data of the model, got none")
    end
    text = M.boundary_text(what, dataset, options) .. "\n"
  elseif kind == "mlp.Figure" then
    text = picture(what:png())
    if not text then
      check.raise("state", "show: this terminal shows no pictures; write it by :save \"name.png\", "
        .. "or show a history, a model with its data, or numbers")
    end
  elseif type(what) == "table" and what.columns then
    text = M.spark_history(what, dataset) .. "\n"
  else
    text = M.blocks(what, dataset) .. "\n"
  end
  io.stdout:write(text)
end

core.extend("mlp.Figure", { show = function(figure) M.show(figure) end })

return M
