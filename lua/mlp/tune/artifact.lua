--- Models as bytes, in a study's file.
local core = require "mlp.core"
local mlp_file = require "mlp.file"

local M = {}

local function with_temporary(f)
  local path = os.tmpname()
  local ok, result = pcall(f, path)
  os.remove(path)
  if not ok then error(result, 0) end
  return result
end

--- The bytes of model:save.
function M.bytes(model)
  return with_temporary(function(path)
    model:save(path)
    local file = assert(io.open(path, "rb"))
    local data = file:read "a"
    file:close()
    return data
  end)
end

--- The model in such bytes.
function M.load(data)
  return with_temporary(function(path)
    local file = assert(io.open(path, "wb"))
    assert(file:write(data))
    assert(file:close())
    return mlp_file.load(path)
  end)
end

M.sha256 = core.sha256
return M
