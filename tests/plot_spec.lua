--- The charts that take plain data, and what they say of wrong ones.
local mlp = require "mlp"
local core = require "mlp.core"
local plot = require "mlp.plot"
local scene_of = require "scene"
local assert_tidy, list, history = scene_of.assert_tidy, scene_of.list, scene_of.history

describe("charts", function()
  local function grid_model(columns)
    return { predict_proba = function(_, grid)
      local n = core.plot.shape(grid)[1]
      return core.tensor(list(n, function(i)
        local p = i / n
        return list(columns, function(k) return k == 1 and p or (1 - p) / (columns - 1) end)
      end))
    end }
  end
  local x = core.tensor { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 } }

  it("says what it is", function()
    local fig = mlp.plot.figure { rows = 1, cols = 2, width = 8.6, height = 3.6, dpi = 100 }
    assert.equal('figure: 2 panels, 860 x 360 pixels; :save "x.png" writes it', tostring(fig))
    fig:free()
    assert.equal("figure: freed", tostring(fig))
  end)

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
    three.class_names = nil
    local legend = {}
    local unnamed = plot.decision_boundary(grid_model(3), three, { resolution = 30 })
    for _, t in ipairs(assert_tidy(unnamed).texts) do
      if t.role == "legend" then legend[#legend + 1] = t.text end
    end
    assert.same({ "class 1", "class 2", "class 3" }, legend)
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

  it("write into cells what fits there", function()
    local function notes(factor)
      local rows = list(10, function(r) return list(10, function(c) return r * c * factor end) end)
      local out = {}
      for _, t in ipairs(assert_tidy(plot.heatmap(rows, { annotate = true })).texts) do
        if t.role == "note" then out[#out + 1] = t.text end
      end
      return out
    end
    assert.equal("1234", notes(1234)[1])
    assert.equal("123400", notes(1234)[100])
    assert.equal("1.2e\u{2212}07", notes(1.2e-7)[1])
  end)

  it("lead contour lines to the edge of the picture", function()
    local p = assert_tidy(plot.contour({ { 1, 2, 3 }, { 2, 3, 4 } }, { extent = { 0, 4, 0, 1 } }))
      .panels[1]
    assert.same({ 0, 4, 0, 1 }, { p.x.low, p.x.high, p.y.low, p.y.high })
    assert.near((p.x1 - p.x0) / 4, p.x0 - p.series[1].x0, 1e-6) -- half a cell of the image beyond
    p = assert_tidy(plot.contour { { 1, 2, 3 }, { 2, 3, 4 } }).panels[1]
    assert.same({ 1, 3, 1, 2 }, { p.x.low, p.x.high, p.y.low, p.y.high })
  end)

  --- Pixels of a panel of contours alone, as a string of r, g, b.
  local function contours(settings, options)
    local figure = plot.figure { width = 2, height = 2, dpi = 50 }
    local panel = figure:panel():set { axes = false }:set(settings)
    panel:contour(list(9, function(r)
      return list(9, function(c) return (r - 5) ^ 2 + (c - 4) ^ 2 end)
    end), options)
    return core.plot.thumbnail(figure, 100, 100)
  end

  it("keep rows of a heat map apart whose columns are more than pixels", function()
    local f = plot.figure { width = 1, height = 1, dpi = 40 }
    local rows = { list(400, function() return 0 end), list(400, function(c) return c % 2 end) }
    f:panel():set { axes = false }:image(rows, { cmap = "greys", vmin = 0, vmax = 1 })
    local p, cells = f:scene().panels[1], core.plot.thumbnail(f, 40, 40)
    local middle = math.floor((p.y0 + p.y1) / 2)
    local function grey(y) return cells:byte(3 * (y * 40 + 20) + 1) end
    assert.equal(grey(middle - 8), grey(middle - 1)) -- the stripes' mean, up to the border
    assert.near(127, grey(middle - 1), 25)
    assert.equal(255, grey(middle))
    assert.equal(255, grey(middle + 8))
  end)

  it("draw no piece of a pale contour line twice", function()
    local darkest = 255
    for _, v in ipairs { contours({}, { levels = { 4, 9 }, color = "black", alpha = 0.5,
                                        linewidth = 3 }):byte(1, -1) } do
      darkest = math.min(darkest, v)
    end
    assert.near(127.5, darkest, 1.5)
  end)

  it("lead contour lines where an image has them, on logarithmic axes too", function()
    local options = { levels = { 4 }, color = "black", extent = { 0, 2, 0, 1 } }
    local even = contours({ xlim = { 0, 2 } }, options)
    options.extent = { 1, 100, 0, 1 }
    assert.is_true(even == contours({ xlim = { 1, 100 }, xscale = "log" }, options))
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
    local weights = core.tensor(list(6, function(i) return { i, -i, 0 } end))
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
