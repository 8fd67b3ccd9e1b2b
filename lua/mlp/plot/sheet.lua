--- A contact sheet: several trained networks beside each other.
local base = require "mlp.plot.base"
local check = require "mlp.check"
local classes = require "mlp.plot.classes"

local M = {}

--- The rows of a case, from top to bottom: what it has, its panel, and how it is drawn there.
local ROWS <const> = {
  { "model", function(panel, case)
    classes.decision_boundary(case.model, case.data, { panel = panel, size = 2, resolution = 100,
      colorbar = false, legend = false, xlabel = "", ylabel = "" })
  end },
  { "history", function(panel, case)
    panel:line(nil, case.history.loss):set { xlabel = "epoch", ylabel = "loss" }
  end },
  { "gradients", function(panel, case)
    panel:line(nil, case.gradients, { marker = "circle" })
      :set { xlabel = "layer", ylabel = "gradient", yscale = "log", xinteger = true }
  end },
}

--- The finite numbers of all cases, sorted.
local function all_of(cases, read)
  local list = {}
  for _, case in ipairs(cases) do
    for _, v in ipairs(read(case) or {}) do
      if v - v == 0 then list[#list + 1] = v end
    end
  end
  table.sort(list)
  return list
end

--- The axis of all loss curves; the highest fiftieth, a spike of one of them, may be cut off.
local function loss_limits(cases)
  local list = all_of(cases, function(case) return case.history and case.history.loss end)
  if #list == 0 then return nil end
  return { math.min(0, list[1]), 1.1 * list[math.ceil(0.98 * #list)] }
end

--- That of all gradients, which is logarithmic.
local function gradient_limits(cases)
  local list = all_of(cases, function(case) return case.gradients end)
  while list[1] and list[1] <= 0 do table.remove(list, 1) end
  return list[1] and { list[1] / 3, list[#list] * 3 }
end

local function check_cases(cases)
  if type(cases) ~= "table" or type(cases[1]) ~= "table" then
    check.raise("argument", "contact_sheet: argument 1 'cases': expected a list of { title =, "
      .. "model =, data =, history =, gradients = }, got %s", check.what(cases))
  end
  for _, case in ipairs(cases) do
    check.options("contact_sheet", case, { title = check.none, model = check.none,
      data = check.none, history = check.none, gradients = check.none })
  end
end

--- Networks of two features on one sheet, each a column: title and decision boundary, loss by
--- epoch, and numbers by layer. What no case has is left out; loss and gradients have one scale.
--- @param cases table[]  each { title, model, data, history, gradients (a number a layer) }
--- @param options? table cols (6) beside each other
--- @return mlp.Figure
--- @usage mlp.plot.contact_sheet { { title = "tanh", model = model, data = test } }
function M.contact_sheet(cases, options)
  check_cases(cases)
  local o = base.check("contact_sheet", options, base.FIGURE .. "title cols", { cols = 6 })
  local cols, rows = math.min(#cases, check.whole("contact_sheet", "cols", o.cols, 1)), {}
  for _, row in ipairs(ROWS) do
    for _, case in ipairs(cases) do
      if case[row[1]] then
        rows[#rows + 1] = row
        break
      end
    end
  end
  local settings = base.pick(o, base.FIGURE .. "title")
  settings.cols, settings.rows = cols, #rows * ((#cases + cols - 1) // cols)
  settings.width = o.width or 3 * cols
  settings.height = o.height or 2.7 * settings.rows
  local figure = base.figure(settings)
  local scale = { history = loss_limits(cases), gradients = gradient_limits(cases) }
  for i, case in ipairs(cases) do
    for k, row in ipairs(rows) do
      if case[row[1]] then
        local panel = figure:panel((i - 1) // cols * #rows + k, (i - 1) % cols + 1)
        row[2](panel, case)
        panel:set { ylim = scale[row[1]], title = k == 1 and case.title or nil }
      end
    end
  end
  return figure
end

return M
