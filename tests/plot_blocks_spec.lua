--- What a panel draws: bars, boxes, segments, notes, insets.
local plot = require "mlp.plot"
local scene_of = require "scene"
local overlap, assert_tidy = scene_of.overlap, scene_of.assert_tidy

describe("building blocks", function()
  local huge = math.huge

  it("stand bars on a base, upright or lying, with whiskers", function()
    local f = plot.figure()
    f:panel():bars({ 1, 2 }, { 3, 5 }, { base = { 1, 2 }, low = { 2, 4 }, high = { 4, 7 } })
    local s = assert_tidy(f).panels[1]
    assert.near(7 + 0.05 * 6, s.y.high, 1e-9) -- 5 % beyond the whiskers, which span 1..7
    assert.equal(1, s.y.low) -- on the lowest base, without margin
    local lying = plot.figure()
    lying:panel():bars({ 1, 2 }, { 3, 5 }, { horizontal = true }):set { ynames = { "a", "b" } }
    s = assert_tidy(lying).panels[1]
    assert.equal(0, s.x.low)
    assert.near(5.25, s.x.high, 1e-9)
    assert.equal("b", s.y.ticks[2].label)
  end)

  it("stretch infinite boxes over the axes and count finite ones as data", function()
    local f = plot.figure()
    f:panel():boxes({ 2 }, { -huge }, { 4 }, { huge }):line({ 1, 5 }, { 0, 1 })
    local p = assert_tidy(f).panels[1]
    assert.near(-0.05, p.y.low, 1e-9)
    assert.near(0.8, p.x.low, 1e-9)
    assert.near(p.x0 + 0.3 / 1.1 * (p.x1 - p.x0), p.series[1].x0, 1e-6) -- 2 in 0.8..5.2
  end)

  it("draw arrows and lines of their own widths", function()
    local f = plot.figure { dpi = 50 }
    f:panel():segments({ 0, 1 }, { 0, 1 }, { 1, 2 }, { 1, 0 },
      { head = 6, widths = { 1, 4 }, values = { 0, 1 }, cmap = "RdBu" })
    local p = assert_tidy(f).panels[1]
    assert.truthy(p.colorbar)
    assert.near(2.1, p.x.high, 1e-9)
    assert.error_matches(function()
      f:panel():segments({ 0, 1 }, { 0, 1 }, { 1 }, { 1 })
    end, "segments: expected 2 values in 'x2', got 1")
  end)

  it("keep an inset in its place and the legend off it", function()
    local f = plot.figure()
    local p = f:panel():line({ 0, 1 }, { 0, 0 }, { label = "flat" })
    p:inset(0.5, 0.5, 1, 1):line({ 0, 1 }, { 0, 1 }):set { title = "zoom" }
    local scene = assert_tidy(f)
    local outer, inner = scene.panels[1], scene.panels[2]
    assert.is_true(inner.x0 > (outer.x0 + outer.x1) / 2 and inner.x1 <= outer.x1)
    assert.is_true(inner.y0 >= outer.y0 and inner.y1 < (outer.y0 + outer.y1) / 2)
    assert.is_false(overlap(outer.legend, inner))
  end)

  it("give columns and rows the shares that are asked for", function()
    local f = plot.figure { cols = 2, rows = 2, widths = { 3, 1 }, heights = { 1, 2 } }
    for r = 1, 2 do for c = 1, 2 do f:panel(r, c):line(nil, { 0, 1 }) end end
    local p = f:scene().panels
    assert.near(3, (p[1].x1 - p[1].x0) / (p[2].x1 - p[2].x0), 0.05)
    assert.near(2, (p[3].y1 - p[3].y0) / (p[1].y1 - p[1].y0), 0.05)
  end)

  it("put a note where its arrow can leave it", function()
    local f = plot.figure()
    f:panel():text(0.2, 0.8, "here", { inside = true, box = true, to = { 5, 50 }, dx = 10 })
      :line({ 0, 1 }, { 0, 1 })
    local scene = assert_tidy(f)
    assert.near(5.25, scene.panels[1].x.high, 1e-9) -- what it points to is shown
    assert.equal("here", scene.texts[#scene.texts].text)
  end)

  it("measure colours on a logarithmic scale", function()
    local f = plot.figure()
    f:panel():image({ { 1e-4, 1 }, { 0, 1e-2 } }, { scale = "log", colorbar = true })
    local ticks_of_bar = {}
    for _, t in ipairs(assert_tidy(f).texts) do
      if t.role == "bartick" then ticks_of_bar[#ticks_of_bar + 1] = t.text end
    end
    assert.equal("10\u{207B}\u{2074}", ticks_of_bar[1])
    assert.equal("10\u{2070}", ticks_of_bar[#ticks_of_bar])
  end)

  it("cut names that would leave no room, and a legend into columns", function()
    local long = ("name "):rep(40)
    local f = plot.bars({ 1, 2 }, { names = { long, "b" } })
    assert.matches("\u{2026}$", assert_tidy(f).panels[1].x.ticks[1].label)
    local many, labels_of = {}, {}
    for i = 1, 30 do many[i], labels_of[i] = { i, 2 * i }, "series " .. i end
    local p = assert_tidy(plot.line(nil, many, { labels = labels_of })).panels[1]
    assert.is_true(p.x1 - p.x0 > 200) -- of 1024
    assert.is_true(p.legend.y1 <= 768)
  end)
end)
