--- Charts of training: one run, or several compared.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot

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

--- What is no history gives its numbers: a list itself, a study the best after each trial.
local function own_numbers(run)
  if core.type(run) == "mlp.Study" then return run:best_so_far() end
  return type(run) == "table" and type(run[1]) == "number" and run or nil
end

--- A column as one number an epoch, NaN where nothing was logged.
local function dense(history, name)
  local own = own_numbers(history)
  if own then return own end
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
      label = "train", color = "C0", dash = paired and "dashed" or "solid",
      alpha = paired and 0.65 or 1,
    }, options.smooth)
  end
  if paired then
    draw_curve(panel, dense(history, "val_" .. name), { label = "validation", color = "C1" },
      options.smooth)
  end
end

local function draw_rate(panel, history)
  for _, name in ipairs(history.columns) do
    if RATES[name] then
      panel:line(nil, dense(history, name),
        { axis = "right", color = "C2", linewidth = 1, dash = "dashdot" })
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
  local with_legend = options.lr and names[2] and 2 or 1 -- a second axis fills the first panel
  for i, name in ipairs(names) do
    if not has(history.columns, name) and not has(history.columns, "val_" .. name) then
      check.raise("argument", "history: option 'metrics': expected one of %s, got '%s'",
        table.concat(metrics_of(history.columns), ", "), name)
    end
    local panel = figure:panel((i - 1) // cols + 1, (i - 1) % cols + 1)
    panel:set { xlabel = "epoch", ylabel = words(name), xinteger = true, legend = i == with_legend,
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

local function quantile(sorted, q)
  local at = 1 + q * (#sorted - 1)
  local k = math.floor(at)
  return sorted[k] + (at - k) * ((sorted[k + 1] or sorted[k]) - sorted[k])
end

--- The ends of the band: of all runs, of the middle half, or a standard deviation about the mean.
local BANDS = {
  range = function(sorted) return sorted[1], sorted[#sorted] end,
  quartiles = function(sorted) return quantile(sorted, 0.25), quantile(sorted, 0.75) end,
  sd = function(sorted)
    local mean, square, n = 0, 0, #sorted
    for _, v in ipairs(sorted) do mean = mean + v / n end
    for _, v in ipairs(sorted) do square = square + (v - mean) ^ 2 / n end
    return mean - math.sqrt(square), mean + math.sqrt(square), mean
  end,
}

--- Median (of sd: mean) and band of every epoch over those runs that reached it.
local function summary(group, metric, band, smooth)
  local middle, low, high, columns, longest = {}, {}, {}, {}, 0
  for i, history in ipairs(group) do
    columns[i] = dense(history, metric)
    if smooth > 0 then columns[i] = smoothed(columns[i], smooth) end
    longest = math.max(longest, #columns[i])
  end
  for epoch = 1, longest do
    local values = {}
    for _, column in ipairs(columns) do
      local v = column[epoch]
      if v and v == v then values[#values + 1] = v end
    end
    table.sort(values)
    middle[epoch], low[epoch], high[epoch] = 0 / 0, 0 / 0, 0 / 0
    if #values > 0 then
      local a, b, mean = band(values)
      middle[epoch], low[epoch], high[epoch] = mean or median(values), a, b
    end
  end
  return middle, low, high
end

local function read_band(band)
  if band == nil or band == false or band == true then return BANDS.range end
  if not BANDS[band] then
    check.raise("argument", "runs: option 'band': expected true, 'range', 'quartiles' or 'sd', got "
      .. "%s", tostring(band))
  end
  return BANDS[band]
end

--- @class mlp.RunsPlotOptions: mlp.FigureOptions
--- @field metric? string "val_loss" where the first run has one, else "loss"
--- @field labels? string[] of each run
--- @field band? boolean|string runs of one label become one curve: true or "range", "quartiles",
---   "sd"
--- @field log? boolean logarithmic y axis
--- @field smooth? number 0 to 1: moving average of each run

--- Several runs over one metric. With `band`, runs of one label become a median line in a band from
--- the least to the greatest value (or of the quartiles; or their mean with a standard deviation).
--- A run may also be a list of numbers, or a study: the best objective so far, by trial.
--- @param histories (mlp.History|mlp.Study|number[])[]
--- @param options? mlp.RunsPlotOptions
--- @return mlp.Figure
--- @usage mlp.plot.runs(all, { metric = "val_accuracy", labels = names, band = true })
function M.runs(histories, options)
  options = base.check("runs", options,
    base.FIGURE .. base.PANEL .. "metric labels band log smooth",
    { smooth = 0, band = check.any(false) })
  if type(histories) ~= "table" or #histories == 0 then
    check.raise("argument", "runs: argument 1 'histories': expected a list of histories, got none")
  end
  local metric, xlabel = options.metric or "loss", "epoch"
  if core.type(histories[1]) == "mlp.Study" then
    metric, xlabel = "best so far", "trial"
  elseif not options.metric and has(histories[1].columns or {}, "val_loss") then
    metric = "val_loss"
  end
  options.xlabel, options.ylabel = options.xlabel or xlabel, options.ylabel or words(metric)
  options.yscale = options.log and "log" or options.yscale
  options.xinteger = true
  local figure, panel = base.single(options)
  local band = read_band(options.band)
  for _, group in ipairs(grouped(histories, options.labels, options.band)) do
    local middle, low, high = summary(group, metric, band, options.smooth)
    local label = group.label
    if #group > 1 then
      label = (label == "" and "" or label .. ": ")
        .. ("%s of %d"):format(options.band == "sd" and "mean" or "median", #group)
    end
    local banded = #group > 1 or nil
    panel:line(nil, middle, { label = label ~= "" and label or nil, low = banded and low,
                              high = banded and high, marker = #middle == 1 and "circle" or nil })
  end
  return figure
end

--- The loss (or another number) of every batch, pale, under its moving average.
--- @param losses table|mlp.Tensor  list or tensor, one a batch
--- @param options? table smooth (0 to 1; preset: a thirtieth of the run, 0.5 to 0.98), steps
---   (batches an epoch: marks epochs on the axis), label, log
--- @return mlp.Figure
--- @usage mlp.plot.batches(losses, { steps = 47 }):save "batches.png"
function M.batches(losses, options)
  options = base.check("batches", options, base.FIGURE .. base.PANEL .. "smooth steps label log",
    { ylabel = "loss" })
  base.check_some("batches", "argument 1 'losses'", losses)
  if options.smooth then check.number("batches", "smooth", options.smooth, 0, 1 - 1e-9) end
  options.yscale = options.log and "log" or options.yscale
  options.xlabel = options.xlabel or options.steps and "epoch" or "batch"
  if options.xinteger == nil then options.xinteger = not options.steps end
  local values, x = (primitives.values(losses)), nil
  -- an average of m batches lags by m: of a short run it would lie beside the curve
  local smooth = options.smooth or math.max(0.5, math.min(0.98, 1 - 30 / #values))
  if options.steps then
    x = {}
    for i = 1, #values do x[i] = i / options.steps end
  end
  local figure, panel = base.single(options)
  panel:line(x, values, { color = "C0", alpha = 0.3, linewidth = 1,
                          label = options.label or "each batch" })
  if smooth > 0 then
    panel:line(x, smoothed(values, smooth), { color = "C0", label = "moving average" })
  end
  return figure
end

return M
