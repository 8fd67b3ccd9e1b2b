--- The schedule of Hyperband: which trial of the plan may start, and as whose continuation. A round
--- starts when all of the one before have ended; so the table does not depend on the number of
--- workers, which meanwhile work on other brackets.
local brackets = require "mlp.tune.brackets"
local base = require "mlp.tune.sampler.base"
local visiteds = require "mlp.tune.visited"

local Schedule = {}
Schedule.__index = Schedule

local M = {}

--- @param plan table  of brackets.plan
function M.new(plan)
  local slots, n = brackets.slots(plan)
  return setmetatable({ plan = plan, slots = slots, n = n, chosen = {} }, Schedule)
end

--- Distinct random points for the first rounds. Returns plans by number, as many as there are.
function M.points(study, numbers)
  local plans, pending = {}, {}
  for _, number in ipairs(numbers) do
    local view = { seed = study.seed, number = number, space = study.history, pending = pending,
      visited = visiteds.new() }
    local plan = base.distinct(view, function(attempt) return base.uniform(view, attempt) end)
    if not plan then break end
    plans[#plans + 1] = plan
    pending[#pending + 1] = plan
  end
  return plans
end

--- How many points the space has, at most `most`.
function M.count_points(study, most)
  local n = 1
  for _, name in ipairs(study.history.order) do
    local d = study.history.distribution[name]
    n = n * (d.n or math.huge)
    if n >= most then return most end
  end
  return n
end

--- Inside a transaction: all trials of the plan wait.
function Schedule:install(study)
  if study.storage:next_number(study.id) > 0 then return end
  local numbers = {}
  for number = 0, self.n - 1 do
    if self.slots[number].round == 1 then numbers[#numbers + 1] = number end
  end
  local plans, k = self:first_plans(study, numbers), 0
  for number = 0, self.n - 1 do
    local slot, plan = self.slots[number], nil
    if slot.round == 1 then
      k = k + 1
      plan = plans[k]
    end
    study.storage:add_trial(study.id, number, "WAITING", study:trial_seed(number), plan)
  end
end

--- Points are distinct within a bracket, and in all brackets while there are enough of them.
function Schedule.first_plans(_, study, numbers)
  local plans = M.points(study, numbers)
  local n = #plans
  for k = n + 1, #numbers do plans[k] = plans[(k - 1) % n + 1] end
  return plans
end

--- Trials of the round before, best first: { number, id }; nil where one has not ended.
local function ranking(study, before)
  local h, list = study.history, {}
  for number = before.first, before.first + before.trials - 1 do
    local i = h.at[number]
    if not i then return nil end
    list[#list + 1] = i
  end
  return h:ranked(list)
end

--- The states of trials that are not promoted are of no use.
local function drop_others(study, slot, list)
  local keep = slot.round_trials
  for k = keep + 1, #list do
    study.storage:drop_artifact(study.history.id[list[k]], "checkpoint")
  end
end

--- May the waiting trial start? Then also its plan, and what else it is: seed, parent.
function Schedule:ready(study, number, plan)
  local slot = self.slots[number]
  if not slot then return true, plan, {} end
  if slot.round == 1 then return true, plan, { slot = slot } end
  local list = ranking(study, slot.before)
  if not list then return false end
  local parent = list[slot.index]
  if slot.index == 1 then drop_others(study, slot, list) end
  if not parent then return true, {}, { slot = slot, nobody = true } end
  local h, own = study.history, {}
  for _, name in ipairs(h.sequence[parent]) do own[name] = h.param[name][parent] end
  return true, own, { slot = slot, parent = h.id[parent], parent_number = h.number[parent],
    seed = study.storage.db:row("SELECT seed FROM mlprun_trials WHERE trial_id = ?",
      h.id[parent]) }
end

--- What a trial of the file was: its slot, and the number of the trial that it went on from.
function Schedule:place_of(trial)
  return self.slots[trial.number], trial.user_attrs["tuner/trial_id"]
end

return M
