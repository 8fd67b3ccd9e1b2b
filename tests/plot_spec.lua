local mlp = require "mlp"
local core = require "mlp.core"
local plot = require "mlp.plot"
local ticks = core.plot.ticks

local function values(list)
  local out = {}
  for i, tick in ipairs(list) do out[i] = tick.value end
  return out
end

local function labels(list)
  local out = {}
  for i, tick in ipairs(list) do out[i] = tick.label end
  return out
end

local function curve(n, f)
  local out = {}
  for i = 1, n do out[i] = f(i) end
  return out
end

--- What a fit leaves behind.
local function history(n, columns)
  local names = {}
  for name in pairs(columns) do names[#names + 1] = name end
  table.sort(names)
  return setmetatable({ columns = names, column = function(_, name) return columns[name] end },
    { __len = function() return n end })
end

local function falling(n)
  return history(n, {
    loss = curve(n, function(i) return math.exp(-i / 10) end),
    val_loss = curve(n, function(i) return math.exp(-i / 12) + 0.1 end),
    accuracy = curve(n, function(i) return 1 - 0.5 * math.exp(-i / 8) end),
    val_accuracy = curve(n, function(i) return 0.9 - 0.4 * math.exp(-i / 8) end),
    learning_rate = curve(n, function(i) return i < n / 2 and 0.01 or 0.001 end),
  })
end

local scene_of = require "scene"
local overlap, assert_tidy = scene_of.overlap, scene_of.assert_tidy
local chunks, text_chunks = scene_of.chunks, scene_of.text_chunks

describe("ticks", function()
  -- first row: the documentation of R's package 'labeling', extended(8.1, 14.1, 4); all of them:
  -- mizani 0.11 (Python), breaks_extended(n = target)((low, high))
  local known = {
    { 8.1, 14.1, 4, { 8, 10, 12, 14 } },
    { 0, 1, 5, { 0, 0.25, 0.5, 0.75, 1 } },
    { 1, 30, 5, { 0, 10, 20, 30 } },
    { -3.2, 7.9, 6, { -4, -2, 0, 2, 4, 6, 8 } },
    { 0.0012, 0.0098, 5, { 0, 0.0025, 0.005, 0.0075, 0.01 } },
    { -0.37, 0.45, 4, { -0.4, -0.2, 0, 0.2, 0.4 } },
    { 1234, 9876, 7, { 0, 2000, 4000, 6000, 8000, 10000 } },
    { 0, 0.7, 8, { 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7 } },
    { 95.5, 99.9, 5, { 96, 97, 98, 99, 100 } },
    { 3, 4.1, 3, { 3, 3.5, 4 } },
  }
  it("are those of Talbot, Lin & Hanrahan's algorithm", function()
    for _, case in ipairs(known) do
      local got = values((ticks(case[1], case[2], case[3])))
      assert.equal(#case[4], #got)
      for i, v in ipairs(case[4]) do assert.near(v, got[i], 1e-9 * (case[2] - case[1])) end
    end
  end)

  it("grow, stay inside where asked and are about as many as wanted", function()
    for _, size in ipairs { 1e-12, 1e-3, 1, 7.3, 1e5, 1e12 } do
      for target = 3, 9 do
        local low, high = -0.37 * size, 0.81 * size
        local got = values((ticks(low, high, target, { inside = true })))
        assert.is_true(#got >= 2 and #got <= 2 * target)
        for i, v in ipairs(got) do
          assert.is_true(v >= low - 1e-9 * size and v <= high + 1e-9 * size)
          assert.is_true(i == 1 or v > got[i - 1])
        end
      end
    end
  end)

  it("are whole numbers for epochs", function()
    for last = 2, 60 do
      for _, v in ipairs(values((ticks(0.5, last + 0.5, 6, { integer = true, inside = true })))) do
        assert.equal(math.floor(v), v)
      end
    end
  end)

  it("are decades, then 1, 2 and 5, on a logarithmic axis", function()
    assert.same({ 0.01, 0.1, 1, 10, 100 }, values((ticks(0.01, 100, 6, { log = true }))))
    assert.same({ "1", "2", "5", "10" }, labels((ticks(0.9, 12, 5, { log = true }))))
    local far = labels((ticks(1e-9, 1e3, 4, { log = true })))
    assert.equal("10\u{207B}\u{2079}", far[1])
  end)

  it("have labels with equal decimals and a power of ten beyond 1e-5 to 1e6", function()
    assert.same({ "0.00", "0.25", "0.50", "0.75", "1.00" }, labels((ticks(0, 1, 5))))
    assert.equal("\u{2212}1", labels((ticks(-1, 1, 3)))[1])
    local list, exponent = ticks(0, 4e7, 5)
    assert.equal(7, exponent)
    assert.same({ "0", "1", "2", "3", "4" }, labels(list))
    assert.equal(-9, select(2, ticks(0, 4e-9, 5)))
    assert.equal(0, select(2, ticks(0, 60000, 5)))
  end)

  it("say once what labels of many digits have in common", function()
    local list, exponent, offset = ticks(1e9 - 1, 1e9 + 1, 5, { inside = true })
    assert.same({ "\u{2212}1.0", "\u{2212}0.5", "0.0", "0.5", "1.0" }, labels(list))
    assert.same({ 0, 1e9 }, { exponent, offset })
    list, exponent, offset = ticks(-1e6 - 4e-5, -1e6, 3, { inside = true })
    assert.same({ "\u{2212}4", "\u{2212}3", "\u{2212}2", "\u{2212}1", "0" }, labels(list))
    assert.same({ -5, -1e6 }, { exponent, offset })
    for _, short in ipairs { { 2010, 2020 }, { 0.999, 0.9999 }, { -1e9, 1e9 }, { 12345, 13345 } } do
      assert.equal(0, (select(3, ticks(short[1], short[2], 5))))
    end
    local function label(y, ylabel)
      for _, t in ipairs(assert_tidy(plot.line(nil, y, { ylabel = ylabel })).texts) do
        if t.role == "ylabel" then return t.text end
      end
    end
    assert.equal("loss (+ 10\u{2079})", label({ 1e9, 1e9 + 1 }, "loss"))
    assert.equal("\u{D7}10\u{207B}\u{2075} + 1.25 \u{D7} 10\u{2076}",
      label { 1.25e6, 1.25e6 + 4e-5 })
    assert.equal("+ 7.5", label { 7.5, 7.5 + 4e-6 }:match "%+.*")
  end)

  it("are found for ranges at the end of what a double tells apart", function()
    local edges = { { 1e17, 1e17 + 16 }, { -1e300, 1e300 }, { 0, 5e-324 }, { 1, 1 + 2^-52 } }
    for _, r in ipairs(edges) do
      assert.is_true(#ticks(r[1], r[2], 5) >= 1)
    end
  end)

  it("refuse a range that is none", function()
    assert.error_matches(function() ticks(1, 1, 5) end, "ticks: expected low below high")
  end)
end)

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
    local loss = curve(60, function(i) return math.exp(-i / 15) end)
    local columns = { loss = loss, learning_rate = curve(60, function(i) return 0.9 ^ i end),
      val_loss = curve(60, function(i) return loss[i] + 0.1 end) }
    for k, name in ipairs { "accuracy", "precision", "recall" } do
      columns[name] = curve(60, function(i) return 1 - loss[i] / (1 + k) end)
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
    local names = curve(60, tostring)
    for _, t in ipairs(assert_tidy(plot.bars(curve(60, tonumber), { names = names })).texts) do
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
    local f = plot.line(nil, curve(n, function(i) return math.sin(i) end), { label = "all over" })
    local p = f:scene().panels[1]
    local line, legend = p.series[1], p.legend
    assert.is_true(legend.y1 <= line.y0 or legend.x0 >= p.x1)
    assert_tidy(f)
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

describe("charts", function()
  local function grid_model(columns)
    return { predict_proba = function(_, grid)
      local n = core.plot.shape(grid)[1]
      return core.tensor(curve(n, function(i)
        local p = i / n
        return curve(columns, function(k) return k == 1 and p or (1 - p) / (columns - 1) end)
      end))
    end }
  end
  local x = core.tensor { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 } }

  it("draw the decision boundary of two classes with its contour #F82", function()
    local data = { x = x, y = { 1, 2, 2, 1 }, n_classes = 2, class_names = { "no", "yes" } }
    local scene = assert_tidy(plot.decision_boundary(grid_model(1), data, { resolution = 40 }))
    local kinds = {}
    for i, s in ipairs(scene.panels[1].series) do kinds[i] = s.kind end
    assert.same({ "image", "contour", "scatter" }, kinds)
    assert.truthy(scene.panels[1].colorbar)
    assert.near(-0.08, scene.panels[1].x.low, 1e-6) -- 8 % beyond the data
  end)

  it("tint by class where there are three, and colour a regression by value #F82", function()
    local three = { x = x, y = { 1, 2, 3, 1 }, n_classes = 3, class_names = { "a", "b", "c" } }
    assert_tidy(plot.decision_boundary(grid_model(3), three, { resolution = 30 }))
    local values_of = { predict = grid_model(1).predict_proba }
    local f = plot.decision_boundary(values_of, { x = x, y = { 0, 1, 2, 3 } }, { resolution = 30 })
    assert.equal("prediction", f:scene().texts[#f:scene().texts].text)
    assert_tidy(f)
  end)

  it("write counts or shares into the confusion matrix", function()
    local matrix = { { 8, 2 }, { 0, 10 } }
    local function notes(options)
      local out = {}
      for _, t in ipairs(assert_tidy(plot.confusion(matrix, { "no", "yes" }, options)).texts) do
        if t.role == "note" then out[#out + 1] = t.text end
      end
      return out
    end
    assert.same({ "8", "2", "0", "10" }, notes())
    assert.same({ "0.80", "0.20", "0.00", "1.00" }, notes { normalize = true })
    assert.same({ "1.00", "0.17", "0.00", "0.83" }, notes { normalize = "pred" }) -- 2/12, 10/12
  end)

  it("write into dark cells in white, of whatever map, with a true minus", function()
    local figure = plot.heatmap({ { -1, 0, 1 }, { 0, -1, 0 / 0 } },
      { annotate = true, cmap = "RdBu", vmin = -1, vmax = 1 })
    local notes = {}
    for _, t in ipairs(assert_tidy(figure).texts) do
      if t.role == "note" then notes[#notes + 1] = t.text end
    end
    assert.same({ "\u{2212}1", "0", "1", "0", "\u{2212}1" }, notes)
    local ink = require("mlp.plot.base").ink
    for _, case in ipairs { { "RdBu", 0, "white" }, { "RdBu", 0.5, "black" },
                            { "blues", 0, "black" }, { "blues", 1, "white" },
                            { "viridis", 0, "white" }, { "viridis", 1, "black" } } do
      assert.equal(case[3], ink(case[1], case[2]))
    end
  end)

  it("lead contour lines to the edge of the picture", function()
    local p = assert_tidy(plot.contour({ { 1, 2, 3 }, { 2, 3, 4 } }, { extent = { 0, 4, 0, 1 } }))
      .panels[1]
    assert.same({ 0, 4, 0, 1 }, { p.x.low, p.x.high, p.y.low, p.y.high })
    assert.near((p.x1 - p.x0) / 4, p.x0 - p.series[1].x0, 1e-6) -- half a cell of the image beyond
    p = assert_tidy(plot.contour { { 1, 2, 3 }, { 2, 3, 4 } }).panels[1]
    assert.same({ 1, 3, 1, 2 }, { p.x.low, p.x.high, p.y.low, p.y.high })
  end)

  it("summarise runs of one label by median and band", function()
    local runs, names = {}, {}
    for i = 1, 6 do
      runs[i], names[i] = history(2, { loss = { i, 2 * i } }), i <= 3 and "small" or "large"
    end
    local scene = assert_tidy(plot.runs(runs, { labels = names, band = true }))
    local series = scene.panels[1].series
    assert.equal(2, #series)
    assert.equal("small: median of 3", series[1].label)
    assert.equal(1, scene.panels[1].x.ticks[1].value)
  end)

  it("take lists as runs, and studies: the best so far, by trial", function()
    local scene = assert_tidy(plot.runs({ { 3, 2 }, { 1, 2 } }, { band = true }))
    assert.equal("median of 2", scene.panels[1].series[1].label)
    local study = mlp.study { direction = "maximize", sampler = "random" }
    for _, v in ipairs { 1, 3, 2 } do study:tell(study:ask(), v) end
    study:tell(study:ask(), nil, "FAIL")
    assert.same({ 1, 3, 3 }, study:best_so_far())
    scene = assert_tidy(plot.runs { study })
    local panel = scene.panels[1]
    assert.near(0.9, panel.x.low, 1e-9) -- 1 to 3 and a twentieth
    assert.near(3.1, panel.x.high, 1e-9)
    for _, t in ipairs(scene.texts) do
      if t.role == "xlabel" then assert.equal("trial", t.text) end
    end
  end)

  it("tile images without axes, weights by column", function()
    local weights = core.tensor(curve(6, function(i) return { i, -i, 0 } end))
    local f = plot.grid_images(weights, { columns = true, shape = { 2, 3 }, diverging = true,
                                          titles = { "u1", "u2", "u3" } })
    local scene = assert_tidy(f)
    assert.equal(3, #scene.texts) -- the titles and no tick
    local p = scene.panels[1]
    assert.near(1.5, (p.x1 - p.x0) / (p.y1 - p.y0), 0.03)
  end)

  it("count what falls into the bins, the last end included", function()
    assert.same({ 2.0, 1.0, 2.0 }, core.plot.histogram({ 0, 0.5, 1.5, 2.5, 3, 9 }, 3, 0, 3))
    assert_tidy(plot.hist({ 1, 2, 2, 3 }, { bins = 3, xlabel = "weight" }))
  end)

  it("have the other kinds too", function()
    assert_tidy(plot.scatter({ 1, 2, 3 }, { 3, 1, 2 }, { values = { 1, 2, 3 }, xlabel = "x" }))
    assert_tidy(plot.heatmap({ { 1, 2 }, { 3, 4 } }, { annotate = true, label = "norm" }))
    assert_tidy(plot.contour({ { 0, 1, 0 }, { 1, 2, 1 }, { 0, 1, 0 } }, { title = "hill" }))
    assert_tidy(plot.image { { 1, 2 }, { 3, 4 } })
  end)
end)

describe("a PNG", function()
  it("has the same bytes in two runs, without a display #F85", function()
    local a, b = plot.history(falling(30)):png(), plot.history(falling(30)):png()
    assert.equal("\137PNG\r\n\26\n", a:sub(1, 8))
    assert.is_true(a == b)
  end)

  it("tells size, resolution, program, title, seed, and no time", function()
    local f = plot.line(nil, { 1, 2 }, { title = "Verlust", meta = { options = "l\u{F6}s = 1" } })
    local png, names = f:png(), {}
    for _, c in ipairs(chunks(png)) do names[c.name] = c.data end
    local w, h = (">I4I4"):unpack(names.IHDR)
    assert.same({ 1024, 768 }, { w, h }) -- 6.4 x 4.8 inches at 160 dpi
    assert.equal(6299, (">I4"):unpack(names.pHYs)) -- 160 / 0.0254
    assert.is_nil(names.tIME)
    local text = text_chunks(png)
    assert.equal("Verlust", text.Title)
    assert.equal("l\u{F6}s = 1", text.options)
    assert.matches("^mlprun %d", text.Software)
    assert.truthy(text.seed)
  end)

  it("is written whole by save, which raises where it cannot", function()
    local path = os.tmpname()
    local f = plot.line(nil, { 1, 2 })
    assert.equal(f, f:save(path))
    local file = assert(io.open(path, "rb"))
    assert.is_true(file:read "a" == f:png())
    file:close()
    os.remove(path)
    assert.error_matches(function() f:save "/nonexistent/x.png" end, "/nonexistent/x.png")
  end)
end)

describe("matplotlib's ways", function()
  local y = { 1, 3, 2 }
  it("no two of twenty classes have one colour", function()
    local seen = {}
    for class = 1, 20 do
      local dot = plot.scatter({ 1 }, { 1 }, { classes = { class }, size = 200, dpi = 20 })
      local cell = core.plot.thumbnail(dot, 5, 5):sub(-39, -37) -- the middle
      assert.is_nil(seen[cell], ("classes %d and %s"):format(class, seen[cell]))
      seen[cell] = class
    end
  end)

  it("C0 is the first colour of the cycle", function()
    local function svg(color)
      local fig = plot.figure()
      fig:panel():line(nil, y, { color = color })
      return fig:svg()
    end
    assert.equal(svg(nil), svg "C0")
    assert.equal(svg "black", svg "k")
    assert.not_equal(svg "C0", svg "C1")
  end)
  it("line(y) draws y over 1, 2...", function()
    assert.equal(plot.line(nil, y, { title = "t" }):svg(), plot.line(y, { title = "t" }):svg())
  end)
end)

describe("errors", function()
  local function fails(pattern, f, ...)
    local args = table.pack(...)
    assert.error_matches(function() f(table.unpack(args, 1, args.n)) end, pattern)
  end

  it("name function, argument, what was expected and what came", function()
    local p = plot.figure():panel()
    fails("line: argument 2 'y': expected a list of numbers or a tensor, got nil", p.line, p, { 1 })
    fails("line: expected 2 values in 'y', got 1", p.line, p, { 1, 2 }, { 1 })
    fails("line: argument 1 'x': expected numbers, got string at index 2", p.line, p, { 1, "b" },
      { 1, 2 })
    fails("roc: argument 1 'y': expected classes, got a model; roc%(test.y, "
      .. "model:predict_proba%(test%)%)", plot.roc, mlp.Sequential { mlp.Dense(1) }, { 1 })
    fails("line: unknown option 'linestyle'; did you mean 'dash = \"dashed\"'", p.line, p, { 1 },
      { 1 }, { linestyle = "--" })
    fails("line: unknown option 'colour'; did you mean 'color'", p.line, p, { 1 }, { 1 },
      { colour = "red" })
    fails("line: option 'dash': expected one of solid dashed dotted dashdot, got 'wavy'", p.line, p,
      { 1 }, { 1 }, { dash = "wavy" })
    fails("scatter: expected classes 1, 2..., got 0 at index 1", p.scatter, p, { 1 }, { 1 },
      { classes = { 0 } })
    fails("image: argument 1 'data': expected rows of equal length", p.image, p,
      { { 1, 2 }, { 3 } })
    fails("set: option 'xlim': expected low below high, got 2 and 1", p.set, p, { xlim = { 2, 1 } })
    fails("figure: option 'theme': expected one of light dark", plot.figure, { theme = "blue" })
    fails("confusion: argument 2 'class_names': expected 2 names, got 1", plot.confusion,
      { { 1, 0 }, { 0, 1 } }, { "a" })
    fails("history: option 'metrics': expected one of loss, got 'los'", plot.history,
      history(1, { loss = { 1 } }), { metrics = { "los" } })
  end)

  it("leave the panel as it was", function()
    local f = plot.figure { dpi = 40 }
    local p = f:panel():line({ 1, 2 }, { 1, 2 })
    local before = f:png()
    pcall(p.line, p, { 1, 2 }, { 1 })
    pcall(p.scatter, p, { 1 }, { 1 }, { classes = { 0.5 } })
    assert.is_true(before == f:png())
  end)

  it("meet the panel of a freed figure", function()
    local f = plot.figure()
    local p = f:panel()
    f:free()
    fails("one whose figure was freed", p.line, p, { 1 }, { 1 })
  end)
end)

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

describe("a picture of shapes", function()
  local function drawn()
    local f = plot.figure { title = "a < b & c", dpi = 60 }
    f:panel():line(nil, { 1, 3, 2 }, { alpha = 0.5 }):scatter({ 1, 2 }, { 1, 2 })
      :image({ { 1, 2 } }, { extent = { 1, 2, 1, 2 } })
    return f
  end

  it("has the same bytes twice in one process", function()
    assert.is_true(drawn():svg() == drawn():svg())
    assert.is_true(drawn():pdf() == drawn():pdf())
  end)

  it("tells where it comes from, and no time", function()
    local svg = drawn():svg()
    assert.matches("<desc>Software: mlprun", svg)
    assert.truthy(svg:find("Title: a &lt; b &amp; c", 1, true))
    assert.matches("seed: %d", svg)
    assert.equal("%PDF", drawn():pdf():sub(1, 4))
    assert.matches("CreationDate %(20000101", drawn():pdf())
  end)

  it("is chosen by the end of the path", function()
    local path = os.tmpname()
    drawn():save(path .. ".svg")
    local file = assert(io.open(path .. ".svg", "rb"))
    assert.equal("<?xml", file:read(5))
    file:close()
    os.remove(path)
    os.remove(path .. ".svg")
    assert.error_matches(function() drawn():save "x.bmp" end,
      "save: argument 1 'path': expected a name that ends in .png, .svg or .pdf, got 'x.bmp'")
  end)
end)

describe("an animation", function()
  local function frame(i) return plot.line(nil, { 0, i }, { dpi = 40 }):png() end

  it("is the frames' data in order, after one header", function()
    local list = chunks(core.plot.animate({ frame(1), frame(2), frame(3) }, 0.1, 0))
    local names, numbers = {}, {}
    for _, c in ipairs(list) do
      names[c.name] = (names[c.name] or 0) + 1
      if c.name == "fcTL" or c.name == "fdAT" then
        numbers[#numbers + 1] = (">I4"):unpack(c.data)
      end
      if c.name == "acTL" then assert.equal((">I4I4"):pack(3, 0), c.data) end -- frames, rounds
    end
    assert.same({ 1, 3, 1 }, { names.acTL, names.fcTL, names.IHDR })
    for i, number in ipairs(numbers) do assert.equal(i - 1, number) end
  end)

  it("refuses pictures of different size, and what is no picture", function()
    assert.error_matches(function()
      core.plot.animate({ frame(1), plot.line(nil, { 1 }, { dpi = 50 }):png() }, 0.1, 0)
    end, "animate: expected pictures of one size, got 256 x 192 and, at index 2, 320 x 240")
    assert.error_matches(function() core.plot.animate({ "x" }, 0.1, 0) end,
      "expected PNG pictures")
  end)
end)

describe("without memory", function()
  local function draw()
    local f = core.plot.figure { cols = 2, dpi = 30, title = "x" }
    local p = f:panel(1, 1)
    p:line({ 1, 2 }, { 1, 2 }, { low = { 0, 1 }, high = { 2, 3 }, label = "a" })
      :bars({ 1, 2 }, { 3, 4 }, { low = { 1, 1 }, high = { 5, 5 } })
      :boxes({ 1 }, { 1 }, { 2 }, { 2 }, { values = { 1 } })
      :segments({ 1 }, { 1 }, { 2 }, { 2 }, { head = 3 })
      :text(1, 1, "hi", { box = true, to = { 2, 2 } })
      :image({ { 1, 2 }, { 3, 4 } }, { colorbar = true })
      :contour({ { 1, 2 }, { 3, 4 } }, { levels = { 2 } })
    p:inset(0.5, 0.5, 1, 1):line({ 1, 2 }, { 1, 2 })
    f:panel(1, 2):bars({ 1, 2 }, { 1, 2 }):set { xnames = { "a name of many words", "b" } }
    local png = f:png()
    f:svg()
    f:pdf()
    core.plot.thumbnail(f, 4, 4)
    core.plot.animate({ png, png }, 0.1, 0)
    f:free()
  end

  it("every step says so and nothing leaks", function()
    draw()
    local n, ok, e = 0
    repeat
      n = n + 5 -- every fifth allocation fails in turn
      core.fail_allocation(n)
      ok, e = pcall(draw)
      core.fail_allocation(0)
      if not ok then assert.matches("memory", e.message) end
    until ok
    assert.is_true(n > 500)
  end)
end)
