--- What is asked of a study's file. One connection a process; every change is a transaction, and
--- what a function here has returned from is on the disk.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local Storage = {}
Storage.__index = Storage

local NOW <const> = "strftime('%Y-%m-%d %H:%M:%f000', 'now')" -- UTC, as Optuna 5 reads it

M.FINISHED = { COMPLETE = true, PRUNED = true, FAIL = true }

--- Open a file, or memory where path is nil.
--- @param options? table  timeout, create, read_only, network, keep_journal, stamp
function M.open(path, options)
  return setmetatable({ db = core.study_database(path, options or {}), path = path }, Storage)
end

--- f(...) as one transaction.
function Storage:transact(f, ...)
  self.db:begin()
  local results = table.pack(pcall(f, ...))
  if not results[1] then
    self.db:rollback()
    error(results[2], 0)
  end
  self.db:commit()
  return table.unpack(results, 2, results.n)
end

function Storage:close() self.db:free() end

--
-- Studies
--

--- The studies of the file: { { id =, name =, directions = { "minimize" }, trials = n }, ... }
function Storage:studies()
  local list = {}
  for i, row in ipairs(self.db:rows(
    [[SELECT s.study_id, s.study_name,
        (SELECT count(*) FROM trials t WHERE t.study_id = s.study_id)
      FROM studies s ORDER BY s.study_id]]))
  do
    list[i] = { id = row[1], name = row[2], trials = row[3], directions = self:directions(row[1]) }
  end
  return list
end

function Storage:find_study(name)
  return (self.db:row("SELECT study_id FROM studies WHERE study_name = ?", name))
end

function Storage:directions(study)
  local list = {}
  for i, row in ipairs(self.db:rows(
    "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective", study))
  do
    list[i] = row[1]:lower()
  end
  return list
end

--- Inside a transaction.
function Storage:add_study(name, directions, seed)
  local id = self.db:insert("INSERT INTO studies (study_name) VALUES (?)", name)
  for i, direction in ipairs(directions) do
    self.db:run([[INSERT INTO study_directions (direction, study_id, objective)
      VALUES (?, ?, ?)]], direction:upper(), id, i - 1)
  end
  self:adopt_study(id, seed)
  return id
end

--- A study that Optuna made gets our row beside it.
function Storage:adopt_study(id, seed)
  self.db:run("INSERT OR IGNORE INTO mlprun_studies (study_id, seed, options) VALUES (?, ?, '{}')",
    id, seed)
end

--- Seed and notes (a table) of a study.
function Storage:study_notes(id)
  local seed, text = self.db:row("SELECT seed, options FROM mlprun_studies WHERE study_id = ?", id)
  if not seed then return nil end
  local notes = core.json_decode(text or "{}")
  return seed, notes
end

function Storage:set_study_notes(id, notes)
  self.db:run("UPDATE mlprun_studies SET options = ? WHERE study_id = ?",
    next(notes) and core.json_encode(notes) or "{}", id)
end

local DEPENDENT <const> = { "trial_user_attributes", "trial_system_attributes", "trial_params",
  "trial_values", "trial_intermediate_values", "trial_heartbeats", "mlprun_trials",
  "mlprun_metrics", "mlprun_artifacts", "mlprun_events" }

--- Remove a study with all that belongs to it.
function Storage:remove_study(id)
  self:transact(function()
    for _, name in ipairs(DEPENDENT) do
      self.db:run(("DELETE FROM %s WHERE trial_id IN "
        .. "(SELECT trial_id FROM trials WHERE study_id = ?)"):format(name), id)
    end
    for _, name in ipairs { "trials", "study_directions", "study_user_attributes",
      "study_system_attributes", "mlprun_studies", "studies" } do
      self.db:run(("DELETE FROM %s WHERE study_id = ?"):format(name), id)
    end
  end)
end

--
-- Workers
--

--- Say who we are; the id goes into the rows of the trials that this process runs.
function Storage:enrol(code)
  if self.worker then return self.worker end
  local pid, _, born, host = core.process()
  self.host = host
  self.worker = self.db:insert([[INSERT INTO mlprun_workers
    (host, pid, born, version, code, started) VALUES (?, ?, ?, ?, ?, ?)]], host, pid, born,
    core.version, code, core.time())
  return self.worker
end

