-- scale.lua PROGRAM FOLDER [OUT]: what grows with the data or the model. Each part runs in a
-- process of its own, so that its peak of memory is its own. Writes OUT (docs/scale.md), or prints.
-- scale.lua part NAME FOLDER: one of them; prints its row.
local mlp = require "mlp"
local core = require "mlp.core"

local ROWS <const>, COLUMNS <const>, BATCH <const> = 10000000, 20, 1000
local MIB <const> = 1 << 20

--- MiB of a field of /proc/self/status: VmHWM is the peak, RssAnon what no file holds.
local function status(field)
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match(field .. ":%s*(%d+)")) / 1024
end

local function small_model()
  local model = mlp.Sequential { mlp.Dense { units = 32, activation = "relu" },
    mlp.Dense { units = 1 } }
  model:compile { optimizer = "adam", loss = "mean_squared_error" }
  return model
end

--- Seconds of the processor: waiting, and what other programs take, do not count.
local clock <const> = os.clock

--- One epoch: seconds, and microseconds a step of a tenth near its begin and of its last.
local function epoch(data, rows, batch)
  local steps, marks = rows // batch, {}
  local ends = { [steps // 50] = true, [steps // 50 + steps // 10] = true,
    [steps - steps // 10] = true, [steps] = true }
  local start, wall, step = clock(), core.clock(), 0
  small_model():fit(data, { batch_size = batch, verbose = 0, callbacks = {
    mlp.Lambda { on_batch_end = function()
      step = step + 1
      if ends[step] then marks[#marks + 1] = clock() end
    end } } })
  local each = 1e6 / (steps // 10)
  return core.clock() - wall, clock() - start, (marks[2] - marks[1]) * each,
    (marks[4] - marks[3]) * each
end

local function row(what, ...)
  print(("| %s | " .. ("%s | "):rep(select("#", ...))):format(what, ...))
end

local function report(what, rows, data)
  local before = status "RssAnon"
  local wall, seconds, first, last = epoch(data, rows, BATCH)
  row(what, ("%.2f"):format(wall), ("%.2f"):format(seconds),
    ("%.0f"):format(seconds * 1e9 / rows),
    ("%.1f"):format(first), ("%.1f"):format(last), ("%.0f"):format(status "RssAnon"),
    ("%+.0f"):format(status "RssAnon" - before))
end

--- rows and targets that a small network can learn.
local function numbers(rows)
  local x = mlp.randn(rows, COLUMNS)
  return x, x:sum(2, true)
end

local parts, order = {}, {}

local function part(name, f)
  parts[name] = f
  order[#order + 1] = name
end

for _, rows in ipairs { 100000, 1000000, ROWS } do
  part("memory-" .. rows, function()
    local x, y = numbers(rows)
    report(("%d rows in memory"):format(rows), rows, mlp.dataset { x = x, y = y })
  end)
end

part("write", function(folder)
  local x, y = numbers(ROWS)
  mlp.datasets.save_npy(folder .. "/x.npy", x)
  mlp.datasets.save_npy(folder .. "/y.npy", y)
end)

part("mapped", function(folder)
  local function map(name) return mlp.datasets.npy(folder .. name, { map = true }) end
  report("the same in a mapped file", ROWS, mlp.dataset { x = map "/x.npy", y = map "/y.npy" })
end)

part("stream", function(folder)
  report("the same as a stream of windows", ROWS, mlp.stream.npy(folder .. "/x.npy",
    { y = folder .. "/y.npy", batch_size = BATCH, window = 100000 }))
end)

--- Peak of a network's training, to the bytes of data, weights, gradients and optimizer's slots.
local function peak(what, x, y, layers, batch, loss, optimizer)
  local model = mlp.Sequential(layers)
  model:compile { optimizer = optimizer, loss = loss }
  local data = mlp.dataset { x = x, y = y }
  model:fit(data, { batch_size = batch, verbose = 0 })
  local start = clock()
  model:fit(data, { batch_size = batch, verbose = 0 })
  local steps = #data // batch
  local slots = optimizer == "adam" and 2 or 0
  local needed = (x:numel() * 4 + y:numel() * 8 + model:count() * 4 * (2 + slots)) / MIB
  row(what, ("%.1f"):format((clock() - start) * 1e3 / steps), ("%.0f"):format(needed),
    ("%.0f"):format(status "VmHWM"), ("%.2f"):format(status "VmHWM" / needed))
end

part("peak-w3", function()
  local x, y = mlp.zeros(60000, 784), mlp.ones(60000, { dtype = "int64" })
  for i = 1, 10 do y[i] = i end
  peak("784-128-10, 60,000 rows, Adam", x, y, { mlp.Dense { units = 128, activation = "relu" },
    mlp.Dense { units = 10, activation = "softmax" } }, 32, "categorical_crossentropy", "adam")
end)

part("peak-large", function()
  local x = mlp.randn(256, 10000)
  peak("10000-10000, 100 million weights, SGD", x, x, { mlp.Dense { units = 10000 } }, 128,
    "mean_squared_error", "sgd")
end)

if arg[1] == "part" then
  parts[arg[2]](arg[3])
  return
end

local program, folder, out = arg[1], arg[2], arg[3]

local function run(name)
  local pipe <close> = assert(io.popen(("'%s' --threads 1 '%s' part %s '%s'"):format(program,
    arg[0], name, folder)))
  return pipe:read "a"
end

local text = { [[
# Scale

Made by `make bench-scale`; no number here was written by hand. 10 million rows of 20 float32
numbers are 763 MiB. One epoch of 20-32-1, Adam, batches of 1,000, one thread: seconds by the clock
and of the processor; then of the processor, per row, and in microseconds a step early and late in
the epoch. Memory that no file backs (MiB), and how much of it came with the training: the order of
rows takes 76. Other programs may have run meanwhile: compare rows.

| data | s | processor | ns a row | early | late | memory | of training |
|---|---|---|---|---|---|---|---|
]] }
for _, name in ipairs(order) do
  if name == "peak-w3" then
    text[#text + 1] = [[

Peak of memory (MiB) to what data, weights, gradients and the optimizer's slots take by themselves:

| network | ms a step | takes | peak | ratio |
|---|---|---|---|---|
]]
  end
  text[#text + 1] = run(name)
end
os.remove(folder .. "/x.npy")
os.remove(folder .. "/y.npy")
text = table.concat(text):gsub(" \n", "\n")
if not out then
  io.write(text)
  return
end
local file <close> = assert(io.open(out, "w"))
file:write(text)
