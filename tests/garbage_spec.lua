-- What tensors cost the collector: it knows of their memory, and does not run for nothing.
local mlp = require "mlp"
local core = require "mlp.core"

--- Whole collections that happen in f(). Stock Lua's program begins in the other mode, whose
--- collections are many and small.
local function collections(f)
  local n, counting, mode = 0, true, collectgarbage "incremental"
  local function watch()
    setmetatable({}, { __gc = function()
      n = n + 1
      if counting then watch() end
    end })
  end
  collectgarbage()
  watch()
  f()
  counting = false
  collectgarbage(mode)
  return n
end

describe("garbage", function()
  it("does not pile up: what tensors hold is known to the collector", function()
    local before, most = core.memory(), 0
    for _ = 1, 400 do
      local _ = mlp.zeros(256, 1024) -- 1 MiB
      most = math.max(most, core.memory() - before)
    end
    assert.is_true(most < 64 << 20)
  end)

  it("is not sought for views: they take no memory", function()
    local t = mlp.zeros(4096, 1024) -- 16 MiB
    local size = collectgarbage "count" * 1024 // 100
    local function work(look) -- eight times Lua's memory, so that there are collections
      return collections(function()
        for i = 1, 800 do
          if look then t:slice(i, i + 7) end
          local _ = ("x"):rep(size)
        end
      end)
    end
    local alone = work(false)
    assert.is_true(alone > 2 and work(true) <= alone + 2)
  end)

  it("is sought once for many MiB of tensors", function()
    assert.is_true(collections(function()
      for _ = 1, 640 do local _ = mlp.zeros(160, 1024) end -- 400 MiB
    end) <= 100)
  end)
end)
