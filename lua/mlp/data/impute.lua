--- Missing values: numbers for what is NaN.
local core = require "mlp.core"
local check = require "mlp.check"
local transform = require "mlp.data.transform"

local M = {}

local STATISTIC <const> = { mean = "mean", median = "quantile", most_frequent = "mode" }

--- The value that stands in for what is missing, of each column.
local function values(self, x, counts)
  local o = self.options
  if o.strategy == "constant" then
    local list = {}
    for c = 1, #counts do list[c] = o.fill_value end
    return list
  end
  for c, n in ipairs(counts) do
    if n == 0 then
      check.raise("argument", "SimpleImputer.fit: column %d has no number to take the %s of; leave "
        .. "it out, or use strategy = \"constant\"", c, o.strategy)
    end
  end
  return core.column_statistic(x, STATISTIC[o.strategy], 0.5):totable()
end

local function fit(self, x)
  local counts, missing = core.column_statistic(x, "count"):totable(), {}
  for c, n in ipairs(counts) do
    if n < x.shape[1] then missing[#missing + 1] = c end
  end
  return { values = values(self, x, counts), missing = missing }
end

--- The columns of zeros and ones that say what was missing, of those that missed some in fit.
local function indicator(self, x, is_missing)
  local columns = core.tensor(self.state.missing, { dtype = "int64" })
  return is_missing:to(x.dtype):index_select(2, columns)
end

local function apply(self, x)
  local is_missing = x:ne(x)
  local filled = is_missing:where(transform.tensor_of(self, "values", x.dtype), x)
  if not self.options.add_indicator or #self.state.missing == 0 then return filled end
  return core.concat({ filled, indicator(self, x, is_missing) }, 2)
end

local function names(self, given)
  local list = table.move(given, 1, #given, 1, {})
  if self.options.add_indicator then
    for _, c in ipairs(self.state.missing) do list[#list + 1] = given[c] .. " missing" end
  end
  return list
end

local Simple = transform.define("SimpleImputer", {
  first = "strategy",
  presets = { strategy = "mean", fill_value = 0, add_indicator = false },
  init = function(self) transform.one_of(self, "strategy", "mean median most_frequent "
    .. "constant") end,
  fit = fit, apply = apply, names = names,
})

--- Put a number where there is NaN: of each column the mean, the median, the most frequent (of
--- several the least), or a constant.
--- Source: scikit-learn, SimpleImputer.
--- @param options? table  strategy "mean" | "median" | "most_frequent" | "constant", fill_value 0
---   (the constant), add_indicator false (a column of zeros and ones more for each column that
---   missed some)
--- @return mlp.Transform
--- @usage local rows = mlp.datasets.csv("horses.csv", { missing = "nan" })
---   rows = mlp.data.SimpleImputer { strategy = "median" }:fit_transform(rows)
function M.SimpleImputer(options) return Simple(options) end

return M
