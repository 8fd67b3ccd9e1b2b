--- Plots of a study's trials.
local base = require "mlp.plot.base"
local check = require "mlp.check"
local importance = require "mlp.tune.importance"
local shared = require "mlp.tune.plot.shared"

local M = {}

--- Values of trials by number, and the best so far.
--- @param study mlp.Study
--- @return mlp.Figure
function M.history(study, options)
  local o = shared.options("history", options, nil,
    { title = "optimization history", xlabel = "trial", ylabel = "objective" })
  if study.several then
    check.raise("state", "history: expected one objective, got %d", #study.directions)
  end
  local h = shared.history_of("history", study)
  local x, y = {}, {}
  for k, i in ipairs(h:in_order()) do x[k], y[k] = h.number[i], h.sign * h.value[i] end
  local figure, panel = base.single(o)
  panel:set { xinteger = true }
  panel:scatter(x, y, { label = "trials", color = "C0", alpha = 0.7 })
  local best, last = study:best_so_far(), x[#x]
  for i = 1, h.n do last = math.max(last, h.number[i]) end
  x[#x + 1], best[#best + 1] = last, best[#best]
  panel:line(x, best, { label = "best so far", color = "C1", step = true })
  return figure
end

--- A line for each trial through its values; the better, the more it stands out.
--- @param study mlp.Study
--- @param options? table  params (names; all)
--- @return mlp.Figure
function M.parallel_coordinate(study, options)
  local o = shared.options("parallel_coordinate", options, "params",
    { title = "parallel coordinates" })
  local h = shared.history_of("parallel_coordinate", study, 2)
  local names = shared.check_names("parallel_coordinate", h, o.params or h.order)
  local share, sorted = shared.ranks(h, h:in_order())
  o.width = o.width or math.max(6.4, 1.4 * (#names + 1))
  local figure, panel = base.single(o)
  local labels = { "objective, by rank" }
  for k, name in ipairs(names) do labels[k + 1] = name end
  for _, i in ipairs(sorted) do
    local x, y = { 1 }, { 1 + share[i] }
    for k, name in ipairs(names) do
      local v = h.param[name][i]
      if v then x[#x + 1], y[#y + 1] = k + 1, 1 + h.distribution[name]:to_unit(v) end
    end
    panel:line(x, y, { color = shared.colour(o, share[i]), alpha = 0.4 + 0.6 * share[i],
      linewidth = 1.2 })
  end
  for k, name in ipairs(names) do
    panel:vline(k + 1, { color = "fore", linewidth = 0.8, dash = "solid" })
    for _, mark in ipairs(shared.marks(h, name)) do
      panel:text(k + 1, 1 + mark[1], mark[2], { size = 8, valign = "center", dx = 4, box = true })
    end
  end
  local function end_of(i) return shared.short(h.sign * h.value[i]) end
  panel:set { xnames = labels, xlim = { 1, #labels + 0.5 }, ylim = { 0.96, 2.04 }, grid = false,
    ynames = { end_of(sorted[1]), end_of(sorted[#sorted]) } }
  return figure
end

--- How much each hyper-parameter matters.
--- @param study mlp.Study
--- @return mlp.Figure
function M.param_importances(study, options)
  local o = shared.options("param_importances", options, "share",
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

local function grid_of(n)
  if n <= 4 then return 1, n end
  local cols = math.min(4, math.ceil(math.sqrt(n)))
  return math.ceil(n / cols), cols
end

--- The objective over each hyper-parameter; later trials stand out.
--- @param study mlp.Study
--- @return mlp.Figure
function M.slice(study, options)
  local o = base.check("slice", options, base.FIGURE .. "title params", { title = "slices" })
  local h = shared.history_of("slice", study)
  local names, list = shared.check_names("slice", h, o.params or h.order), h:in_order()
  local rows, cols = grid_of(#names)
  local settings = base.pick(o, base.FIGURE .. "title")
  settings.rows, settings.cols, settings.sharey = rows, cols, true
  local figure = base.figure(settings)
  local y, order = {}, {}
  for k, i in ipairs(list) do y[k], order[k] = h.sign * h.value[i], h.number[i] end
  for k, name in ipairs(names) do
    local x, set = shared.axis_values(h, name, list, "x")
    set.ylabel = "objective"
    local panel = figure:panel((k - 1) // cols + 1, (k - 1) % cols + 1)
    panel:set(set)
    panel:scatter(x, y, { values = order, cmap = shared.rising(o), colorbar = k == cols,
      size = 5, label = "trial" })
  end
  return figure
end

--- The values that trials reported, step by step.
--- @param study mlp.Study
--- @return mlp.Figure
function M.intermediate_values(study, options)
  local o = shared.options("intermediate_values", options, nil,
    { title = "intermediate values", xlabel = "step", ylabel = "objective", xinteger = true })
  local h = study.history:refresh()
  local share, sorted = shared.ranks(h, h:in_order())
  local figure, panel = base.single(o)
  if #sorted > 0 then shared.rank_bar(panel, o, #sorted) end
  for i = 1, h.n do
    local steps, values = study.storage:reports(h.id[i])
    if #steps > 0 then
      panel:line(steps, values, { color = share[i] and shared.colour(o, share[i]) or "#999999",
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
  local o = shared.options("curves", options, "metric", { metric = "val_loss", xlabel = "epoch",
    xinteger = true })
  o.title, o.ylabel = o.title or "learning curves by score", o.ylabel or o.metric:gsub("_", " ")
  local h = shared.history_of("curves", study)
  local share, sorted = shared.ranks(h, h:in_order())
  local figure, panel = base.single(o)
  shared.rank_bar(panel, o, #sorted)
  for k, i in ipairs(sorted) do
    local series = study.storage:metrics(h.id[i])[o.metric]
    local x, y = {}, {}
    for step in pairs(series or {}) do x[#x + 1] = step end
    table.sort(x)
    for p, step in ipairs(x) do y[p] = series[step] end
    if #x > 0 then
      panel:line(x, y, { color = shared.colour(o, share[i]), alpha = k == #sorted and 1 or 0.6,
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
  local o = shared.options("edf", options, nil,
    { title = "empirical distribution", xlabel = "objective", ylabel = "share of trials" })
  local h = shared.history_of("edf", study)
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
  local o = shared.options("rank", options, "params", { title = "trials by rank" })
  local h = shared.history_of("rank", study, 4)
  local x_name, y_name = shared.two_names("rank", study, h, o.params)
  local list = h:in_order()
  local share, values = shared.ranks(h, list), {}
  for k, i in ipairs(list) do values[k] = math.floor(#list - share[i] * (#list - 1) + 0.5) end
  local figure, panel = base.single(o)
  local x, set_x = shared.axis_values(h, x_name, list, "x")
  local y, set_y = shared.axis_values(h, y_name, list, "y")
  panel:set(set_x):set(set_y)
  shared.rank_bar(panel, o, #list, x, y, values)
  return figure
end

local STATES <const> = {
  COMPLETE = { "complete", "C0" }, PRUNED = { "pruned", "C4" }, FAIL = { "failed", "fore" },
}

--- When each trial ran, and where: a row a worker.
--- @param study mlp.Study
--- @return mlp.Figure
function M.timeline(study, options)
  local o = shared.options("timeline", options, nil,
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
  o.height = o.height or math.min(4.8, 1.8 + 0.7 * #names)
  local figure, panel = base.single(o)
  local labelled = {}
  for _, t in ipairs(spans) do
    local row = rows[t.worker or 0]
    local y = row + (t.number % 5 - 2) * 0.09
    panel:line({ t.started - first, t.finished - first }, { y, y }, { linewidth = 3,
      color = STATES[t.state][2], label = not labelled[t.state] and STATES[t.state][1] or nil })
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
  local o = shared.options("pareto_front", options, nil,
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

return M