--- RUNNING trials whose process is gone wait again: the same number, seed and plan. Those of other
--- hosts and of Optuna's are left alone unless their heartbeat is older than `grace` seconds.
--- Inside a transaction. Returns how many.
function Storage:requeue_stale(study, grace)
  local n = 0
  for _, row in ipairs(self.db:rows([[
    SELECT t.trial_id, w.host, w.pid, w.born,
      (julianday('now') - julianday(h.heartbeat)) * 86400
    FROM trials t LEFT JOIN mlprun_trials m USING (trial_id)
      LEFT JOIN mlprun_workers w USING (worker_id) LEFT JOIN trial_heartbeats h USING (trial_id)
    WHERE t.study_id = ? AND t.state IN ('RUNNING', 'WAITING') AND t.state = 'RUNNING']], study))
  do
    local id, host, pid, born, silent = table.unpack(row, 1, 5)
    local dead = silent and silent > grace
    if host == self.host then dead = not core.alive(pid, born) end
    if dead then
      self:requeue(id, "its worker died")
      n = n + 1
    end
  end
  return n
end

--- Inside a transaction: the trial will be run again.
function Storage:requeue(id, why)
  self.db:run("UPDATE trials SET state = 'WAITING' WHERE trial_id = ? AND state = 'RUNNING'", id)
  self.db:run("UPDATE mlprun_trials SET worker_id = NULL WHERE trial_id = ?", id)
  self:event(id, why)
end

function Storage:event(id, text)
  self.db:run("INSERT INTO mlprun_events (trial_id, time, text) VALUES (?, ?, ?)", id, core.time(),
    text)
end

--
-- Trials: inside a transaction, all that change something
--

function Storage:next_number(study)
  return (self.db:row("SELECT ifnull(max(number), -1) + 1 FROM trials WHERE study_id = ?", study))
end

--- @param plan? table  internal numbers by name
function Storage:add_trial(study, number, state, seed, plan)
  local id = self.db:insert(([[INSERT INTO trials (number, study_id, state, datetime_start)
    VALUES (?, ?, ?, CASE WHEN ? = 'WAITING' THEN NULL ELSE %s END)]]):format(NOW),
    number, study, state, state)
  local running = state == "RUNNING"
  self.db:run([[INSERT INTO mlprun_trials (trial_id, seed, attempt, worker_id, started, plan)
    VALUES (?, ?, ?, ?, ?, ?)]], id, seed, running and 1 or 0, running and self.worker or nil,
    running and core.time() or nil, plan and next(plan) and core.json_encode(plan) or nil)
  return id
end

--- A trial that waits starts to run.
function Storage:start_trial(id, seed, plan)
  self.db:run(("UPDATE trials SET state = 'RUNNING', datetime_start = %s WHERE trial_id = ?")
    :format(NOW), id)
  self.db:run("INSERT OR IGNORE INTO mlprun_trials (trial_id, seed, attempt) VALUES (?, ?, 0)", id,
    seed)
  self.db:run([[UPDATE mlprun_trials SET seed = ?, attempt = attempt + 1, worker_id = ?,
    started = ?, finished = NULL, plan = ifnull(?, plan) WHERE trial_id = ?]], seed, self.worker,
    core.time(),
    plan and next(plan) and core.json_encode(plan) or nil, id)
end

-- "+": the few that are open are sorted; the index of all numbers would be walked from its start.
function Storage:waiting(study)
  return self.db:rows([[SELECT t.trial_id, t.number, m.plan FROM trials t
    LEFT JOIN mlprun_trials m USING (trial_id)
    WHERE t.study_id = ? AND t.state IN ('RUNNING', 'WAITING') AND t.state = 'WAITING'
    ORDER BY +t.number]], study)
end

--- The least id of a trial that runs or waits; nil where none does.
function Storage:first_open(study)
  return (self.db:row([[SELECT min(+trial_id) FROM trials
    WHERE study_id = ? AND state IN ('RUNNING', 'WAITING')]], study))
end

function Storage:first_open_number(study)
  return (self.db:row([[SELECT min(+number) FROM trials
    WHERE study_id = ? AND state IN ('RUNNING', 'WAITING')]], study))
end

--- Values that a trial is to use, by name, as Optuna's enqueue_trial leaves them.
function Storage:set_fixed(id, values)
  self.db:run([[INSERT OR REPLACE INTO trial_system_attributes (trial_id, "key", value_json)
    VALUES (?, 'fixed_params', ?)]], id, core.json_encode(values))
end

--- The plans of trials with numbers from `first` on, whatever their state: { number, plan, state }.
function Storage:plans_from(study, first)
  return self.db:rows([[SELECT t.number, m.plan, t.state FROM trials t
    LEFT JOIN mlprun_trials m USING (trial_id)
    WHERE t.study_id = ? AND t.number >= ? ORDER BY t.number]], study, first)
end

--- Plans are of use until that many trials later.
function Storage:forget_plan(study, number)
  self.db:run([[UPDATE mlprun_trials SET plan = NULL WHERE trial_id =
    (SELECT trial_id FROM trials WHERE study_id = ? AND number = ?
      AND state NOT IN ('RUNNING', 'WAITING'))]], study, number)
