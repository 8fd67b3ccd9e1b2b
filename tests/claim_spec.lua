local mlp = require "mlp"
local claim = require "mlp.claim"
local program = require "program"

--- The result of a claim on all its seeds.
local function measured(options)
  local seeds, report = claim.seeds, claim.report
  claim.seeds, claim.report = math.huge, function() end
  local ok, result = pcall(mlp.claim, "text", options)
  claim.seeds, claim.report = seeds, report
  return ok and result or error(result, 0)
end

local function holds(value, expect) return measured { measure = value, expect = expect }.holds end

describe("mlp.claim", function()
  it("compares a number, a range or a boolean with what is expected", function()
    assert.is_true(holds(0.7, "<= .70"))
    assert.is_false(holds(0.71, "<= .70"))
    assert.is_false(holds(1, "> 1"))
    assert.is_true(holds(3, "= 3"))
    assert.is_true(holds(0.00270536, "0.00270536 +- 1e-9"))
    assert.is_false(holds(2.4, "2.302585 +- 0.09"))
    assert.is_true(holds(1.5, "in [1, 2]"))
    assert.is_false(holds(2.5, "in [1, 2]"))
    assert.is_true(holds(true, true))
    assert.is_false(holds(false, true))
  end)

  it("takes the median over seeds 0 to n - 1, or those of a list", function()
    local seen = {}
    local r = measured { measure = function(seed) seen[#seen + 1] = seed return seed * seed end,
                         expect = "== 4", seeds = 5 }
    assert.same({ 0, 1, 2, 3, 4 }, seen)
    assert.same({ 4, 0, 16, true }, { r.value, r.low, r.high, r.holds })
    r = measured { measure = function(seed) return seed end, expect = "== 8", seeds = { 9, 7 } }
    assert.is_true(r.holds)
  end)

  it("sets the run's seed for each value, and puts it back", function()
    local before = mlp.seed(42)
    local r = measured { measure = function() return mlp.rand(1):item() end, expect = "< 1" }
    assert.equal(42, mlp.seed(3))
    assert.equal(r.values[4], mlp.rand(1):item())
    mlp.seed(before)
  end)

  it("counts not a number as the worst", function()
    local function nan(seed) return seed < 6 and 0 / 0 or 1 end
    assert.is_false(measured { measure = nan, expect = ">= 0.5" }.holds)
    assert.is_false(measured { measure = nan, expect = "<= 2" }.holds)
    assert.is_true(measured { measure = function(s) return s < 5 and 0 / 0 or 1 end,
                              expect = "<= 2" }.holds)
  end)

  it("holds for booleans where each is as expected", function()
    assert.is_false(measured { measure = function(seed) return seed ~= 7 end, expect = true }.holds)
    assert.is_true(measured { measure = function() return true end, expect = true }.holds)
  end)

  it("measures once, with the run's seed, in a plain run", function()
    local r
    claim.report = function(result) r = result end
    mlp.claim("text", { measure = function(seed) return seed end, expect = "== 0" })
    claim.report = nil
    assert.same({ mlp.seed() }, r.values)
  end)

  it("names what it does not understand", function()
    assert.error_matches(function() measured { measure = 1, expect = "about 3" } end,
      "option 'expect': expected a comparison such as '<= 0.7', .* got 'about 3'")
    assert.error_matches(function() measured { measure = function() end, expect = "< 1" } end,
      "expected measure to return a number or a boolean, got nil")
    assert.error_matches(function() measured { expect = "< 1" } end,
      "option 'measure': .* got none")
    assert.error_matches(function() mlp.claim(7, { measure = 1, expect = "< 2" }) end,
      "expected a sentence, got 7")
  end)
end)

local SCRIPT <const> = [[
local mlp = require "mlp"
print "hello"
mlp.claim("median of seeds", { slide = "S1", measure = function(s) return s end, expect = "%s" })
]]

describe("mlprun check", function()
  it("prints a table of claims and ends with 0 where all hold", function()
    local good = program.file(SCRIPT:format "== 5")
    local path = good .. ".lua"
    os.rename(good, path)
    local out, err, code = program.run { "check", path }
    assert.equal(0, code, out .. err)
    assert.matches("holds S1 +median of seeds +== 5 +5 %[0, 10%]", out)
    assert.matches("1 claims in 1 scripts: 1 hold, 0 fail, 0 errors", out)
    assert.is_nil(out:find "hello")
    os.remove(path)
  end)

  it("ends with 1 where one fails or a script does", function()
    local folder = os.tmpname()
    os.remove(folder)
    require("mlp.core").make_folder(folder)
    for name, text in pairs { a = SCRIPT:format "> 9", b = "error 'boom'", c = "os.exit(3)" } do
      local file <close> = assert(io.open(folder .. "/" .. name .. ".lua", "w"))
      file:write(text)
    end
    local out, _, code = program.run { "check", "--seeds", "3", folder }
    assert.equal(1, code)
    assert.matches("FAILS S1 +median of seeds +> 9 +1 %[0, 2%]", out)
    assert.matches("b.lua.*ERROR.*boom", out)
    assert.matches("c.lua.*ERROR the script ended its process", out)
    assert.matches("1 claims in 3 scripts: 0 hold, 1 fail, 2 errors", out)
    os.execute("rm -r " .. folder)
  end)

  it("ends with 2 for wrong usage", function()
    local _, err, code = program.run { "check", "--sed", "3", "x.lua" }
    assert.equal(2, code)
    assert.matches("usage: mlprun check", err)
  end)

  it("gives way to a file whose name is given with its folder", function()
    local _, err, code = program.run { "./check" }
    assert.equal(1, code)
    assert.matches("cannot open", err)
  end)
end)

describe("mlprun lecture", function()
  it("lists scripts with their claims", function()
    local out, _, code = program.run { "lecture" }
    assert.equal(0, code)
    assert.matches("softmax: The softmax table", out)
    assert.matches("S24 +20 hidden layers of tanh do not train %(<= 0.7%)", out)
  end)

  it("runs one without its file, from any folder, and checks it #S5", function()
    local folder = os.tmpname()
    os.remove(folder)
    local out, err, code = program.run { "--out", folder, "lecture", "softmax" }
    assert.equal(0, code, err)
    assert.matches("Dog +%-3.44 +0.0321 +0.0006 +7.420911", out)
    local file <close> = assert(io.open(folder .. "/softmax.png", "rb"))
    assert.truthy(file:read("a"):find("script\0experiments/softmax.lua", 1, true))
    out, err, code = program.run { "--out", folder, "lecture", "--check", "softmax" }
    assert.equal(0, code, out .. err)
    os.execute("rm -r " .. folder)
  end)

  it("starts workers that run the same script, and names the command in a picture", function()
    local folder = os.tmpname()
    os.remove(folder)
    local out, err, code = program.run { "--seed", "2", "--out", folder, "lecture", "tuner", "--n",
      "200" }
    assert.equal(0, code, out .. err)
    assert.matches("Study 'mended': 30 trials", err .. out)
    out = program.run { folder .. "/tuner-slice.png" }
    assert.matches("command +mlprun %-%-seed 2 lecture tuner %-%-n 200\n", out)
    os.execute("rm -r " .. folder)
  end)

  it("suggests the name that was meant", function()
    local _, err, code = program.run { "lecture", "sofmax" }
    assert.equal(2, code)
    assert.matches("no script 'sofmax'; did you mean 'softmax'%?", err)
  end)
end)

describe("a search with workers, in a script of claims", function()
  it("runs its trials in the process that measures", function()
    local script = program.file [[
      local mlp = require "mlp"
      local study = mlp.study { storage = os.tmpname() .. ".db", sampler = "random" }
      study:optimize(function(t) return t:Float("x", 0, 1) end, { n_trials = 4, n_jobs = 2 })
      mlp.claim("its trials", { measure = #study:trials(), expect = "== 4" })
    ]]
    assert(os.rename(script, script .. ".lua"))
    local out, _, code = program.run { "check", script .. ".lua" }
    os.remove(script .. ".lua")
    assert.equal(0, code, out)
    assert.matches("1 hold, 0 fail", out)
  end)
end)
