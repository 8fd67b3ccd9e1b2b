--- Charts of training: one run, or several compared.

local base = require "mlp.plot.base"
local check = require "mlp.check"

local M = {}

local RATES = { learning_rate = true, lr = true }

local function has(list, name)
  for _, other in ipairs(list) do
    if other == name then return true end
  end
  return false
end

--- The metrics to draw: not the learning rate, and val_x together with x.
local function metrics_of(columns)
  local names = {}
  for _, name in ipairs(columns) do
    local own = name:gsub("^val_", "")
    if not RATES[name] and not has(names, own) then names[#names + 1] = own end
  end
  return names
end

local function words(name) return (name:gsub("_", " ")) end

--- Exponential moving average with Adam's bias correction, so that it starts at the first value.
local function smoothed(values, beta)
  local out, mean, weight = {}, 0, 0
  for i, v in ipairs(values) do
    if v == v then
      mean, weight = beta * mean + (1 - beta) * v, beta * weight + (1 - beta)
    end
    out[i] = weight > 0 and mean / weight or v
  end
  return out
end

--- A column as one number an epoch, NaN where nothing was logged.
local function dense(history, name)
  local column, out = history:column(name) or {}, {}
  for epoch = 1, #history do out[epoch] = column[epoch] or 0 / 0 end
  return out
end

local function draw_curve(panel, values, style, smooth)
  if smooth > 0 then
    local raw = { color = style.color, alpha = 0.3, linewidth = 1 }
    panel:line(nil, values, raw)
    values = smoothed(values, smooth)
  end
  style.marker = #values == 1 and "circle" or nil -- one epoch is no line
  panel:line(nil, values, style)
end

local function draw_metric(panel, history, name, options)
  local columns = history.columns
  local paired = has(columns, "val_" .. name)
  if has(columns, name) then
    draw_curve(panel, dense(history, name), {
      label = "train", color = "C1", dash = paired and "dashed" or "solid",
      alpha = paired and 0.65 or 1,
    }, options.smooth)
  end
  if paired then
    draw_curve(panel, dense(history, "val_" .. name), { label = "validation", color = "C2" },
      options.smooth)
  end
end

local function draw_rate(panel, history)
  for _, name in ipairs(history.columns) do
    if RATES[name] then
      panel:line(nil, dense(history, name),
        { axis = "right", color = "C3", linewidth = 1, dash = "dashdot" })
      panel:set { rlabel = "learning rate" }
      return
    end
  end
end

local function mark_epochs(panel, history)
  local best, stopped = history.best_epoch, history.stopped_epoch
  if best then
    panel:vline(best, { label = ("best: epoch %d"):format(best), dash = "dotted", linewidth = 1.2 })
  end
  if stopped and stopped ~= best then
    panel:vline(stopped, { label = ("stopped: epoch %d"):format(stopped), dash = "dashdot" })
  end
end

local function shape_of(n)
  if n <= 3 then return 1, n end
  if n == 4 then return 2, 2 end
  return math.ceil(n / 3), 3
end

--- @class mlp.HistoryPlotOptions: mlp.FigureOptions
--- @field metrics? string[] which (all)
--- @field log? boolean the loss on a logarithmic axis
--- @field lr? boolean the learning rate on a second axis
--- @field smooth? number 0 to 1: moving average over the pale raw curve

--- Loss and metrics over epochs, a panel each: training pale and dashed, validation solid, the best
--- epoch marked.
--- @param history mlp.History
--- @param options? mlp.HistoryPlotOptions
--- @return mlp.Figure
--- @usage mlp.plot.history(history, { log = true }):save "history.png"
function M.history(history, options)
  options = base.check("history", options, base.FIGURE .. "title metrics log lr smooth",
    { smooth = 0 })
  if not (options.smooth >= 0 and options.smooth < 1) then
    check.raise("argument", "history: option 'smooth': expected 0 up to 1, got %g", options.smooth)
  end
  local names = options.metrics or metrics_of(history.columns)
  if #names == 0 then
    check.raise("argument", "history: expected at least one metric, got none")
  end
  local rows, cols = shape_of(#names)
  local settings = base.pick(options, base.FIGURE .. "title")
  settings.rows, settings.cols = rows, cols
  local figure = base.figure(settings)
  for i, name in ipairs(names) do
    if not has(history.columns, name) and not has(history.columns, "val_" .. name) then
      check.raise("argument", "history: option 'metrics': expected one of %s, got '%s'",
        table.concat(metrics_of(history.columns), ", "), name)
    end
    local panel = figure:panel((i - 1) // cols + 1, (i - 1) % cols + 1)
    panel:set { xlabel = "epoch", ylabel = words(name), xinteger = true, legend = i == 1,
                yscale = options.log and name == "loss" and "log" or "linear" }
    draw_metric(panel, history, name, options)
    mark_epochs(panel, history)
    if options.lr and i == 1 then draw_rate(panel, history) end
  end
  return figure
end

--- Histories with equal labels, in the order in which these appear.
local function grouped(histories, labels, band)
  local groups, by_label = {}, {}
  for i, history in ipairs(histories) do
    local label = labels and labels[i] or band and "" or ("run %d"):format(i)
    local group = band and by_label[label]
    if not group then
      group = { label = label }
      groups[#groups + 1], by_label[label] = group, group
    end
    group[#group + 1] = history
  end
  return groups
end

local function median(sorted)
  local n = #sorted
  return (sorted[(n + 1) // 2] + sorted[n // 2 + 1]) / 2
end

--- Median, least and greatest of every epoch over those runs that reached it.
local function summary(group, metric)
  local middle, low, high, columns, longest = {}, {}, {}, {}, 0
  for i, history in ipairs(group) do
    columns[i] = dense(history, metric)
    longest = math.max(longest, #columns[i])
  end
  for epoch = 1, longest do
    local values = {}
    for _, column in ipairs(columns) do
      local v = column[epoch]
      if v and v == v then values[#values + 1] = v end
    end
    table.sort(values)
    local nan = 0 / 0
    middle[epoch] = #values > 0 and median(values) or nan
    low[epoch], high[epoch] = values[1] or nan, values[#values] or nan
  end
  return middle, low, high
end

--- @class mlp.RunsPlotOptions: mlp.FigureOptions
--- @field metric? string "val_loss" where the first run has one, else "loss"
--- @field labels? string[] of each run
--- @field band? boolean runs of one label become one curve
--- @field log? boolean logarithmic y axis

--- Several runs over one metric. With `band`, runs of one label become a median line in a band from
--- the least to the greatest value.
--- @param histories mlp.History[]
--- @param options? mlp.RunsPlotOptions
--- @return mlp.Figure
--- @usage mlp.plot.runs(all, { metric = "val_accuracy", labels = names, band = true })
function M.runs(histories, options)
  options = base.check("runs", options, base.FIGURE .. base.PANEL .. "metric labels band log")
  if type(histories) ~= "table" or #histories == 0 then
    check.raise("argument", "runs: argument 1 'histories': expected a list of histories, got none")
  end
  local metric = options.metric or has(histories[1].columns, "val_loss") and "val_loss" or "loss"
  options.xlabel, options.ylabel = options.xlabel or "epoch", options.ylabel or words(metric)
  options.yscale = options.log and "log" or options.yscale
  options.xinteger = true
  local figure, panel = base.single(options)
  for _, group in ipairs(grouped(histories, options.labels, options.band)) do
    local middle, low, high = summary(group, metric)
    local label = group.label
    if #group > 1 then
      label = (label == "" and "" or label .. ": ") .. ("median of %d"):format(#group)
    end
    local banded = #group > 1 or nil
    panel:line(nil, middle, { label = label ~= "" and label or nil, low = banded and low,
                              high = banded and high })
  end
  return figure
end

return M
