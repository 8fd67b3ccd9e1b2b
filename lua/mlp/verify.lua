--- mlprun --verify script.lua: run the script twice and compare the weights after each fit, the
--- results
--- of evaluate, and the files. The second run computes with another number of threads and writes to
--- a
--- folder of its own, which is removed.
local core = require "mlp.core"

local function quote(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

--- The words of the command line: the program, its options without --verify, the script and its
--- own.
local function command_line(more)
  local first = 0
  while arg[first - 1] do first = first - 1 end
  local words, i = { quote(arg[first]) }, first + 1
  while i <= #arg do
    if arg[i] ~= "--verify" or i > 0 then
      if i == 0 then
        for _, word in ipairs(more) do words[#words + 1] = quote(word) end
      end
      words[#words + 1] = quote(arg[i])
    end
    i = i + 1
  end
  return table.concat(words, " ")
end

--- Run the script; what it printed, and how it ended. `show` lets it be seen.
local function run(log, more, show)
  io.stdout:flush()
  local pipe = io.popen(("MLPRUN_VERIFY=%s %s"):format(quote(log), command_line(more)))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
    if show then print(line) end
  end
  local ok, how, code = pipe:close()
  return lines, ok or (how == "signal" and 128 + code or code)
end

local function read_log(path)
  local entries, file = {}, io.open(path)
  for line in file and file:lines() or function() end do
    local entry = core.json_decode(line)
    if entry.what ~= "start" then entries[#entries + 1] = entry end
  end
  if file then file:close() end
  assert(io.open(path, "w")):close() -- empty for the second run
  return entries
end

local function name_of(entry)
  if entry.what == "file" then return "file " .. entry.name end
  if entry.what == "note" then return "note " .. entry.name end
  return ("%s of %s"):format(entry.what, entry.model or "model")
end

--- In words: what differs between two entries; nil where nothing does.
local function difference(a, b)
  if not a or not b then
    return ("%s: only in the %s run"):format(name_of(a or b), a and "first" or "second")
  end
  if name_of(a) ~= name_of(b) then return ("%s, then %s"):format(name_of(a), name_of(b)) end
  for _, name in ipairs { "sha256", "value" } do
    if a[name] ~= b[name] then
      return ("%s: %s %s, then %s"):format(name_of(a), name, a[name], b[name])
    end
  end
  if a.metrics and core.json_encode(a.metrics) ~= core.json_encode(b.metrics) then
    return ("%s: metrics %s, then %s"):format(name_of(a), core.json_encode(a.metrics):gsub("\n",
      ""),
      (core.json_encode(b.metrics):gsub("\n", "")))
  end
end

local function first_difference(a, b)
  for i = 1, math.max(#a, #b) do
    local text = difference(a[i], b[i])
    if text then return i, text end
  end
end

local function first_line(a, b)
  for i = 1, math.max(#a, #b) do
    if a[i] ~= b[i] then return i end
  end
end

local function count(entries, what)
  local n = 0
  for _, entry in ipairs(entries) do
    if entry.what == what then n = n + 1 end
  end
  return n
end

local function report(first, second, lines, other_lines)
  local at, text = first_difference(first, second)
  local function say(fmt, ...) io.stderr:write("mlprun: verify: ", fmt:format(...), "\n") end
  local line = first_line(lines, other_lines)
  if line then
    say("note: the printed text differs first in line %d (that is no failure: it may hold times)",
      line)
  end
  if at then
    say("DIFFERENT: result %d of %d, %s", at, math.max(#first, #second), text)
    return 1
  end
  say("equal: %d fits, %d evaluations, %d files%s", count(first, "fit"), count(first, "evaluate"),
    count(first, "file"), line and "" or ", and the printed text")
  return 0
end

--- Remove a folder in which a run wrote.
local function remove(folder) os.execute("rm -r -- " .. quote(folder)) end

return function()
  local log, folder = os.tmpname(), os.tmpname()
  os.remove(folder)
  local lines, code = run(log, {}, true)
  local first = read_log(log)
  if code ~= true then
    os.remove(log)
    return code
  end
  core.make_folder(folder)
  local threads = core.threads() == 1 and "2" or "1"
  local other_lines, other_code = run(log, { "--out", folder, "--threads", threads }, false)
  local second = read_log(log)
  remove(folder)
  os.remove(log)
  if other_code ~= true then
    io.stderr:write("mlprun: verify: DIFFERENT: the second run failed\n")
    return 1
  end
  return report(first, second, lines, other_lines)
end
