local mlp = require "mlp"
local distribution = require "mlp.tune.distribution"

local function run(options, f, n)
  options.pruner = options.pruner or "none"
  return mlp.study(options):optimize(f, { n_trials = n, verbose = 0 })
end

local function values(s)
  local list = {}
  for i, t in ipairs(s:trials()) do list[i] = ("%s %a"):format(t.state, t.value or 0 / 0) end
  return list
end

describe("a distribution", function()
  it("includes the maximum that a step hits, whatever its decimals #T17 #D17", function()
    for _, c in ipairs { { 0.2, 0.5, 0.1, 4 }, { 0, 1, 0.1, 11 }, { 1, 2, 0.05, 21 },
      { -0.3, 0.3, 0.1, 7 }, { 0.001, 0.009, 0.001, 9 }, { 0, 0.3, 0.1, 4 }, { 1, 2, 0.3, 4 },
      { 5, 5, 0.1, 1 } } do
      local d = distribution.float("x", c[1], c[2], { step = c[3] })
      assert.equal(c[4], d.n)
      assert.equal(c[1], d:nth(0))
      for i = 0, d.n - 1 do
        local x = d:nth(i)
        assert.equal(tonumber(("%.10g"):format(x)), x) -- no 0.30000000000000004
        assert.equal(x, d:from_unit((i + 0.5) / d.n))
        assert.near((i + 0.5) / d.n, d:to_unit(x), 1e-12)
      end
    end
    assert.equal(0.5, distribution.float("x", 0.2, 0.5, { step = 0.1 }):nth(3))
  end)

  it("of integers holds both ends, with and without logarithm", function()
    for _, o in ipairs { {}, { log = true }, { reverse_log = true } } do
      local d, seen = distribution.int("n", 1, 8, o), {}
      for i = 0, 999 do seen[d:from_unit(i / 1000)] = true end
      for i = 1, 8 do assert.truthy(seen[i + 0.0], i) end
    end
    assert.equal(16, distribution.int("units", 32, 512, { step = 32 }).n)
  end)

  -- Keras Tuner: min (max / min)^p; max + min - min (max / min)^(1 - p)
  it("has Keras Tuner's scales #F59", function()
    assert.near(1e-3, distribution.float("x", 1e-5, 1e-1, { log = true }):from_unit(0.5), 1e-12)
    local reversed = distribution.float("x", 1, 100, { reverse_log = true })
    assert.near(100 + 1 - 10, reversed:from_unit(0.5), 1e-9)
    assert.equal("0.01 0.1 1.0",
      table.concat(distribution.geometric("x", 0.01, 1, 10).choices, " "))
    assert.same({ 1, 2, 4, 8 }, distribution.geometric("x", 1, 8, 2, true).choices)
  end)

  it("is the same as another where nothing was said differently", function()
    local float, int, choice = distribution.float, distribution.int, distribution.categorical
    local list = { float("x", 0, 1), float("x", 0, 2), float("x", 0, 1, { step = 0.5 }),
      float("x", 1, 2, { log = true }), float("x", 1, 2, { reverse_log = true }), int("x", 1, 2),
      int("x", 1, 2, { log = true }), choice("x", { 1, 2 }), choice("x", { 1.0, 2 }),
      choice("x", { 1, 2, 3 }), choice("x", { 1, 2 }, true), choice("x", { "1", "2" }) }
    for i, a in ipairs(list) do
      for k, b in ipairs(list) do assert.equal(i == k, distribution.same(a, b)) end
    end
    assert.is_true(distribution.same(float("x", 0, 1), float("x", 0, 1)))
    assert.is_true(distribution.same(choice("x", { "a" }), choice("x", { "a" })))
  end)

  it("goes to Optuna's text and back", function()
    for _, d in ipairs { distribution.float("x", -1, 1), distribution.int("x", 1, 9, { step = 2 }),
      distribution.float("x", 1e-5, 1, { log = true }),
      distribution.categorical("x", { "a", 2, true }) } do
      assert.equal(d:json(), distribution.parse("x", d:json()):json())
    end
    assert.equal('{"name": "IntDistribution", "attributes": {"log": false, "step": 32, "low": 32, '
      .. '"high": 512}}', distribution.int("u", 32, 512, { step = 32 }):json())
  end)
end)

