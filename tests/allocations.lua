-- Every allocation of some work fails in turn, once and for ever: an error of its own kind or
-- success, and nothing lost. A program of its own (see tensor_spec), because each turn collects
-- all garbage: its heap is small.
local mlp = require "mlp"
local core = require "mlp.core"

local function work()
  local x = mlp.tensor({ { 1, 2 }, { 3, 4 } }, { requires_grad = true })
  local y = (x:matmul(x:t()) + 1):relu():sum()
  y:backward()
  local model = mlp.Sequential { mlp.Dense { units = 2, activation = "tanh" },
    mlp.Dropout(0.5), mlp.Dense(1) }
  model:compile { optimizer = "adam", loss = "mse", metrics = { "mae" } }
  local data = mlp.datasets.plane { n = 12 }
  model:fit(data, { epochs = 2, batch_size = 5, validation_split = 0.25, verbose = 0 })
  return model:predict(data.x):numel()
end

local function held()
  collectgarbage()
  collectgarbage()
  return (core.memory())
end

work()
for _, forever in ipairs { false, true } do
  local n, left = 0
  repeat
    n = n + 1
    local before = held()
    core.fail_allocation(n, forever)
    local ok, e = pcall(work)
    left = core.fail_allocation(0)
    local after = held()
    assert(after == before, ("allocation %d: %d bytes before, %d after"):format(n, before, after))
    assert(ok or tostring(e):find "memory", tostring(e))
  until left > 1 -- all allocations of the work went before
  assert(n > 100)
end
print "nothing lost"
