-- Published results on real data (experiments/published.lua), the parts that take seconds. The bars
-- are the papers' figures, which the script names line by line.
local program = require "program"
local data = os.getenv "MLPRUN_DATA" or "../shared/data"

local function verdicts(part, ...)
  local out, err, code = program.run { "experiments/published.lua", "--data", data, "--only", part,
    ... }
  assert.equal(0, code, err)
  return out
end

local function present(folder)
  local file = io.open(data .. folder)
  if not file then return pending("no data in " .. data) end
  file:close()
  return true
end

describe("published results", function()
  it("of regression on three UCI tables are reached", function()
    if not present "/tables/concrete.csv" then return end
    local out = verdicts "uci"
    local _, good = out:gsub(" ok ", "")
    assert.equal(3, good, out)
  end)

  it("of classification in PROBEN1 are reached on 8 of 10 problems", function()
    if not present "/proben1/cancer1.dt" then return end
    assert.matches("problems as good%s+%S+%s+>= 8.0000%s+ok", verdicts("proben1", "--seeds", "1"))
  end)
end)
