--- Models as bytes, in a study's file.
local mlp_file = require "mlp.file"

local M = {}

local function with_temporary(f)
  local path = os.tmpname()
  local ok, result = pcall(f, path)
  os.remove(path)
  if not ok then error(result, 0) end
  return result
end

--- The bytes that write(path) leaves in a file.
function M.written(write)
  return with_temporary(function(path)
    write(path)
    local file = assert(io.open(path, "rb"))
    local data = file:read "a"
    file:close()
    return data
  end)
end

--- What read(path) makes of a file of such bytes.
function M.read(data, read)
  return with_temporary(function(path)
    local file = assert(io.open(path, "wb"))
    assert(file:write(data))
    assert(file:close())
    return read(path)
  end)
end

--- The bytes of model:save.
function M.bytes(model)
  return M.written(function(path) model:save(path) end)
end

--- The model in such bytes.
function M.load(data) return M.read(data, mlp_file.load) end

return M
