-- soak.lua [N]: build, train for an epoch and drop N models (10,000); the memory that the process
-- holds after the last may be 1 MiB above that after the 500th.
local mlp = require "mlp"
local core = require "mlp.core"

local n = tonumber(arg and arg[1]) or 10000
local early = math.min(500, n // 4)

--- KiB of resident memory, after a full collection.
local function resident()
  collectgarbage()
  collectgarbage()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmRSS:%s*(%d+)")
end

local data = mlp.datasets.moons { n = 64, noise = 0.2, seed = 1 }

local function one(i)
  local model = mlp.Sequential { mlp.Dense { units = 4 + i % 13, activation = "relu" },
    mlp.BatchNormalization(), mlp.Dropout(0.2), mlp.Dense { units = 1, activation = "sigmoid" } }
  model:compile { loss = "binary_crossentropy", optimizer = "adam", metrics = { "accuracy" } }
  model:fit(data, { batch_size = 16, validation_split = 0.25, verbose = 0,
    callbacks = { mlp.EarlyStopping() } })
end

local start, first, bytes = core.clock(), nil, nil
for i = 1, n do
  one(i)
  if i == early then first, bytes = resident(), core.memory() end
  if i % 1000 == 0 then print(("%6d models  %d KiB"):format(i, resident())) end
end
local last = resident()
print(("%d models in %.0f s: %d KiB resident after %d, %d after %d: %+d KiB; ours %+d bytes")
  :format(n, core.clock() - start, first, early, last, n, last - first, core.memory() - bytes))
local ok = last - first <= 1024 and core.memory() <= bytes
print(("soak: %d passed, %d failed"):format(ok and 1 or 0, ok and 0 or 1))
os.exit(ok)
