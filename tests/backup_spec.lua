-- Trials whose process was killed go on from their last committed state.
local program = require "program"

local script = [[
  local mlp = require "mlp"
  local path, kind, least = arg[1], arg[2], tonumber(arg[3])
  local data = mlp.datasets.moons { n = 60, noise = 0.2, seed = 3 }
  local attempt, first

  -- The epoch that the process was killed after.
  local function killed()
    local file = io.open(path .. ".killed")
    return file and file:read "n"
  end

  -- Ends the process, as kill -9 does, after the first epoch from `least` on.
  local killer = { get_state = function() return {} end, set_state = function() end }
  function killer.on_epoch_end(_, epoch)
    first = first or attempt == 2 and epoch
    if epoch < least or killed() then return end
    io.open(path .. ".killed", "w"):write(epoch):close()
    os.execute("kill -9 " .. (require "mlp.core".process()))
  end

  local function build(hp)
    attempt = hp.attempt
    local model = mlp.Sequential {
      mlp.Dense { units = hp:Int("units", 2, 9), activation = "tanh" }, mlp.Dropout(0.2),
      mlp.Dense { units = 1, activation = "sigmoid" },
    }
    model:compile { loss = "binary_crossentropy", optimizer = mlp.Adam(0.05) }
    return model
  end

  local study
  local early = mlp.EarlyStopping { patience = 4 }
  if kind == "study" then
    study = mlp.study { storage = path, sampler = "random", backup_every = 0,
      pruner = mlp.tune.SuccessiveHalvingPruner { reduction_factor = 2, min_resource = 3 } }
    study:optimize(function(t)
      local h = build(t):fit(data, { epochs = 7, validation_split = 0.25, verbose = 0,
        callbacks = { t:callback { backup = true }, killer, early } })
      return h.val_loss[#h] + mlp.rand(1):item()
    end, { n_trials = 4 })
  else
    local folder, name = path:match "^(.*)/(.*)%.db$"
    local o = { directory = folder, project_name = name, backup_every = 0 }
    if kind == "Hyperband" then o.max_epochs = 12 else o.max_trials = 4 end
    study = mlp.tune[kind](build, o):search(data, { epochs = 7, validation_split = 0.25,
      callbacks = { killer, early } })
  end
  assert(not killed() or first == killed(), first) -- that epoch was not at its end
  for _, t in ipairs(study:trials()) do
    print(t.number, t.state, ("%a %d"):format(t.value or 0, t.params.units))
    for _, step in ipairs(t.steps) do print(step, ("%a"):format(t.reports[step])) end
    assert(t:replay().equal)
  end
  print("left", study.storage.db:row(
    "SELECT count(*) FROM mlprun_artifacts WHERE kind = 'training'"))
]]

--- The table of a search that is not killed, and of one that is killed and started again.
local function both(kind, least)
  local file, tables = program.file(script), {}
  for k, from in ipairs { 100, least } do
    local path = os.tmpname()
    os.remove(path)
    path = path .. ".db"
    local words = { "--quiet", file, path, kind, tostring(from) }
    local out, err, code = program.run(words)
    if k == 2 then
      assert.not_equal(0, code)
      out, err, code = program.run(words)
    end
    os.remove(path)
    os.remove(path .. ".killed")
    assert.equal(0, code, err)
    tables[k] = out
  end
  os.remove(file)
  return tables[1], tables[2]
end

describe("a trial that was killed goes on from its last epoch, to the same bits,", function()
  -- in Hyperband it is a promoted one: rounds of 12 epochs end at 2, 4 and 12
  for kind, least in pairs { study = 4, RandomSearch = 4, Hyperband = 6 } do
    it("in " .. kind, function()
      local whole, killed = both(kind, least)
      assert.equal(whole, killed)
      assert.matches("left\t0\n$", whole)
    end)
  end
end)
