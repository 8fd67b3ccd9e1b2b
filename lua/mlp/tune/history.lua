--- What samplers and pruners know of a study: its finished trials as columns, read once each.
---
---   h.n                  how many
---   h.number[i]          of the i-th that was read; h.state[i]; h.id[i]
---   h.value[i]           the objective, turned so that less is better; nil where there is none
---   h.values[i]          all objectives as they were told, where there are several
---   h.param[name][i]     the number in the file; nil where the trial did not ask for it
---   h.order              names in the order in which they were first asked for
---   h.distribution[name] as last asked for
---   h.sequence[i]        the names in the trial's own order (shared between equal trials)
local core = require "mlp.core"
local distribution = require "mlp.tune.distribution"

local History = {}
History.__index = History

local M = {}

--- @param storage table
--- @param study integer
--- @param directions string[]
function M.new(storage, study, directions)
  local column = core.study_column
  return setmetatable({
    storage = storage, study = study, sign = directions[1] == "maximize" and -1 or 1,
    several = #directions > 1, n = 0, number = column "integer", state = column "few",
    id = column "integer", value = column "number", values = {}, param = {}, order = {},
    distribution = {}, sequence = column "few", known = {}, at = column "integer", low = 0,
    parsed = {}, sequences = {}, complete = 0,
  }, History)
end

local function parse(self, name, text)
  local d = self.parsed[text]
  if d == nil then
    d = distribution.parse(name, text) or false
    self.parsed[text] = d
  end
  return d
end

--- Our own objects, which know what the file does not: a reversed scale, an order of choices.
function History:learn(name, d)
  self.parsed[d:json()] = d
  if not self.distribution[name] then self.order[#self.order + 1] = name end
  self.distribution[name] = d
  self.param[name] = self.param[name] or core.study_column "number"
end

local function read_params(self, i, id)
  local names = {}
  for _, row in ipairs(self.storage:params(id)) do
    local name, d = row[1], parse(self, row[1], row[3])
    if d then
      if not self.distribution[name] then
        self.order[#self.order + 1] = name
        self.param[name] = core.study_column "number"
        self.distribution[name] = d
      end
      self.param[name][i] = row[2] + 0.0
      names[#names + 1] = name
    end
  end
  local key = table.concat(names, "\0")
  self.sequences[key] = self.sequences[key] or names
  self.sequence[i] = self.sequences[key]
end

local function read_trial(self, id, number, state)
  local i = self.n + 1
  self.n = i
  self.id[i], self.number[i], self.state[i] = id, number, state
  self.at[number] = i
  local values = self.storage:values(id)
  if self.several then self.values[i] = values end
  if state == "COMPLETE" and values[1] == values[1] then
    self.value[i] = values[1] and self.sign * values[1]
    self.complete = self.complete + 1
  end
  read_params(self, i, id)
end

--- Read what has ended since the last time. All ids up to `low` are known.
function History:refresh()
  local first_open = self.storage:first_open(self.study)
  local last = self.low
  for _, row in ipairs(self.storage:finished(self.study, self.low)) do
    local id = row[1]
    last = id
    if not self.known[id] then
      self.known[id] = true
      read_trial(self, id, row[2], row[3])
    end
  end
  self.low = math.max(self.low, math.min(last, first_open and first_open - 1 or last))
  for id in pairs(self.known) do
    if id <= self.low then self.known[id] = nil end
  end
  return self
end

--- Index of the best complete trial; the first of equals by number.
function History:best()
  local best
  for i = 1, self.n do
    local v = self.value[i]
    if v and (not best or v < self.value[best]
      or (v == self.value[best] and self.number[i] < self.number[best])) then
      best = i
    end
  end
  return best
end

--- Those that are complete, by number.
--- @return integer[]
function History:in_order()
  local list = {}
  for i = 1, self.n do
    if self.value[i] then list[#list + 1] = i end
  end
  table.sort(list, function(a, b) return self.number[a] < self.number[b] end)
  return list
end

--- The indices that have a value, best first; of equal ones the earlier trial.
--- @param indices integer[]
--- @return integer[]
function History:ranked(indices)
  local list = {}
  for _, i in ipairs(indices) do
    if self.value[i] then list[#list + 1] = i end
  end
  table.sort(list, function(a, b)
    if self.value[a] ~= self.value[b] then return self.value[a] < self.value[b] end
    return self.number[a] < self.number[b]
  end)
  return list
end

--- The same of all trials.
--- @return integer[]
function History:ranking()
  local all = {}
  for i = 1, self.n do all[i] = i end
  return self:ranked(all)
end

return M
