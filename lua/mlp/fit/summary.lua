--- The line that fit begins with where it validates: how rows were divided, and the balance of
--- their classes. Keras's users are bitten by its rule, the last rows as they stand (keras#20946).
local core = require "mlp.core"

local M = {}

local MOST <const> = 4 -- classes that are listed

--- Shares of the classes of a feed's first target, in percent; nil where it holds values.
local function shares(feed)
  local y = feed.y[1]
  if not y or y.dtype ~= "int64" or y:numel() == 0 then return nil end
  local count, most = {}, 0
  for _, c in ipairs(y:reshape(y:numel()):totable()) do
    count[c] = (count[c] or 0) + 1
    most = math.max(most, c)
  end
  for c = 1, most do count[c] = 100 * (count[c] or 0) / y:numel() end
  return count
end

local function name_of(feed, c)
  return feed.class_names and feed.class_names[c] or "class " .. c
end

--- " (no 49.8 %, yes 50.2 %)"
local function balance(feed, list)
  if not list then return "" end
  local parts = {}
  for c, share in ipairs(list) do parts[c] = ("%s %.1f %%"):format(name_of(feed, c), share) end
  if #list > MOST then
    return (" (%d classes, %.1f to %.1f %% each)"):format(#list, math.min(table.unpack(list)),
      math.max(table.unpack(list)))
  end
  return " (" .. table.concat(parts, ", ") .. ")"
end

--- Warn of a class that only one side has.
local function compare(feed, train, validation)
  for c = 1, math.max(#train, #validation) do
    local a, b = train[c] or 0, validation[c] or 0
    if (a == 0) ~= (b == 0) then
      core.warn(("fit: %s is in the %s data and not in the others; shuffle or stratify them")
        :format(name_of(feed, c), a > 0 and "training" or "validation"))
    end
  end
end

local function rule(o, feed)
  if o.validation_data ~= nil then return "given" end
  local how = o.validation_how
    or (feed.y[1] and feed.y[1].dtype == "int64" and "stratified" or "shuffle")
  return ({ shuffle = "shuffled", tail = "the last rows" })[how] or how
end

--- Say it.
function M.show(state)
  local feed, validation = state.feed, state.validation
  if not feed or not validation or validation.iterator then return end
  if feed == validation or state.options.verbose == 0 then return end
  local a, b = shares(feed), shares(validation)
  state.progress:note(("Train on %d rows%s, validate on %d%s: %s"):format(feed.rows,
    balance(feed, a), validation.rows, balance(feed, b), rule(state.options, feed)))
  if a and b then compare(feed, a, b) end
end

return M
