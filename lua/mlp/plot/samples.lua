--- Pictures of samples: the first ones, those that a model got wrong.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot

local M = {}

local KNOWN <const> = base.FIGURE .. "title n shape cmap cols"

--- Height and width of a row of x, given or found: { 28, 28 } of 784.
local function picture_shape(who, x, shape)
  if shape then return shape end
  local s = primitives.shape(x)
  if #s > 2 then return { s[2], s[3] } end
  local side = math.floor(math.sqrt(s[2] or 0) + 0.5)
  if side < 2 or side * side ~= s[2] then
    check.raise("argument", "%s: expected option 'shape' = { height, width } for rows of %d values",
      who, s[2] or 1)
  end
  return { side, side }
end

local function name_of(dataset, class)
  local names = dataset.class_names
  return names and names[class] or tostring(class)
end

local function draw(who, dataset, rows, titles, options)
  local images, shape = {}, picture_shape(who, dataset.x, options.shape)
  for i, row in ipairs(rows) do images[i] = primitives.row(dataset.x, row) end
  local settings = base.pick(options, base.FIGURE .. "title cmap cols")
  settings.shape, settings.titles = shape, titles
  settings.cmap = settings.cmap or "greys"
  return require("mlp.plot.basic").grid_images(images, settings)
end

--- The first samples of a dataset of pictures, with their classes.
--- @param dataset mlp.Dataset
--- @param options? table n (25), shape { height, width }, cols, cmap
--- @return mlp.Figure
--- @usage mlp.plot.samples(train):save "samples.png"
function M.samples(dataset, options)
  options = base.check("samples", options, KNOWN, { n = 25 })
  local rows, titles, y = {}, nil, dataset.y and primitives.values(dataset.y)
  for i = 1, math.min(options.n, primitives.shape(dataset.x)[1]) do rows[i] = i end
  if y then
    titles = {}
    for i = 1, #rows do titles[i] = name_of(dataset, math.tointeger(y[i]) or y[i]) end
  end
  return draw("samples", dataset, rows, titles, options)
end

--- Class and probability of every row, from (n, K) or (n, 1).
local function called(p)
  local cells, n, k = primitives.values(p)
  local class, share = {}, {}
  for i = 1, n do
    if k == 1 then
      class[i] = cells[i] > 0.5 and 2 or 1
      share[i] = class[i] == 2 and cells[i] or 1 - cells[i]
    else
      for j = 1, k do
        local v = cells[(i - 1) * k + j]
        if not share[i] or v > share[i] then class[i], share[i] = j, v end
      end
    end
  end
  return class, share
end

--- What a model got wrong, the surest first: true class, what it said, how sure it was.
--- @param model mlp.Model
--- @param dataset mlp.Dataset
--- @param options? table n (25), shape { height, width }, cols, cmap
--- @return mlp.Figure
--- @usage mlp.plot.misclassified(model, test):save "wrong.png"
function M.misclassified(model, dataset, options)
  options = base.check("misclassified", options, KNOWN, { n = 25 })
  local class, share = called(model:predict_proba(dataset.x))
  local y, rows, titles = primitives.values(dataset.y), {}, {}
  for i, c in ipairs(class) do
    if c ~= y[i] then rows[#rows + 1] = i end
  end
  if #rows == 0 then
    check.raise("state", "misclassified: the model is right on all %d rows; there is nothing to "
      .. "draw", #class)
  end
  table.sort(rows, function(a, b)
    if share[a] ~= share[b] then return share[a] > share[b] end
    return a < b
  end)
  rows = table.move(rows, 1, math.min(options.n, #rows), 1, {})
  for i, row in ipairs(rows) do
    titles[i] = ("%s → %s\n%.0f %%"):format(name_of(dataset, math.tointeger(y[row])),
      name_of(dataset, class[row]), 100 * share[row])
  end
  return draw("misclassified", dataset, rows, titles, options)
end

return M
