--- What plots of a study share: options, ranks and their colours, axes of hyper-parameters.
local core = require "mlp.core"
local base = require "mlp.plot.base"
local check = require "mlp.check"
local importance = require "mlp.tune.importance"

local M = {}

--- The study's finished trials, of which at least so many must be complete.
function M.history_of(who, study, least)
  local h = study.history:refresh()
  if h.complete < (least or 1) then
    check.raise("state", "%s: expected %d complete trial%s, got %d", who, least or 1,
      (least or 1) > 1 and "s" or "", h.complete)
  end
  return h
end

function M.options(who, options, known, presets)
  return base.check(who, options, base.FIGURE .. base.PANEL .. (known or ""), presets)
end

--- Where a value lies between best (1) and worst (0), by rank: outliers do not hide the rest; and
--- the trials, the best last, which is then drawn over the others.
function M.ranks(h, list)
  local sorted, share, best = {}, {}, h:ranked(list)
  for k, i in ipairs(best) do sorted[#best + 1 - k] = i end
  for k, i in ipairs(sorted) do share[i] = #sorted > 1 and (k - 1) / (#sorted - 1) or 1 end
  return share, sorted
end

--- A map whose high end stands out from the paper.
function M.rising(o)
  return (o.theme or base.defaults.theme) == "dark" and "viridis" or "viridis_r"
end

--- One whose low end does, where the first rank is.
local function falling(o) return M.rising(o) == "viridis" and "viridis_r" or "viridis" end

--- The colour of a share, 1 the best.
function M.colour(o, share)
  local r, g, b = core.plot.colour(M.rising(o), share)
  return ("#%02x%02x%02x"):format(math.floor(r * 255 + 0.5), math.floor(g * 255 + 0.5),
    math.floor(b * 255 + 0.5))
end

--- Trials in the colours of their ranks, with the bar of these; x and y nil: the bar alone.
function M.rank_bar(panel, o, n, x, y, ranks)
  local gap = { 0 / 0, 0 / 0 }
  panel:scatter(x or gap, y or gap, { values = ranks or { 1, n }, vmin = 1, vmax = math.max(n, 2),
    cmap = falling(o), colorbar = true, size = 6, label = "rank (1: best)" })
end

--- A value of a hyper-parameter as short as in a table.
function M.short(x) return type(x) == "number" and base.number(x) or tostring(x) end

--- Texts along an axis on which a trial has a place in [0, 1]: all choices, or both ends.
function M.marks(h, name)
  local d = h.distribution[name]
  if d.kind == "categorical" then
    local ticks = {}
    for k, choice in ipairs(d.choices) do ticks[k] = { (k - 0.5) / d.n, M.short(choice) } end
    return ticks
  end
  return { { 0, M.short(d:external(d.low)) }, { 1, M.short(d:external(d.high)) } }
end

--- Numbers of an axis for a plot, with its settings.
function M.axis_values(h, name, list, prefix)
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

--- The hyper-parameters that are asked for, which must be known.
function M.check_names(who, h, names, option)
  for _, name in ipairs(names) do
    if not h.distribution[name] then
      check.raise("argument", "%s: option '%s': unknown hyper-parameter '%s'%s", who,
        option or "params", tostring(name), check.hint(name, h.order))
    end
  end
  return names
end

--- Two of them: those asked for, else the two most important.
function M.two_names(who, study, h, params)
  if params and params[2] then return table.unpack(M.check_names(who, h, params), 1, 2) end
  local list = importance.of(study)
  if #list < 2 then
    check.raise("state", "%s: expected two hyper-parameters, got %d", who, #h.order)
  end
  return list[1].name, list[2].name
end

return M
