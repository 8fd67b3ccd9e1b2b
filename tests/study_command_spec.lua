-- mlprun study: looks into files, draws, writes, removes.
local mlp = require "mlp"
local program = require "program"

describe("mlprun study", function()
  local file, picture, path

  setup(function()
    file, picture, path = os.tmpname(), os.tmpname() .. ".png", os.tmpname()
    os.remove(file)
    local o = { n_trials = 6, verbose = 0 }
    local one = mlp.study { name = "one", storage = file, sampler = "random", pruner = "none" }
    one:optimize(function(t) return t:Float("x", 0, 1) + t:Int("n", 1, 8) end, o)
    one:close()
    local two = mlp.study { name = "two", storage = file, sampler = "random",
      directions = { "minimize", "maximize" } }
    two:optimize(function(t)
      local x = t:Float("x", 0, 1)
      return x, x * x
    end, o)
    two:close()
  end)

  teardown(function() for _, name in ipairs { file, picture, path } do os.remove(name) end end)

  local function study(...) return program.run { "study", ... } end

  local function size(name)
    local f <close> = assert(io.open(name, "rb"))
    return f:seek "end"
  end

  local function begins(name)
    local f <close> = assert(io.open(name, "rb"))
    return f:read(8)
  end

  it("tells how it is used", function()
    local out, _, code = study "--help"
    assert.equal(0, code)
    assert.matches("^usage: mlprun study list FILE", out)
    local _, err, wrong = study "dance"
    assert.equal(2, wrong)
    assert.equal(out, err)
  end)

  it("lists, and asks for a name where there are several", function()
    assert.matches("one +minimize +6\ntwo +minimize,maximize +6\n", (study("list", file)))
    local _, err, code = study("show", file)
    assert.equal(1, code)
    assert.matches("expected the name of a study in .*; there are: one, two", err)
  end)

  it("shows every objective of the Pareto front", function()
    local out = study("best", file, "two") -- x against x^2: all are on it
    local n = 0
    for x, square in out:gmatch "complete ([%d.e-]+), ([%d.e-]+), x" do
      n = n + 1
      assert.near(tonumber(x) ^ 2, tonumber(square), 1e-5)
    end
    assert.equal(6, n)
  end)

  it("draws, a front where there are two objectives", function()
    for _, name in ipairs { "one", "two" } do
      local out, err, code = study("plot", file, name, "--out", picture)
      assert.equal("", err)
      assert.equal(0, code)
      assert.equal("wrote " .. picture .. "\n", out)
      assert.equal("\x89PNG\r\n\x1a\n", begins(picture))
    end
    local _, err, code = study("plot", file, "two", "--kind", "history", "--out", picture)
    assert.equal(1, code)
    assert.matches("history: expected one objective, got 2", err)
    _, err = study("plot", file, "one", "--kind", "historie", "--out", picture)
    assert.matches("unknown plot 'historie'; did you mean 'history'?", err)
  end)

  it("says in one line what it cannot draw, find or write", function()
    local function says(line, ...)
      local out, err, code = study(...)
      assert.same({ "", 1 }, { out, code })
      assert.equal("mlprun study: " .. line .. "\n", err)
    end
    says("history: expected one objective, got 2", "plot", file, "two", "--kind", "history",
      "--out", picture)
    says(("expected the name of a study in '%s'; did you mean 'one'?; there are: one, two")
      :format(file), "show", file, "ane")
    says("cannot use '/no/such.db': No such file or directory", "list", "/no/such.db")
  end)

  it("has empty tables of names as {} in JSON, as Optuna's attributes", function()
    local out = study("best", file, "one", "--format", "json")
    assert.matches('"user_attrs":{}', out, 1, true)
    assert.matches('"intermediate_values":%[%]', out)
    assert.matches('"user_attrs":{}', study("show", file, "one", "--format", "json"), 1, true)
  end)

  it("exports all trials", function()
    local out = study("export", file, "one", "--out", path)
    assert.equal("wrote " .. path .. "\n", out)
    local lines = {}
    for line in io.lines(path) do lines[#lines + 1] = line end
    assert.equal("number,state,value,x,n,seconds", lines[1])
    assert.equal(7, #lines)
    local n, value, x, k = lines[4]:match "^(%d+),COMPLETE,([^,]+),([^,]+),([^,]+),"
    assert.equal("2", n)
    assert.near(tonumber(x) + tonumber(k), tonumber(value), 1e-12)
    study("export", file, "two", "--format", "json", "--out", path)
    assert.truthy(size(path) > 500)
    assert.equal("[{", begins(path):sub(1, 2))
  end)

  it("refuses what it would not use", function()
    for _, words in ipairs { { "plot", file, "one", "history" }, { "list", file, "one" },
      { "best", file, "one", "--format", "csv" }, { "show", file, "one", "--format", "xml" } } do
      local _, err, code = study(table.unpack(words))
      assert.equal(2, code)
      assert.matches("^mlprun study: .*'%a+'\n$", err)
    end
  end)

  it("removes one study, and only by its name", function()
    local _, err, code = study("rm", file)
    assert.equal(2, code)
    assert.matches("expected the name of the study to remove", err)
    assert.equal("removed study 'one'\n", (study("rm", file, "one")))
    local out = study("list", file)
    assert.is_nil(out:find("one ", 1, true))
    assert.truthy(out:find("two ", 1, true))
  end)
end)
