--- Plots of a study. study:plot "history" and mlp.tune.plot.history(study) are the same.
local core = require "mlp.core"
local base = require "mlp.plot.base"
local check = require "mlp.check"
local importance = require "mlp.tune.importance"

local M = {}

local VIRIDIS <const> = { { 68, 1, 84 }, { 59, 82, 139 }, { 33, 145, 140 }, { 94, 201, 98 },
  { 253, 231, 37 } } -- matplotlib's map at 0, 1/4...

--- The colour of a share in [0, 1].
local function colour(share)
  local at = math.max(0, math.min(1, share)) * (#VIRIDIS - 1)
  local k = math.min(#VIRIDIS - 1, 1 + math.floor(at))
  local t, a, b = at - (k - 1), VIRIDIS[k], VIRIDIS[k + 1]
  return ("#%02x%02x%02x"):format((a[1] + t * (b[1] - a[1])) // 1, (a[2] + t * (b[2] - a[2])) // 1,
    (a[3] + t * (b[3] - a[3])) // 1)
end

local function history_of(who, study, least)
  local h = study.history:refresh()
  if h.complete < (least or 1) then
    check.raise("state", "%s: expected %d complete trial%s, got %d", who, least or 1,
      (least or 1) > 1 and "s" or "", h.complete)
  end
  return h
end

local function check_options(who, options, known, presets)
  return base.check(who, options, base.FIGURE .. base.PANEL .. (known or ""), presets)
end

--- Where a value lies between best (1) and worst (0), by rank: outliers do not hide the rest.
local function ranks(h, list)
  local sorted, share, best = {}, {}, h:ranked(list)
  for k, i in ipairs(best) do sorted[#best + 1 - k] = i end -- the best is drawn last
  for k, i in ipairs(sorted) do share[i] = #sorted > 1 and (k - 1) / (#sorted - 1) or 1 end
  return share, sorted
end

--- Values of trials by number, and the best so far.
--- @param study mlp.Study
--- @return mlp.Figure
function M.history(study, options)
  local o = check_options("history", options, nil,
    { title = "optimization history", xlabel = "trial", ylabel = "objective" })
  if study.several then
    check.raise("state", "history: expected one objective, got %d", #study.directions)
  end
  local h = history_of("history", study)
  local x, y = {}, {}
  for k, i in ipairs(h:in_order()) do x[k], y[k] = h.number[i], h.sign * h.value[i] end
  local figure, panel = base.single(o)
  panel:scatter(x, y, { label = "trials", color = "C0", alpha = 0.7 })
  panel:line(x, study:best_so_far(), { label = "best so far", color = "C1" })
  panel:set { xinteger = true }
  return figure
end

--- Place of a trial on an axis, 0 to 1; ends and their texts.
local function axis(h, name)
  local d = h.distribution[name]
  local function text(x) return type(x) == "number" and ("%.4g"):format(x) or tostring(x) end
  if d.kind == "categorical" then
    local ticks = {}
    for k, choice in ipairs(d.choices) do ticks[k] = { (k - 0.5) / d.n, text(choice) } end
    return ticks
  end
  return { { 0, text(d:external(d.low)) }, { 1, text(d:external(d.high)) } }
end

local function place(h, name, i)
  local x = h.param[name][i]
  return x and h.distribution[name]:to_unit(x)
end

--- A line for each trial through its values; the better, the brighter.
--- @param study mlp.Study
--- @param options? table  params (names; all)
--- @return mlp.Figure
function M.parallel_coordinate(study, options)
  local o = check_options("parallel_coordinate", options, "params",
    { title = "parallel coordinates" })
  local h = history_of("parallel_coordinate", study, 2)
  local names = o.params or h.order
  local share, sorted = ranks(h, h:in_order())
  o.width = o.width or math.max(6.4, 1.4 * (#names + 1))
  local figure, panel = base.single(o)
  local labels = { "objective" }
  for k, name in ipairs(names) do labels[k + 1] = name end
  for _, i in ipairs(sorted) do
    local x, y = { 1 }, { share[i] }
    for k, name in ipairs(names) do
      local u = place(h, name, i)
      if u then x[#x + 1], y[#y + 1] = k + 1, u end
    end
    panel:line(x, y, { color = colour(share[i]), alpha = 0.25 + 0.7 * share[i], linewidth = 1.2 })
  end
  for k, name in ipairs(names) do
    panel:vline(k + 1, { color = "fore", linewidth = 0.8, dash = "solid" })
    for _, tick in ipairs(axis(h, name)) do
      panel:text(k + 1.03, tick[1], tick[2], { size = 8, halign = "left", valign = "center" })
    end
  end
  local best, worst = sorted[#sorted], sorted[1]
  panel:text(0.97, 1, ("%.4g"):format(h.sign * h.value[best]), { size = 8, halign = "right" })
  panel:text(0.97, 0, ("%.4g"):format(h.sign * h.value[worst]), { size = 8, halign = "right" })
  panel:vline(1, { color = "fore", linewidth = 0.8, dash = "solid" })
  panel:set { xnames = labels, xlim = { 0.5, #labels + 0.5 }, ylim = { -0.05, 1.05 },
    yscale = "linear", grid = false, ylabel = "rank of the objective, and place in the range" }
  return figure
end

--- How much each hyper-parameter matters.
--- @param study mlp.Study
--- @return mlp.Figure
function M.param_importances(study, options)
  local o = check_options("param_importances", options, "share",
    { title = "importance of hyper-parameters", ylabel = "importance (PED-ANOVA)" })
  local list = importance.of(study, { share = o.share })
  local names, heights = {}, {}
  for k, entry in ipairs(list) do names[k], heights[k] = entry.name, entry.importance end
  local figure, panel = base.single(o)
  panel:set { xnames = names }
  panel:bars(nil, heights, { color = "C0" })
  for k, v in ipairs(heights) do
    panel:text(k, v, ("%.2f"):format(v), { size = 8, halign = "center", valign = "bottom", dy = 3 })
  end
  return figure
end

--- Numbers of an axis for a plot, with its settings.
local function axis_values(h, name, list, prefix)
  local d, values, set = h.distribution[name], {}, { [prefix .. "label"] = name }
  for k, i in ipairs(list) do
    local x = h.param[name][i]
    values[k] = x and (d.kind == "categorical" and x + 1 or x) or 0 / 0
  end
  if d.kind == "categorical" then
    local names = {}
    for k, choice in ipairs(d.choices) do names[k] = tostring(choice) end
    set[prefix .. "names"] = names
  elseif d.log then
    set[prefix .. "scale"] = "log"
  end
  return values, set
end

local function two_most_important(study, h)
  local list = importance.of(study)
  if #list < 2 then
    check.raise("state", "contour: expected two hyper-parameters, got %d", #h.order)
  end
  return list[1].name, list[2].name
end

--- The ends of an axis of axis_values that shows the whole range.
local function limits(h, name)
  local d = h.distribution[name]
  if d.kind == "categorical" then return { 0.5, d.n + 0.5 } end
  return { d:external(d.low), d:external(d.high) }
end

--- The objective over two hyper-parameters: what a Gaussian process makes of the trials.
--- @param study mlp.Study
--- @param options? table  params { x, y }: the two most important
--- @return mlp.Figure
function M.contour(study, options)
  local o = check_options("contour", options, "params", { title = "objective" })
  local h = history_of("contour", study, 4)
  local x_name, y_name = table.unpack(o.params or {})
  if not y_name then x_name, y_name = two_most_important(study, h) end
  local gp, n = core.gp { { n = 0 }, { n = 0 } }, 40
  local points = {}
  for _, i in ipairs(h:in_order()) do
    local u, v = place(h, x_name, i), place(h, y_name, i)
    if u and v then
      gp:add({ u, v }, h.value[i])
      points[#points + 1] = i
    end
  end
  local field = {}
  for r = 1, n do
    field[r] = {}
    for c = 1, n do field[r][c] = h.sign * gp:predict { (c - 0.5) / n, (r - 0.5) / n } end
  end
  local figure, panel = base.single(o)
  local xs, set = axis_values(h, x_name, points, "x")
  local ys, more = axis_values(h, y_name, points, "y")
  for key, value in pairs(more) do set[key] = value end
  set.xlim, set.ylim = limits(h, x_name), limits(h, y_name)
  panel:set(set)
  panel:image(field, { extent = { set.xlim[1], set.xlim[2], set.ylim[1], set.ylim[2] },
    smooth = true, colorbar = true, cmap = h.sign > 0 and "viridis_r" or "viridis",
    label = "objective" })
  panel:scatter(xs, ys, { color = "white", edge = "black", size = 4 })
  return figure
end

local function grid_of(n)
  if n <= 4 then return 1, n end
  local cols = math.min(4, math.ceil(math.sqrt(n)))
  return math.ceil(n / cols), cols
end

--- The objective over each hyper-parameter; later trials are brighter.
--- @param study mlp.Study
--- @return mlp.Figure
function M.slice(study, options)
  local o = base.check("slice", options, base.FIGURE .. "title params", { title = "slices" })
  local h = history_of("slice", study)
  local names, list = o.params or h.order, h:in_order()
  local rows, cols = grid_of(#names)
  local settings = base.pick(o, base.FIGURE .. "title")
  settings.rows, settings.cols, settings.sharey = rows, cols, true
  local figure = base.figure(settings)
  local y, order = {}, {}
  for k, i in ipairs(list) do y[k], order[k] = h.sign * h.value[i], h.number[i] end
  for k, name in ipairs(names) do
    local x, set = axis_values(h, name, list, "x")
    set.ylabel = "objective"
    local panel = figure:panel((k - 1) // cols + 1, (k - 1) % cols + 1)
    panel:set(set)
    panel:scatter(x, y, { values = order, cmap = "viridis", colorbar = k == #names, size = 5,
      label = "trial" })
    panel:set { legend = false }
  end
  return figure
end

--- The values that trials reported, step by step.
--- @param study mlp.Study
--- @return mlp.Figure
function M.intermediate_values(study, options)
  local o = check_options("intermediate_values", options, nil,
    { title = "intermediate values", xlabel = "step", ylabel = "objective", xinteger = true })
  local h = study.history:refresh()
  local share = ranks(h, h:in_order())
  local figure, panel = base.single(o)
  for i = 1, h.n do
    local steps, values = study.storage:reports(h.id[i])
    if #steps > 0 then
      panel:line(steps, values, { color = share[i] and colour(share[i]) or "#999999",
        alpha = share[i] and 0.8 or 0.5, linewidth = 1, dash = share[i] and "solid" or "dotted",
        marker = #steps == 1 and "circle" or nil })
    end
  end
  return figure
end

--- All learning curves of a metric, coloured by the trial's score; the best one drawn thick.
--- @param study mlp.Study
--- @param options? table  metric "val_loss"
--- @return mlp.Figure
function M.curves(study, options)
  local o = check_options("curves", options, "metric", { metric = "val_loss", xlabel = "epoch",
    xinteger = true })
  o.title, o.ylabel = o.title or "learning curves by score", o.ylabel or o.metric:gsub("_", " ")
  local h = history_of("curves", study)
  local share, sorted = ranks(h, h:in_order())
  local figure, panel = base.single(o)
  for k, i in ipairs(sorted) do
    local series = study.storage:metrics(h.id[i])[o.metric]
    local x, y = {}, {}
    for step in pairs(series or {}) do x[#x + 1] = step end
    table.sort(x)
    for p, step in ipairs(x) do y[p] = series[step] end
    if #x > 0 then
      panel:line(x, y, { color = colour(share[i]), alpha = k == #sorted and 1 or 0.6,
        linewidth = k == #sorted and 2.5 or 1, marker = #x == 1 and "circle" or nil,
        label = k == #sorted and ("best: trial %d"):format(h.number[i]) or nil })
    end
  end
  return figure
end

--- The share of trials that are at least as good as a value.
--- @param study mlp.Study
--- @return mlp.Figure
function M.edf(study, options)
  local o = check_options("edf", options, nil,
    { title = "empirical distribution", xlabel = "objective", ylabel = "share of trials" })
  local h = history_of("edf", study)
  local values, x, y = {}, {}, {}
  for k, i in ipairs(h:in_order()) do values[k] = h.sign * h.value[i] end
  table.sort(values)
  for k, v in ipairs(values) do
    x[#x + 1], y[#y + 1] = v, (k - 1) / #values
    x[#x + 1], y[#y + 1] = v, k / #values
  end
  local figure, panel = base.single(o)
  panel:line(x, y, { color = "C0" })
  panel:set { ylim = { 0, 1.02 } }
  return figure
end

--- Trials over two hyper-parameters, coloured by the rank of their objective.
--- @param study mlp.Study
--- @param options? table  params { x, y }: the two most important
--- @return mlp.Figure
function M.rank(study, options)
  local o = check_options("rank", options, "params", { title = "rank (1: best)" })
  local h = history_of("rank", study, 4)
  local x_name, y_name = table.unpack(o.params or {})
  if not y_name then x_name, y_name = two_most_important(study, h) end
  local list = h:in_order()
  local share, values = ranks(h, list), {}
  for k, i in ipairs(list) do values[k] = 1 + (1 - share[i]) * (#list - 1) end
  local figure, panel = base.single(o)
  local x, set = axis_values(h, x_name, list, "x")
  panel:set(set)
  local y, set_y = axis_values(h, y_name, list, "y")
  panel:set(set_y)
  panel:scatter(x, y, { values = values, cmap = "viridis_r", colorbar = true, size = 6,
    label = "rank" })
  panel:set { legend = false }
  return figure
end

local STATES <const> = { COMPLETE = "C0", PRUNED = "C1", FAIL = "#cc3333" }

--- When each trial ran, and where: a row a worker.
--- @param study mlp.Study
--- @return mlp.Figure
function M.timeline(study, options)
  local o = check_options("timeline", options, nil,
    { title = "timeline", xlabel = "seconds", ylabel = "worker" })
  local spans, first, rows, names = {}, math.huge, {}, {}
  for _, t in ipairs(study:trials()) do
    if t.started and t.finished then
      spans[#spans + 1] = t
      first = math.min(first, t.started)
      if not rows[t.worker or 0] then
        names[#names + 1] = ("%d"):format(t.worker or 0)
        rows[t.worker or 0] = #names
      end
    end
  end
  local figure, panel = base.single(o)
  local labelled = {}
  for _, t in ipairs(spans) do
    local row = rows[t.worker or 0]
    local y = row + (t.number % 5 - 2) * 0.09
    panel:line({ t.started - first, t.finished - first }, { y, y }, { linewidth = 3,
      color = STATES[t.state], label = not labelled[t.state] and t.state:lower() or nil })
    labelled[t.state] = true
  end
  panel:set { ynames = names, ylim = { 0.4, #names + 0.6 } }
  return figure
end

local function objective_name(study, k)
  return ("objective %d (%s)"):format(k, study.directions[k] or "none")
end

--- Two objectives: all trials, and the front that no trial beats.
--- @param study mlp.Study
--- @return mlp.Figure
function M.pareto_front(study, options)
  local o = check_options("pareto_front", options, nil,
    { title = "Pareto front", xlabel = objective_name(study, 1),
      ylabel = objective_name(study, 2) })
  local directions = study.directions
  if #directions ~= 2 then
    check.raise("state", "pareto_front: expected two objectives, got %d", #directions)
  end
  local x, y, fx, fy = {}, {}, {}, {}
  for _, t in ipairs(study:trials()) do
    if t.state == "COMPLETE" then x[#x + 1], y[#y + 1] = t.values[1], t.values[2] end
  end
  local front = study:pareto()
  local sign = directions[1] == "maximize" and -1 or 1 -- best first: steps show what is dominated
  table.sort(front, function(a, b) return sign * a.values[1] < sign * b.values[1] end)
  for k, t in ipairs(front) do fx[k], fy[k] = t.values[1], t.values[2] end
  local figure, panel = base.single(o)
  panel:scatter(x, y, { color = "C0", alpha = 0.5, label = "trials" })
  panel:line(fx, fy, { color = "C1", step = true })
  panel:scatter(fx, fy, { color = "C1", label = "front" })
  return figure
end

--- One step of Bayesian search over one hyper-parameter: the process (mean and two deviations), the
--- trials so far, the improvement to be expected, and where the next trial is.
local function draw_step(figure, row, study, name, n)
  local h, d = study.history, study.history.distribution[name]
  local gp, xs, ys, cells = core.gp { { n = 0 } }, {}, {}, 600
  local list = h:in_order()
  for k = 1, n do
    local i = list[k]
    xs[k], ys[k] = h.distribution[name]:to_unit(h.param[name][i]), h.sign * h.value[i]
    gp:add({ xs[k] }, h.value[i])
  end
  local x, mean, low, high, gain = {}, {}, {}, {}, {}
  for c = 1, cells do
    local u = (c - 1) / (cells - 1)
    local m, sd, improvement = gp:predict { u }
    x[c], mean[c] = u, h.sign * m
    low[c], high[c], gain[c] = h.sign * m - 2 * sd, h.sign * m + 2 * sd, improvement
  end
  local top = -math.huge
  for _, v in ipairs(gain) do top = math.max(top, v) end
  for c, v in ipairs(gain) do gain[c] = math.exp(math.max(-30, v - top)) end
  local panel, below = figure:panel(row, 1), figure:panel(row, 2)
  panel:line(x, mean, { color = "C0", low = low, high = high, label = "mean, 2 deviations" })
  panel:scatter(xs, ys, { color = "black", size = 5, label = "trials" })
  below:line(x, gain, { color = "C1", label = "expected improvement" })
  local next_one = list[n + 1]
  if next_one then
    local u = d:to_unit(h.param[name][next_one])
    panel:vline(u, { dash = "dotted", label = "next trial" })
    below:vline(u, { dash = "dotted" })
  end
  panel:set { title = ("after %d trials"):format(n), ylabel = "objective", legend = row == 1 }
  below:set { title = "acquisition", ylabel = "share of the best", legend = false }
  local ticks = axis(h, name)
  local label = ("%s, %s to %s"):format(name, ticks[1][2], ticks[#ticks][2])
  panel:set { xlabel = label }
  below:set { xlabel = label }
end

--- Bayesian search over one hyper-parameter, step by step.
--- @param study mlp.Study
--- @param options? table  param (the first), steps { 10, 13, 16 }: after so many trials; the kernel
---   is fitted from 10 on
--- @return mlp.Figure
function M.surrogate(study, options)
  local o = base.check("surrogate", options, base.FIGURE .. "title param steps",
    { steps = { 10, 13, 16 } })
  local h = history_of("surrogate", study, 3)
  local steps = {}
  for _, n in ipairs(o.steps) do
    if n <= h.complete then steps[#steps + 1] = n end
  end
  if #steps == 0 then steps[1] = h.complete end
  local settings = base.pick(o, base.FIGURE .. "title")
  settings.rows, settings.cols = #steps, 2
  settings.width, settings.height = o.width or 9, o.height or 2.6 * #steps + 0.4
  local figure = base.figure(settings)
  for row, n in ipairs(steps) do draw_step(figure, row, study, o.param or h.order[1], n) end
  return figure
end

return M
