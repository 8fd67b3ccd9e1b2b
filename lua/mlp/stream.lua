--- mlp.stream: batches from files that are larger than memory. A file is cut into windows of rows;
--- an epoch takes the windows in an order of its own and shuffles within each. What comes is a
--- function of (seed, epoch, batch) alone, so that a training may go on at any batch.
local core = require "mlp.core"
local check = require "mlp.check"
local dataset = require("mlp.data").dataset

local M = {}

--- Batches for fit, as `data` or `validation_data`, and for evaluate.
--- @class mlp.Stream
--- @field rows integer
--- @field batches integer  of an epoch
--- @field windows integer
--- @field batch_size integer
--- @field class_names string[]?
--- @field feature_names string[]?
local Stream = { __name = "mlp.Stream" }
Stream.__index = Stream

function Stream:__len() return self.rows end

function Stream:__tostring()
  return ("stream of %d rows from '%s', %d batches in %d windows"):format(self.rows,
    self.reader.path, self.batches, self.windows)
end

--- A window of rows, in the order of the file: to fit a scaler on, or to look at.
--- @param i? integer  1
--- @return mlp.Dataset
function Stream:window(i)
  i = check.whole("window", "i", i or 1, 1)
  if self.closed then check.raise("state", "stream: expected an open one, got a closed one") end
  if i > self.windows then
    check.raise("argument", "window: expected 1 to %d, got %d", self.windows, i)
  end
  local d = self.reader:read(i)
  return self.map and self.map(d) or d
end

--- The windows in the order of an epoch.
local function order_of(self, epoch)
  local order = {}
  for i = 1, self.windows do order[i] = i end
  if not self.shuffle or self.windows == 1 then return order end
  local numbers = dataset { x = core.arange(1, self.windows, 1):reshape(self.windows, 1) }
  for batch in numbers:batches { batch_size = self.windows, epoch = epoch } do
    order = batch.index:totable()
  end
  return order
end

--- The window that a batch of an epoch lies in, and which batch of it it is; nil behind the last.
local function find(self, epoch, batch)
  if self.order_epoch ~= epoch then
    self.order, self.order_epoch = order_of(self, epoch), epoch
  end
  for _, window in ipairs(self.order) do
    local n = self.reader.batches[window]
    if batch <= n then return window, batch end
    batch = batch - n
  end
end

--- The batches of a window, from its first on.
local function open(self, epoch, window)
  local d = self:window(window)
  if #d ~= self.reader.count[window] then
    check.raise("argument", "stream: option 'map': expected as many rows as came, got %d of %d",
      #d, self.reader.count[window])
  end
  return { epoch = epoch, window = window, at = 0, next = d:batches {
    batch_size = self.batch_size, shuffle = self.shuffle,
    epoch = (epoch - 1) * self.windows + window,
  } }
end

--- stream(epoch, batch): that batch, { x =, y = }; nil behind an epoch's last.
function Stream:__call(epoch, batch)
  local window, at = find(self, epoch, batch)
  if not window then return nil end
  local now = self.now
  if not now or now.epoch ~= epoch or now.window ~= window or now.at >= at then
    self.now = nil -- one window in memory at a time
    now = open(self, epoch, window)
    self.now = now
  end
  local result
  repeat
    result, now.at = now.next(), now.at + 1
  until now.at == at
  return result
end

--- Close its files; it gives no more batches. `local s <close> = mlp.stream.csv(...)` does so.
function Stream:close()
  self.reader:close()
  self.closed, self.now = true, nil
end

Stream.__close = Stream.close

local COMMON <const> = { batch_size = 32, shuffle = true, window = 8192, map = check.none }

--- Options of a stream, and those of its kind of file.
local function read_options(who, options, own)
  local presets = {}
  for _, list in ipairs { COMMON, own } do
    for name, preset in pairs(list) do presets[name] = preset end
  end
  local o = check.options(who, options, presets)
  o.batch_size = check.whole(who, "batch_size", o.batch_size, 1)
  o.window = math.max(check.whole(who, "window", o.window, 1), o.batch_size)
  o.window = o.window - o.window % o.batch_size
  if o.map ~= nil and type(o.map) ~= "function" then
    check.raise("argument", "%s: option 'map': expected a function of a dataset, got %s", who,
      check.what(o.map))
  end
  return o
end

local function new(reader, o)
  local self = setmetatable({ reader = reader, batch_size = o.batch_size, shuffle = o.shuffle,
    map = o.map, windows = #reader.count, rows = 0, batches = 0,
    class_names = reader.class_names, feature_names = reader.feature_names }, Stream)
  reader.batches = {}
  for i, n in ipairs(reader.count) do
    reader.batches[i] = math.ceil(n / o.batch_size)
    self.rows, self.batches = self.rows + n, self.batches + reader.batches[i]
  end
  return self
end

--- Batches from a CSV file. It is read through once, when the stream is made: sizes, classes and
--- what is wrong with a line are known before the first step. Rows are those of
--- mlp.datasets.csv, with its options but for one_hot and gzip.
--- @param path string
--- @param options? table  batch_size 32, shuffle true, window 8192 (rows in memory), map (a
---   function of a window's dataset, such as one that scales it); target, classes, header, missing,
---   drop, separator, decimal, dtype as for mlp.datasets.csv
--- @return mlp.Stream
--- @usage model:fit(mlp.stream.csv("big.csv", { target = "label", batch_size = 128 }))
function M.csv(path, options)
  local o = read_options("stream.csv", options, { separator = check.none, decimal = ".",
    header = check.none, target = check.none, classes = check.none, missing = "error",
    drop = check.none, dtype = "float32" })
  return new(require("mlp.stream.csv").open(path, o), o)
end

--- Batches from NumPy's files, one row an element of the first axis.
--- @param path string  x: rows of numbers
--- @param options? table  y (a file of as many rows: values, or int64 classes from 1, or from 0
---   with first_class = 0), first_class 1; batch_size, shuffle, window, map as for stream.csv
--- @return mlp.Stream
--- @usage mlp.stream.npy("x.npy", { y = "y.npy", first_class = 0 })
function M.npy(path, options)
  local o = read_options("stream.npy", options, { y = check.none, first_class = 1 })
  return new(require("mlp.stream.npy").open(path, o), o)
end

return M
