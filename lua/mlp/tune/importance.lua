--- How much each hyper-parameter matters: how much the distribution of the best trials along it
--- differs from that of all.
--- Source: Watanabe, Bansal & Hutter 2023, PED-ANOVA, arXiv:2304.10255.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local CELLS <const> = 64 -- along an axis

--- Complete and pruned trials with the parameter, as places in [0, 1], best first. A pruned trial
--- counts as worse than all complete ones.
local function places(study, name)
  local h, list = study.history, {}
  for i = 1, h.n do
    if h.param[name][i] and h.state[i] ~= "FAIL" then list[#list + 1] = i end
  end
  table.sort(list, function(a, b)
    local x, y = h.value[a] or math.huge, h.value[b] or math.huge
    if x ~= y then return x < y end
    return h.number[a] < h.number[b]
  end)
  local units = {}
  for k, i in ipairs(list) do units[k] = h.distribution[name]:to_unit(h.param[name][i]) end
  return units
end

--- A density over the cells of an axis: counts for choices, else normal kernels of a width as
--- Scott's; and a uniform one with the weight of one trial.
local function density(units, n, d)
  local cells = d.n and math.min(d.n, CELLS) or CELLS
  local choices = d.kind == "categorical" and not d.ordered
  local p, sum = {}, 0
  local width = math.max(0.5 / cells, 0.3 * n ^ -0.2)
  for c = 1, cells do p[c] = choices and 1 / cells or 2.5 * width end
  for k = 1, n do
    if choices then
      local c = math.min(cells, 1 + math.floor(units[k] * cells))
      p[c] = p[c] + 1
    else
      for c = 1, cells do
        local z = ((c - 0.5) / cells - units[k]) / width
        p[c] = p[c] + core.exp(-z * z / 2)
      end
    end
  end
  for c = 1, cells do sum = sum + p[c] end
  for c = 1, cells do p[c] = p[c] / sum end
  return p
end

--- Pearson divergence of the best share from all.
local function divergence(units, d, share)
  local few = density(units, math.max(1, math.ceil(share * #units)), d)
  local all = density(units, #units, d)
  local sum = 0
  for c, p in ipairs(all) do sum = sum + p * (few[c] / p - 1) ^ 2 end
  return sum
end

--- Importances of all hyper-parameters, which add up to 1: { { name =, importance = }, ... }, most
--- important first.
--- @param study mlp.Study
--- @param options? table  share: of the trials that count as the best (0.1, but 8 trials)
--- @return table
function M.of(study, options)
  local o = check.options("importances", options, { share = check.none })
  local h, list, sum = study.history:refresh(), {}, 0
  if study.several or h.complete < 4 then
    check.raise("state", "importances: expected one objective and 4 complete trials, got %d and %d",
      #study.directions, h.complete)
  end
  local share = o.share or math.max(0.1, math.min(0.5, 8 / h.complete))
  for _, name in ipairs(h.order) do
    local d = h.distribution[name]
    local units = d.n ~= 1 and places(study, name) or {}
    local v = #units > 1 and divergence(units, d, share) or 0
    list[#list + 1] = { name = name, importance = v }
    sum = sum + v
  end
  for _, entry in ipairs(list) do entry.importance = sum > 0 and entry.importance / sum or 0 end
  table.sort(list, function(a, b)
    if a.importance ~= b.importance then return a.importance > b.importance end
    return a.name < b.name
  end)
  return list
end

return M
