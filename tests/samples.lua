-- samples.lua: one of each registered kind, for the specs that hold for all of them.
local core = require "mlp.core"
local mlp = require "mlp"

local M = {}

local registry = core.registry()

--- Call f(kind, family) for each kind of a family; of all families where it is nil.
function M.each(family, f)
  local names = {}
  for name in pairs(registry) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if not family or name == family then
      for _, kind in ipairs(registry[name]) do f(kind, name) end
    end
  end
end

--- A value that an option takes: its preset, else what its type allows.
local function value(option)
  if option.preset ~= nil then return option.preset end
  if option.type == "object" then return registry[option.family][1].name end
  if option.type == "layer" then return core.layer("dense", { 3, "tanh" }) end
  if option.name == "dims" then return { 2, 1 } end
  if option.type == "shape" then return { 2, 2 } end
  if option.type == "string" then return option.choices and option.choices:match "%S+" or "x" end
end

--- The options without which a kind cannot be made. Each list is longer than the one before.
function M.options(kind)
  local options, list = {}, {}
  for _, option in ipairs(kind.options) do
    if option.required then options[option.name] = value(option) end
    if option.required and option.type == "list" then
      list[#list + 1] = #list + 1
      options[option.name] = { table.unpack(list) }
    end
  end
  return options
end

--- Shapes of a row that layers take; a spec tries them in order.
M.rows = { { 6 }, { 4, 6 }, { 4, 4, 3 }, { 4 }, { 64 } }

--- A layer of that kind, with layers of its own among the options.
local function make(kind, options)
  options = options or M.options(kind)
  for _, option in ipairs(kind.options) do
    if option.type == "layer" then options[option.name] = value(option) end
  end
  return core.layer(kind.name, options)
end

--- A layer of that kind, and the shape of a row that it takes: { layer, row, inputs }.
function M.layer(kind, options)
  local sample
  for _, row in ipairs(M.rows) do
    local layer = make(kind, options)
    local ok = pcall(function() layer(M.inputs(kind, row, 2)) end)
    if ok then
      sample = { layer = make(kind, options), row = row }
      break
    end
  end
  return assert(sample, "no row fits the layer " .. kind.name)
end

--- A row of other sizes that such a layer takes: of a few draws; nil where none fits.
function M.another_row(kind, options, row)
  for _ = 1, 8 do
    local drawn = {}
    for i = 1, #row do drawn[i] = math.random(1, 12) end
    local ok = pcall(function() make(kind, options)(M.inputs(kind, drawn, 2)) end)
    if ok then return drawn end
  end
end

--- Random inputs of a layer of that kind: a tensor, or a list of them.
function M.inputs(kind, row, n, dtype)
  local list = {}
  for i = 1, math.max(1, kind.min_inputs) do
    list[i] = kind.integers and mlp.ones(n, table.unpack(row)):long()
      or mlp.randn({ n, table.unpack(row) }, { dtype = dtype or "float32" })
  end
  return #list == 1 and list[1] or list
end

--- A model of one layer of that kind.
function M.model(kind, options)
  local sample = M.layer(kind, options)
  local x = mlp.Input { shape = sample.row, dtype = kind.integers and "int64" or "float32" }
  local inputs = {}
  for i = 1, math.max(1, kind.min_inputs) do inputs[i] = x end
  local output = sample.layer(#inputs == 1 and x or inputs)
  return mlp.Model { inputs = x, outputs = output }, sample.row
end

return M
