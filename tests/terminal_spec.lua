--- Plots made of characters, alone and on a terminal.
local mlp = require "mlp"
local core = require "mlp.core"
local plot = mlp.plot
local program = require "program"

local UTF8 <const> = { utf8 = true, color = false }

local function with(options)
  local all = { utf8 = true, color = false }
  for k, v in pairs(options) do all[k] = v end
  return all
end

local plane = { x = mlp.tensor { { 0, 0 }, { 1, 1 } },
                y = mlp.tensor({ 1, 2 }, { dtype = "int64" }),
                n_classes = 2, class_names = { "no", "yes" } }
local model = { predict_proba = function(_, grid) -- the first feature is the probability
  return core.tensor((core.plot.values(core.plot.column(grid, 1)))):reshape(grid.shape[1], 1)
end }

describe("a sparkline", function()
  it("has a block for each value", function()
    assert.equal("▁▂▃▄▅▆▇█", plot.spark({ 1, 2, 3, 4, 5, 6, 7, 8 }, UTF8))
    assert.equal("_.-=+*#@", plot.spark({ 1, 2, 3, 4, 5, 6, 7, 8 }, { utf8 = false }))
  end)

  it("takes what has no range, gaps and nothing", function()
    assert.equal("▅▅▅", plot.spark({ 2, 2, 2 }, UTF8))
    assert.equal("▁ █", plot.spark({ 1, 0 / 0, 2 }, UTF8))
    assert.equal("", plot.spark({}, UTF8))
    assert.equal("  ", plot.spark({ 0 / 0, 0 / 0 }, UTF8))
    assert.equal("▁▅█", plot.spark({ 1e-300, 1, 1e300 }, with { log = true }))
  end)

  it("shortens long curves to the width, by means", function()
    local values = {}
    for i = 1, 1000 do values[i] = i end
    local line = plot.spark(values, with { width = 8 })
    assert.equal("▁▂▃▄▅▆▇█", line)
  end)

  it("is one line for each column of a history, with first and last value", function()
    local h = require("mlp.history").new()
    for i = 1, 4 do h:append({ loss = 1 / i, accuracy = i / 4 }, { "loss", "accuracy" }) end
    assert.equal("loss      █▃▁▁  1 → 0.25\naccuracy  ▁▃▆█  0.25 → 1", h:spark(UTF8))
  end)

  it("leaves out the first value where the terminal is narrow", function()
    local h = require("mlp.history").new()
    for i = 1, 100 do h:append({ val_accuracy = i / 100 }, { "val_accuracy" }) end
    assert.equal("val_accuracy  ▁▂▃▄▅▆▇█  0.01 → 1", h:spark(with { width = 33 }))
    for width = 24, 80 do
      assert.is_true(utf8.len(h:spark(with { width = width })) < width)
    end
    assert.equal("val_accuracy  ▁▃▅▇█  1", h:spark(with { width = 23 }))
  end)
end)

describe("a histogram in blocks", function()
  it("has a bar and a count for each interval", function()
    assert.equal("0 │██ 1\n1 │████ 2", plot.blocks({ 0, 1.5, 2 }, with { bins = 2, width = 10 }))
    assert.equal("0 |## 1\n1 |#### 2",
      plot.blocks({ 0, 1.5, 2 }, { bins = 2, width = 10, utf8 = false }))
    assert.equal("no finite value", plot.blocks({ 0 / 0 }))
    assert.equal("-1.00 │██ 1\n-0.50 │ 0\n 0.00 │██ 1\n 0.50 │████ 2",
      plot.blocks({ -1, 0, 0.7, 1 }, with { bins = 4, width = 14 })) -- equal decimals, no "-0"
  end)
end)