end

--- Trials that run or wait, with their plans: { number, plan, state }.
function Storage:open_trials(study)
  return self.db:rows([[SELECT t.number, m.plan, t.state, t.trial_id FROM trials t
    LEFT JOIN mlprun_trials m USING (trial_id)
    WHERE t.study_id = ? AND t.state IN ('RUNNING', 'WAITING') ORDER BY +t.number]], study)
end

function Storage:attempt(id)
  return self.db:row("SELECT attempt, worker_id FROM mlprun_trials WHERE trial_id = ?", id)
end

function Storage:set_param(id, name, x, distribution)
  self.db:run([[INSERT OR REPLACE INTO trial_params
    (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)]], id, name, x,
    distribution:json())
end

--- Value and type, as Optuna stores what no SQL number is.
local function typed(v)
  if v ~= v then return nil, "NAN" end
  if v == math.huge then return nil, "INF_POS" end
  if v == -math.huge then return nil, "INF_NEG" end
  return v + 0.0, "FINITE"
end

local UNTYPED <const> = { NAN = 0 / 0, INF_POS = math.huge, INF_NEG = -math.huge }
local function untyped(v, kind) return UNTYPED[kind] or v end

function Storage:set_report(id, step, value)
  self.db:run([[INSERT OR REPLACE INTO trial_intermediate_values
    (trial_id, step, intermediate_value, intermediate_value_type) VALUES (?, ?, ?, ?)]], id, step,
    typed(value))
end

local function series_id(self, name)
  self.series = self.series or {}
  local id = self.series[name]
  if id then return id end
  self.db:run("INSERT OR IGNORE INTO mlprun_series (name) VALUES (?)", name)
  id = self.db:row("SELECT series_id FROM mlprun_series WHERE name = ?", name)
  return id
end

--- One number of an epoch's logs.
function Storage:set_metric(id, name, step, value)
  self.db:run([[INSERT OR REPLACE INTO mlprun_metrics (trial_id, series_id, step, value)
    VALUES (?, ?, ?, ?)]], id, series_id(self, name), step, value)
end

local function set_attribute(self, kind, id, key, value)
  self.db:run(("INSERT OR REPLACE INTO %s_user_attributes (%s_id, \"key\", value_json) "
    .. "VALUES (?, ?, ?)"):format(kind, kind), id, key, core.json_encode(value))
end

function Storage:set_user_attr(id, key, value) set_attribute(self, "trial", id, key, value) end
function Storage:set_study_attr(id, key, value) set_attribute(self, "study", id, key, value) end

local function attributes(self, kind, table_, id)
  local list = {}
  for _, row in ipairs(self.db:rows(("SELECT \"key\", value_json FROM %s WHERE %s_id = ?")
    :format(table_, kind), id))
  do
    local ok, value = pcall(core.json_decode, row[2])
    list[row[1]] = ok and value or nil
  end
  return list
end

function Storage:user_attrs(id) return attributes(self, "trial", "trial_user_attributes", id) end
function Storage:system_attrs(id)
  return attributes(self, "trial", "trial_system_attributes", id)
end
function Storage:study_attrs(id) return attributes(self, "study", "study_user_attributes", id) end

--- @param values? number[]
function Storage:finish_trial(id, state, values, reason)
  self.db:run(("UPDATE trials SET state = ?, datetime_complete = %s WHERE trial_id = ?")
    :format(NOW), state, id)
  self.db:run([[UPDATE mlprun_trials SET finished = ?, reason = ? WHERE trial_id = ?]], core.time(),
    reason, id)
  self.db:run("DELETE FROM trial_heartbeats WHERE trial_id = ?", id)
  for i, v in ipairs(values or {}) do
    self.db:run([[INSERT OR REPLACE INTO trial_values (trial_id, objective, value, value_type)
      VALUES (?, ?, ?, ?)]], id, i - 1, typed(v))
  end
end

function Storage:beat(id)
  self.db:run(([[INSERT INTO trial_heartbeats (trial_id, heartbeat) VALUES (?, %s)
    ON CONFLICT (trial_id) DO UPDATE SET heartbeat = %s]]):format(NOW, NOW), id)
end

--
-- Reading
--

--- Trials that ended, with ids above `after`: { id, number, state }.
function Storage:finished(study, after)
  return self.db:rows([[SELECT trial_id, number, state FROM trials
    WHERE study_id = ? AND trial_id > ? AND state IN ('COMPLETE', 'PRUNED', 'FAIL')
    ORDER BY trial_id]], study, after)
end

