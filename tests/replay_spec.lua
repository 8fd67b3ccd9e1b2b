local mlp = require "mlp"
local core = require "mlp.core"
local program = require "program"

local data = mlp.datasets.moons { n = 60, noise = 0.2, seed = 3 }

local function build(hp)
  local model = mlp.Sequential {
    mlp.Dense { units = hp:Int("units", 2, 8), activation = "tanh" },
    mlp.Dropout(0.2),
    mlp.Dense { units = 1, activation = "sigmoid" }, input_shape = { 2 },
  }
  model:compile { loss = "binary_crossentropy", metrics = { "accuracy" },
    optimizer = mlp.Adam { learning_rate = hp:Choice("lr", { 1e-1, 1e-2, 1e-3 }) } }
  return model
end

--- Fails where the trial's number says so; else a net, reported by the epoch.
local function objective(t)
  local model = build(t)
  if t.number == 3 then error "a mistake" end
  local h = model:fit(data, { epochs = 4, batch_size = 16, verbose = 0, validation_split = 0.25,
    callbacks = { t:callback() } })
  t:keep(model)
  return h.val_loss[4]
end

--- Run every trial again; how many there were in each state.
local function replay_all(study, f)
  local counts = {}
  for _, trial in ipairs(study:trials()) do
    local again = trial:replay(f)
    assert(again.equal, ("trial %d: %s"):format(trial.number, again.difference))
    assert.equal(trial.state, again.state)
    counts[trial.state] = (counts[trial.state] or 0) + 1
  end
  return counts
end

describe("a trial that is run again equals itself to the last bit:", function()
  local tune, warn = mlp.tune, core.warn
  before_each(function() core.warn = function() end end) -- of the mistake, of short rounds
  after_each(function() core.warn = warn end)

  for _, sampler in ipairs { "random", "grid", "sobol", "tpe", "bayesian" } do
    it("of the sampler " .. sampler .. " #S77", function()
      local study = mlp.study { sampler = sampler, seed = 2, pruner = "none", keep = 20 }
      local counts = replay_all(study:optimize(objective, { n_trials = 14, verbose = 0 }))
      assert.same({ COMPLETE = 13, FAIL = 1 }, counts)
    end)
  end

  local pruners = {
    median = tune.MedianPruner { startup_trials = 2 },
    percentile = tune.PercentilePruner { percentile = 40, startup_trials = 2 },
    halving = tune.SuccessiveHalvingPruner { reduction_factor = 2 },
    hyperband = tune.HyperbandPruner { max_resource = 4, reduction_factor = 2 },
    threshold = tune.ThresholdPruner { upper = 0.69 },
    patient = tune.PatientPruner { patience = 0 },
  }
  for name, pruner in pairs(pruners) do
    it("of the pruner " .. name .. " #S77", function()
      local study = mlp.study { sampler = "random", seed = 2, pruner = pruner }
      local counts = replay_all(study:optimize(objective, { n_trials = 14, verbose = 0 }))
      assert.truthy(counts.PRUNED, "nothing was pruned")
    end)
  end

  -- Hyperband of 9 epochs by 3: 9 + 3 + 1, 5 + 2, 3 trials
  local kinds = { RandomSearch = {}, GridSearch = {}, BayesianOptimization = {},
    Hyperband = { max_epochs = 9 } }
  for kind, options in pairs(kinds) do
    it("of the tuner " .. kind .. " #S77", function()
      local o = { max_trials = kind ~= "Hyperband" and 6 or nil, seed = 5, verbose = 0, keep = 3,
        executions_per_trial = 2 }
      for key, v in pairs(options) do o[key] = v end
      local study = tune[kind](build, o):search(data, { epochs = 3, validation_split = 0.25,
        callbacks = { mlp.EarlyStopping { patience = 1 } } })
      assert.truthy(study:best():replay().equal)
      local counts = replay_all(study)
      assert.equal(kind == "Hyperband" and 23 or 6, counts.COMPLETE)
    end)
  end

  it("folds", function()
    local study = mlp.study { sampler = "random", pruner = "none" }
    study:optimize(function(t)
      return (t:cross_validate(build, data, { k = 3, epochs = 2 }))
    end, { n_trials = 3, verbose = 0 })
    assert.same({ COMPLETE = 3 }, replay_all(study))
  end)
end)

describe("replay", function()
  it("says where two runs part, weights too", function()
    local factor = 1
    local function other(t)
      local model = build(t)
      t:report(factor, 1)
      t:keep(model)
      return 1
    end
    local study = mlp.study { sampler = "random" }:optimize(other, { n_trials = 1, verbose = 0 })
    factor = 2
    assert.equal("step 1: it was 1, now 2", study:best():replay().difference)
    assert.matches("^state: it was COMPLETE, now FAIL %(.*no%)$",
      study:best():replay(function() error "no" end).difference)
    assert.matches("^weights: their sha256 was %x+, now %x+$", study:best():replay(function(t)
      t:report(1, 1)
      local model = build(t)
      model:set_weights(build(t):get_weights())
      t:keep(model)
      return 1
    end).difference)
  end)

  it("of what two workers have trained, in another process #S77 #F75", function()
    local script = program.file [[
      local mlp = require "mlp"
      local data = mlp.datasets.moons { n = 60, noise = 0.2, seed = 3 }
      local folder, name = arg[1]:match "^(.*)/(.*)$"
      local tuner = mlp.tune.Hyperband(function(hp)
        local model = mlp.Sequential { mlp.Dense(hp:Int("units", 2, 8)), mlp.Dense(2) }
        model:compile { loss = "mse", optimizer = "adam" }
        return model
      end, { max_epochs = 4, factor = 2, directory = folder, project_name = name, n_jobs = 2 })
      tuner:search({ x = data.x, y = data.x }, { validation_split = 0.25 })
      for _, t in ipairs(tuner.study:trials()) do
        local again = t:replay()
        assert(again.equal, again.difference)
      end
      print(#tuner.study:trials())
    ]]
    local out, err = program.run { "--quiet", script, script }
    os.remove(script)
    os.remove(script .. ".db")
    assert.equal("15\n", out, err)
  end)
end)
