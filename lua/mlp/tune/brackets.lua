--- Hyperband's plan: brackets of rounds, as Keras Tuner computes them.
--- Source: Li et al. 2018, JMLR 18; keras_tuner/tuners/hyperband.py (the sizes in integers there).
local M = {}

--- R, R / factor, R / factor^2...: how many of them are at least min_epochs.
local function count(max_epochs, factor, min_epochs)
  local n, epochs = 0, max_epochs
  while epochs >= min_epochs do
    n, epochs = n + 1, epochs / factor
  end
  return n
end

local function logarithm(x, base)
  local k, power = 0, 1
  while power * base <= x do
    k, power = k + 1, power * base
  end
  return power == x and k or math.log(x) / math.log(base)
end

local function ceil(x) return math.ceil(x - 1e-9) end

--- Rounds of the bracket that begins with max_epochs / factor^s: { trials =, from =, to = }.
local function rounds(s, size0, max_epochs, factor)
  local list, from = {}, 0
  for r = 0, s do
    local to = ceil(max_epochs / factor ^ (s - r))
    list[r + 1] = { trials = ceil(size0 / (s + 1) * factor ^ (s - r)), from = from, to = to }
    from = to
  end
  return list
end

--- All brackets, the one that halves most often first; each as often as `iterations` says.
--- @return table  list of { s =, rounds = }
function M.plan(max_epochs, factor, min_epochs, iterations)
  local size0 = ceil(1 + logarithm(max_epochs, factor))
  local brackets = {}
  for _ = 1, iterations or 1 do
    for s = count(max_epochs, factor, min_epochs or 1) - 1, 0, -1 do
      brackets[#brackets + 1] = { s = s, rounds = rounds(s, size0, max_epochs, factor) }
    end
  end
  return brackets
end

--- No round has more trials than the one before it, nor the first more than there are points.
function M.fit(brackets, points)
  for _, bracket in ipairs(brackets) do
    local most = points
    for _, round in ipairs(bracket.rounds) do
      round.trials = math.min(round.trials, most)
      most = round.trials
    end
  end
end

--- Trials, and epochs where promoted trials go on from where they were.
function M.cost(brackets)
  local trials, epochs = 0, 0
  for _, bracket in ipairs(brackets) do
    for _, round in ipairs(bracket.rounds) do
      trials = trials + round.trials
      epochs = epochs + round.trials * (round.to - round.from)
    end
  end
  return trials, epochs
end

--- "bracket 2: 12 x [0..2] -> 4 x [2..4] -> 2 x [4..10]", a line a bracket.
function M.text(brackets)
  local lines = {}
  for i, bracket in ipairs(brackets) do
    local parts = {}
    for r, round in ipairs(bracket.rounds) do
      parts[r] = ("%d x [%d..%d]"):format(round.trials, round.from, round.to)
    end
    lines[i] = ("  bracket %d: %s"):format(bracket.s, table.concat(parts, " -> "))
  end
  return table.concat(lines, "\n")
end

--- What each trial number is: { bracket =, round =, index =, first = number of its round's first,
--- before = { first, trials } of the round that it is promoted from }.
function M.slots(brackets)
  local slots, number = {}, 0
  for b, bracket in ipairs(brackets) do
    local before
    for r, round in ipairs(bracket.rounds) do
      local first = number
      for index = 1, round.trials do
        slots[number] = { bracket = b, round = r, index = index, first = first, before = before,
          from = round.from, to = round.to, last = r == #bracket.rounds,
          round_trials = round.trials }
        number = number + 1
      end
      before = { first = first, trials = round.trials }
    end
  end
  return slots, number
end

return M
