--- Every chart against its reference: the mean colours of 24 x 32 cells, which a person approved
--- (make plot-references). Tolerances let another version of cairo round differently.
local core = require "mlp.core"
local golden = dofile "tests/golden/plots.lua"

local MOST <const>, MEAN <const> = 24, 1.5 -- of 255: of any cell, and of all

local references = {}
for line in io.lines "tests/golden/plots.txt" do
  local name, hex = line:match "^(%S+)%s+(%x+)$"
  if name then references[name] = hex end
end

describe("the picture of", function()
  for _, case in ipairs(golden.cases) do
    it(case[1] .. " is as it was when it was approved", function()
      local wanted = references[case[1]]
      assert.truthy(wanted, "no reference: make plot-references")
      local got = core.plot.thumbnail(golden.figure(case), golden.ROWS, golden.COLS)
      local sum, most = 0, 0
      for i = 1, #got do
        local off = math.abs(got:byte(i) - tonumber(wanted:sub(2 * i - 1, 2 * i), 16))
        sum, most = sum + off, math.max(most, off)
      end
      assert.is_true(most <= MOST and sum / #got <= MEAN,
        ("a cell differs by %d of 255, all by %.2f in the mean"):format(most, sum / #got))
    end)
  end

  it("each chart of mlp.plot and of a study is among them", function()
    local drawn = {}
    for _, case in ipairs(golden.cases) do drawn[case[1]] = true end
    local other = { figure = true, animate = true, live = true, spark = true, spark_history = true,
                    blocks = true, boundary_text = true, show = true, read_meta = true,
                    origin = true, layer_gradients = true }
    local missing = {}
    for name, f in pairs(require("mlp").plot) do
      if type(f) == "function" and not drawn[name] and not other[name] then
        missing[#missing + 1] = name
      end
    end
    drawn.study_timeline = true -- shows the clock
    for name in pairs(require "mlp.tune.plots") do
      if not drawn["study_" .. name] then missing[#missing + 1] = "study_" .. name end
    end
    table.sort(missing)
    assert.equal("", table.concat(missing, " "))
  end)
end)
