--- look into studies' files: study list|show|best|trials|plot|export|rm FILE [NAME] [options]
local core = require "mlp.core"
local check = require "mlp.check"
local plainly = require "mlp.plainly"

local USAGE <const> = [[
usage: mlprun study list FILE                     the studies of a file
       mlprun study show FILE [NAME]              states, space, best, importance
       mlprun study best FILE [NAME]              the best trial (or the Pareto front)
       mlprun study trials FILE [NAME]            a table of all trials
       mlprun study plot FILE [NAME] [--kind K] [--out X.png]
       mlprun study export FILE [NAME] [--out X]  trials as CSV (or --format json)
       mlprun study rm FILE NAME                  remove a study
options: --format text|json, for trials and export csv too
kinds:   history (preset), parallel_coordinate, param_importances, contour, slice,
         intermediate_values, curves, edf, rank, timeline, pareto_front (preset of several
         objectives), surrogate
]]

local function refuse(fmt, ...)
  io.stderr:write("mlprun study: ", fmt:format(...), "\n")
  return 2
end

--- { words..., format =, kind =, out = }, or nil and what was wrong.
local function read_words(words)
  local o, i = {}, 1
  while i <= #words do
    local name, value = words[i]:match "^%-%-(%a+)=?(.*)$"
    if name then
      if name ~= "format" and name ~= "kind" and name ~= "out" then
        return nil, ("unknown option '--%s'"):format(name)
      end
      if value == "" then
        i = i + 1
        value = words[i]
      end
      if not value then return nil, ("option '--%s': expected a value"):format(name) end
      o[name] = value
    else
      o[#o + 1] = words[i]
    end
    i = i + 1
  end
  return o
end

local function open(path, name)
  local storages = require "mlp.tune.storage"
  local storage = storages.open(path, { create = false })
  local list = storage:studies()
  storage:close()
  if #list == 0 then check.raise("state", "study: there are no studies in '%s'", path) end
  local names = {}
  for i, s in ipairs(list) do names[i] = s.name end
  local found
  for _, s in ipairs(list) do
    if s.name == name or (not name and #list == 1) then found = s end
  end
  if not found then
    check.raise("argument", "study: expected the name of a study in '%s'%s; there are: %s", path,
      name and check.hint(name, names) or "", table.concat(names, ", "))
  end
  return require("mlp.tune").study { name = found.name, storage = path,
    directions = found.directions, sampler = "random", pruner = "none" }
end

local function number(v)
  if type(v) ~= "number" or v - v ~= 0 then return v ~= nil and tostring(v) or nil end
  return math.type(v) == "integer" and v or v
end

local OBJECT <const> = { __object = true } -- {} where there is nothing in it

--- Values by name, for JSON.
local function object(values)
  local copy = setmetatable({}, OBJECT)
  for name, v in pairs(values) do copy[name] = v end
  return copy
end

--- A trial as plain data, for JSON.
local function record(trial)
  local values = {}
  for i, v in ipairs(trial.values) do values[i] = number(v) end
  local steps = {}
  for _, step in ipairs(trial.steps) do
    steps[#steps + 1] = { step = step, value = number(trial.reports[step]) }
  end
  return { number = trial.number, state = trial.state, values = values,
    params = object(trial.params), user_attrs = object(trial.user_attrs), seed = trial.seed,
    seconds = trial.seconds,
    datetime_start = trial.datetime_start, datetime_complete = trial.datetime_complete,
    reason = trial.reason, intermediate_values = steps }
end

local function print_json(value) print(core.json_encode(value)) end

--- Names of all hyper-parameters, in the order in which trials asked for them.
local function names_of(study) return study.history:refresh().order end

local function rows_of(study)
  local names, rows = names_of(study), {}
  local head = { "number", "state" }
  for k = 1, #study.directions do
    head[#head + 1] = #study.directions > 1 and ("value_%d"):format(k) or "value"
  end
  for _, name in ipairs(names) do head[#head + 1] = name end
  head[#head + 1] = "seconds"
  for i, t in ipairs(study:trials()) do
    local row = { tostring(t.number), t.state }
    for k = 1, #study.directions do
      row[#row + 1] = t.values[k] and core.plain(string.format, "%.17g", t.values[k]) or ""
    end
    for _, name in ipairs(names) do
      row[#row + 1] = t.params[name] == nil and "" or tostring(t.params[name])
    end
    row[#row + 1] = t.seconds and ("%.3f"):format(t.seconds) or ""
    rows[i] = row
  end
  return head, rows
end

local function csv_cell(text)
  if not text:find '[",\n]' then return text end
  return '"' .. text:gsub('"', '""') .. '"'
end

local function csv_of(study)
  local head, rows = rows_of(study)
  local lines = {}
  for _, row in ipairs { head, table.unpack(rows) } do
    local cells = {}
    for i, cell in ipairs(row) do cells[i] = csv_cell(cell) end
    lines[#lines + 1] = table.concat(cells, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

local function print_table(head, rows)
  local widths = {}
  for i, name in ipairs(head) do widths[i] = #name end
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do
      if tonumber(cell) and cell:find "%." then row[i] = ("%.6g"):format(tonumber(cell)) end
      widths[i] = math.max(widths[i], #row[i])
    end
  end
  for _, row in ipairs { head, table.unpack(rows) } do
    local cells = {}
    for i, cell in ipairs(row) do cells[i] = cell .. (" "):rep(widths[i] - #cell) end
    print((table.concat(cells, "  "):gsub(" +$", "")))
  end
end

local commands = {}

function commands.list(o)
  local storage = require("mlp.tune.storage").open(o[2], { create = false })
  local list = storage:studies()
  if o.format == "json" then
    print_json(list)
  else
    local rows = {}
    for i, s in ipairs(list) do
      rows[i] = { s.name, table.concat(s.directions, ","), tostring(s.trials) }
    end
    print_table({ "name", "directions", "trials" }, rows)
  end
  storage:close()
end

function commands.show(o)
  local study = open(o[2], o[3])
  local h = study.history:refresh()
  if o.format == "json" then
    local space = {}
    for _, name in ipairs(h.order) do
      space[#space + 1] = { name = name, distribution = tostring(h.distribution[name]) }
    end
    return print_json { name = study.name, directions = study.directions, seed = study.seed,
      states = object(study:counts()), space = space, user_attrs = object(study:user_attrs()) }
  end
  print(study)
  print(("directions: %s; seed %d"):format(table.concat(study.directions, ", "), study.seed))
  for _, name in ipairs(h.order) do
    print(("  %s: %s"):format(name, tostring(h.distribution[name])))
  end
  if study.several then return end
  if h:best() then print("best: " .. tostring(study:best())) end
  if h.complete >= 4 then
    local parts = {}
    for i, entry in ipairs(study:importances()) do
      parts[i] = ("%s %.2f"):format(entry.name, entry.importance)
    end
    print("importance: " .. table.concat(parts, ", "))
  end
end

function commands.best(o)
  local study = open(o[2], o[3])
  local list = study.several and study:pareto() or { study:best() }
  local records = {}
  for i, trial in ipairs(list) do records[i] = record(trial) end
  if o.format == "json" then return print_json(study.several and records or records[1]) end
  for _, trial in ipairs(list) do print(trial) end
end

function commands.trials(o)
  local study = open(o[2], o[3])
  if o.format == "json" then
    local records = {}
    for i, trial in ipairs(study:trials()) do records[i] = record(trial) end
    return print_json(records)
  end
  if o.format == "csv" then return io.write(csv_of(study)) end
  print_table(rows_of(study))
end

function commands.export(o)
  if not o.out then
    return commands.trials { nil, o[2], o[3], format = o.format or "csv" }
  end
  local study = open(o[2], o[3])
  local file, reason = io.open(o.out, "w")
  if not file then return refuse("export: cannot write %s", reason) end
  local text
  if o.format == "json" then
    local records = {}
    for i, trial in ipairs(study:trials()) do records[i] = record(trial) end
    text = core.json_encode(records) .. "\n"
  else
    text = csv_of(study)
  end
  assert(file:write(text))
  assert(file:close())
  print("wrote " .. o.out)
end

function commands.plot(o)
  local study = open(o[2], o[3])
  local kind = o.kind or study.several and "pareto_front" or "history"
  local path = o.out or ("%s-%s.png"):format(study.name:gsub("[/%s]", "-"), kind)
  study:plot(kind):save(path)
  print("wrote " .. path)
end

function commands.rm(o)
  if not o[3] then return refuse "rm: expected the name of the study to remove" end
  local study = open(o[2], o[3])
  study.storage:remove_study(study.id)
  print(("removed study '%s'"):format(o[3]))
end

local function is_format(format, command)
  return format == "text" or format == "json"
    or format == "csv" and (command == "trials" or command == "export")
end

--- What is wrong with the words; nil where nothing is.
local function fault(o)
  if o[4] then return ("unexpected argument '%s'"):format(o[4]) end
  if o[1] == "list" and o[3] then return ("list: unexpected argument '%s'"):format(o[3]) end
  if o.format and not is_format(o.format, o[1]) then
    return ("%s: option '--format': expected text%s or json, got '%s'"):format(o[1],
      is_format("csv", o[1]) and ", csv" or "", o.format)
  end
end

--- mlprun study: exit code 2 for wrong usage.
return plainly("study", function(...)
  if ... == "--help" then
    io.write(USAGE)
    return 0
  end
  local o, wrong = read_words { ... }
  if not o then return refuse("%s", wrong) end
  local run = commands[o[1]]
  if not run or not o[2] then
    io.stderr:write(USAGE)
    return 2
  end
  wrong = fault(o)
  if wrong then return refuse("%s", wrong) end
  return run(o) or 0
end)
