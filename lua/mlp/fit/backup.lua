--- Where checkpoints of fit lie: in a folder the newest and the one before, which takes over where
--- the newest was damaged.
local check = require "mlp.check"
local checkpoint = require "mlp.fit.checkpoint"
local core = require "mlp.core"

local M = {}

local NEWEST <const> = "/checkpoint.safetensors"
local PREVIOUS <const> = "/checkpoint.previous.safetensors"
local NEXT <const> = "/checkpoint.next.safetensors"

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function is_folder(path) return (pcall(core.list_folder, path)) end

local function text_of(e) return type(e) == "table" and e.message or tostring(e) end

--- The newest checkpoint of a folder that can be read; nil where there is none. Also: is it the one
--- before, because the newest was damaged?
--- @return table?
--- @return boolean?
function M.find(folder)
  local newest, previous = folder .. NEWEST, folder .. PREVIOUS
  if not exists(newest) then return exists(previous) and checkpoint.read(previous) or nil end
  local ok, saved = pcall(checkpoint.read, newest)
  if ok then return saved, false end
  local damaged = type(saved) == "table" and saved.kind == "format"
  if not damaged or not exists(previous) then error(saved, 0) end
  local fine, other = pcall(checkpoint.read, previous)
  if not fine then
    check.raise("format", "fit: neither checkpoint can be read: %s; %s", text_of(saved),
      text_of(other))
  end
  core.warn(("%s; going on from the one before, '%s'"):format(text_of(saved), previous))
  return other, true
end

--- The checkpoint that `resume` names: a file, or a folder of BackupAndRestore.
function M.open(path)
  if type(path) ~= "string" or path == "" then
    check.raise("argument", "fit: option 'resume': expected the name of a checkpoint or of its "
      .. "folder, got %s", tostring(path))
  end
  if not is_folder(path) then return checkpoint.read(path) end
  local saved = M.find(path)
  if not saved then
    check.raise("io", "fit: option 'resume': there is no checkpoint in '%s'", path)
  end
  return saved
end

--- Write the newest checkpoint of a folder; what was the newest becomes the one before, unless it
--- was found damaged.
function M.write(state, folder, whole, damaged)
  local newest = folder .. NEWEST
  checkpoint.write(state, folder .. NEXT, whole)
  if exists(newest) and not damaged then os.rename(newest, folder .. PREVIOUS) end
  os.rename(folder .. NEXT, newest)
  return newest
end

--- Remove the checkpoints of a training that is at its end, and the folder where it is empty then.
function M.remove(folder)
  os.remove(folder .. NEWEST)
  os.remove(folder .. PREVIOUS)
  os.remove(folder)
end

return M
