--- Workers: other processes that run the same script up to the same call of optimize.
local core = require "mlp.core"
local check = require "mlp.check"
local provenance = require "mlp.provenance"
local optimize

local M = {}

-- Path, name, call, parent and the shared file, a line each.
local VARIABLE <const> = "MLPRUN_STUDY_WORKER"
local POLL <const> = 0.005 -- seconds between looks at the workers
local LOOK <const> = 0.03 -- and at what they wrote: a look takes the file's lock for a moment;
local SELDOM <const> = 0.2 -- where nobody is told of trials, and only failures count
local CRASHES <const> = 3 -- without a trial in between, that end the search
local SERVED <const> = 83 -- exit code of a worker that came to its call and finds no more to do

local given = os.getenv(VARIABLE)
local role
local shared -- the file of searches that were given none: { path = }
if given then
  local path, name, call, parent, file = given:match "^(.-)\n(.-)\n(%d+)\n(%d+)\n(.*)$"
  role = { path = path, name = name, call = tonumber(call), parent = tonumber(parent) }
  shared = file ~= "" and { path = file } or nil
end

function M.is_worker() return role ~= nil end

--- One file for all searches of a run that were given none, so that workers find what earlier ones
--- gave; removed at the end.
function M.shared_file()
  if not shared then
    shared = setmetatable({ path = os.tmpname() }, { __gc = function(t) os.remove(t.path) end })
    os.remove(shared.path)
  end
  return shared.path
end

--- Is it this call of optimize that the worker was started for?
function M.is_mine(study)
  return role.path == study.path and role.name == study.name and role.call == study.calls
end

--- Run trials until none is left, and end the process.
function M.serve(study, run)
  optimize = optimize or require "mlp.tune.optimize"
  core.threads(1)
  run.callbacks, run.reporter.verbose, run.reporter.wants_trials = {}, 0, false
  run.max_failures = math.maxinteger -- the parent counts
  function run.alive()
    local _, parent = core.process()
    return parent == role.parent
  end
  optimize.loop(study, run)
  os.exit(SERVED, true)
end

--- Why there can be no workers here; nil where there can.
local function obstacle(study)
  if not study.path then return "a study in memory is not shared; give it a file (storage)" end
  if require("mlp.claim").report then return "claims are measured, one script a process" end
  if not provenance.command() or select(5, core.process()) == nil then
    return "there is no script to run again"
  end
end

local function start(study, run)
  local pid, _, _, _, program = core.process()
  local variable = ("%s=%s\n%s\n%d\n%d\n%s"):format(VARIABLE, study.path, study.name, study.calls,
    pid, shared and shared.path or "")
  local child = core.spawn(program, provenance.command(), { variable }, "/dev/null")
  run.children[#run.children + 1] = { pid = child, trials = study.history.n }
end

--- Trials that ended since the last look, to whoever wants to know, by number.
local function tell(study, run)
  local h = study.history
  local from = h.n + 1
  h:refresh()
  for i = from, h.n do
    if run.reporter.wants_trials or #run.callbacks > 0 or h.state[i] == "FAIL" then
      local trial = require("mlp.tune.frozen").read(study, h.id[i])
      run.reporter:trial(trial)
      for _, f in ipairs(run.callbacks) do f(study, trial) end
      if h.state[i] == "FAIL" then
        run.failures = run.failures + 1
        run.last_reason = trial.reason
      end
    end
    if h.state[i] ~= "FAIL" then run.failures = 0 end
  end
  if run.failures >= (run.catch and run.max_failures or 1) then
    run.fatal = ("optimize: %d trials in a row failed; the last: %s"):format(run.failures,
      run.last_reason or "?")
  end
end

local LOST <const> = "optimize: a worker ran the script to its end and did not come to this call "
  .. "on '%s'. A worker runs the script again up to optimize: its path must be the same there, and "
  .. "a name from os.tmpname, the time or chance is another one each time"

--- Look after the children; those that ended go. True where one died.
local function reap(study, run)
  local died = false
  for i = #run.children, 1, -1 do
    local code = core.wait(run.children[i].pid)
    if code then
      table.remove(run.children, i)
      if code == 0 then
        run.fatal = LOST:format(study.path)
      elseif code ~= SERVED then
        died = true
        run.code = code
      end
    end
  end
  return died
end

--- Is there something left for a worker to do?
local function work_left(study, run)
  if run.stop or study.schedule == nil and run.budget:spent() then return false end
  local waiting = study.storage:waiting(study.id)
  if #waiting > 0 then return waiting[1][2] < run.budget.limit end
  return not study.schedule and not run.finished
    and study.storage:next_number(study.id) < run.budget.limit
end

local function end_children(study, run)
  for _, child in ipairs(run.children) do core.terminate(child.pid) end
  while #run.children > 0 do
    reap(study, run)
    core.sleep(POLL)
  end
end

--- A worker died: its trial waits again, and another worker takes its place, unless they die one
--- after the other.
local function replace(study, run)
  study.storage:transact(function() study.storage:requeue_stale(study.id, study.grace) end)
  run.crashes = run.last_n == study.history.n and run.crashes + 1 or 1
  run.last_n = study.history.n
  if run.crashes > CRASHES then
    run.fatal = ("optimize: %d workers in a row died without a trial, the last with exit code %d"):
      format(run.crashes, run.code)
    return
  end
  core.sleep(0.1 * 2 ^ run.crashes)
  if work_left(study, run) then start(study, run) end
end

--- All workers ended well, and there is work: another one, unless they end without any.
local function go_on(study, run)
  run.idle = run.idle_n == study.history.n and run.idle + 1 or 1
  run.idle_n = study.history.n
  if run.idle > CRASHES then
    run.fatal = ("optimize: %d workers in a row ended without a trial; a worker runs the script "
      .. "again up to optimize: does it come there?"):format(run.idle)
    return
  end
  start(study, run)
end

local function watch(study, run)
  local told = run.reporter.wants_trials or #run.callbacks > 0
  local looked, pause = core.clock(), told and LOOK or SELDOM
  while #run.children > 0 do
    core.sleep(POLL)
    local before = #run.children
    local died = reap(study, run)
    if died or #run.children < before or core.clock() - looked >= pause then
      tell(study, run)
      looked = core.clock()
    end
    if #run.children < before and not died then run.finished = true end
    if study.stopping then run.stop = "stopped" end
    if run.fatal or run.stop then return end
    if died then replace(study, run) end
    if #run.children == 0 and work_left(study, run) and not run.fatal then go_on(study, run) end
  end
end

--- optimize with n_jobs > 1.
function M.run(study, run)
  optimize = optimize or require "mlp.tune.optimize"
  local why = obstacle(study)
  if why then
    core.warn(("optimize: n_jobs = %d, but %s; the trials run one after the other"):format(
      run.options.n_jobs, why))
    study.workers = 1
    return optimize.loop(study, run)
  end
  run.children, run.crashes = {}, 0
  for _ = 1, run.options.n_jobs do start(study, run) end
  local ok, e = pcall(watch, study, run)
  end_children(study, run)
  tell(study, run)
  study.storage:transact(function() study.storage:requeue_stale(study.id, study.grace) end)
  study.stop_reason = run.stop or run.budget:spent()
  if not ok then error(e, 0) end
  if run.fatal then check.raise("state", "%s", run.fatal) end
end

return M
