--- Plots of what a Gaussian process makes of a study's trials.
local core = require "mlp.core"
local base = require "mlp.plot.base"
local shared = require "mlp.tune.plot.shared"

local M = {}

local CELLS <const>, FINE <const> = 40, 200 -- of a number's axis, smoothed and not

--- Where x, which need not be one of the values, lies in the range.
local function unit_of(d, x)
  if d.n and not d.log and not d.reverse_log then
    return ((x - d.low) / (d.step or 1) + 0.5) / d.n
  end
  return d:to_unit(x)
end

--- The ends of an axis: half a step beyond the values of a number that has steps.
local function ends(d)
  if d.kind == "categorical" then return 0.5, d.n + 0.5 end
  local half = d.n and not d.log and (d.step or 1) / 2 or 0
  return d.low - half, d.high + half
end

--- The places of the cells of an axis, which are of one size on the paper, and the ends of what
--- they cover. Cells to be joined by lines begin and end at the ends of the axis.
local function cells(d, joined)
  local low, high = ends(d)
  local function at(share)
    return d.log and low * (high / low) ^ share or low + share * (high - low)
  end
  local n = d.kind == "categorical" and d.n or joined and CELLS or FINE
  local units, beyond = {}, joined and 0.5 / (n - 1) or 0
  for k = 1, n do
    local share = joined and (k - 1) / (n - 1) or (k - 0.5) / n
    units[k] = d.kind == "categorical" and share or unit_of(d, at(share))
  end
  return units, at(-beyond), at(1 + beyond)
end

local function gp_axis(d)
  local unordered = d.kind == "categorical" and not d.ordered
  return { n = unordered and d.n or 0, categorical = unordered }
end

--- The process after all trials that have both hyper-parameters, and these trials.
local function fitted(h, x_name, y_name)
  local dx, dy = h.distribution[x_name], h.distribution[y_name]
  local gp, points = core.gp { gp_axis(dx), gp_axis(dy) }, {}
  for _, i in ipairs(h:in_order()) do
    local x, y = h.param[x_name][i], h.param[y_name][i]
    if x and y then
      gp:add({ dx:to_unit(x), dy:to_unit(y) }, h.value[i])
      points[#points + 1] = i
    end
  end
  return gp, points
end

--- The mean over both ranges: rows of numbers, and their extent.
local function field_of(h, gp, dx, dy, joined)
  local us, x0, x1 = cells(dx, joined)
  local vs, y0, y1 = cells(dy, joined)
  local field = {}
  for r, v in ipairs(vs) do
    field[r] = {}
    for c, u in ipairs(us) do field[r][c] = h.sign * gp:predict { u, v } end
  end
  return field, { x0, x1, y0, y1 }
end

local function draw_levels(panel, field, extent)
  local low, high = core.plot.range(field)
  if not low or low == high then return end
  local levels = {}
  for k, tick in ipairs((core.plot.ticks(low, high, 8, { inside = true }))) do
    levels[k] = tick.value
  end
  panel:contour(field, { extent = extent, levels = levels, color = "white", alpha = 0.7 })
end

--- The objective over two hyper-parameters: what a Gaussian process makes of the trials.
--- @param study mlp.Study
--- @param options? table  params { x, y }: the two most important
--- @return mlp.Figure
function M.contour(study, options)
  local o = shared.options("contour", options, "params", { title = "objective" })
  local h = shared.history_of("contour", study, 4)
  local x_name, y_name = shared.two_names("contour", study, h, o.params)
  local dx, dy = h.distribution[x_name], h.distribution[y_name]
  local gp, points = fitted(h, x_name, y_name)
  local joined = dx.kind ~= "categorical" and dy.kind ~= "categorical"
  local field, extent = field_of(h, gp, dx, dy, joined)
  local figure, panel = base.single(o)
  local xs, set_x = shared.axis_values(h, x_name, points, "x")
  local ys, set_y = shared.axis_values(h, y_name, points, "y")
  set_x.xlim, set_y.ylim = { ends(dx) }, { ends(dy) }
  panel:set(set_x):set(set_y)
  panel:image(field, { extent = extent, smooth = joined, colorbar = true, label = "objective",
    cmap = h.sign > 0 and "viridis_r" or "viridis" })
  if joined then draw_levels(panel, field, extent) end
  panel:scatter(xs, ys, { color = "white", edge = "black", size = 4 })
  return figure
end

--- One step of Bayesian search over one hyper-parameter: the process (mean and two deviations), the
--- trials so far, the improvement to be expected, and where the next trial is.
local function draw_step(figure, row, study, name, n)
  local h, d = study.history, study.history.distribution[name]
  local gp, xs, ys, most = core.gp { { n = 0 } }, {}, {}, 600
  local list = h:in_order()
  for k = 1, n do
    local i = list[k]
    xs[k], ys[k] = h.distribution[name]:to_unit(h.param[name][i]), h.sign * h.value[i]
    gp:add({ xs[k] }, h.value[i])
  end
  local x, mean, low, high, gain = {}, {}, {}, {}, {}
  for c = 1, most do
    local u = (c - 1) / (most - 1)
    local m, sd, improvement = gp:predict { u }
    x[c], mean[c] = u, h.sign * m
    low[c], high[c], gain[c] = h.sign * m - 2 * sd, h.sign * m + 2 * sd, improvement
  end
  local top = -math.huge
  for _, v in ipairs(gain) do top = math.max(top, v) end
  for c, v in ipairs(gain) do gain[c] = math.exp(math.max(-30, v - top)) end
  local panel, below = figure:panel(row, 1), figure:panel(row, 2)
  panel:line(x, mean, { color = "C0", low = low, high = high, label = "mean, 2 deviations" })
  panel:scatter(xs, ys, { color = "fore", size = 5, label = "trials" })
  below:line(x, gain, { color = "C1", label = "expected improvement" })
  local next_one = list[n + 1]
  if next_one then
    local u = d:to_unit(h.param[name][next_one])
    panel:vline(u, { dash = "dotted", label = "next trial" })
    below:vline(u, { dash = "dotted" })
  end
  panel:set { title = ("after %d trials"):format(n), ylabel = "objective", legend = row == 1 }
  below:set { title = "acquisition", ylabel = "share of the best", legend = false }
  local ticks = shared.marks(h, name)
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
  local h = shared.history_of("surrogate", study, 3)
  local name = shared.check_names("surrogate", h, { o.param or h.order[1] }, "param")[1]
  local steps = {}
  for _, n in ipairs(o.steps) do
    if n <= h.complete then steps[#steps + 1] = n end
  end
  if #steps == 0 then steps[1] = h.complete end
  local settings = base.pick(o, base.FIGURE .. "title")
  settings.rows, settings.cols = #steps, 2
  settings.width, settings.height = o.width or 9, o.height or 2.6 * #steps + 0.4
  local figure = base.figure(settings)
  for row, n in ipairs(steps) do draw_step(figure, row, study, name, n) end
  return figure
end

return M