describe("a boundary in text", function()
  it("shades the probability and marks the samples where colour is not wanted", function()
    local text = plot.boundary_text(model, plane, with { width = 12 })
    local lines = {}
    for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.equal(7, #lines) -- five rows of characters and the caption, broken in two
    assert.equal("  ░░▒▒▓▓█x", lines[1]) -- from P = 0 on the left to P = 1 and the sample
    assert.matches("^o", (lines[5]:gsub(" ", "")))
    assert.equal("light to dark: P(yes)", lines[6])
    assert.matches("x1 %-0.08 to 1.08", lines[7])
    assert.is_nil(text:find "\27")
  end)

  it("has a shade for each of several classes", function()
    local three = { n_classes = 3, x = plane.x, y = mlp.tensor({ 1, 3 }, { dtype = "int64" }) }
    local thirds = { predict_proba = function(_, grid)
      local rows = {}
      for i, v in ipairs((core.plot.values(core.plot.column(grid, 1)))) do
        rows[i] = { v < 0.3 and 1 or 0, v >= 0.3 and v < 0.7 and 1 or 0, v >= 0.7 and 1 or 0 }
      end
      return core.tensor(rows)
    end }
    local text = plot.boundary_text(thirds, three, with { width = 80 })
    local line = text:match "[^\n]*3[^\n]*" -- 60 columns from -0.08 to 1.08
    assert.equal((" "):rep(20) .. ("░"):rep(20) .. ("▒"):rep(15) .. "3▒▒▒▒", line)
    assert.matches("classes by shade; x1 ", text)
  end)

  it("is made of half blocks in two colours each where it is", function()
    local text = plot.boundary_text(model, plane, with { width = 12, color = true })
    assert.truthy(text:find "\27%[38;[25];[%d;]+48;[25];[%d;]+m▀")
    for line in text:gmatch "[^\n]*▀[^\n]*" do assert.equal("\27[0m", line:sub(-4)) end
  end)
end)

describe("on a terminal", function()
  local script = program.file [[
    local mlp = require "mlp"
    local data = mlp.datasets.moons { n = 40 }
    local model = mlp.Sequential { input_shape = { 2 },
                                   mlp.Dense { units = 1, activation = "sigmoid" } }
    model:compile { loss = "binary_crossentropy" }
    mlp.plot.show(model, data)
    mlp.plot.show({ 1, 2, 2, 3 })
    io.write(tostring(pcall(function() mlp.plot.line({ 1 }, { 1 }):show() end)), "\n")
  ]]

  local function shown(environment, ...)
    return (program.at_terminal("", { ... }, "env -u NO_COLOR -u FORCE_COLOR -u KITTY_WINDOW_ID "
      .. "-u TERM_PROGRAM -u LC_TERMINAL LC_ALL=C.UTF-8 TERM=xterm " .. environment))
  end

  it("256 colours are the nearest of the cube's levels: 0, 95, 135, 175, 215, 255", function()
    local sure = program.file [[
      local mlp = require "mlp"
      local model = { predict_proba = function(_, x) return mlp.ones(x.shape[1], 1) end }
      print(mlp.plot.boundary_text(model, mlp.datasets.moons { n = 4 }))
    ]]
    -- P = 1 is (179, 4, 38) in coolwarm: red 175, green 0, blue 0, colour 16 + 36 * 3
    assert.truthy(shown("COLORTERM=", sure):find("48;5;124m", 1, true))
    os.remove(sure)
  end)

  it("colours are used, unless NO_COLOR, TERM=dumb or --color=never say no", function()
    local text = shown("", script)
    assert.truthy(text:find("exit 0", 1, true), text)
    assert.truthy(text:find "\27%[38;")
    assert.truthy(text:find("█", 1, true))
    for _, case in ipairs { { "NO_COLOR=1" }, { "TERM=dumb" }, { "", "--color=never" } } do
      local plain = shown(case[1], case[2] or script, case[2] and script)
      assert.is_nil(plain:find("\27[38", 1, true), case[1])
    end
    assert.truthy(shown("NO_COLOR=1", "--color=always", script):find("\27[38", 1, true))
    assert.truthy(shown("COLORTERM=truecolor", script):find("\27[38;2;", 1, true))
  end)

  it("a figure is shown where the terminal knows how, else an error says what to do", function()
    assert.truthy(shown("", script):find("false", 1, true))
    assert.truthy(shown("TERM=xterm-kitty", script):find("\27_Gf=100,a=T,m=1;iVBORw0KGgo", 1, true))
    local iterm = shown("TERM_PROGRAM=iTerm.app", script)
    assert.truthy(iterm:find("\27]1337;File=inline=1;size=", 1, true))
  end)

  it("nothing but text goes into a pipe", function()
    local out = program.run { script }
    assert.is_nil(out:find "\27")
  end)
end)
