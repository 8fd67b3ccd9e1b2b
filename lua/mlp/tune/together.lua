--- study:optimize { together = n }: n trials at a time in one process. Each objective runs as a
--- coroutine up to a fit; when all of them are there, those fits are made together (fit_many), and
--- each goes on with its own. A trial's values are those that it has alone.
local core = require "mlp.core"
local fit_many = require "mlp.fit_many"
local meeting = require "mlp.fit.meeting"

local M = {}

local FLUSH <const> = 0.2 -- seconds between commits of what the trials reported

--- What math.random stands at cannot be read, only drawn: two numbers that it can be set to.
local function draw() return { math.random(0), math.random(0) } end

--- Let a trial run up to its next fit, or to its end.
local function resume(job)
  local before = table.pack(core.run_state(table.unpack(job.random)))
  if job.lua then math.randomseed(table.unpack(job.lua)) end
  local ok, result = coroutine.resume(job.thread, job.fit)
  job.lua = draw()
  job.random = table.pack(core.run_state(table.unpack(before)))
  job.fit = nil
  if not ok then
    job.error = result
  elseif coroutine.status(job.thread) == "dead" then
    job.last = result
  else
    job.fit = result
    job.fit.random = job.random
  end
end

local function start(run_one, trial)
  local job = { trial = trial, random = table.pack(core.run_state()) }
  job.thread = coroutine.create(function() return run_one(trial) end)
  meeting.enrol(job.thread, fit_many.takes)
  trial.flushed = math.huge -- commits are made for all at once
  return job
end

--- Commit what all trials of a batch reported.
local function flusher(study, jobs)
  local last = core.clock()
  return function()
    if core.clock() - last < FLUSH then return end
    study.storage:transact(function()
      for _, job in ipairs(jobs) do
        if not job.last and #job.trial.unsaved > 0 then
          study:check_owner(job.trial)
          job.trial:write()
          study.storage:beat(job.trial.id)
          job.trial.flushed = math.huge
        end
      end
    end)
    last = core.clock()
  end
end

local function run_jobs(jobs, flush)
  local fits
  repeat
    fits = {}
    for _, job in ipairs(jobs) do
      if not job.last then resume(job) end
      if job.error then error(job.error, 0) end
      if job.fit then fits[#fits + 1] = job.fit end
      flush()
    end
    if #fits > 0 then fit_many.together(fits, flush) end
    for _, job in ipairs(jobs) do
      if job.fit then job.random = job.fit.random end
    end
  until #fits == 0
end

--- Run a batch of trials. Returns how those ended that did; and an error, such as Ctrl-C, that the
--- others did not outlive: they are to be tried again.
--- @param run_one fun(trial): table  how one ended
--- @return table[]
--- @return any
function M.run(study, batch, run_one)
  local jobs, lua = {}, draw()
  for i, trial in ipairs(batch) do jobs[i] = start(run_one, trial) end
  local ok, e = pcall(run_jobs, jobs, flusher(study, jobs))
  math.randomseed(table.unpack(lua))
  local ended, left = {}, {}
  for _, job in ipairs(jobs) do
    if job.last then
      ended[#ended + 1] = job.last
    else
      coroutine.close(job.thread)
      if not job.error then left[#left + 1] = job.trial end
    end
  end
  if ok then return ended end
  study.storage:transact(function()
    for _, trial in ipairs(left) do
      trial:write()
      study.storage:requeue(trial.id, "interrupted")
    end
  end)
  return ended, e
end

return M
