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
--- @field weights mlp.Tensor[]  at the start
--- @field step integer  at the start

--- For fit: note how it begins.
--- @param model mlp.Model  built
--- @param record table  all but weights and step
function M.begin(model, record)
  record.weights, record.step = model:get_weights(), model.iterations
  record.single = #record.train.x == 1 and #record.train.y == 1
  record.x, record.y = record.train.x[1], record.train.y[1]
  records[model] = record
end

--- The last fit of the model, or nil.
--- @param model mlp.Model
--- @return mlp.FitRecord?
function M.last(model) return records[model] end

return M