--- { name, number in the file, distribution's text }
function Storage:params(id)
  return self.db:rows([[SELECT param_name, param_value, distribution_json FROM trial_params
    WHERE trial_id = ? ORDER BY param_id]], id)
end

function Storage:values(id)
  local list = {}
  for _, row in ipairs(self.db:rows([[SELECT objective, value, value_type FROM trial_values
    WHERE trial_id = ? ORDER BY objective]], id))
  do
    list[row[1] + 1] = untyped(row[2], row[3])
  end
  return list
end

--- Steps in order and their values.
function Storage:reports(id)
  local steps, values = {}, {}
  for i, row in ipairs(self.db:rows([[SELECT step, intermediate_value, intermediate_value_type
    FROM trial_intermediate_values WHERE trial_id = ? ORDER BY step]], id))
  do
    steps[i], values[i] = row[1], untyped(row[2], row[3])
  end
  return steps, values
end

--- Values that complete trials reported at a step: { { value }, ... }
function Storage:reports_at(study, step)
  return self.db:rows([[SELECT i.intermediate_value FROM trials t
    JOIN trial_intermediate_values i USING (trial_id)
    WHERE t.study_id = ? AND t.state = 'COMPLETE' AND i.step = ?]], study, step)
end

--- The numbers that trials have under a name.
function Storage:attribute_values(study, key)
  local list = {}
  for i, row in ipairs(self.db:rows([[SELECT value_json FROM trial_user_attributes
    JOIN trials USING (trial_id) WHERE study_id = ? AND "key" = ?]], study, key))
  do
    list[i] = core.json_decode(row[1])
  end
  return list
end

--- { series = { step = value } }
function Storage:metrics(id)
  local list = {}
  for _, row in ipairs(self.db:rows([[SELECT name, step, value FROM mlprun_metrics
    JOIN mlprun_series USING (series_id) WHERE trial_id = ? ORDER BY name, step]], id))
  do
    list[row[1]] = list[row[1]] or {}
    list[row[1]][row[2]] = row[3] or 0 / 0
  end
  return list
end

--- One row of a trial: number, state, start, end, seed, attempt, seconds, reason.
function Storage:trial(id)
  return self.db:row([[SELECT t.number, t.state, t.datetime_start, t.datetime_complete, m.seed,
      m.attempt, m.finished - m.started, m.reason, w.code, m.started, m.finished, w.pid
    FROM trials t LEFT JOIN mlprun_trials m USING (trial_id)
      LEFT JOIN mlprun_workers w USING (worker_id)
    WHERE t.trial_id = ?]], id)
end

function Storage:ids(study)
  local ids = {}
  for i, row in ipairs(self.db:rows(
    "SELECT trial_id FROM trials WHERE study_id = ? ORDER BY number", study))
  do
    ids[i] = row[1]
  end
  return ids
end

--- How many trials are in each state.
function Storage:counts(study)
  local counts = { RUNNING = 0, WAITING = 0, COMPLETE = 0, PRUNED = 0, FAIL = 0 }
  for _, row in ipairs(self.db:rows(
    "SELECT state, count(*) FROM trials WHERE study_id = ? GROUP BY state", study))
  do
    counts[row[1]] = row[2]
  end
  return counts
end

function Storage:event_list(id)
  return self.db:rows("SELECT time, text FROM mlprun_events WHERE trial_id = ? ORDER BY event_id",
    id)
end

--
-- Artifacts: weights of the best, checkpoints of those that go on
--

function Storage:put_artifact(id, kind, data)
  self.db:run([[INSERT OR REPLACE INTO mlprun_artifacts (trial_id, kind, sha256, data)
    VALUES (?, ?, ?, CAST(? AS BLOB))]], id, kind, core.sha256(data), data)
end

--- The bytes, checked; nil where there are none.
function Storage:get_artifact(id, kind)
  local sum, data = self.db:row(
    "SELECT sha256, data FROM mlprun_artifacts WHERE trial_id = ? AND kind = ?", id, kind)
  if data and core.sha256(data) ~= sum then
    check.raise("format", "study: cannot use '%s': %s of trial %d is damaged",
      self.path or "memory", kind, id)
  end
  return data
end

function Storage:drop_artifact(id, kind)
  self.db:run("DELETE FROM mlprun_artifacts WHERE trial_id = ? AND kind = ?", id, kind)
end

function Storage:drop_artifacts(study, kind, keep)
  for _, row in ipairs(self.db:rows([[SELECT a.trial_id FROM mlprun_artifacts a
    JOIN trials t USING (trial_id) WHERE t.study_id = ? AND a.kind = ?]], study, kind))
  do
    if not keep[row[1]] then
      self.db:run("DELETE FROM mlprun_artifacts WHERE trial_id = ? AND kind = ?", row[1], kind)
    end
  end
end

function Storage:bytes()
  local pages, size = self.db:row "PRAGMA page_count", self.db:row "PRAGMA page_size"
  return pages * size
end

return M
