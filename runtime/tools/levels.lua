-- levels.lua: a file may include its own level and the levels below it.
local levels = {
  "base", "tensor", "op", "graph",
  "activation initializer regularizer constraint schedule loss metric", -- no state
  "layer optimizer", -- state
  "model data plot study", "train", "bind", "host",
}
local level, bad = {}, 0
for i, names in ipairs(levels) do
  for name in names:gmatch "%S+" do level[name] = i end
end

local function complain(path, line, msg)
  io.stderr:write(("%s:%d: %s\n"):format(path, line, msg))
  bad = bad + 1
end

local find = "find runtime -mindepth 2 -name '*.[ch]' -not -path 'runtime/tools/*' | sort"
for path in io.popen(find):lines() do
  local folder, n = path:match "^runtime/([^/]+)/", 0
  local here = level[folder]
  if not here then
    complain(path, 1, "folder has no level")
    here = 99
  end
  for line in io.lines(path) do
    n = n + 1
    local target = line:match '^#include "([^/"]+)/'
    if target and (level[target] or 99) > here then
      complain(path, n, folder .. " may not look up to " .. target)
    end
    if here < level.bind and line:find "^#include [<\"]l?[ua]" and line:find "lua" then
      complain(path, n, "only bind/ and host/ know Lua")
    end
  end
end
os.exit(bad == 0)
