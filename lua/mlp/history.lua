--- What fit returns: one row per epoch.
---
---   history.loss[3]          the column "loss", epoch 3
---   history[3].val_loss      row 3
---   #history                 epochs
---   for epoch, row in history:rows() do ... end
---   history.columns          { "loss", "accuracy", "val_loss", ... } in the order of logging
---   history:column "loss"    the same as history.loss, or Keras's history.history["loss"]
---   history.best_epoch       where an EarlyStopping saw the best value
---   history.stopped_epoch    the last epoch, where fit stopped before the number asked for
---   history.stop_reason      why ("early_stopping", "interrupted", "non-finite loss ...")
--- @class mlp.History
--- @field columns string[]
--- @field best_epoch integer?
--- @field stopped_epoch integer?
--- @field stop_reason string?
local History = {}

local printed = require("mlp.logs").printed

local M = {}

local function number_text(v)
  if v ~= v then return "nan" end
  return type(v) == "number" and ("%.4g"):format(v) or tostring(v)
end

--- A column prints as its numbers, of a long one the first and last.
local column_meta = { __name = "mlp.Column" }

function column_meta.__tostring(list)
  local texts, last = {}, 0
  for epoch in pairs(list) do last = math.max(last, epoch) end
  for epoch = 1, last do
    if last <= 12 or epoch <= 5 or epoch > last - 5 then
      texts[#texts + 1] = number_text(list[epoch])
    elseif epoch == 6 then
      texts[#texts + 1] = "..."
    end
  end
  return "{ " .. table.concat(texts, ", ") .. " }"
end

local function column(self, name)
  local data = rawget(self, "data")
  return data[name]
end

local meta = { __name = "mlp.History" }

function meta.__index(self, key)
  if math.type(key) == "integer" then
    if key < 0 then key = #self + key + 1 end
    return rawget(self, "list")[key]
  end
  if key == "history" then return rawget(self, "data") end
  return History[key] or column(self, key)
end

function meta.__len(self) return #rawget(self, "list") end

local function cell(v)
  if v == nil then return "" end
  if v ~= v then return "nan" end
  if math.type(v) == "integer" then return tostring(v) end
  return (math.abs(v) > 1e-3 or v == 0) and ("%.4f"):format(v) or ("%.4e"):format(v)
end

local function add_row(lines, widths, cells)
  local out = {}
  for i, c in ipairs(cells) do out[i] = (" "):rep(widths[i] - #c) .. c end
  lines[#lines + 1] = table.concat(out, "  ")
end

--- A table of the first and last epochs.
function meta.__tostring(self)
  local widths, lines, n = { 5 }, {}, #self
  for i, name in ipairs(self.columns) do widths[i + 1] = math.max(#name, 10) end
  add_row(lines, widths, { "epoch", table.unpack(self.columns) })
  for epoch, row in self:rows() do
    if n <= 12 or epoch <= 5 or epoch > n - 5 then
      local cells = { tostring(epoch) }
      for i, name in ipairs(self.columns) do cells[i + 1] = cell(row[name]) end
      add_row(lines, widths, cells)
    elseif epoch == 6 then
      lines[#lines + 1] = "  ..."
    end
  end
  return table.concat(lines, "\n")
end

--- The values of a column, one an epoch (nil where it was not logged).
--- @param name string
--- @return number[]?
function History:column(name) return column(self, name) end

--- Iterate over epochs: `for epoch, row in history:rows() do`
function History:rows() return ipairs(rawget(self, "list")) end

--- Add an epoch. A new column joins behind the others.
--- @param row table<string, number>
--- @param order string[]  names in the order in which they are to stand
function History:append(row, order)
  local list, data = rawget(self, "list"), rawget(self, "data")
  list[#list + 1] = printed(row)
  for _, name in ipairs(order) do
    if row[name] ~= nil then
      if not data[name] then
        data[name] = setmetatable({}, column_meta)
        self.columns[#self.columns + 1] = name
      end
      data[name][#list] = row[name]
    end
  end
end

--- All of it as plain tables, for checkpoints.
function History:get_state()
  return { rows = rawget(self, "list"), columns = self.columns, best_epoch = self.best_epoch }
end

--- Become what get_state gave.
function History:set_state(state)
  local list, data = rawget(self, "list"), rawget(self, "data")
  for i = #list, 1, -1 do list[i] = nil end
  for name in pairs(data) do data[name] = nil end
  self.columns, self.best_epoch = {}, state.best_epoch
  for _, row in ipairs(state.rows) do self:append(row, state.columns) end
end

--- Draw loss and metrics: see mlp.plot.history.
--- @return mlp.Figure
function History:plot(options) return require("mlp.plot").history(self, options) end

--- Every column as a line of blocks, for a terminal: see mlp.plot.spark_history.
--- @param options? table
--- @return string
--- @usage print(history:spark())
function History:spark(options) return require("mlp.plot").spark_history(self, options) end

--- @return mlp.History
function M.new()
  return setmetatable({ list = {}, data = {}, columns = {} }, meta)
end

return M
