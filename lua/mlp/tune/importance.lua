--- How much each hyper-parameter matters: how much the distribution of the best trials along it
--- differs from that of all.
--- Source: Watanabe, Bansal & Hutter 2023, PED-ANOVA, arXiv:2304.10255; densities, grid and prior
--- as in Optuna 4's PedAnovaImportanceEvaluator.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local CELLS <const> = 50 -- along an axis
local LEAST <const> = 1e-12 -- of a density, which is divided by

--- Complete and pruned trials with the parameter, as indices of the history, best first. A pruned
--- trial counts as worse than all complete ones.
local function trials_with(h, name)
  local list = {}
  for i = 1, h.n do
    if h.param[name][i] and h.state[i] ~= "FAIL" then list[#list + 1] = i end
  end
  table.sort(list, function(a, b)
    local x, y = h.value[a] or math.huge, h.value[b] or math.huge
    if x ~= y then return x < y end
    return h.number[a] < h.number[b]
  end)
  return list
end

--- How many cells an axis has, and the cell of a number in the file, from 0.
local function grid(d)
  if d.kind == "categorical" then return d.n, math.tointeger end
  local n = CELLS
  if d.log and d.kind == "int" then
    n = math.min(n, math.ceil(core.ln(d.high - d.low + 1) / core.ln(2)) + 1)
  elseif d.n and not d.log then
    n = math.min(n, d.n)
  end
  return n, function(x)
    local share = d.reverse_log and d:to_unit(x) or (x - d.low) / (d.high - d.low)
    if d.log then share = core.ln(x / d.low) / core.ln(d.high / d.low) end
    return math.max(0, math.min(n - 1, math.ceil(share * (n - 1) - 0.5 - 1e-9)))
  end
end

--- The index of the first sum of counts that reaches, or goes beyond, a number.
local function passes(sums, number, beyond)
  for k, sum in ipairs(sums) do
    if sum > number or (not beyond and sum == number) then return k end
  end
  return #sums
end

--- Width of the kernels in cells, by Scott's rule, of counts[k] trials in cell cells[k].
local function width(cells, counts, n)
  local mean, square, sums, sum = 0, 0, {}, 0
  for k, c in ipairs(cells) do mean = mean + c * counts[k] / n end
  for k, c in ipairs(cells) do
    square = square + (c - mean) ^ 2 * counts[k]
    sum = sum + counts[k]
    sums[k] = sum
  end
  local quartiles = cells[passes(sums, n * 3 // 4, true)] - cells[passes(sums, n // 4)]
  local deviation = (square / math.max(1, n - 1)) ^ 0.5
  return math.max(1.059 * math.min(quartiles / 1.34, deviation) * n ^ -0.2, 0.5 / 1.64)
end

--- Add weight times a normal distribution, cut off at the ends of the axis, to the cells.
local function add_normal(p, n, middle, sigma, weight)
  local edges = {}
  for k = 0, n do edges[k + 1] = (k - 0.5 - middle) / (sigma * 2 ^ 0.5) end
  local erf = core.tensor(edges, { dtype = "float64" }):erf():totable()
  for k = 1, n do
    p[k] = p[k] + weight * (erf[k + 1] - erf[k]) / (erf[n + 1] - erf[1])
  end
end

--- Kernels about the cells of the trials, and one over the whole axis with the weight of one trial.
local function number_density(cells, counts, total, n)
  local p, sigma = {}, width(cells, counts, total)
  for k = 1, n do p[k] = 0 end
  for k, c in ipairs(cells) do add_normal(p, n, c, sigma, counts[k] / (total + 1)) end
  add_normal(p, n, (n - 1) / 2, n, 1 / (total + 1))
  return p
end

--- The same for choices: what a choice's trials leave is shared by all of them.
local function choice_density(cells, counts, total, n)
  local p, share = {}, 1 / (#cells + 1)
  for k = 1, n do
    p[k] = 1 / (total + 1) / n + total / (total + 1) * share / (1 + n * share)
  end
  for k, c in ipairs(cells) do
    p[c + 1] = p[c + 1] + counts[k] / (total + 1) / (1 + n * share)
  end
  return p
end

--- The density of the first `total` of the trials over the cells of an axis.
local function density(h, name, trials, total)
  local d = h.distribution[name]
  local n, cell_of = grid(d)
  local at, cells, counts = {}, {}, {}
  for k = 1, total do
    local c = cell_of(h.param[name][trials[k]])
    at[c] = (at[c] or 0) + 1
  end
  for c = 0, n - 1 do
    if at[c] then cells[#cells + 1], counts[#counts + 1] = c, at[c] end
  end
  local f = d.kind == "categorical" and choice_density or number_density
  return f(cells, counts, total, n)
end

--- How many of the trials are the best share, with all that are as good as the last of these.
local function count_best(h, trials, share)
  local n = math.min(#trials, math.max(2, math.ceil(share * #trials - 1e-9)))
  while n < #trials and h.value[trials[n + 1]] == h.value[trials[n]] do n = n + 1 end
  return n
end

--- Pearson divergence of the best share from all.
local function divergence(h, name, share)
  local trials = trials_with(h, name)
  if #trials < 2 then return 0 end
  local few = density(h, name, trials, count_best(h, trials, share))
  local all = density(h, name, trials, #trials)
  local sum = 0
  for k, p in ipairs(all) do
    sum = sum + (p + LEAST) * ((few[k] + LEAST) / (p + LEAST) - 1) ^ 2
  end
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
    local v = h.distribution[name].n ~= 1 and divergence(h, name, share) or 0
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
