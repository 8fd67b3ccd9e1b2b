--- mlp.record: what a run was and what came of it. A script that writes to mlp.out leaves
--- NAME.run.json beside its output: the script's sha256 and options, seed, versions, instruction
--- set,
--- threads, the last metrics and the weights' sha256 of each fit, results of evaluate, files.
--- No host, time or absolute path is in it unless asked for.
local core = require "mlp.core"
local check = require "mlp.check"
local provenance = require "mlp.provenance"
local settings = require "mlp.settings"

local M = {}

local LIMIT <const> = 200 -- results that are kept; of more, the number
local HASHED <const> = 4 << 20 -- weights of a model that is hashed without --verify
local FORMAT <const> = 1

local results, dropped = {}, 0
local outputs = {} -- paths that mlp.out gave, in order, each once
local notes = {}
local wanted = {} -- machine, time
local started

local log -- of --verify: each result and file at once, one a line
local opened = {} -- of --verify: files that the script opened for writing

--- A number as JSON has it.
local function plain(v)
  if type(v) ~= "number" or v - v == 0 then return v end
  return v ~= v and "nan" or v > 0 and "inf" or "-inf"
end

local function plain_table(t)
  local copy = {}
  for name, v in pairs(t) do copy[name] = plain(v) end
  return copy
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "a"
  if file then file:close() end
  return text
end

--- A path without what is this machine's: relative to the output folder, or as it was given.
local function short(path)
  local out = settings.out .. "/"
  if path:sub(1, #out) == out then return path:sub(#out + 1) end
  return path:sub(1, 1) == "/" and path:match "[^/]*$" or path
end

local function file_entry(path)
  local text = read(path)
  return text and { what = "file", name = short(path), sha256 = core.sha256(text) }
end

local function log_line(entry)
  log:write((core.json_encode(entry):gsub("\n", " ")), "\n")
  log:flush()
end

local function add(entry)
  if log then log_line(entry) end
  if #results < LIMIT then results[#results + 1] = entry else dropped = dropped + 1 end
end

--- For fit: a model was trained.
function M.fitted(model, name, history)
  if not log and #results >= LIMIT then
    dropped = dropped + 1
    return
  end
  local small = model:count() <= HASHED or log -- or else a hash takes as long as some steps
  add { what = "fit", model = name, epochs = #history, stopped = history.stop_reason,
    metrics = plain_table(history[-1] or {}), sha256 = small and model:hash() or nil }
end

--- For evaluate: a model was scored.
function M.evaluated(name, values)
  if not log and #results >= LIMIT then
    dropped = dropped + 1
    return
  end
  add { what = "evaluate", model = name, metrics = plain_table(values) }
end

--- For mlp.out: a path was given to the script.
function M.output(path)
  if outputs[path] then return end
  outputs[path] = true
  outputs[#outputs + 1] = path
end

--- Keep a result of your own in the record of this run.
--- @param name string
--- @param value number|string|boolean
--- @usage mlp.record.note("accuracy", model:evaluate(test).accuracy)
function M.note(name, value)
  local kind = type(value)
  if type(name) ~= "string" or (kind ~= "number" and kind ~= "string" and kind ~= "boolean") then
    check.raise("argument", "note: expected a name and a number, string or boolean, got %s and %s",
      check.what(name), check.what(value))
  end
  notes[name] = plain(value)
  if log then log_line { what = "note", name = name, value = plain(value) } end
end

--- Ask for more in the record of this run: the machine, the time.
--- @param options table  machine false (processor, system, host), time false (start and end)
function M.with(options)
  local o = check.options("with", options, { machine = false, time = false })
  wanted = o
  if o.time then started = os.date "!%Y-%m-%dT%H:%M:%SZ" end
end

local function first_line(path, pattern)
  local text = read(path)
  return text and text:match(pattern)
end

local function machine()
  return {
    processor = first_line("/proc/cpuinfo", "model name%s*:%s*([^\n]*)"),
    system = first_line("/proc/version", "^[^(]*%S"),
    host = first_line("/etc/hostname", "%S+"),
  }
end

--- What is known of this run so far.
--- @return table  script, sha256, options, seed, threads, isa, versions, results, notes, files;
---   machine, time where mlp.record.with asked for them
function M.describe()
  local script, files = provenance.script(), {}
  for _, path in ipairs(outputs) do files[#files + 1] = file_entry(path) end
  for _, entry in ipairs(files) do entry.what = nil end
  return {
    mlprun_run = FORMAT, script = script.script, sha256 = script["script sha256"],
    options = script.options, seed = core.seed(), threads = core.threads(), isa = core.isa(),
    quick = settings.quick, versions = { mlprun = core.version, lua = _VERSION },
    results = results, more_results = dropped > 0 and dropped or nil, notes = notes, files = files,
    machine = wanted.machine and machine() or nil,
    time = wanted.time and { started, os.date "!%Y-%m-%dT%H:%M:%SZ" } or nil,
  }
end

--- Write the record to a file, as JSON. mlprun does so by itself, to mlp.out, where a script that
--- used mlp.out has ended without an error.
--- @param path string
function M.write(path)
  if type(path) ~= "string" then
    check.raise("argument", "write: argument 1 'path': expected a file name, got %s",
      check.what(path))
  end
  core.write_file(path, core.json_encode(M.describe()) .. "\n")
end

--- The script has ended well.
function M.finish()
  if log then
    for _, path in ipairs(opened) do
      local entry = file_entry(path)
      if entry then log_line(entry) end
    end
  end
  local name = provenance.script().script
  if #outputs == 0 or not name then return end
  name = name:match "[^/]*$":gsub("%.lua$", "")
  M.write(("%s/%s.run.json"):format(settings.out, name))
end

--- Under --verify: see what the script itself opens for writing.
local function watch_io()
  local open = io.open
  rawset(io, "open", function(name, mode, ...)
    if type(mode) == "string" and mode:find "[wa+]" and not opened[name] then
      opened[name] = true
      opened[#opened + 1] = name
    end
    return open(name, mode, ...)
  end)
end

--- f, with a line in the log for the file that it wrote: its first text.
local function logged(f)
  return function(...)
    local path = ...
    if type(path) ~= "string" then path = select(2, ...) end
    return (function(...)
      local entry = type(path) == "string" and file_entry(path)
      if entry then log_line(entry) end
      return ...
    end)(f(...))
  end
end

--- Under --verify, when all is loaded: log to a file, which is empty but for processes that this
--- one started, and see what the library saves.
--- @param path string
--- @param mlp table
function M.watch(path, mlp)
  if read(path) ~= "" then return end
  log = assert(io.open(path, "w"))
  log_line { what = "start" }
  watch_io()
  for type_name, methods in pairs(core.methods()) do
    for name, method in pairs(methods) do
      if name:find "^save" then core.extend(type_name, { [name] = logged(method) }) end
    end
  end
  for name, f in pairs(mlp) do
    if name:find "^save" and type(f) == "function" then mlp[name] = logged(f) end
  end
end

return M
