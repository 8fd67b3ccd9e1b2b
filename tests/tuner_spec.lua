local mlp = require "mlp"
local brackets = require "mlp.tune.brackets"
local core = require "mlp.core"
local program = require "program"

local data = mlp.datasets.moons { n = 120, noise = 0.2, seed = 3 }

local function build(hp)
  local model = mlp.Sequential {
    mlp.Dense { units = hp:Int { "units", min_value = 2, max_value = 16, step = 2 },
      activation = "relu" },
    mlp.Dropout(0.2),
    mlp.Dense { units = 1, activation = "sigmoid" },
  }
  model:compile { loss = "binary_crossentropy", metrics = { "accuracy" },
    optimizer = mlp.Adam { learning_rate = hp:Choice("lr", { 1e-1, 1e-2, 1e-3 }) } }
  return model
end

local function hyperband(options)
  local o = { objective = "val_loss", max_epochs = 9, factor = 3, verbose = 0, seed = 1 }
  for k, v in pairs(options or {}) do o[k] = v end
  return mlp.tune.Hyperband(build, o)
end

--- What f() warns of.
local function warnings(f)
  local list, warn = {}, core.warn
  core.warn = function(text) list[#list + 1] = text end
  local ok, e = pcall(f)
  core.warn = warn
  assert(ok, e)
  return table.concat(list, "\n")
end

describe("Hyperband's plan", function()
  -- the table of semantics c.11: keras_tuner/tuners/hyperband.py run with these arguments
  it("is Keras Tuner's to the last trial #S75 #F65", function()
    local function sizes(R, eta)
      local plan, list = brackets.plan(R, eta), {}
      for _, bracket in ipairs(plan) do
        for _, round in ipairs(bracket.rounds) do list[#list + 1] = round.trials end
      end
      return table.concat(list, " "), brackets.cost(plan)
    end
    assert.same({ "12 4 2 6 2 4", 30, 120 }, { sizes(10, 3) })
    assert.same({ "27 9 3 1 12 4 2 6 2 4", 70, 375 }, { sizes(27, 3) })
    assert.same({ "81 27 9 3 1 34 12 4 2 15 5 2 8 3 5", 211, 1767 }, { sizes(81, 3) })
    assert.same({ "98 33 11 4 2 41 14 5 2 18 6 2 9 3 6", 254, 2672 }, { sizes(100, 3) })
    assert.same({ "16 4 1 6 2 3", 32, 136 }, { sizes(16, 4) })
    assert.equal("  bracket 2: 12 x [0..2] -> 4 x [2..4] -> 2 x [4..10]\n"
      .. "  bracket 1: 6 x [0..4] -> 2 x [4..10]\n  bracket 0: 4 x [0..10]",
      brackets.text(brackets.plan(10, 3)))
  end)

  it("has min_epochs, and fills with what a small space has #D16", function()
    assert.equal(2, #brackets.plan(9, 3, 3))
    local plan = brackets.plan(10, 3)
    brackets.fit(plan, 3)
    assert.equal(3, plan[1].rounds[1].trials)
    assert.equal(2, plan[1].rounds[3].trials)
  end)
end)

describe("mlp.tune.Hyperband", function()
  it("goes on with promoted trials bit for bit #D16 #F65", function()
    local tuner = hyperband()
    tuner:search(data, { validation_split = 0.25 })
    local last, by_number = nil, {}
    for _, t in ipairs(tuner.study:trials()) do
      by_number[t.number] = t
      if t.user_attrs["tuner/epochs"] == 9 and t.user_attrs["tuner/initial_epoch"] == 3 then
        last = t
      end
    end
    local epochs, t = {}, last
    while t do
      for epoch, v in pairs(t.reports) do epochs[epoch] = v end
      assert.equal(last.seed, t.seed)
      t = by_number[t.user_attrs["tuner/trial_id"]]
    end
    mlp.seed(last.seed)
    local model = build(mlp.tune.HyperParameters(last.params))
    local history = model:fit(data, { epochs = 9, validation_split = 0.25, verbose = 0 })
    assert.same(history:column "val_loss", epochs)
  end)

  it("knows before the first trial about how long it takes #D14", function()
    local tuner = hyperband()
    local seconds = require "mlp.tune.train".seconds_per_epoch(tuner, data, { batch_size = 16 })
    assert(seconds and seconds > 0 and seconds < 1, seconds)
  end)

  it("judges the cost by models all over the space, and leaves the run as it was", function()
    local seen = {}
    local tuner = mlp.tune.RandomSearch(function(hp)
      seen[#seen + 1] = hp:Int("units", 2, 16, { step = 2 })
      return build(hp)
    end)
    local state, before = table.pack(core.run_state()), #seen
    assert(require "mlp.tune.train".seconds_per_epoch(tuner, data, {}))
    local sum = 0
    for i = before + 1, #seen do sum = sum + seen[i] end
    assert.near(9, sum / (#seen - before), 1) -- their mean
    assert.same(state, table.pack(core.run_state()))
  end)

  it("finds a model, its hyper-parameters and its score again #S76 #S77 #S78", function()
    local tuner = hyperband { objective = "val_accuracy" }
    local es = mlp.EarlyStopping { patience = 3 }
    tuner:search(data, { validation_split = 0.25, callbacks = { es } })
    assert.is_nil(es.model) -- every trial had a copy
    local hp = tuner:get_best_hyperparameters(2)[1]
    local best = tuner:best_trials()[1]
    assert.equal(best.params.units, hp:get "units")
    assert.equal("number", type(hp:get "tuner/epochs"))
    assert.equal(best.params.units, tuner.hypermodel.build(hp).layers[1].units)
    assert.equal(2, #tuner:get_best_models(2))
    assert.truthy(best.value >= tuner:best_trials(2)[2].value)
  end)

  it("warns where epochs are not used and patience is too long #T16", function()
    local text = warnings(function()
      hyperband():search(data, { epochs = 50, validation_split = 0.25,
        callbacks = { mlp.EarlyStopping { patience = 5 } } })
    end)
    assert.truthy(text:find("epochs = 50 is not used", 1, true), text)
    assert.truthy(text:find("patience = 5 can never stop a round of 0..1, 1..3", 1, true), text)
  end)

  it("warns of a value that nothing reads, and of logits #T15 #T21 #S73", function()
    local text = warnings(function()
      mlp.tune.RandomSearch(function(hp)
        hp:Choice("learning_rate", { 1e-2, 1e-3, 1e-4 })
        local model = mlp.Sequential { mlp.Dense(hp:Int("units", 32, 512, { step = 32 })),
          mlp.Dense { units = 2, name = "no_softmax" }, input_shape = { 2 } }
        model:compile { optimizer = "adam", loss = "categorical_crossentropy" }
        return model
      end, { max_trials = 1, verbose = 0 }):search(data, { validation_split = 0.25 })
    end)
    assert.truthy(text:find("'learning_rate' was registered and never read", 1, true), text)
    assert.truthy(text:find("of 48 configurations only 16 differ", 1, true), text)
    local _, n = text:gsub("crossentropy takes probabilities, and layer 'no_softmax'", "")
    assert.equal(1, n)
  end)
end)

describe("workers of a tuner", function()
  it("leave it to their parent to warn of the model #T15", function()
    local file = program.file [[
      local mlp = require "mlp"
      local data = mlp.datasets.moons { n = 40 }
      local function build(hp)
        local model = mlp.Sequential { mlp.Dense(hp:Int("units", 2, 9)), mlp.Dense(2) }
        model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
        return model
      end
      for trials = 2, 3 do -- each without a file of its own
        local tuner = mlp.tune.RandomSearch(build, { max_trials = trials, n_jobs = 2 })
        tuner:search(data, { validation_split = 0.25 })
        print(tuner.study:counts().COMPLETE)
      end
    ]]
    local out, err, code = program.run { "--quiet", file }
    os.remove(file)
    local _, n = err:gsub("takes probabilities", "")
    assert.same({ 0, 1, "2\n3\n" }, { code, n, out }, err)
  end)
end)

describe("tuners", function()
  it("search at random, over a grid, and by a process #F59 #F61 #F62", function()
    for _, kind in ipairs { "RandomSearch", "BayesianOptimization", "GridSearch" } do
      local tuner = mlp.tune[kind](build, { max_trials = 6, verbose = 0, executions_per_trial =
        kind == "RandomSearch" and 2 or 1, pruner = kind == "GridSearch" and "median" or nil })
      tuner:search(data, { epochs = 2, validation_split = 0.25 })
      assert.equal(6, #tuner.study:trials())
      assert.truthy(tuner:best_trials()[1].value < 0.8)
    end
  end)

  it("look into scopes that are not active #F60", function()
    local seen = {}
    local tuner = mlp.tune.GridSearch(function(hp)
      local kind = hp:Choice("kind", { "a", "b" })
      hp:conditional_scope("kind", "b", function()
        seen[#seen + 1] = ("%s %s"):format(kind, tostring(hp:Int("n", 2, 4)))
      end)
      return build(hp)
    end, { max_trials = 1, verbose = 0 })
    assert.same({ "kind", "n", "units", "lr" }, tuner.names)
    assert.equal("a nil", seen[1])
  end)

  it("say what they searched and found", function()
    local out = program.run { "--quiet", "-e", [[
      local mlp = require "mlp"
      local data = mlp.datasets.moons { n = 60 }
      local t = mlp.tune.RandomSearch(function(hp)
        local m = mlp.Sequential { mlp.Dense(hp:Int("units", 2, 4)), mlp.Dense(1) }
        m:compile { loss = "binary_crossentropy" }
        return m
      end, { max_trials = 2 })
      t:search(data, { validation_split = 0.25 })
      t:search_space_summary()
      t:results_summary()
    ]] }
    assert.truthy(out:find("units: whole numbers from 2 to 4", 1, true), out)
    assert.truthy(out:find("Score: ", 1, true), out)
  end)
end)

describe("a study", function()
  local function example(options)
    local s = mlp.study(options or { sampler = "random", pruner = "none" })
    s:optimize(function(t)
      local x, c = t:Float("x", 0, 1), t:Choice("c", { "a", "b" })
      local unused = t:Int("unused", 1, 9)
      for epoch = 1, 3 do
        t:report((1 - x) / epoch + (c == "a" and 0 or 1), epoch)
        t:log(epoch, { val_loss = (1 - x) / epoch })
      end
      return 2 * (1 - x) + (c == "a" and 0 or 1) + 0 * unused
    end, { n_trials = 40, verbose = 0 })
    return s
  end

  it("gives a hyper-parameter, or the objective, of all complete trials", function()
    local s = mlp.study { sampler = "random", direction = "maximize", pruner = "none" }
    for k = 1, 4 do
      s:enqueue { rate = k / 10, kind = "b" }
      local t = s:ask()
      t:Float("rate", 0, 1)
      if k > 1 then t:Choice("kind", { "a", "b" }) end
      s:tell(t, k ~= 3 and k * k or nil, k == 3 and "FAIL" or nil)
    end
    assert.same({ 1.0, 4.0, 16.0 }, s:column "value")
    assert.same({ 0.1, 0.2, 0.4 }, s:column "rate")
    local kinds = s:column "kind"
    assert.is_true(kinds[1] ~= kinds[1])
    assert.same({ "b", "b" }, { kinds[2], kinds[3] })
    assert.error_matches(function() s:column "rates" end,
      "column: unknown hyper%-parameter 'rates'; did you mean 'rate'%?; known: rate, kind")
  end)

  it("ranks what matters #F78", function()
    local list = example():importances()
    assert.equal("unused", list[3].name)
    local sum = 0
    for _, entry in ipairs(list) do sum = sum + entry.importance end
    assert.near(1, sum, 1e-12)
  end)

  it("draws itself #F79 #S79 #D14", function()
    local s = example()
    for _, kind in ipairs { "history", "parallel_coordinate", "param_importances", "contour",
      "slice", "intermediate_values", "curves", "edf", "rank", "timeline" } do
      local png = s:plot(kind):png()
      assert.equal("\137PNG", png:sub(1, 4), kind)
      assert.equal(png, s:plot(kind):png())
    end
    assert.error_matches(function() s:plot "histry" end, "did you mean 'history'")
  end)

  it("draws the same whatever trial ended first; of equal ones the earlier is best", function()
    local function picture(order, kind)
      local s = mlp.study { sampler = "random", seed = 1, duplicates = true }
      local trials = {}
      for i = 1, 4 do
        local trial = s:ask()
        trial:Float("x", 0, 1)
        trial:Int("n", 1, 9)
        trial:log(1, { val_loss = i % 2 })
        trials[i] = trial
      end
      for _, i in ipairs(order) do s:tell(trials[i], i % 2) end
      return s:plot(kind):png()
    end
    for _, kind in ipairs { "parallel_coordinate", "curves", "rank", "history", "slice" } do
      assert.equal(picture({ 1, 2, 3, 4 }, kind), picture({ 4, 2, 3, 1 }, kind), kind)
    end
  end)
end)

describe("mlprun study", function()
  it("lists, shows, exports, plots and removes #F80", function()
    program.needed()
    local path = os.tmpname()
    os.remove(path)
    mlp.study { name = "one", storage = path, sampler = "random" }:optimize(function(t)
      return t:Float("x", 0, 1)
    end, { n_trials = 5, verbose = 0 }):close()
    local function run(...) return program.run { "study", ... } end
    assert.truthy(run("list", path):find("one%s+minimize%s+5"))
    assert.truthy(run("show", path):find "5 complete")
    assert.truthy(run("best", path, "one", "--format", "json"):find '"state":"COMPLETE"')
    local csv = run("trials", path, "--format=csv")
    assert.equal(6, select(2, csv:gsub("\n", "")))
    assert.truthy(csv:find("number,state,value,x,seconds\n0,COMPLETE,", 1, true))
    assert.equal(csv, run("export", path))
    local png = os.tmpname()
    assert.truthy(run("plot", path, "--kind", "edf", "--out", png):find "wrote")
    os.remove(png)
    local _, err, code = run("show", path, "onee")
    assert.truthy(code ~= 0 and err:find "did you mean 'one'", err)
    assert.equal(2, select(3, run "show"))
    run("rm", path, "one")
    assert.truthy(select(2, run("list", path)) == "")
    os.remove(path)
  end)
end)

describe("a trial", function()
  it("is cross-validated fold by fold, and may be pruned between #S80 #D13 #F69", function()
    local function one(sampler_seed, pruner)
      local s = mlp.study { sampler = "random", seed = sampler_seed, pruner = pruner }
      s:optimize(function(t)
        local mean, folds = t:cross_validate(build, data, { k = 3, epochs = 2 })
        assert.equal(3, #folds)
        assert.near((folds[1] + folds[2] + folds[3]) / 3, mean, 1e-12)
        return mean
      end, { n_trials = 3, verbose = 0 })
      return s
    end
    local s = one(1, "none")
    assert.equal(s:trial(0).value, s:trial(0).reports[3])
    assert.truthy(s:best():replay().equal)
    s = one(1, mlp.tune.ThresholdPruner { upper = 0 })
    assert.equal(3, s:counts().PRUNED)
    assert.equal(1, #s:trial(0).steps)
  end)
end)

describe("a search's progress", function()
  local script = [[
    local s = require("mlp").study { sampler = "random" }
    s:optimize(function(t)
      for step = 1, 3 do t:report(t:Float("x", 0, 1), step) end
      return t:Float("x", 0, 1)
    end, { n_trials = 6 })
  ]]

  it("is a line a trial in a file, and a block of three lines on a terminal #D12", function()
    local _, err = program.run { "-e", script }
    assert.is_nil(err:find "[\r\27]")
    assert.equal(6, select(2, err:gsub("\nTrial ", "")))
    local file = program.file(script)
    local shown = program.at_terminal("", { file })
    os.remove(file)
    assert.truthy(shown:find("6/6 [====================]", 1, true), shown)
    assert.truthy(shown:find("\27[3A", 1, true))
  end)

  it("shows no epochs of what trains in its trials, unless they are asked for", function()
    for verbose, epochs in pairs { ["nil"] = 0, ["2"] = 4 } do
      local _, err = program.run { "-e", ([[
        local mlp, data = require "mlp", require("mlp").datasets.plane { n = 8 }
        mlp.study { sampler = "random" }:optimize(function(t)
          local net = mlp.Sequential { mlp.Dense(t:Int("units", 1, 4)), mlp.Dense(1) }
          return net:compile { loss = "mse" }:fit(data, { epochs = 2, verbose = %s })[-1].loss
        end, { n_trials = 2 })]]):format(verbose) }
      assert.equal(2, select(2, err:gsub("Trial %d", "")), err)
      assert.equal(epochs, select(2, err:gsub("Epoch %d/2", "")), err)
    end
  end)
end)

describe("mlp.repeats", function()
  -- Conover 1999: of 20 values, the 6th and the 15th hold the median with 95.9 %
  it("sums up seeds, whatever the number of processes", function()
    local r = mlp.repeats(20, function(seed) return seed end)
    assert.equal(10.5, r.median)
    assert.same({ 6, 15 }, { r.low, r.high })
    local function f() return mlp.rand(1):item() end
    assert.same(mlp.repeats(5, f).values, mlp.repeats(5, f).values)
  end)

  -- scipy.stats.wilcoxon([1..8], mode="exact"): p = 2 / 2^8; of 3 positive and -1, -2: 5 / 16
  it("tests pairs exactly", function()
    local zero = mlp.repeats(8, function() return 0 end)
    assert.equal(2 / 256, mlp.repeats(8, function(s) return s end):compare(zero).p)
    assert.equal(1, zero:compare(zero).p)
  end)
end)
