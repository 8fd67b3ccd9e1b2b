--- Where ticks go and how they are labelled.
local core = require "mlp.core"
local plot = require "mlp.plot"
local scene = require "scene"
local assert_tidy = scene.assert_tidy
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

  it("have smaller ones between on a logarithmic axis: 2 to 9, or decades without label", function()
    local function minor(height, low, high)
      return plot.line(nil, { low, high }, { yscale = "log", height = height }):scene()
        .panels[1].y.minor
    end
    assert.equal(5 * 8 + 4, #minor(4.8, 1e-5, 1)) -- 6 to 9 times 1e-6 in the margin: 5 %
    for _, v in ipairs(minor(2, 1e-5, 1)) do
      local decade = math.log(v, 10)
      assert.near(decade, math.floor(decade + 0.5), 1e-9)
    end
  end)

  it("are a round number of decades apart", function()
    local list = ticks(1e-190, 1e200, 9, { log = true, inside = true })
    assert.same({ "10\u{207B}\u{00B9}\u{2075}\u{2070}", "10\u{207B}\u{00B9}\u{2070}\u{2070}" },
      { list[1].label, list[2].label })
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
