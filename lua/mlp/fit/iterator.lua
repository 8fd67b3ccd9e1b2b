--- A function (epoch, batch) that gives batches, or a table that can be called like one.
local core = require "mlp.core"
local check = require "mlp.check"
local data = require "mlp.fit.data"

local M = {}

--- @return boolean
function M.is(given)
  return type(given) == "function" or type(given) == "table" and not given.x
    and (getmetatable(given) or {}).__call ~= nil
end

--- The batch as a feed, or nil at the end.
--- @param who string
--- @param options? table  class_weight
--- @return mlp.Feed?
function M.batch(who, model, f, epoch, batch, options)
  local x, y = f(epoch, batch)
  if x == nil then return nil end
  if y ~= nil then
    x = { x = x, y = y }
  elseif type(x) == "table" then -- such as a batch of dataset:batches
    x = { x = x.x, y = x.y, sample_weight = x.sample_weight }
  end
  return data.feed(("%s, batch %d of the iterator"):format(who, batch), model, x, options)
end

--- A pass in evaluation over the batches of an iterator, and what feeds it the next one: for
--- hooks.finish.
--- @return mlp.Run
--- @return fun(): boolean
function M.evaluation(who, model, f, epoch)
  local first, at = M.batch(who, model, f, epoch, 1), 1
  if not first then
    check.raise("argument", "%s: expected an iterator that gives batches, got one that gives none",
      who)
  end
  local run = core.run(model, "evaluate", first.x, first.y, math.max(1, first.rows), 0, 0, first.w)
  return run, function()
    at = at + 1
    local feed = M.batch(who, model, f, epoch, at)
    if feed then run:feed(feed.x, feed.y, feed.w) end
    return feed ~= nil
  end
end

return M
