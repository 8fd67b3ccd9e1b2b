-- run.lua [FILE] [SEED...]: does model:why() name the cause of each failure first, and nothing for
-- a healthy run? Ends with "why: N passed, N failed, N of them false alarms". A diagnosis is a
-- judgement: 1 of 10 causes may come second, but a healthy run may not be called ill.
package.path = "tests/why/?.lua;" .. package.path
local mlp = require "mlp"

local name = arg[1] and not tonumber(arg[1]) and table.remove(arg, 1) or "cases"
local cases = require(name)
local passed, failed, alarms, slowest, seeds = 0, 0, 0, 0, {}
for i, word in ipairs(arg) do seeds[i] = math.tointeger(tonumber(word)) end
if #seeds == 0 then seeds = { 0, 1, 2 } end

local function verdict(ok, ...)
  passed, failed = passed + (ok and 1 or 0), failed + (ok and 0 or 1)
  if not ok then print(("FAILED %s, seed %d:\n%s"):format(...)) end
end

for _, seed in ipairs(seeds) do
  for _, case in ipairs(cases.failures) do
    mlp.seed(seed)
    local model = case[2]()
    local started = os.clock()
    local why = model:why()
    slowest = math.max(slowest, os.clock() - started)
    verdict(why[1] and why[1].cause == case[1], case[1], seed, tostring(why))
  end
  for _, case in ipairs(cases.healthy) do
    mlp.seed(seed)
    local why = case[2]():why()
    alarms = alarms + (#why > 0 and 1 or 0)
    verdict(#why == 0, "healthy " .. case[1], seed, tostring(why))
  end
end
print(("the slowest answer took %.1f s"):format(slowest))
print(("why: %d passed, %d failed, %d of them false alarms"):format(passed, failed, alarms))
os.exit(alarms == 0 and failed * 10 <= #seeds * #cases.failures)