describe("random search", function()
  -- chi squared of 9 degrees of freedom is above 27.9 once in a thousand times; the
  -- Kolmogorov-Smirnov distance of 2000 points above 1.95 / sqrt(2000) likewise
  it("draws choices equally and scales logarithmically #S69", function()
    local counts, logs = {}, {}
    run({ sampler = "random", duplicates = true }, function(t)
      local c = t:Choice("c", { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
      counts[c] = (counts[c] or 0) + 1
      logs[#logs + 1] = math.log(t:Float("x", 1e-4, 1, { log = true }) / 1e-4) / math.log(1e4)
      return 1
    end, 2000)
    local chi, worst = 0, 0
    for c = 1, 10 do chi = chi + (counts[c] - 200) ^ 2 / 200 end
    assert.truthy(chi < 27.9, chi)
    table.sort(logs)
    for i, u in ipairs(logs) do worst = math.max(worst, math.abs(u - i / #logs)) end
    assert.truthy(worst < 1.95 / math.sqrt(2000), worst)
  end)
end)

describe("samplers that learn", function()
  local function toy(t)
    local x = t:Float("x", 0, 1)
    return -(x * x * math.sin(5 * math.pi * x) ^ 6)
  end

  it("find the top of the lecture's toy #S70 #F62 #F63", function()
    -- the greatest value is 0.8110 at 0.9006 (to four digits, by a grid of 10^6 points)
    for sampler, share in pairs { bayesian = 0.99, tpe = 0.9 } do
      local best = {}
      for seed = 1, 5 do
        best[seed] = run({ sampler = sampler, seed = seed }, toy, 40):best().value
      end
      table.sort(best)
      assert.truthy(best[3] < -0.811 * share, sampler .. " " .. best[3])
    end
  end)

  it("go on from a file as if they had not stopped #F76", function()
    local function f(t) return toy(t) + (t:Choice("c", { "a", "b", "c" }) == "b" and 0 or 1) end
    for _, sampler in ipairs { "bayesian", "tpe" } do
      local path = os.tmpname()
      os.remove(path)
      local whole = values(run({ sampler = sampler }, f, 24))
      run({ sampler = sampler, storage = path }, f, 15):close()
      assert.same(whole, values(run({ sampler = sampler, storage = path }, f, 24)))
      os.remove(path)
    end
  end)

  it("look elsewhere while trials run #S72", function()
    local s = mlp.study { sampler = "bayesian", pruner = "none", seed = 1 }
    for _ = 1, 15 do
      local t = s:ask()
      s:tell(t, toy(t))
    end
    local xs = {}
    for i = 1, 4 do
      local t = s:ask()
      xs[i] = t:Float("x", 0, 1)
      for k = 1, i - 1 do assert.truthy(math.abs(xs[k] - xs[i]) > 1e-3) end
    end
  end)

  it("are told nothing by failures but where not to go, and bear few values #D30", function()
    for _, sampler in ipairs { "bayesian", "tpe" } do
      local s = run({ sampler = sampler }, function(t)
        local x = t:Float("x", 0, 1)
        if t.number % 3 == 2 then t:prune() end
        if x < 0.2 then error "no" end
        return 1
      end, 25)
      assert.equal(25, #s:trials())
    end
  end)

  it("handle several objectives", function()
    local s = mlp.study { directions = { "minimize", "minimize" } }
    s:optimize(function(t)
      local x = t:Float("x", 0, 1)
      return { x, (1 - x) ^ 2 }
    end, { n_trials = 20, verbose = 0 })
    assert.truthy(#s:pareto() > 8)
  end)
end)

describe("what a search is made of", function()
  it("prints by name, and what comes of it with its numbers", function()
    for name, make in pairs(require "mlp.tune.samplers") do
      local expected = name == "gp" and "bayesian" or name
      assert.equal(expected .. " sampler", tostring(make(name == "grid" and { x = { 1 } } or nil)))
    end
    for name, make in pairs(require "mlp.tune.pruners") do
      local o = name == "threshold" and { upper = 1 } or nil
      assert.equal(name .. " pruner", tostring(make(o)))
    end
    local a = mlp.repeats(6, function(seed) return seed end)
    local b = mlp.repeats(6, function(seed) return seed - 1 end)
    -- all six differences are 1: two of 2^6 signs are as far from the middle
    assert.equal("{ difference = 1.0, p = 0.03125 }", tostring(a:compare(b)))
    local s = run({ sampler = "random" }, function(t) return t:Float("x", 0, 1) end, 2)
    assert.truthy(tostring(s:best():replay()):find("equal = true", 1, true))
  end)
end)

describe("pruners", function()
  --- Five complete trials that report 1, 2, 3, 4, 5 at steps 1 and 2; then one that reports v.
  local function pruned(pruner, reports)
    local s = mlp.study { sampler = "random", pruner = pruner }
    for k = 1, 5 do
      local t = s:ask()
      t:report(k, 1)
      t:report(k, 2)
      s:tell(t, k)
    end
    local t = s:ask()
    for i, v in ipairs(reports) do
      t:report(v, i)
      if t:should_prune() then return i end
    end
    return false
  end

  -- the rules of Optuna 4, on the numbers above
  it("compare the best value so far with the median of complete trials #F66 #G09", function()
    local median = mlp.tune.MedianPruner
    assert.equal(1, pruned(median(), { 3.5 }))
    assert.is_false(pruned(median(), { 3, 9 })) -- the best so far is 3
    assert.equal(1, pruned(median(), { 0 / 0 }))
    assert.is_false(pruned(median { startup_trials = 6 }, { 9, 9 }))
    assert.equal(2, pruned(median { warmup_steps = 2 }, { 9, 9 }))
    assert.is_false(pruned(median { min_trials = 6 }, { 9 }))
    assert.equal(1, pruned(mlp.tune.PercentilePruner { percentile = 25 }, { 2.5 }))
    assert.is_false(pruned(mlp.tune.PercentilePruner { percentile = 25 }, { 2 }))
    assert.is_false(pruned("none", { 9, 9 }))
  end)

  it("wait, bound, and halve #F66", function()
    assert.equal(2, pruned(mlp.tune.ThresholdPruner { upper = 10 }, { 9, 11 }))
    assert.equal(1, pruned(mlp.tune.ThresholdPruner { lower = 0 }, { -1 }))
    local patient = mlp.tune.PatientPruner { patience = 1 }
    assert.equal(3, pruned(patient, { 5, 6, 7 }))
    assert.is_false(pruned(patient, { 5, 4, 3, 2 }))
    local halving = mlp.tune.SuccessiveHalvingPruner { reduction_factor = 2 }
    assert.is_false(pruned(halving, { 9 })) -- nobody else came to that rung: it is promotable
  end)

  it("need numbers, and steps in any order, once each #G09", function()
    local s = mlp.study { sampler = "random" }
    local t = s:ask()
    assert.is_false(t:should_prune())
    t:report(2, 5)
    t:report(1, 3)
    t:report(9, 5)
    assert.equal(2, t.reports[5])
    assert.error_matches(function() t:report("x", 6) end, "expected a number, got x")
    assert.error_matches(function() t:report(1, -1) end, "expected at least 0")
    s:tell(t, 1)
  end)

  it("that depend on speed are refused where nothing may", function()
    assert.error_matches(function() mlp.study { deterministic = true, pruner = "median" } end,
      "'median' decides by what other trials have reported")
  end)
end)
