--- The plots of a study: what their scenes hold.
local mlp = require "mlp"
local scene = require "scene"
local shared = require "mlp.tune.plot.shared"
local tidy = scene.assert_tidy

--- The texts of a role.
local function texts(s, role)
  local out = {}
  for _, t in ipairs(s.texts) do
    if t.role == role then out[#out + 1] = t.text end
  end
  return out
end

local function kinds(panel)
  local out = {}
  for i, series in ipairs(panel.series) do out[i] = series.kind end
  return out
end

--- Twelve trials told by hand: x = 1/12, 2/12... and its square; the last two are pruned and fail.
local function squares()
  local study = mlp.study { sampler = "random", seed = 1, pruner = "none" }
  for k = 1, 12 do
    study:enqueue { x = k / 12, n = 2 * ((k - 1) % 4 + 1), kind = k % 2 == 0 and "a" or "b" }
    local t = study:ask()
    local x = t:Float("x", 0, 1)
    t:Int("n", 2, 8, { step = 2 })
    t:Choice("kind", { "a", "b", "c" })
    for epoch = 1, 3 do
      t:report(x / epoch, epoch)
      t:log(epoch, { val_loss = x / epoch })
    end
    if k <= 10 then
      study:tell(t, x * x)
    else
      study:tell(t, nil, k == 11 and "PRUNED" or "FAIL")
    end
  end
  return study
end

describe("a study", function()
  local study = squares()

  it("holds its best value up to the next better one, and to the last trial", function()
    local s = tidy(study:plot "history")
    assert.same({ "trials", "best so far" }, texts(s, "legend"))
    assert.near(11 + 11 / 20, s.panels[1].x.high, 1e-9) -- trials 0 to 11, and a twentieth
    local best = s.panels[1].series[2]
    assert.equal(best.y0, best.y1) -- trial 0 was the best: one level line
  end)

  it("has an axis for each hyper-parameter, from the worst to the best", function()
    local s = tidy(study:plot "parallel_coordinate")
    assert.same({ "objective, by rank", "x", "n", "kind" }, texts(s, "xtick"))
    assert.same({ "0.6944", "0.006944" }, texts(s, "ytick")) -- (10/12)^2 and (1/12)^2
    assert.same({ "0", "1", "2", "8", "a", "b", "c" }, texts(s, "note"))
  end)

  it("draws the best so that it stands out from the paper", function()
    local function light(hex)
      local r, g, b = hex:match "#(%x%x)(%x%x)(%x%x)"
      return tonumber(r, 16) + 2 * tonumber(g, 16) + tonumber(b, 16)
    end
    local dark = { theme = "dark" }
    assert.is_true(light(shared.colour({}, 1)) < light(shared.colour({}, 0)))
    assert.is_true(light(shared.colour(dark, 1)) > light(shared.colour(dark, 0)))
  end)

  it("says what the colours of its curves are", function()
    for kind, lines in pairs { curves = 10, intermediate_values = 12 } do
      local s = tidy(study:plot(kind))
      assert.same({ "rank (1: best)" }, texts(s, "barlabel"))
      local n = 0
      for _, k in ipairs(kinds(s.panels[1])) do n = n + (k == "line" and 1 or 0) end
      assert.equal(lines, n)
    end
    assert.same({ "best: trial 0" }, texts(study:plot("curves"):scene(), "legend"))
  end)

  it("counts ranks and trials in whole numbers", function()
    for _, kind in ipairs { "rank", "slice" } do
      local marks = texts(tidy(study:plot(kind)), "bartick")
      assert.is_true(#marks > 1)
      for _, mark in ipairs(marks) do assert.truthy(math.tointeger(tonumber(mark))) end
    end
    local panels = study:plot("slice"):scene().panels
    assert.equal(3, #panels)
    assert.truthy(panels[3].colorbar)
    panels = study:plot("slice", { params = { "x", "n", "kind", "x", "n" } }):scene().panels
    assert.truthy(panels[3].colorbar) -- of the first row, at the right end
  end)

  it("has contours between numbers, columns for choices", function()
    local p = tidy(study:plot("contour", { params = { "x", "n" } })).panels[1]
    assert.same({ "image", "contour", "scatter" }, kinds(p))
    assert.same({ 0, 1, 1, 9 }, { p.x.low, p.x.high, p.y.low, p.y.high }) -- half a step beyond
    assert.near(0.5 / 39 * (p.x1 - p.x0), p.x0 - p.series[2].x0, 1e-6) -- lines lead to the edge
    local s = tidy(study:plot("contour", { params = { "kind", "x" } }))
    assert.same({ "image", "scatter" }, kinds(s.panels[1]))
    assert.same({ "a", "b", "c" }, texts(s, "xtick"))
    for _, kind in ipairs { "contour", "rank", "slice", "parallel_coordinate" } do
      assert.error_matches(function() study:plot(kind, { params = { "kin", "x" } }) end,
        kind .. ": option 'params': unknown hyper%-parameter 'kin'; did you mean 'kind'%?")
    end
  end)

  it("has a share for each value, and one for each hyper-parameter", function()
    local p = tidy(study:plot "edf").panels[1]
    assert.same({ 0, 1.02 }, { p.y.low, p.y.high })
    assert.near((1 - 0.05 * 99) / 144, p.x.low, 1e-9) -- 1/144 to 100/144
    local s, sum = tidy(study:plot "param_importances"), 0
    for _, text in ipairs(texts(s, "note")) do sum = sum + tonumber(text) end
    assert.near(1, sum, 0.02)
    assert.equal(3, #texts(s, "xtick"))
  end)

  it("shows when its trials ran and how they ended", function()
    local s = tidy(study:plot "timeline")
    local seen = texts(s, "legend")
    table.sort(seen)
    assert.same({ "complete", "failed", "pruned" }, seen)
    assert.equal(1, #texts(s, "ytick"))
  end)

  it("of two objectives has a front", function()
    local two = mlp.study { sampler = "random", directions = { "minimize", "maximize" } }
    for _, values in ipairs { { 1, 1 }, { 2, 3 }, { 3, 2 } } do two:tell(two:ask(), values) end
    local s = tidy(two:plot "pareto_front")
    assert.same({ "trials", "front" }, texts(s, "legend"))
    assert.same({ "objective 1 (minimize)" }, texts(s, "xlabel"))
    assert.equal(2, #two:pareto()) -- (3, 2) is beaten by (2, 3)
  end)

  it("is drawn step by step as the Gaussian process saw it", function()
    assert.error_matches(function() study:plot("surrogate", { param = "m" }) end,
      "surrogate: option 'param': unknown hyper%-parameter 'm'")
    local s = tidy(study:plot("surrogate", { param = "x", steps = { 4, 8 } }))
    assert.equal(4, #s.panels)
    assert.same({ "after 4 trials", "acquisition", "after 8 trials", "acquisition" },
      texts(s, "title"))
  end)
end)

describe("importances", function()
  it("are Optuna's, by the same estimator", function()
    local study = mlp.study { sampler = "random", pruner = "none" }
    local function share(k, step) return k * step % 1 end
    for k = 1, 100 do
      local u, kind = share(k, 0.4142135624), ({ "a", "b", "c" })[k % 3 + 1]
      study:enqueue { rate = 1e-5 * 1e4 ^ share(k, 0.7320508076), x = share(k, 0.6180339887),
        units = 32 + 32 * (16 * u // 1 | 0), kind = kind,
        depth = 1 + (2 ^ (8 * share(k, 0.2360679775)) // 1 | 0) }
      local t = study:ask()
      local rate = t:Float("rate", 1e-5, 1e-1, { sampling = "log" })
      local x = t:Float("x", 0, 1)
      t:Int("units", 32, 512, { step = 32 })
      t:Int("depth", 1, 256, { sampling = "log" })
      t:Choice("kind", { "a", "b", "c" })
      study:tell(t, (math.log(rate, 10) + 3) ^ 2 / 4 + (x - 0.3) ^ 2 + k % 3 / 3 + u / 10)
    end
    -- tests/golden/from_optuna_importance.py, Optuna 4.9.0
    local expected = { rate = 0.47917382603324965, kind = 0.2278846895319519,
      depth = 0.14822613771979404, x = 0.138024999833365, units = 0.006690346881639375 }
    for _, entry in ipairs(study:importances { share = 0.1 }) do
      assert.near(expected[entry.name], entry.importance, 1e-9, entry.name)
    end
  end)
end)
