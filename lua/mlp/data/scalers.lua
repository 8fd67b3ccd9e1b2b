--- Scalers: (x - shift) / scale of each column. NaN does not count, and stays.
local core = require "mlp.core"
local check = require "mlp.check"
local transform = require "mlp.data.transform"

local M = {}

local function list(t) return t:totable() end

--- What fit learnt, for the columns that are chosen; of the others 0 and 1.
local function state_of(self, shift, scale)
  local chosen = transform.chosen(self, #shift)
  for c = 1, #shift do
    if chosen and not chosen[c] then shift[c], scale[c] = 0, 1 end
  end
  return { shift = shift, scale = scale }
end

local function restore(self)
  self.shift = transform.tensor_of(self, "shift", "float64")
  self.scale = transform.tensor_of(self, "scale", "float64")
end

local function apply(inverse)
  return function(self, x)
    return core.scaler_apply(x, self.shift, self.scale, inverse)
  end
end

local function define(name, kind)
  kind.presets.columns = check.none
  function kind.restore(self)
    restore(self)
    if name == "StandardScaler" then self.mean_, self.scale_ = self.shift, self.scale end
  end
  kind.apply, kind.inverse = kind.apply or apply(false), apply(true)
  return transform.define(name, kind)
end

local function by_engine(kind, x, low, high)
  local shift, scale = core.scaler_fit(x, kind, low, high)
  return list(shift), list(scale)
end

local Standard = define("StandardScaler", {
  presets = { with_mean = true, with_std = true },
  fit = function(self, x)
    local shift, scale = by_engine("standard", x)
    for c = 1, #shift do
      if not self.options.with_mean then shift[c] = 0 end
      if not self.options.with_std then scale[c] = 1 end
    end
    return state_of(self, shift, scale)
  end,
})

--- Columns with mean 0 and standard deviation 1 (over n); a constant column is only moved to 0.
--- Source: scikit-learn, StandardScaler.
--- @param options? table  with_mean true, with_std true, columns (numbers; preset all)
--- @return mlp.Transform  with shift, scale once it is fitted; also as mean_, scale_
--- @usage local scaler = mlp.data.StandardScaler():fit(train); test = scaler:transform(test)
function M.StandardScaler(options) return Standard(options) end

local function check_range(self)
  local range = self.options.feature_range
  local low, high = range[1], range[2]
  if not (math.type(low) and math.type(high) and low < high) then
    check.raise("argument", "MinMaxScaler: option 'feature_range': expected { low, high }")
  end
end

local MinMax = define("MinMaxScaler", {
  presets = { feature_range = { 0, 1 }, clip = false },
  init = check_range,
  fit = function(self, x)
    local range = self.options.feature_range
    return state_of(self, by_engine("minmax", x, range[1], range[2]))
  end,
  apply = function(self, x)
    local out = apply(false)(self, x)
    local range = self.options.feature_range
    return self.options.clip and out:clamp(range[1], range[2]) or out
  end,
})

--- Columns from 0 to 1, or over another range.
--- Source: scikit-learn, MinMaxScaler.
--- @param options? table  feature_range { 0, 1 }, clip false (what lies outside, to the range's
---   ends), columns (numbers; preset all)
--- @return mlp.Transform
function M.MinMaxScaler(options) return MinMax(options) end

--- 1 for a scale that would divide by zero.
local function usable(v) return (v ~= v or v == 0) and 1 or v end

local MaxAbs = define("MaxAbsScaler", {
  presets = {},
  fit = function(self, x)
    local shift, scale = {}, list(core.column_statistic(x, "max_abs"))
    for c = 1, #scale do shift[c], scale[c] = 0, usable(scale[c]) end
    return state_of(self, shift, scale)
  end,
})

--- Columns whose largest absolute value is 1; zeros stay zeros.
--- Source: scikit-learn, MaxAbsScaler.
--- @param options? table  columns (numbers; preset all)
--- @return mlp.Transform
function M.MaxAbsScaler(options) return MaxAbs(options) end

local function check_quantiles(self)
  local range = self.options.quantile_range
  local low, high = range[1], range[2]
  if not (math.type(low) and math.type(high) and 0 <= low and low < high and high <= 100) then
    check.raise("argument",
      "RobustScaler: option 'quantile_range': expected { low, high } from 0 to 100")
  end
end

local Robust = define("RobustScaler", {
  presets = { with_centering = true, with_scaling = true, quantile_range = { 25.0, 75.0 } },
  init = check_quantiles,
  fit = function(self, x)
    local o = self.options
    local function at(percent) return list(core.column_statistic(x, "quantile", percent / 100)) end
    local shift, scale, low = at(50), at(o.quantile_range[2]), at(o.quantile_range[1])
    for c = 1, #shift do
      shift[c] = o.with_centering and shift[c] == shift[c] and shift[c] or 0
      scale[c] = o.with_scaling and usable(scale[c] - low[c]) or 1
    end
    return state_of(self, shift, scale)
  end,
})

--- Columns less their median, divided by the range between two quantiles: outliers hardly count.
--- Source: scikit-learn, RobustScaler.
--- @param options? table  with_centering true, with_scaling true, quantile_range { 25, 75 }
---   (percent), columns (numbers; preset all)
--- @return mlp.Transform
function M.RobustScaler(options) return Robust(options) end

return M
