local mlp = require "mlp"
local core = require "mlp.core"
local program = require "program"

local function quiet(options)
  local o = { verbose = 0 }
  for k, v in pairs(options or {}) do o[k] = v end
  return o
end

local function study(options)
  local o = { sampler = "random", pruner = "none" }
  for k, v in pairs(options or {}) do o[k] = v end
  return mlp.study(o)
end

local function with_file(f)
  local path = os.tmpname()
  os.remove(path)
  local ok, e = pcall(f, path)
  os.remove(path)
  if not ok then error(e, 0) end
end

describe("study:optimize", function()
  it("runs an objective over what it asks for, and finds the best #F59 #F61", function()
    local s = study():optimize(function(t)
      local x, n = t:suggest_float("x", -1, 1), t:Int("n", 1, 4)
      assert.truthy(x >= -1 and x <= 1 and n >= 1 and n <= 4)
      return x * x + n
    end, quiet { n_trials = 30 })
    local least = math.huge
    for i, trial in ipairs(s:trials()) do
      assert.equal(i - 1, trial.number)
      assert.equal("COMPLETE", trial.state)
      assert.equal(trial.params.x ^ 2 + trial.params.n, trial.value)
      least = math.min(least, trial.value)
    end
    assert.equal(least, s:best().value)
  end)

  it("gives the same trials for the same seed #G12", function()
    local function run(seed)
      local list = {}
      local s = study { seed = seed }:optimize(function(t)
        return t:Float("x", 1e-5, 1, { sampling = "log" }) + mlp.rand(1):item()
      end, quiet { n_trials = 10 })
      for i, t in ipairs(s:trials()) do list[i] = ("%a %a"):format(t.params.x, t.value) end
      return table.concat(list, "\n")
    end
    assert.equal(run(3), run(3))
    assert.not_equal(run(3), run(4))
  end)

  it("leaves the run's random numbers as they were", function()
    mlp.seed(5)
    local before = mlp.rand(3):totable()
    mlp.seed(5)
    study():optimize(function(t) return t:Float("x", 0, 1) + mlp.rand(2):sum():item() end,
      quiet { n_trials = 3 })
    assert.same(before, mlp.rand(3):totable())
  end)

  it("never runs a point of a discrete space twice, and ends when all are tried #F61", function()
    for _, sampler in ipairs { "random", "grid", "sobol" } do
      local seen = {}
      local s = study { sampler = sampler }:optimize(function(t)
        local a, b = t:Choice("a", { "x", "y", "z" }), t:Int("b", 1, 16, { step = 1 })
        local key = a .. b
        assert.is_nil(seen[key], key)
        seen[key] = true
        return b
      end, quiet())
      assert.equal(48, s:counts().COMPLETE)
      assert.truthy(s.stop_reason:find("48/48", 1, true), s.stop_reason)
    end
  end)

  it("counts what is behind a plain if once #F60", function()
    for _, sampler in ipairs { "random", "grid" } do
      local s = study { sampler = sampler }:optimize(function(t)
        local kind = t:Choice("kind", { "a", "b", "c" })
        return kind == "b" and t:Int("n", 1, 4) or 9
      end, quiet())
      assert.equal(6, s:counts().COMPLETE)
    end
  end)

  it("runs a grid in order, the last name fastest #S67", function()
    local list = {}
    study { sampler = mlp.tune.GridSampler { { "lr", { 0.1, 0.01 } }, { "dropout", { 0.3, 0.5 } },
      { "batch", { 4, 8 } } } }:optimize(function(t)
      list[#list + 1] = ("%g %g %d"):format(t:Choice("lr", { 0.1, 0.01 }),
        t:Float("dropout", 0, 1), t:Int("batch", 1, 256))
      return 1
    end, quiet())
    assert.same({ "0.1 0.3 4", "0.1 0.3 8", "0.1 0.5 4", "0.1 0.5 8", "0.01 0.3 4", "0.01 0.3 8",
      "0.01 0.5 4", "0.01 0.5 8" }, list)
  end)

  it("takes a trial that raises or returns no number as failed, and says why #G01", function()
    local bad = { function() error "boom" end, function() return nil end,
      function() return 0 / 0 end, function() return math.huge end, function() return "x" end,
      function() return {} end }
    local i = 0
    local s = study():optimize(function(t)
      t:Float("x", 0, 1)
      i = i + 1
      if bad[i] then return bad[i]() end
      return 7
    end, quiet { n_trials = 8, max_consecutive_failed_trials = 7 })
    local trials = s:trials()
    for k = 1, 6 do assert.equal("FAIL", trials[k].state) end
    assert.truthy(trials[1].reason:find "boom" and trials[1].reason:find "study_spec")
    assert.truthy(trials[3].reason:find "nan")
    assert.equal(7, s:best().value)
  end)

  it("has Optuna's names for what it found, and takes the number of trials alone", function()
    local s = mlp.tune.create_study { sampler = "random", pruner = "none" }
    s:enqueue_trial { x = 0.25 }
    local settings, was, printed = require "mlp.settings", print, {}
    settings.quiet = true
    s:optimize(function(t) return t:suggest_float("x", 0, 1) ^ 2 end, 3)
    settings.quiet = false
    _G.print = function(text) printed[#printed + 1] = text end
    assert.equal(0, select("#", s:results_summary(1)))
    assert.equal(0, select("#", s:search_space_summary()))
    _G.print = was
    assert.equal(3, #s:get_trials())
    assert.equal(s:best().number, s.best_trial.number)
    assert.equal(s.best_params.x ^ 2, s.best_value)
    assert.equal("minimize", s.direction)
    assert.truthy(printed[1]:find("x: " .. s.best_params.x, 1, true))
    assert.truthy(printed[2]:find "x: numbers from 0 to 1")
  end)

  it("is Bayesian with median pruning where nothing is said #S81", function()
    local s = mlp.study()
    assert.same({ "bayesian", "median" }, { s.sampler.name, s.pruner.name })
  end)

  it("knows its fields and methods, and its trials theirs", function()
    local s = study()
    assert.error_matches(function() s:trails() end, "study: no field or method 'trails'; did you "
      .. "mean 'trials'")
    assert.error_matches(function()
      s:optimize(function(t) return t:Flot("x", 0, 1) end, quiet { n_trials = 1, catch = false })
    end, "a trial failed: .*study_spec.lua:%d+: trial: no field or method 'Flot'; did you mean "
      .. "'Float'")
  end)

  it("ends after some failures in a row, with their reason #G02 #F70", function()
    local s = study()
    assert.error_matches(function()
      s:optimize(function() error "no data" end, quiet { n_trials = 10 })
    end, "3 trials in a row failed; the last: .*no data")
    assert.equal(3, s:counts().FAIL)
    local n = 0
    study { name = "again" }:optimize(function(t)
      n = n + 1
      t:Float("x", 0, 1)
      return n % 2 == 0 and 1 or error "at times"
    end, quiet { n_trials = 3, max_retries_per_trial = 1 })
    assert.equal(6, n)
  end)

  it("holds its budgets, and says which one it was #S63", function()
    local s = study():optimize(function(t)
      for epoch = 1, 5 do t:report(t:Float("x", 0, 1), epoch) end
      return 1
    end, quiet { max_epochs = 22 })
    assert.equal(5, s:counts().COMPLETE)
    assert.truthy(s.stop_reason:find "epochs are used up")
    s = study():optimize(function(t) return t:Float("x", 0, 1) end, quiet { timeout = 0 })
    assert.equal(0, s:counts().COMPLETE)
    assert.truthy(s.stop_reason:find "time is up")
  end)

  it("tries what was enqueued first #F68", function()
    local s = study()
    s:enqueue { x = 0.25 }
    s:enqueue({ x = 0.25 }, { skip_if_exists = true })
    s:optimize(function(t) return t:Float("x", 0, 1) + t:Float("y", 0, 1) end,
      quiet { n_trials = 2 })
    assert.equal(0.25, s:trial(0).params.x)
    assert.equal(2, #s:trials())
  end)

  it("calls callbacks, which may stop it", function()
    local seen = {}
    study():optimize(function(t) return t:Float("x", 0, 1) end, quiet { n_trials = 9, callbacks = {
      function(s, trial)
        seen[#seen + 1] = trial.number
        if trial.number == 2 then s:stop() end
      end,
    } })
    assert.same({ 0, 1, 2 }, seen)
  end)

  it("has a Pareto front of several objectives #F71", function()
    local s = study { directions = { "minimize", "maximize" } }
    for _, pair in ipairs { { 1, 1 }, { 2, 3 }, { 3, 2 }, { 0.5, 0 } } do
      s:tell(s:ask(), pair)
    end
    local front = {}
    for i, trial in ipairs(s:pareto()) do front[i] = trial.number end
    assert.same({ 0, 1, 3 }, front)
    assert.error_matches(function() s:best() end, "pareto%(%)")
  end)
end)

describe("study:ask and study:tell", function()
  it("run a trial by hand #F67", function()
    local s = study { direction = "maximize" }
    for _ = 1, 5 do
      local trial = s:ask()
      s:tell(trial, trial:Float("x", 0, 1))
    end
    s:tell(s:ask { x = 0.5 }, nil, "FAIL")
    assert.equal("FAIL", s:trial(5).state)
    assert.error_matches(function() s:tell(s:ask(), 1, "DONE") end, "COMPLETE, PRUNED or FAIL")
  end)
end)

describe("a study's file", function()
  local function objective(t) return t:Float("x", 0, 1) + t:Int("n", 1, 9) end

  local function listing(s)
    local list = {}
    for i, t in ipairs(s:trials()) do
      list[i] = ("%a %d %a"):format(t.params.x, t.params.n, t.value)
    end
    return list
  end

  it("is gone on with by the same call #F73 #F76 #S64", function()
    local whole = listing(study():optimize(objective, quiet { n_trials = 12 }))
    with_file(function(path)
      study { storage = path }:optimize(objective, quiet { n_trials = 5 }):close()
      local s = study { storage = path }:optimize(objective, quiet { n_trials = 12 })
      assert.same(whole, listing(s))
      s:optimize(objective, quiet { n_trials = 3 }) -- a second call counts from there
      assert.equal(15, s:counts().COMPLETE)
      s:close()
    end)
  end)

  it("keeps reports, logs and attributes", function()
    with_file(function(path)
      local s = study { storage = path }
      local t = s:ask()
      t:report(3, 1)
      t:report(0 / 0, 2)
      t:report(5, 1) -- too late
      t:log(1, { loss = 0.5, val_loss = 0.75 })
      t:set_user_attr("note", { "a", 1 })
      s:tell(t, 2)
      s:close()
      t = study { storage = path }:trial(0)
      assert.equal(3, t.reports[1])
      assert.not_equal(t.reports[2], t.reports[2])
      assert.equal(0.75, t.history.val_loss[1])
      assert.same({ "a", 1 }, t.user_attrs.note)
    end)
  end)

  it("replays a trial to the last bit #S77", function()
    local function train(t)
      local model = mlp.Sequential { mlp.Dense(t:Int("units", 2, 8)), mlp.Dense(1) }
      local rate = t:Float("lr", 1e-3, 1e-1, { log = true })
      model:compile { loss = "mse", optimizer = mlp.Adam(rate) }
      local data = mlp.datasets.moons { n = 60, seed = 1 }
      local h = model:fit({ x = data.x, y = data.x:slice(1, 1, 2) }, { epochs = 3, verbose = 0,
        validation_split = 0.2, callbacks = { t:callback() } })
      t:keep(model)
      return h.val_loss[3]
    end
    local s = study { keep = 2 }:optimize(train, quiet { n_trials = 5 })
    local best = s:best()
    local again = best:replay()
    assert.truthy(again.equal, again.difference)
    assert.equal(best.value, again.values[1])
    assert.equal(again.model:hash(), best:load_model():hash())
    assert.equal(2, s.storage.db:row "SELECT count(*) FROM mlprun_artifacts")
    again = best:replay(function(t) return train(t) + 1e-9 end)
    assert.truthy(again.difference:find "objective 1: it was")
  end)

  it("refuses another space under a known name, and bad spaces #G03", function()
    local s = study():optimize(objective, quiet { n_trials = 1 })
    local function asks(f)
      local t = s:ask()
      local ok, e = pcall(f, t)
      s:tell(t, nil, "FAIL")
      return not ok and tostring(e) or ""
    end
    local cases = {
      { function(t) t:Choice("n", { 1, 2 }) end, "'n': it was whole numbers from 1 to 9" },
      { function(t) t:Float("a", 2, 1) end, "'a': expected the least value first, got 2 and 1" },
      { function(t) t:Float("a", 0, 1, { log = true }) end, "above 0 for a logarithmic scale" },
      { function(t) t:Int("a", 0, 9, { step = 0 }) end, "expected a step above 0, got 0" },
      { function(t) t:Choice("a", {}) end, "expected a list of choices, got none" },
      { function(t) t:Choice("a", { 1, 1 }) end, "choice 2: 1 is there twice" },
      { function(t) t:Int("a", 1, 2) t:Int("a", 1, 3) end, "one distribution in a trial" },
      { function(t) t:Int("a", { min_valu = 1 }) end, "unknown option 'min_valu'" },
      { function(t) t:Float("a", 0, 0 / 0) end, "expected a number as its greatest value" },
    }
    for _, case in ipairs(cases) do
      local message = asks(case[1])
      assert.truthy(message:find(case[2], 1, true), message)
    end
    local t = s:ask()
    assert.equal(4, t:Int("one", 4, 4))
    assert.equal("c", t:Choice("only", { "c" }))
  end)

  it("says what is wrong with a file #G06", function()
    local function refused(text, fmt)
      local path = program.file(text)
      local e = select(2, pcall(mlp.study, { storage = path }))
      os.remove(path)
      assert.truthy(tostring(e):find(fmt, 1, true), tostring(e))
    end
    refused(("no database "):rep(100), "it is not a study file")
    assert.error_matches(function() mlp.study { storage = "/nowhere/at/all.db" } end,
      "cannot use '/nowhere/at/all.db'")
    assert.error_matches(function() mlp.study { storage = "/" } end, "not a regular file")
    with_file(function(path)
      local db = core.study_database(path)
      db:run "UPDATE alembic_version SET version_num = 'v9.0.0.a'"
      db:free()
      assert.error_matches(function() mlp.study { storage = path } end, "got v9.0.0.a")
      db = core.study_database(nil)
      db:free()
    end)
    with_file(function(path)
      local s = study { storage = path }
      os.remove(path)
      assert.error_matches(function() s:ask() end, "deleted while it was open")
      s = study { storage = path }
      os.rename(path, path .. "2")
      study { storage = path }:close()
      assert.error_matches(function() s:ask() end, "replaced by another file")
      os.remove(path .. "2")
    end)
  end)

  it("leaves nothing beside its file, where the journal stays between commits too", function()
    with_file(function(path)
      local function journal()
        local file = io.open(path .. "-journal")
        if file then file:close() end
        return file ~= nil
      end
      for _, keep in ipairs { false, true } do
        local db = core.study_database(path, { keep_journal = keep })
        db:begin()
        db:run "INSERT INTO studies (study_name) VALUES ('a')"
        db:run "DELETE FROM studies"
        db:commit()
        assert.equal(keep, journal())
        db:free()
        assert.is_false(journal())
      end
    end)
  end)

  it("waits for a lock, then names who holds it #G05", function()
    with_file(function(path)
      local s = study { storage = path, timeout = 0.2 }
      local other = core.study_database(path)
      other:begin()
      local clock = core.clock()
      assert.error_matches(function() s:ask() end, "has been locked by .* for more than 0.2 s")
      assert.truthy(core.clock() - clock >= 0.2)
      other:rollback()
      s:tell(s:ask(), 1)
      assert.equal(1, s:counts().COMPLETE)
    end)
  end)

  it("loses no result to a lock: reports wait, and telling may be tried again #G05 #G08", function()
    with_file(function(path)
      local s = study { storage = path, timeout = 0.05 }
      local trial, other = s:ask(), core.study_database(path)
      other:begin()
      trial.flushed = -1 -- as if the last commit was long ago
      trial:report(0.5, 1)
      trial.flushed = -1
      trial:report(0.25, 2)
      assert.error_matches(function() s:tell(trial, 1) end, "has been locked by")
      assert.equal("RUNNING", trial.state)
      other:rollback()
      s:tell(trial, 1)
      assert.same({ 0.5, 0.25 }, s:trial(0).reports)
      assert.equal("COMPLETE", s:trial(0).state)
    end)
  end)

  it("is no server: says so, and prints no password #G07", function()
    for _, address in ipairs { "postgresql+psycopg2://me:geheim@host:5432/studies",
      "mysql://me:geheim@host/s", "redis://:geheim@host" } do
      local e = select(2, pcall(mlp.study, { storage = address }))
      assert.equal("argument", e.kind)
      assert.truthy(e.message:find("expected a file", 1, true), e.message)
      assert.truthy(e.message:find("optuna.copy_study", 1, true))
      assert.is_nil(e.message:find("geheim", 1, true))
    end
    with_file(function(path)
      local s = study { storage = "sqlite:///" .. path } -- Optuna's way to name a file
      assert.equal(path, s.path)
      s:close()
    end)
  end)

  it("numbers the trials of two connections without gaps or doubles #G04", function()
    with_file(function(path)
      local a, b, seen = study { storage = path }, study { storage = path }, {}
      a:optimize(objective, quiet { n_trials = 8 }) -- those wait for each other
      for _ = 1, 100 do
        local first, second = a:ask(), b:ask()
        for s, trial in pairs { [a] = first, [b] = second } do
          assert.is_nil(seen[trial.number])
          seen[trial.number] = true
          s:tell(trial, objective(trial))
        end
      end
      assert.equal(208, a.storage:next_number(a.id))
    end)
  end)

  it("uses a late result of nobody #G04 #G08", function()
    with_file(function(path)
      local s = study { storage = path }
      local trial = s:ask()
      s.storage.db:run "UPDATE mlprun_trials SET attempt = 2, worker_id = 99"
      assert.error_matches(function() s:tell(trial, 1) end, "taken over by another worker")
      assert.equal("RUNNING", s:trial(0).state)
      assert.error_matches(function()
        s.storage.db:run "INSERT INTO trials (number, study_id, state) VALUES (0, 1, 'RUNNING')"
      end, "UNIQUE")
    end)
  end)
end)

describe("workers", function()
  local script = [[
    local mlp = require "mlp"
    local path, jobs, kill = arg[1], tonumber(arg[2]), arg[3]
    local s = mlp.study { storage = path, sampler = "random", pruner = "none" }
    s:optimize(function(t)
      local x, n = t:Float("x", 0, 1), t:Int("n", 1, 50)
      if kill and t.number == 3 and t.attempt == 1 then os.exit(9, false) end
      return x + n + mlp.rand(1):item()
    end, { n_trials = 16, n_jobs = jobs })
    for _, t in ipairs(s:trials()) do
      print(t.number, t.state, ("%a %d %a"):format(t.params.x, t.params.n, t.value))
    end
  ]]

  it("give the same table, however many #G12 #F75 #S66 #S68", function()
    local tables = {}
    for jobs = 1, 3, 2 do
      with_file(function(path)
        local file = program.file(script)
        local out, err, code = program.run { "--quiet", file, path, tostring(jobs) }
        os.remove(file)
        assert.equal(0, code, err)
        tables[#tables + 1] = out
      end)
    end
    assert.equal(16, select(2, tables[1]:gsub("COMPLETE", "")))
    assert.equal(tables[1], tables[2])
  end)

  it("that die are replaced, and their trials run again #G11 #F74", function()
    with_file(function(path)
      local file = program.file(script)
      local out, err, code = program.run { "--quiet", file, path, "2", "kill" }
      os.remove(file)
      assert.equal(0, code, err)
      assert.equal(16, select(2, out:gsub("COMPLETE", "")))
    end)
  end)

  it("find what searches before theirs gave, and leave nothing of them in their file", function()
    with_file(function(path)
      local file = program.file [[
        local mlp = require "mlp"
        local function build(hp)
          local model = mlp.Sequential { mlp.Dense(hp:Int("units", 2, 5)), mlp.Dense(1) }
          model:compile { loss = "mse" }
          return model
        end
        local x = mlp.rand { 20, 1 }
        local tuner = mlp.tune.RandomSearch(build, { max_trials = 2, n_jobs = 2, verbose = 0 })
        tuner:search({ x = x, y = x }, { validation_split = 0.5 })
        local units = tuner:get_best_hyperparameters()[1].values.units
        local seeds = mlp.repeats(6, function(seed) return seed + units end, { n_jobs = 2 })
        local study = mlp.study { storage = arg[1], sampler = "random", pruner = "none" }
        study:optimize(function(t) return t:Float("x", 0, 1) + seeds.median end,
          { n_trials = 3, n_jobs = 2, verbose = 0 })
        print(study:counts().COMPLETE)
      ]]
      local out, err, code = program.run { "--quiet", file, path }
      os.remove(file)
      assert.same({ 0, "3\n" }, { code, out }, err)
      local list = program.run { "study", "list", path }
      assert.equal(2, select(2, list:gsub("\n", "")), list)
    end)
  end)

  it("that do not come to their call are an error, and not an empty search", function()
    local file = program.file [[
      local mlp = require "mlp"
      local path = os.tmpname() -- another one in a worker
      local s = mlp.study { storage = path, sampler = "random", pruner = "none" }
      local ok, e = pcall(s.optimize, s, function() return 1 end, { n_trials = 9, n_jobs = 2 })
      os.remove(path)
      if not ok then error(e, 0) end
    ]]
    local _, err, code = program.run { "--quiet", file }
    os.remove(file)
    assert.equal(1, code)
    assert.matches("a worker ran the script to its end and did not come to this call on '/.-'%. A "
      .. "worker runs the script again up to optimize: its path must be the same there", err)
  end)

  it("that die one after the other end the search, also more than there are cores #G11", function()
    with_file(function(path)
      local file = program.file [[
        local mlp = require "mlp"
        local s = mlp.study { storage = arg[1], sampler = "random", pruner = "none" }
        s:optimize(function() os.exit(9, false) end, { n_trials = 9, n_jobs = 5 })
      ]]
      local _, err, code = program.run { "--quiet", file, path }
      os.remove(file)
      assert.equal(1, code)
      assert.matches("workers in a row died without a trial, the last with exit code 9", err)
      local s = study { storage = path }
      assert.equal(0, s:counts().RUNNING)
    end)
  end)
end)
