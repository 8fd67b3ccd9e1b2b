-- bench.lua PROGRAM BUILD: all contestants on all workloads, in turn, so that a busy neighbour
-- hurts all alike; medians. Writes BUILD/bench.json, BUILD/bench.png and docs/performance.md.
-- Settings in the environment: ROUNDS (5), ONLY ("W1 W3": these workloads), PEERS (a Python with
-- the peers, or "none"), SECONDS (7200, more than five rounds with peers take: workloads share
-- them; where there are fewer, there are fewer rounds, what is left at their end is measured once,
-- and peers are sent away).
local mlp = require "mlp"
local core = require "mlp.core"
local report = dofile "tests/bench/report.lua"
local workloads = dofile "tests/bench/workloads.lua"

local program, build = arg[1], arg[2]
local rounds = math.tointeger(os.getenv "ROUNDS" or 5)
local only = os.getenv "ONLY"
local began, seconds = core.clock(), tonumber(os.getenv "SECONDS" or 7200)
local OTHERS <const> = 20 -- seconds for each of what is measured of ours alone, at most
local PAUSE <const> = 0.2 -- seconds after a peer, whose threads may still spin
local python = os.getenv "PEERS" or os.getenv "HOME" .. "/.cache/mlprun-peers/bin/python"

local function output(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return pipe:read "a"
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

--- Of { time } or { time, time without something } the one with the middle time, or difference.
local function middle(pairs_)
  local function size(p) return p[1] - (p[2] or 0) end
  table.sort(pairs_, function(a, b) return size(a) < size(b) end)
  return pairs_[(#pairs_ + 1) // 2]
end

--- A process that reads requests and answers them through a named pipe.
local function start(who, threads, command)
  local fifo = ("%s/bench.%s.%d"):format(build, who, threads)
  os.remove(fifo)
  assert(os.execute("mkfifo " .. fifo))
  local log = ("%s/bench.%s.%d.log"):format(build, who, threads)
  local to = assert(io.popen(("%s >%s 2>%s"):format(command, fifo, log), "w"))
  local from = assert(io.open(fifo))
  os.remove(fifo)
  return { who = who, threads = threads, to = to, from = from, times = {} }
end

local function contestants()
  local list = {}
  local limit = build .. "/tests/bench_limit "
  local function add(who, threads, command) list[#list + 1] = start(who, threads, command) end
  for threads = 1, 2 do
    local blas = ("OPENBLAS_NUM_THREADS=%d "):format(threads)
    add("mlprun", threads, ("%s --threads %d tests/bench/ours.lua"):format(program, threads))
    add("limit-ours", threads, limit .. "ours " .. threads)
    add("limit-openblas", threads, blas .. limit .. "openblas")
    add("limit-haswell", threads, "OPENBLAS_CORETYPE=Haswell " .. blas .. limit .. "openblas")
  end
  local peers = python ~= "none" and output(python .. " tests/bench/peers.py list") or ""
  for who in peers:gmatch "%S+" do
    for threads = 1, 2 do
      add(who, threads, ("timeout -k 5 %d %s tests/bench/peers.py %s %d"):format(seconds, python,
        who, threads))
      list[#list].peer = true
    end
  end
  return list
end

--- One round of one workload; nothing where the contestant has no such thing, or is gone. What
--- measures a change answers a second number, the time without it.
local function ask(c, request)
  if c.gone or not c.to:write(request, "\n") or not c.to:flush() then return nil end
  local line = c.from:read "l"
  c.gone = line == nil
  local us, without = (line or "-"):match "^(%S+) ?(%S*)"
  return tonumber(us), tonumber(without)
end

--- Who comes when in a round: ours and the limits, which take little time, before, between and
--- after the peers.
local function order_of(list)
  local natives, peers, order = {}, {}, {}
  for i, c in ipairs(list) do table.insert(c.peer and peers or natives, i) end
  local function append(part) table.move(part, 1, #part, #order + 1, order) end
  append(natives)
  for k, i in ipairs(peers) do
    order[#order + 1] = i
    if k == #peers or k == #peers // 2 then append(natives) end
  end
  return order
end

--- In rounds until the time is over. In the first, in which a contestant prepares itself before it
--- takes its time, peers are left out then.
local function measure(list, w, stop)
  local times, n, order = {}, 0, order_of(list)
  repeat
    n = n + 1
    for k, i in ipairs(order) do
      local c, before = list[i], list[order[k - 1]]
      local late = n == 1 and c.peer and core.clock() > stop
      if before and before.peer then core.sleep(PAUSE) end
      local us, without
      if not late and (n == 1 or times[i]) then us, without = ask(c, w.request) end
      if us then
        times[i] = times[i] or {}
        table.insert(times[i], { us, without })
      end
    end
  until n == rounds or core.clock() > stop
  local rows = {}
  for i, c in ipairs(list) do
    if times[i] then
      local us, without = table.unpack(middle(times[i]))
      rows[#rows + 1] = { workload = w.name, who = c.who, threads = c.threads, us_per_step = us,
        without = without, rounds = #times[i] }
    end
  end
  io.stderr:write(w.name, " ")
  return rows
end

--- Microseconds of a command.
local function microseconds(command)
  local list = {}
  for i = 1, rounds do
    local begin = core.clock()
    os.execute(command .. " >/dev/null 2>&1")
    list[i] = core.clock() - begin
  end
  return median(list) * 1e6
end

local function others(list)
  local rows = {}
  local function add(name, us)
    rows[#rows + 1] = { workload = name, who = "mlprun", threads = 1, us_per_step = us,
      rounds = rounds }
  end
  add("start", microseconds(program .. " -e ''"))
  add("script", microseconds(program .. " --quiet experiments/moons.lua"))
  for _, name in ipairs(workloads.others) do
    local other, stop = { name = name, request = name .. " other" }, core.clock() + OTHERS
    local found = measure({ list[1] }, other, stop)
    table.move(found, 1, #found, #rows + 1, rows)
  end
  return rows
end

--- Those workloads that were asked for.
local function wanted()
  local chosen = {}
  for _, w in ipairs(workloads) do
    if not only or (" " .. only .. " "):find(" " .. w.name .. " ", 1, true) then
      chosen[#chosen + 1] = w
    end
  end
  return chosen
end

mlp.datasets.save_npy(workloads.pictures, mlp.datasets.digits { n = 19200, seed = 1 }.x)
local load = tonumber(output "cat /proc/loadavg":match "%S+")
local list, results, chosen = contestants(), {}, wanted()
for _, c in ipairs(list) do ask(c, "nothing other") end -- all have started when the last answers
for i, w in ipairs(chosen) do -- each gets an equal share of the time that is left
  local now = core.clock()
  local share = (began + seconds - now) / (#chosen - i + 1)
  table.move(measure(list, w, now + share), 1, #list, #results + 1, results)
end
if not only then
  local more = others(list)
  table.move(more, 1, #more, #results + 1, results)
end
for _, c in ipairs(list) do
  c.to:close()
  c.from:close()
end
io.stderr:write "\n"

report.ratios(results)
local file = assert(io.open(build .. "/bench.json", "w"))
file:write(core.json_encode(results), "\n")
file:close()
print(report.text(results, workloads))
report.figure(mlp, results, workloads):save(build .. "/bench.png")
if not only then
  file = assert(io.open("docs/performance.md", "w"))
  file:write(report.page(results, workloads, {
    processors = output "nproc":match "%d+", isa = core.isa(), load = load,
    versions = output(python .. " tests/bench/peers.py versions"):match "[^\n]*",
  }))
  file:close()
end
