--- Figures as files: PNG, SVG, PDF, animations.
local core = require "mlp.core"
local plot = require "mlp.plot"
local scene = require "scene"
local chunks, text_chunks, falling = scene.chunks, scene.text_chunks, scene.falling

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

  it("writes a long pale line in one piece", function()
    local f = plot.figure { dpi = 60 }
    f:panel():line(nil, scene.list(300, math.sqrt), { alpha = 0.5 })
    assert.equal(1, select(2, f:svg():gsub("stroke%-opacity:0.5", "")))
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

  it("has the title that it is given, else the one of all its pictures", function()
    local function titled(a, b, options)
      local frames = { plot.line(nil, { 1 }, { dpi = 20, title = a }),
                       plot.line(nil, { 2 }, { dpi = 20, title = b }) }
      return text_chunks(plot.animate(frames, options):png())
    end
    assert.is_nil(titled("epoch 1", "epoch 2").Title)
    assert.equal("loss", titled("loss", "loss").Title)
    assert.equal("\u{D6}lfleck", titled("epoch 1", "epoch 2", { title = "\u{D6}lfleck" }).Title)
    assert.equal("last", titled("same", "same", { title = "last" }).Title)
    assert.truthy(titled("epoch 1", "epoch 2").Software)
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
  local wide = scene.list(500, math.sqrt)

  local function draw()
    local f = core.plot.figure { cols = 2, dpi = 30, title = "x" }
    local p = f:panel(1, 1)
    p:line({ 1, 2 }, { 1, 2 }, { low = { 0, 1 }, high = { 2, 3 }, label = "a" })
      :bars({ 1, 2 }, { 3, 4 }, { low = { 1, 1 }, high = { 5, 5 } })
      :boxes({ 1 }, { 1 }, { 2 }, { 2 }, { values = { 1 } })
      :segments({ 1 }, { 1 }, { 2 }, { 2 }, { head = 3 })
      :text(1, 1, "hi", { box = true, to = { 2, 2 } })
      :image({ { 1, 2 }, { 3, 4 } }, { colorbar = true })
      :image({ wide }) -- more columns than pixels
      :contour({ { 1, 2 }, { 3, 4 } }, { levels = { 2 }, alpha = 0.5 })
    p:inset(0.5, 0.5, 1, 1):line({ 1, 2 }, { 1, 2 })
    f:panel(1, 2):bars({ 1, 2 }, { 1, 2 }):set { xnames = { "a name of many words", "b" } }
    local png = f:png()
    f:svg()
    f:pdf()
    core.plot.thumbnail(f, 4, 4)
    core.plot.animate({ png, png }, 0.1, 0, 0, "title")
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
