-- samplers.lua SAMPLER SEEDS [FUNCTION [FOLDER]]: best value so far on test functions, the median
-- over seeds (1-20: those), after 10, 20... trials. tests/bench/samplers.py does the same with
-- Optuna; samplers.txt holds both. FOLDER holds the losses of MLPs on iris and digits:
-- objectives.lua.
local mlp = require "mlp"
local core = require "mlp.core"

local M = {}

local function normal(seed, i) -- Box and Muller, of numbers that follow from the seed
  local u = core.study_uniform(seed, i, "noise", 0)
  local v = core.study_uniform(seed, i, "noise", 1)
  return math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)
end

--- Dixon & Szego 1978; least value 0.397887.
function M.branin(t)
  local x, y = t:Float("x", -5, 10), t:Float("y", 0, 15)
  local a = y - 5.1 / (4 * math.pi ^ 2) * x * x + 5 / math.pi * x - 6
  return a * a + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10
end

local A <const> = { { 10, 3, 17, 3.5, 1.7, 8 }, { 0.05, 10, 17, 0.1, 8, 14 },
  { 3, 3.5, 1.7, 10, 17, 8 }, { 17, 8, 0.05, 10, 0.1, 14 } }
local P <const> = { { 1312, 1696, 5569, 124, 8283, 5886 }, { 2329, 4135, 8307, 3736, 1004, 9991 },
  { 2348, 1451, 3522, 2883, 3047, 6650 }, { 4047, 8828, 8732, 5743, 1091, 381 } }
local ALPHA <const> = { 1, 1.2, 3, 3.2 }

--- Dixon & Szego 1978; least value -3.32237.
function M.hartmann6(t)
  local sum, x = 0, {}
  for j = 1, 6 do x[j] = t:Float("x" .. j, 0, 1) end
  for i = 1, 4 do
    local s = 0
    for j = 1, 6 do s = s + A[i][j] * (x[j] - P[i][j] * 1e-4) ^ 2 end
    sum = sum + ALPHA[i] * math.exp(-s)
  end
  return -sum
end

--- The toy of the lecture, x^2 sin(5 pi x)^6, with noise; what counts is the value without it.
function M.toy(t)
  local x = t:Float("x", 0, 1)
  local clean = -(x * x * math.sin(5 * math.pi * x) ^ 6)
  return clean + 0.02 * normal(t.seed, t.number), clean
end

--- The validation loss of an MLP, by hyper-parameters, from a table of objectives.lua.
local function table_of(name)
  local losses = {}
  return function(t)
    if not next(losses) then
      for line in io.lines(("%s/%s.txt"):format(arg[4], name)) do
        local key, loss = line:match "^(.*) (%S+)$"
        losses[key] = tonumber(loss)
      end
    end
    return losses[("%d %d %d %d"):format(t:Int("units", 1, 5), t:Int("rate", -16, -4),
      t:Int("batch", 3, 6), t:Choice("activation", { "relu", "tanh" }) == "relu" and 1 or 2)]
  end
end

M.iris, M.digits = table_of "iris", table_of "digits"

local TRIALS <const> = { branin = 60, hartmann6 = 80, toy = 30, iris = 60, digits = 60 }
local NAMES <const> = { "branin", "hartmann6", "toy", "iris", "digits" }

local function curve(f, n, sampler, seed)
  local best, list, clean = math.huge, {}, {}
  local study = mlp.study { sampler = sampler, pruner = "none", seed = seed }
  study:optimize(function(t)
    local value, truth = f(t)
    clean[t.number] = truth or value
    return value
  end, { n_trials = n, verbose = 0 })
  local noisy = math.huge
  for i, t in ipairs(study:trials()) do -- the truth at the point that looks best
    if t.value < noisy then noisy, best = t.value, clean[t.number] end
    list[i] = best
  end
  return list
end

local function median(list)
  table.sort(list)
  return (list[(#list + 1) // 2] + list[#list // 2 + 1]) / 2
end

if arg and arg[0] and arg[0]:find "samplers.lua$" then
  local first, last = arg[2]:match "^(%d+)-(%d+)$"
  for _, name in ipairs(NAMES) do
    local there = arg[4] or name ~= "iris" and name ~= "digits"
    if there and (not arg[3] or arg[3] == "all" or arg[3] == name) then
      local curves, n = {}, TRIALS[name]
      local clock = os.clock()
      for seed = tonumber(first), tonumber(last) do
        curves[#curves + 1] = curve(M[name], n, arg[1], seed)
      end
      io.write(("%-10s %-9s"):format(arg[1], name))
      for k = 10, n, 10 do
        local at = {}
        for i, list in ipairs(curves) do at[i] = list[k] end
        io.write((" %9.4f"):format(median(at)))
      end
      io.write((" %6.1f s\n"):format(os.clock() - clock))
    end
  end
end

return M
