--- Where the batches of an epoch come from: rows in memory, or a function that makes them.
---   source:begin(epoch)   an epoch begins
---   source:ready()        is there a batch? Then run:on can take source:ahead() of them
---   source:order()        coordinate of the order of rows, for checkpoints; 0: as they stand
---   source:failed()       after an error: where it came from, if from here
--- source.steps is the number of batches of an epoch, nil where that is not known before its end.
local check = require "mlp.check"
local core = require "mlp.core"
local iterator = require "mlp.fit.iterator"

local M = {}

--
-- Rows in memory
--

local Rows = {}
Rows.__index = Rows

--- So many batches of n: a whole number, or a share of them, at least one.
function M.limit(limit, n)
  if math.type(limit) == "integer" then return math.min(limit, n) end
  return math.max(1, math.floor(limit * n + 1e-9))
end

--- One pass an epoch, or, with steps_per_epoch, a pass that goes on from epoch to epoch. Its number
--- decides about the order of rows.
function Rows:order() return self.shuffle and self.pass or 0 end

function Rows:begin(epoch)
  if not self.through then
    self.pass = epoch
    return self.restart(self.run, self:order(), self.beside)
  end
  self.run:clear(epoch)
end

function Rows:ready()
  local run = self.run
  if run.diverged or run.batches >= self.steps then return false end
  if run.done and self.through then
    self.pass = self.pass + 1
    run:turn(self:order())
  end
  return not run.done
end

function Rows.failed() return nil end

function Rows:ahead() return self.steps - self.run.batches end

local function new_rows(model, feed, o, beside)
  local batches = math.ceil(feed.rows / o.batch_size)
  local self = setmetatable({ shuffle = o.shuffle, pass = o.initial_epoch + 1,
    through = o.steps_per_epoch ~= nil, steps = o.steps_per_epoch or batches }, Rows)
  if o.limit_train_batches then
    self.steps = math.min(self.steps, M.limit(o.limit_train_batches, batches))
  end
  local other = beside and beside(model, feed, o)
  self.beside = other
  if other then
    self.run = core.run_beside(other, model, feed.x, feed.y, self:order(), o.epochs, feed.w)
  else
    self.run = core.run(model, "train", feed.x, feed.y, o.batch_size, self:order(), o.epochs,
      feed.w)
  end
  self.restart = self.run.restart
  return self
end

--
-- A function of (epoch, batch)
--

local Stream = {}
Stream.__index = Stream

function Stream.order() return 0 end

function Stream:begin(epoch)
  self.epoch = epoch
  self.run:clear(epoch)
end

--- A batch as a feed, or nil at the end.
local function make_batch(self, epoch, batch)
  self.at = { epoch, batch } -- for the message where it fails
  local feed = iterator.batch("fit", self.model, self.f, epoch, batch, self.options)
  if feed then self.at = nil end
  return feed
end

--- The batch that was made ahead, to build the model, or the next one.
local function next_batch(self, batch)
  local first = self.first
  self.first = nil
  if first and first.epoch == self.epoch and batch == 1 then return first end
  return make_batch(self, self.epoch, batch)
end

function Stream:ready()
  local run, batch = self.run, self.run.batches + 1
  if run.diverged or self.limit and batch > self.limit then return false end
  local feed = next_batch(self, batch)
  if feed then
    run:feed(feed.x, feed.y, feed.w)
    return true
  end
  self.at = nil
  self.ended = batch == 1 or self.limit ~= nil -- before its time
  self.steps = run.batches
  return false
end

function Stream.ahead() return 1 end

--- After an error: was it the function that failed, and where?
function Stream:failed()
  local at = self.at
  self.at = nil
  return at and ("batch %d of the iterator"):format(at[2])
end

local function new_stream(model, f, o)
  local limit = o.steps_per_epoch or o.limit_train_batches
  if limit and math.type(limit) ~= "integer" then
    check.raise("argument", "fit: option 'limit_train_batches': expected a number of batches where "
      .. "an iterator makes them, got %g", limit)
  end
  local known = type(f) == "table" and f.batches or nil -- of an epoch, to show
  local self = setmetatable({ f = f, model = model, pass = 1, limit = limit,
    steps = limit or known, options = { class_weight = o.class_weight } }, Stream)
  local feed = make_batch(self, o.initial_epoch + 1, 1)
  if not feed then
    check.raise("argument", "fit: expected an iterator that gives batches, got one that gives none")
  end
  feed.epoch = o.initial_epoch + 1
  self.first = feed
  self.run = core.run(model, "train", feed.x, feed.y, math.max(1, feed.rows), 0, o.epochs, feed.w)
  return self
end

--- The source of what fit was given; `feed` where that is rows. beside: a function of (model, feed,
--- options) that returns the run of a model alike, for which all is compiled, or nil.
function M.new(model, given, feed, o, beside)
  if feed then return new_rows(model, feed, o, beside) end
  return new_stream(model, given, o)
end

return M
