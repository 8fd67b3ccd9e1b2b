--- Where titles, labels, legends and panels go.
local core = require "mlp.core"
local plot = require "mlp.plot"
local scene_of = require "scene"
local assert_tidy, overlap, list = scene_of.assert_tidy, scene_of.overlap, scene_of.list
local history, falling = scene_of.history, scene_of.falling
local ticks = core.plot.ticks

local function values(marks)
  local out = {}
  for i, tick in ipairs(marks) do out[i] = tick.value end
  return out
end

local function labels(marks)
  local out = {}
  for i, tick in ipairs(marks) do out[i] = tick.label end
  return out
end

describe("layout", function()
  it("clips and overlaps no text in a history #F84", function()
    for _, options in ipairs { {}, { log = true, lr = true }, { smooth = 0.9, title = "Run 1" } } do
      local h = falling(60)
      h.best_epoch, h.stopped_epoch = 43, 60
      local scene = assert_tidy(plot.history(h, options))
      assert.equal(2, #scene.panels)
      assert.equal("accuracy", scene.panels[1].y.label)
    end
  end)

  it("leaves a history with the rate its width: the legend is where there is room", function()
    local loss = list(60, function(i) return math.exp(-i / 15) end)
    local columns = { loss = loss, learning_rate = list(60, function(i) return 0.9 ^ i end),
      val_loss = list(60, function(i) return loss[i] + 0.1 end) }
    for k, name in ipairs { "accuracy", "precision", "recall" } do
      columns[name] = list(60, function(i) return 1 - loss[i] / (1 + k) end)
    end
    local h = history(60, columns)
    h.best_epoch = 42
    local scene = assert_tidy(plot.history(h, { log = true, lr = true,
      metrics = { "loss", "accuracy", "precision", "recall" }, width = 6.4, height = 4.8,
      dpi = 100 }))
    for _, p in ipairs(scene.panels) do assert.is_true(p.x1 - p.x0 > 180, p.x1 - p.x0) end
  end)

  it("takes a history of one epoch, and gaps where nothing was logged", function()
    assert_tidy(plot.history(history(1, { loss = { 0.5 }, val_loss = { 0.6 } })))
    local every_second = { [2] = 3, [4] = 2 }
    assert_tidy(plot.history(history(4, { loss = { 4, 3, 2, 1 }, val_loss = every_second })))
  end)

  it("wraps long titles and slants long names", function()
    local f = plot.bars({ 3, 1, 2 }, {
      names = { "a-rather-long-name", "another-rather-long-name", "the-last-of-the-long-names" },
      title = ("word "):rep(40), width = 4, height = 4,
    })
    local scene = assert_tidy(f)
    local slanted = 0
    for _, t in ipairs(scene.texts) do slanted = slanted + (t.angle == 45 and 1 or 0) end
    assert.equal(3, slanted)
  end)

  it("breaks names of several words into lines, if that will do", function()
    local long = "a rather long name of a strategy" -- whole, though alone it is wider than a third
    local notes = {}
    for _, t in ipairs(assert_tidy(plot.bars({ 1, 2, 3 }, { names = { long, "b", "c" } })).texts) do
      notes[t.role .. t.text:gsub("\n", " ")] = true
    end
    assert.is_true(notes["xtick" .. long])
    local f = plot.bars({ 3, 1 }, { names = { "a name of rather many words", "short" }, width = 3 })
    local label = assert_tidy(f).panels[1].x.ticks[1].label
    assert.matches("\n", label)
    assert.equal("a name of rather many words", (label:gsub("\n", " ")))
  end)

  it("thins out names that are numbers rather than slant them", function()
    local names = list(60, tostring)
    for _, t in ipairs(assert_tidy(plot.bars(list(60, tonumber), { names = names })).texts) do
      assert.is_true(t.role ~= "xtick" or t.angle == 0)
    end
  end)

  it("lists as many curves as there is room for, then says how many more", function()
    local many, names = {}, {}
    for i = 1, 60 do many[i], names[i] = { i, i + 1 }, "configuration number " .. i end
    local scene = assert_tidy(plot.line(nil, many, { labels = names }))
    local p, last = scene.panels[1], nil
    for _, t in ipairs(scene.texts) do last = t.role == "legend" and t.text or last end
    assert.matches("^and %d+ more$", last)
    assert.is_true(p.x1 - p.x0 > 0.4 * scene.width)
  end)

  it("has steps of 1, 2, 2.5 or 5, on multiples of the step", function()
    local ticks_of = values((ticks(0.9, 3.1, 5, { inside = true })))
    assert.same({ 1.0, 1.5, 2.0, 2.5, 3.0 }, ticks_of) -- as matplotlib's MaxNLocator(5)
  end)

  it("keeps the legend off the curves", function()
    local n = 200
    local f = plot.line(nil, list(n, function(i) return math.sin(i) end), { label = "all over" })
    local p = f:scene().panels[1]
    local line, legend = p.series[1], p.legend
    assert.is_true(legend.y1 <= line.y0 or legend.x0 >= p.x1)
    assert_tidy(f)
  end)

  it("leaves a legend in axes that would not survive one beside them", function()
    local f = plot.figure { rows = 5, cols = 5, width = 6.4, height = 6.4 }
    for k = 1, 25 do
      f:panel((k - 1) // 5 + 1, (k - 1) % 5 + 1):line(nil, list(20, math.sqrt), { label = "a" })
    end
    local s = f:scene()
    for i, a in ipairs(s.texts) do
      local b = s.texts[i + 1]
      assert.is_true(not b or a.role ~= "xtick" or not overlap(a, b))
    end
    for _, p in ipairs(s.panels) do
      assert.is_true(p.x1 - p.x0 > 60 and p.x1 < s.width) -- of 1024
    end
  end)

  it("counts in whole numbers along a colour bar, where the values are such", function()
    local s = plot.scatter({ 1, 2, 3 }, { 1, 2, 3 }, { values = { 1, 2, 3 } }):scene()
    local marks = {}
    for _, t in ipairs(s.texts) do
      if t.role == "bartick" then marks[#marks + 1] = t.text end
    end
    assert.same({ "1", "2", "3" }, marks)
  end)

  it("puts the legend beside an image that is full of points", function()
    local x, y = {}, {}
    for i = 0, 899 do x[i + 1], y[i + 1] = i % 30 / 30 + 0.5, i // 30 / 30 + 0.5 end
    local f = plot.figure()
    f:panel():image({ { 1 } }):scatter(x, y, { label = "point" })
    local p = assert_tidy(f).panels[1]
    assert.is_true(p.legend.x0 >= p.x1)
  end)

  it("gives panels of one column equal axes and shares what is asked for", function()
    local f = plot.figure { rows = 2, cols = 2, sharex = true, sharey = true, title = "all" }
    for i = 0, 3 do
      f:panel(i // 2 + 1, i % 2 + 1):line({ 0, i + 1 }, { 0, 10 ^ i }):set { title = "panel " .. i,
        xlabel = "x", ylabel = "y" }
    end
    local scene = assert_tidy(f)
    local a, b, c = scene.panels[1], scene.panels[2], scene.panels[3]
    assert.near(a.x0, c.x0, 1)
    assert.near(a.x1 - a.x0, b.x1 - b.x0, 1)
    assert.equal(a.x.high, b.x.high)
    assert.equal(a.y.high, c.y.high)
  end)

  it("fills a logarithmic axis with less than a decade", function()
    local p = assert_tidy(plot.line(nil, { 3, 3.5, 3.9 }, { yscale = "log" })).panels[1]
    assert.is_true(p.y.low > 2.9 and p.y.high < 4)
    assert.is_true(#p.y.ticks >= 5)
  end)

  it("shows a point between two gaps as a dot, and counts in whole numbers", function()
    local function darkness(y)
      local sum, cells = 0, core.plot.thumbnail(plot.line(nil, y, { dpi = 50 }), 24, 32)
      for i = 1, #cells do sum = sum + 255 - cells:byte(i) end
      return sum
    end
    local nan = 0 / 0
    assert.is_true(darkness { 1, nan, 2, nan, 3 } > darkness { 1, nan, nan, nan, 3 })
    local ticks_x = assert_tidy(plot.line(nil, { 3, 1, 2 })).panels[1].x.ticks
    assert.same({ "1", "2", "3" }, labels(ticks_x))
  end)

  it("puts data where the axis says", function()
    local f = plot.figure()
    f:panel():line({ 1, 3 }, { 10, 1000 }):set { xlim = { 0, 4 }, ylim = { 1, 10000 },
                                                 yscale = "log" }
    local p = f:scene().panels[1]
    local s, w, h = p.series[1], p.x1 - p.x0, p.y1 - p.y0
    assert.near(p.x0 + w / 4, s.x0, 1e-6) -- 1 of 0...4
    assert.near(p.y1 - h / 4, s.y1, 1e-6) -- one decade of four
    assert.near(p.y1 - 3 * h / 4, s.y0, 1e-6)
  end)

  it("stands what no axis can show", function()
    local nan, inf = 0 / 0, math.huge
    for _, y in ipairs { {}, { nan }, { 1 }, { inf, -inf, 1 }, { 1e308, -1e308 }, { 5e-324, 0 } } do
      for _, scale in ipairs { "linear", "log" } do
        local f = plot.figure { dpi = 40 }
        f:panel():line(nil, y, { label = "l" }):scatter(nil, y):bars(nil, y):hline(y)
          :set { yscale = scale }
        assert.equal("\137PNG", f:png():sub(1, 4))
      end
    end
  end)
end)
