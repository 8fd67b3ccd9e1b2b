-- report.lua: what bench.lua found, as ratios, text, picture and docs/performance.md.
local M = {}

local function find(rows, workload, who, threads)
  for _, r in ipairs(rows) do
    if r.workload == workload and r.who == who and r.threads == threads then return r end
  end
end

--- The least time of the products of that workload with so many threads.
local function limit(rows, workload, threads)
  local least
  for _, r in ipairs(rows) do
    if r.workload == workload and r.threads == threads and r.who:find "^limit" then
      least = math.min(least or math.huge, r.us_per_step)
    end
  end
  return least
end

--- Time over the limit, and over ours, with as many threads.
function M.ratios(rows)
  for _, r in ipairs(rows) do
    local least = limit(rows, r.workload, r.threads)
    local ours = find(rows, r.workload, "mlprun", r.threads)
    r.ratio_to_limit = least and r.us_per_step / least
    r.ratio_to_us = ours and r.us_per_step / ours.us_per_step
  end
end

local function present(rows, workload)
  local list = {}
  for _, r in ipairs(rows) do
    if r.workload == workload and not r.who:find "^limit" then list[#list + 1] = r end
  end
  return list
end

local function cell(format, x) return x and format:format(x) or "" end

--- The fastest public training loop but JAX's scan, at its best number of threads.
local function fastest_peer(rows, workload)
  local best
  for _, r in ipairs(present(rows, workload)) do
    if r.who ~= "mlprun" and r.who ~= "jax-scan" and
      (not best or r.us_per_step < best.us_per_step) then best = r end
  end
  return best
end

function M.text(rows, workloads)
  local out = { ("%-5s %-18s %7s %14s %9s %9s"):format("", "who", "threads", "us", "to limit",
    "to us") }
  local function add(r)
    out[#out + 1] = ("%-5s %-18s %7d %14.3f %9s %9s"):format(r.workload, r.who, r.threads,
      r.us_per_step, cell("%.2f", r.ratio_to_limit), cell("%.2f", r.ratio_to_us))
  end
  local shown = {}
  for _, w in ipairs(workloads) do
    shown[w.name] = true
    for _, r in ipairs(rows) do
      if r.workload == w.name then add(r) end
    end
  end
  for _, r in ipairs(rows) do
    if not shown[r.workload] then add(r) end
  end
  return table.concat(out, "\n")
end

--- The least time of who, at whatever number of threads; of the products alone where who is nil.
local function least(rows, workload, who)
  local best
  for threads = 1, 2 do
    local r = who and find(rows, workload, who, threads)
    local us = r and r.us_per_step or not who and limit(rows, workload, threads)
    if us and (not best or us < best) then best = us end
  end
  return best
end

--- Who takes how many times as long as we do, each at its best number of threads.
function M.figure(mlp, rows, workloads)
  local names, found = { false }, {} -- false: the products alone
  for _, r in ipairs(rows) do
    if not found[r.who] and not r.who:find "^limit" then
      found[r.who] = true
      names[#names + 1] = r.who
    end
  end
  local fig = mlp.plot.figure { width = 8, height = 4.5 }
  local panel = fig:panel(1, 1)
  for _, who in ipairs(names) do
    local xs, ys = {}, {}
    for i, w in ipairs(workloads) do
      local us, ours = least(rows, w.name, who or nil), least(rows, w.name, "mlprun")
      if us and ours then xs[#xs + 1], ys[#ys + 1] = i, us / ours end
    end
    if #xs > 0 then
      panel:line(xs, ys, { label = who or "products alone", marker = "circle", linewidth = 1 })
    end
  end
  local ticks = {}
  for i, w in ipairs(workloads) do ticks[i] = w.name end
  panel:set { yscale = "log", ylabel = "times as long", xnames = ticks,
    title = "Time of a step, in those of mlprun", legend = true }
  return fig
end

local head = [[
# Performance

Made by `make bench`; no number here was written by hand. A workload's limit is the time of its bare
matrix products (forward, dW, dX without the first layer's) by the fastest of OpenBLAS, OpenBLAS
with its Haswell kernels, and ours, with as many threads. Everything is float32; times are medians,
in microseconds of a step (W7: of a call), of %s turns that all took one after the other, ours and
the limits three for each of a peer's. Compare ratios: times move from machine to machine, and on
an idle machine by a few per cent within a run. Where the load before the run is not near 0, other
programs took their share: such numbers are only a hint, and two threads suffer most.

A machine of %s processors, load before the run %s; instruction set %s%s.
]]

--- "5", or "3 to 5".
local function range_of_rounds(rows)
  local few, many = math.huge, 0
  for _, r in ipairs(rows) do
    if r.ratio_to_limit then few, many = math.min(few, r.rounds), math.max(many, r.rounds) end
  end
  return few == many and ("%d"):format(many) or ("%d to %d"):format(few, many)
end

--- What something adds to a step: microseconds, a share of it.
local function extra(rows, name)
  local r = find(rows, name, "mlprun", 1)
  if r and r.without then
    return r.us_per_step - r.without, 100 * (r.us_per_step / r.without - 1)
  end
end

local function costs(rows, add)
  add "\n## What things add to a step, 1 thread\n"
  add "| what | adds |"
  add "|---|---|"
  local hook = extra(rows, "hook")
  if hook then add("| an empty Lua on_batch_end | %.2f us |", hook) end
  for _, row in ipairs {
    { "monitors", "gradient monitors, as they come, to W3" },
    { "loss", "a cross-entropy written in Lua, for the built-in, to W3" },
    { "dropout", "dropout .2 to W4" },
    { "float64", "float64 to W3" },
  } do
    local _, share = extra(rows, row[1])
    if share then add("| %s | %.1f %% |", row[2], share) end
  end
end

--- docs/performance.md
function M.page(rows, workloads, about)
  local peers = about.versions and "; " .. about.versions or ""
  local out = { head:format(range_of_rounds(rows), about.processors, about.load or "unknown",
    about.isa, peers) }
  local function add(format, ...) out[#out + 1] = format:format(...) end
  add "| | workload | 1 thread | to limit | 2 threads | to limit | peer | its time | to ours |"
  add "|---|---|---|---|---|---|---|---|---|"
  for _, w in ipairs(workloads) do
    local a, b = find(rows, w.name, "mlprun", 1), find(rows, w.name, "mlprun", 2)
    local peer = fastest_peer(rows, w.name)
    if a and b then
      add("| %s | %s | %.2f | %s | %.2f | %s | %s | %s | %s |", w.name, w.what, a.us_per_step,
        cell("%.2f", a.ratio_to_limit), b.us_per_step, cell("%.2f", b.ratio_to_limit),
        peer and ("%s, %d"):format(peer.who, peer.threads) or "",
        cell("%.1f", peer and peer.us_per_step),
        cell("%.1f", peer and peer.us_per_step / least(rows, w.name, "mlprun")))
    end
  end
  add "\nThe last three columns: the fastest of the peers but JAX's scan, with how many threads,"
  add "and its time over ours, both at their best.\n"
  add "## Everything measured\n"
  add "| workload | who | threads | us a step | to limit | to ours |"
  add "|---|---|---|---|---|---|"
  for _, r in ipairs(rows) do
    if r.ratio_to_limit then
      add("| %s | %s | %d | %.2f | %.2f | %s |", r.workload, r.who, r.threads, r.us_per_step,
        r.ratio_to_limit, cell("%.2f", r.ratio_to_us))
    end
  end
  costs(rows, add)
  add "\n## Besides training\n"
  add "| what | ms |"
  add "|---|---|"
  local what = { start = "`mlprun -e ''`", script = "`experiments/moons.lua`, to two PNGs",
    build = "build and compile 784-128-10", save = "save 784-512-512-10",
    load = "load it", plot = "a line of 1,000 points as PNG",
    trial = "a trial of a search: 4 epochs of a tiny network" }
  for _, r in ipairs(rows) do
    if what[r.workload] then add("| %s | %.2f |", what[r.workload], r.us_per_step / 1e3) end
  end
  return table.concat(out, "\n") .. "\n"
end

return M
