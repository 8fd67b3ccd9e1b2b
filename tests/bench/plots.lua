--- What drawing costs: the least of several runs, as wall time and as processor time of the process
--- (which other programs on the machine disturb less), against the limits of the project.
---   mlprun tests/bench/plots.lua
local mlp = require "mlp"
local core = require "mlp.core"

local function least(runs, f)
  local wall, cpu = math.huge, math.huge
  for _ = 1, runs do
    collectgarbage()
    local t, c = core.clock(), os.clock()
    f()
    wall, cpu = math.min(wall, core.clock() - t), math.min(cpu, os.clock() - c)
  end
  return wall * 1e3, cpu * 1e3
end

local data = mlp.datasets.moons { n = 500, noise = 0.2 }
local model = mlp.Sequential { mlp.Dense { units = 16, activation = "relu" },
                               mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile { loss = "binary_crossentropy", metrics = { "accuracy" } }
local history = model:fit(data, { epochs = 100, validation_split = 0.2, verbose = 0 })
local long, x, y = mlp.randn(10000000), mlp.randn(1000000), mlp.randn(1000000)
local walk = mlp.randn(100000)

local CASES <const> = {
  { "history, two panels", 60, 30, function() history:plot():png() end },
  { "boundary of 300 x 300", 100, 10, function()
    mlp.plot.decision_boundary(model, data, { resolution = 300 }):png()
  end },
  { "line of 10 million points", 1500, 3, function() mlp.plot.line(nil, long):png() end },
  { "scatter of 1 million points", 1500, 3, function() mlp.plot.scatter(x, y):png() end },
  { "path of 100000 points", nil, 3, function() mlp.plot.line(walk, walk:cumsum(1)):png() end },
}

print(("%-28s %10s %10s %10s"):format("least of several runs, ms", "limit", "wall", "processor"))
for _, case in ipairs(CASES) do
  local ok, wall, cpu = pcall(least, case[3], case[4])
  if ok then
    print(("%-28s %10s %10.1f %10.1f"):format(case[1], case[2] or "", wall, cpu))
  else
    print(("%-28s %s"):format(case[1], tostring(wall)))
  end
end
