-- What a study holds while it grows; tests/bench/trials.lua measures 10,000 trials with nets,
-- tests/bench/ask.lua the time of ask().
local mlp = require "mlp"
local core = require "mlp.core"

local function in_use()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count" * 1024 + core.memory()
end

local function objective(t) return t:Float("x", 0, 1) + t:Int("n", 1, 50) end

describe("a study of many trials", function()
  it("takes less than 500 bytes of memory for each #G10", function()
    local study = mlp.study { sampler = "random", pruner = "none" }
    study:optimize(objective, { n_trials = 300, verbose = 0 })
    local before = in_use()
    study:optimize(objective, { n_trials = 1500, verbose = 0 })
    local growth = (in_use() - before) / 1500
    assert(growth < 250, growth .. " bytes a trial") -- the heap has its share too
  end)

  --- Every text of SQL that a trial takes, once.
  local function statements()
    local study = mlp.study { sampler = "random", pruner = "none" }
    study:optimize(objective, { n_trials = 2, verbose = 0 })
    local db, list = study.storage.db, {}
    study.storage.db = setmetatable({}, { __index = function(_, method)
      return function(_, sql, ...)
        if type(sql) == "string" and not list[sql] then
          list[sql] = true
          list[#list + 1] = sql
        end
        return db[method](db, sql, ...)
      end
    end })
    study:optimize(objective, { n_trials = 2, verbose = 0 })
    return list, db
  end

  it("reads no more for a trial where there are thousands #G10", function()
    local list, db = statements()
    assert.truthy(#list > 10)
    for _, sql in ipairs(list) do
      for _, row in ipairs(db:rows("EXPLAIN QUERY PLAN " .. sql)) do
        local all = row[4]:find "^SCAN" or row[4]:find "trial_number %(study_id=%?%)$"
        local last = sql:find "max%(number%)" or sql:find "count%(%*%)" -- once a call of optimize
        assert(not all or last, sql .. ": " .. row[4])
      end
    end
  end)

  it("keeps its file open once, and each trial in less than a kilobyte #G10", function()
    local path = os.tmpname()
    os.remove(path)
    local function open_files()
      local there, list = pcall(core.list_folder, "/proc/self/fd")
      return there and #list or 0
    end
    local study = mlp.study { storage = path, sampler = "random", pruner = "none" }
    study:optimize(objective, { n_trials = 5, verbose = 0 })
    local files, bytes = open_files(), study.storage:bytes()
    study:optimize(objective, { n_trials = 60, verbose = 0 })
    local more = (study.storage:bytes() - bytes) / 60
    assert.equal(files, open_files())
    study:close()
    os.remove(path)
    assert(more < 1000, more .. " bytes a trial")
  end)
end)

describe("a column of trials", function()
  it("is a table from 0 that holds numbers, whole numbers, or few values", function()
    local number, whole = core.study_column "number", core.study_column "integer"
    local few, list = core.study_column "few", {}
    assert.is_nil(number[0])
    number[0], number[700], whole[7], few[3], few[4], few[5] = 0.0, -1 / 0, 0, "a", list, "a"
    assert.equal(0, number[0])
    assert.is_nil(number[699])
    assert.equal(-math.huge, number[700])
    assert.equal("integer", math.type(whole[7]))
    assert.equal("a", few[5])
    assert.equal(list, few[4])
    number[0] = nil
    assert.is_nil(number[0])
    number[1] = 0 / 0
    assert.not_equal(number[1], number[1])
    whole[0], whole[1] = math.maxinteger, -1
    assert.same({ math.maxinteger, -1 }, { whole[0], whole[1] })
    assert.is_nil(number[-1])
    assert.error_matches(function() number[-1] = 1 end, "an index from 0")
    assert.has_error(function() number[1] = "a" end)
    assert.has_error(function() whole[1] = 0.5 end)
  end)
end)
