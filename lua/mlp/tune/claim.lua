--- Which trial is next: one that waits, else a new one whose plan the sampler makes. All of it
--- inside one transaction, so that numbers are dense and no trial is claimed twice.
---
--- What a plan may depend on is fixed, so that it does not depend on the number of workers:
--- samplers that need no results, and all where the study is deterministic, see trials up to
--- number - lag, which must have ended, and the plans of those after. Other samplers see all that
--- has ended. One whose plans follow from the number alone waits for nobody.
local core = require "mlp.core"
local trials = require "mlp.tune.trial"

local M = {}

local function numbers(plan)
  for name, x in pairs(plan) do plan[name] = x + 0.0 end
  return plan
end

local function decode(text) return text and numbers(core.json_decode(text)) or {} end

--- Add to the tree of what was tried the trials with numbers below `limit`; false where one of them
--- has not ended yet.
local function visit(study, limit)
  local h, visited = study.history, study.visited
  while study.visit_next < limit do
    local i = h.at[study.visit_next]
    if not i then return false end
    study.visit_next = study.visit_next + 1
    visited:add(h.sequence[i], function(name) return h.param[name][i] end,
      function(name) return h.distribution[name] end)
  end
  return true
end

--- The same for all that have ended, in whatever order.
local function visit_all(study)
  local h, visited = study.history, study.visited
  for i = study.visit_next + 1, h.n do
    visited:add(h.sequence[i], function(name) return h.param[name][i] end,
      function(name) return h.distribution[name] end)
  end
  study.visit_next = h.n
end

--- Plans of trials from number `first` on, but for those that a view sees as ended.
local function plans(study, first, below, skip_ended)
  local list = {}
  for _, row in ipairs(study.storage:plans_from(study.id, first)) do
    local ended = row[3] ~= "RUNNING" and row[3] ~= "WAITING"
    if row[1] < below and not (skip_ended and ended) then
      local plan = decode(row[2])
      if next(plan) then list[#list + 1] = plan end
    end
  end
  return list
end

--- Nobody knows what the objective asks for until one trial has told.
local function space_unknown(study, number)
  return number > 0 and #study.history.order == 0 and study.history.n == 0
end

local function new_view(study, number)
  return { study = study, seed = study.seed, number = number, history = study.history,
    space = study.history, visited = study.visited, duplicates = study.duplicates }
end

local SMALL <const> = 1000 -- points, where it matters to know all that was tried

--- Is the space small, discrete, and not the same for all trials that a view sees? What a trial
--- will ask for is then known too late to avoid trying it twice, unless trials wait for each other.
local function small_and_branched(study, limit)
  local h, n, first = study.history, 1, nil
  for _, name in ipairs(h.order) do n = n * (h.distribution[name].n or math.huge) end
  if n > SMALL then return false end
  for number = 0, limit - 1 do
    local sequence = h.sequence[h.at[number]]
    first = first or sequence
    if sequence ~= first then return true end
  end
  return false
end

--- The view of a sampler that must not depend on how fast others are: of trials below `limit`.
local function view_below(study, number, limit)
  if not visit(study, limit) then return nil end
  if space_unknown(study, number) then return nil end
  local view = new_view(study, number)
  view.upto = limit
  function view.visible(i) return study.history.number[i] < limit end
  view.pending = plans(study, limit, number, false)
  return view
end

--- The first trials see nearly all before them, so that the space is soon known.
local function lagged_view(study, number)
  local limit = number - math.min(study.lag, number // 4)
  local view = view_below(study, number, limit)
  if view and limit < number and small_and_branched(study, limit) then
    return view_below(study, number, number)
  end
  return view
end

local function free_view(study, number)
  local view = new_view(study, number)
  if space_unknown(study, number) and study.workers > 1 then return nil end
  visit_all(study)
  function view.visible() return true end
  local first = study.storage:first_open_number(study.id)
  view.pending = first and plans(study, first, number, true) or {}
  return view
end

--- The view of a sampler that looks at nothing but the number.
local function blind_view(study, number)
  local view = new_view(study, number)
  function view.visible() return false end
  view.pending = {}
  return view
end

function M.view(study, number)
  local by_number = study.sampler.by_number
  if by_number and by_number(study.sampler, study) then return blind_view(study, number) end
  if study.deterministic or not study.sampler.uses_values then return lagged_view(study, number) end
  return free_view(study, number)
end

--- Is a waiting trial's turn there? Only a schedule has reasons to say no.
local function ready(study, row)
  local schedule = study.schedule
  if not schedule then return true, decode(row[3]), {} end
  return schedule:ready(study, row[2], decode(row[3]))
end

--- @param info table  of a schedule: slot, and where it goes on with another trial: parent, seed
local function start(study, id, number, plan, info)
  local seed, storage = info.seed or study:trial_seed(number), study.storage
  storage:start_trial(id, seed, plan)
  local attempt = storage:attempt(id)
  local trial = trials.new(study, { id = id, number = number, seed = seed, plan = plan,
    fixed = storage:system_attrs(id).fixed_params, attempt = attempt, slot = info.slot,
    parent = info.parent, parent_number = info.parent_number })
  if attempt > 1 then trial:recall() end
  return trial
end

--- A trial that waits and may start. With `blocked` where there are some, but none may.
local function take_waiting(study, limit)
  local blocked
  for _, row in ipairs(study.storage:waiting(study.id)) do
    if row[2] < limit then
      local may, plan, info = ready(study, row)
      if may and info.nobody then
        study.storage:finish_trial(row[1], "PRUNED", nil, "no trial is left to be promoted")
        study.history:refresh()
      elseif may then
        return start(study, row[1], row[2], plan, info)
      else
        blocked = true
      end
    end
  end
  return nil, blocked
end

local function make_new(study, number)
  local view = M.view(study, number)
  if not view then return nil, "wait" end
  local plan, why, reason = study.sampler:plan(view)
  if why == "wait" and view.upto and view.upto < number then
    view = view_below(study, number, number) -- all that is left may be tried already
    if view then plan, why, reason = study.sampler:plan(view) end
  end
  if not plan then return nil, why, reason end
  local values = why
  local seed, storage = study:trial_seed(number), study.storage
  local id = storage:add_trial(study.id, number, "RUNNING", seed, plan)
  if values then storage:set_fixed(id, values) end
  if number > study.lag then storage:forget_plan(study.id, number - study.lag - 1) end
  return trials.new(study, { id = id, number = number, seed = seed, plan = plan, fixed = values,
    attempt = 1 })
end

--- For one transaction, in which nobody else ends or adds a trial: a function that returns a trial
--- to run each time; or nil and "wait" or "end", and why.
--- @param limit integer  numbers below it may be used
function M.taker(study, limit)
  local first, waiting = true, true
  return function()
    if first then study.history:refresh() end
    first = false
    if waiting then
      local trial, blocked = take_waiting(study, limit)
      if trial then return trial end
      if blocked then return nil, "wait" end
      if study.schedule then return nil, "end" end
      waiting = false
    end
    local number = study.storage:next_number(study.id)
    if number >= limit then return nil, "end" end
    return make_new(study, number)
  end
end

return M
