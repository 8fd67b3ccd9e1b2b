--- What a fit leaves behind for model:why(): its data, options, history, and the weights that it
--- started from. It is forgotten with the model.
local M = {}

local records = setmetatable({}, { __mode = "k" })

--- @class mlp.FitRecord
--- @field train mlp.Feed
--- @field validation mlp.Feed?
--- @field single boolean  one input and one output: x and y are those
--- @field batch_size integer
--- @field rate number  of the first step
--- @field history mlp.History
--- @field weights mlp.Tensor[]?  at the start; nil: too many to keep a copy
--- @field step integer  at the start

local KEPT <const> = 4 << 20 -- weights of a model of which the first ones are kept

--- For fit: note how it begins.
--- @param model mlp.Model  built
--- @param record table  all but weights and step
function M.begin(model, record)
  record.step = model.iterations
  if model:count() <= KEPT then record.weights = model:get_weights() end
  record.single = #record.train.x == 1 and #record.train.y == 1
  record.x, record.y = record.train.x[1], record.train.y[1]
  records[model] = record
end

--- The weights that it started from. Of a large model there is no copy: they are drawn again,
--- which gives the same ones where they were never set and never trained; nil where they were.
--- @param model mlp.Model
--- @param record mlp.FitRecord
--- @return mlp.Tensor[]?
function M.first_weights(model, record)
  if not record.weights and record.step == 0 then
    local description = require "mlp.file.describe"(model, false)
    local again = require("mlp.file.restore").first("why",
      require("mlp.core").json_encode(description))
    record.weights = again:get_weights()
  end
  return record.weights
end

--- The last fit of the model, or nil.
--- @param model mlp.Model
--- @return mlp.FitRecord?
function M.last(model) return records[model] end

return M
