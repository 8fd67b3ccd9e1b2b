--- Grid search: every combination once, the last name changing fastest.
---
--- The grid is given as tables, { lr = { 0.1, 0.01 }, batch = { 4, 8 } } (names in alphabetic
--- order) or { { "lr", { ... } }, { "batch", { ... } } } (in that order); or it is the space that
--- the objective asks for, with ten values of what may be any number.
local core = require "mlp.core"
local check = require "mlp.check"
local base = require "mlp.tune.sampler.base"

local Grid = base.class { name = "grid", uses_values = false, every = true }

local MANY <const> = 5 -- hyper-parameters, from which on a grid is hardly wise

--- Names and lists in order.
local function read(grid)
  local axes = {}
  if type(grid[1]) == "table" then
    for i, axis in ipairs(grid) do axes[i] = { name = axis[1], values = axis[2] } end
  else
    for i, name in ipairs(check.sorted_keys(grid)) do
      axes[i] = { name = name, values = grid[name] }
    end
  end
  for _, axis in ipairs(axes) do
    if type(axis.name) ~= "string" or type(axis.values) ~= "table" or #axis.values == 0 then
      check.raise("argument", "grid: '%s': expected a list of values, got %s", tostring(axis.name),
        type(axis.values) == "table" and "none" or tostring(axis.values))
    end
  end
  return axes
end

local function size(axes)
  local n = 1
  for _, axis in ipairs(axes) do n = n * #axis.values end
  return n
end

--- The i-th combination, from 0.
local function combination(axes, i)
  local point = {}
  for k = #axes, 1, -1 do
    local values = axes[k].values
    point[axes[k].name] = values[1 + i % #values]
    i = i // #values
  end
  return point
end

local function warn_of_size(axes)
  if #axes < MANY then return end
  core.warn(("grid: %d hyper-parameters make %d trials; random or Bayesian search finds as good a "
    .. "point in far fewer"):format(#axes, size(axes)))
end

--- How many trials the grid takes; nil where it is not known yet.
function Grid:size() return self.axes and size(self.axes) end

function Grid:by_number() return self.axes ~= nil end

function Grid:fixed_plan(view)
  if view.number >= size(self.axes) then
    return nil, "end", ("grid complete (%d/%d)"):format(size(self.axes), size(self.axes))
  end
  return {}, combination(self.axes, view.number)
end

--- Of a space that is not known yet, the first point.
function Grid.independent(_, _, _, _, d) return d:grid()[1] end

--- The axes of a space that the objective has told.
local function axes_of(space)
  local axes = {}
  for i, name in ipairs(space.order) do
    axes[i] = { name = name, values = space.distribution[name]:grid() }
  end
  return axes
end

--- All below self.low are tried, or being tried.
function Grid:plan(view)
  if self.axes then return self:fixed_plan(view) end
  if #view.space.order == 0 then return {} end
  local axes = axes_of(view.space)
  if self.known ~= #axes then
    self.known, self.low = #axes, 0
    warn_of_size(axes)
  end
  return self:search(view, axes)
end

function Grid:search(view, axes)
  local total, pending = size(axes), base.pending_signatures(view)
  for i = self.low, total - 1 do
    local plan = combination(axes, i)
    local signature, tried = view.visited:signature(plan, view.space)
    if not tried and not pending[signature] then return plan end
    if tried and i == self.low then self.low = i + 1 end
  end
  local n = view.visited.leaves + #view.pending
  return nil, "end", ("grid complete (%d/%d)"):format(n, n)
end

--- @param grid? table
return function(grid)
  local self = setmetatable({}, Grid)
  if grid ~= nil and next(grid) ~= nil then
    self.axes = read(grid)
    warn_of_size(self.axes)
  end
  return self
end
