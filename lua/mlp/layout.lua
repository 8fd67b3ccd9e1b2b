--- Weights in the layouts of PyTorch and Keras: model:save_weights and model:load_weights with
--- layout = "torch" or "keras".
---
--- PyTorch: Linear.weight is (out, in), the transpose of our kernel; names are "<layer>.weight",
--- "<layer>.bias"; of BatchNorm weight, bias, running_mean, running_var (num_batches_tracked is
--- left out). Keras: kernel, bias, gamma, beta, moving_mean, moving_variance as here, named
--- "<layer>/<name>".
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local TORCH <const> = {
  kernel = "weight", bias = "bias", gamma = "weight", beta = "bias", alpha = "weight",
  moving_mean = "running_mean", moving_variance = "running_var",
}

local function fail(path, fmt, ...)
  check.raise("format", "load_weights: '%s': " .. fmt, path, ...)
end

--- What a layout calls a weight, and whether it lies the other way round there.
local function foreign(layout, weight)
  if layout == "keras" then return weight.name, false end
  return TORCH[weight.name] or weight.name, weight.name == "kernel" and weight.tensor.ndim == 2
end

local SEPARATOR <const> = { torch = ".", keras = "/" }

--- Layers that have weights, in order.
local function layers_of(model)
  local list = {}
  for _, layer in ipairs(model.layers) do
    if #layer:weights() > 0 then list[#list + 1] = layer end
  end
  return list
end

--- "fc.2" before "fc.10": digits compare as numbers.
local function natural(a, b)
  local function key(s)
    return (s:gsub("%d+", function(d) return ("%012d"):format(tonumber(d)) end))
  end
  local x, y = key(a), key(b)
  if x == y then return a < b end
  return x < y
end

--- Arrays by layer: groups["fc1"].weight; and the names of the groups in natural order.
local function groups_of(path, arrays, layout)
  local groups, order = {}, {}
  for name, t in pairs(arrays) do
    local group, rest = name:match("^(.*)%" .. SEPARATOR[layout] .. "([^./]+)$")
    if not group then
      fail(path, "expected names like 'layer%sweight', got '%s'", SEPARATOR[layout], name)
    end
    if layout == "keras" then rest = rest:gsub(":0$", "") end
    if rest ~= "num_batches_tracked" then
      if not groups[group] then
        groups[group] = {}
        order[#order + 1] = group
      end
      groups[group][rest] = t
    end
  end
  table.sort(order, natural)
  return groups, order
end

--- Which group is for which layer: by name where every layer has one, else in order.
local function match(path, layers, groups, order, given)
  local chosen, named = {}, true
  for i, layer in ipairs(layers) do
    chosen[i] = given[layer.name] or layer.name
    named = named and groups[chosen[i]] ~= nil
  end
  if named and #order == #layers then return chosen end
  if next(given) then fail(path, "option 'names': its names and those in the file differ") end
  if #order ~= #layers then
    fail(path, "expected weights of %d layers, got %d: %s", #layers, #order,
      table.concat(order, ", "))
  end
  return order
end

--- The array for a weight, as it lies here.
local function converted(path, group, name, weight, layout)
  local wanted, turned = foreign(layout, weight)
  local t = group[wanted]
  local full = name .. SEPARATOR[layout] .. wanted
  if not t then fail(path, "expected '%s' for %s, got none", full, weight.name) end
  group[wanted] = nil
  if turned then
    if t.ndim ~= 2 then fail(path, "'%s': expected 2 dimensions, got %d", full, t.ndim) end
    t = t:t()
  end
  local a, b = weight.tensor.shape, t.shape
  if table.concat(a, ",") ~= table.concat(b, ",") then
    fail(path, "'%s': expected shape (%s), got (%s)%s", full, table.concat(a, ", "),
      table.concat(b, ", "), turned and ", after transposing" or "")
  end
  if t.dtype ~= "float32" and t.dtype ~= "float64" then
    fail(path, "'%s': expected floats, got %s", full, t.dtype)
  end
  return t
end

--- Set the weights of a model that is built. Everything is checked first.
function M.load(model, path, o)
  if not model.built then
    check.raise("state", "load_weights: expected a model that is built; call model:build first")
  end
  local layers, given = layers_of(model), o.names or {}
  local groups, order = groups_of(path, (core.safetensors(path)), o.layout)
  local names, pairs_ = match(path, layers, groups, order, given), {}
  for i, layer in ipairs(layers) do
    local group = groups[names[i]]
    for _, weight in ipairs(layer:weights()) do
      pairs_[#pairs_ + 1] = { weight.tensor, converted(path, group, names[i], weight, o.layout) }
    end
    local left = check.sorted_keys(group)[1]
    if left then
      fail(path, "'%s%s%s' has no place in layer '%s'", names[i], SEPARATOR[o.layout], left,
        layer.name)
    end
  end
  core.no_grad(function()
    for _, pair in ipairs(pairs_) do pair[1]:copy_(pair[2]) end
  end)
  return model
end

--- Write the weights in a layout; layers keep their names, or get those in `names`.
function M.save(model, path, o)
  local names, arrays = {}, {}
  for _, layer in ipairs(layers_of(model)) do
    local name = (o.names or {})[layer.name] or layer.name
    for _, weight in ipairs(layer:weights()) do
      local rest, turned = foreign(o.layout, weight)
      names[#names + 1] = name .. SEPARATOR[o.layout] .. rest
      arrays[#arrays + 1] = turned and weight.tensor:t() or weight.tensor
    end
  end
  core.no_grad(function() core.save_safetensors(path, names, arrays) end)
  return model
end

--- The options of save_weights and load_weights.
function M.options(who, options)
  local o = check.options(who, options, { layout = "mlprun", names = {} })
  if o.layout ~= "mlprun" and not SEPARATOR[o.layout] then
    check.raise("argument", "%s: option 'layout': expected 'mlprun', 'torch' or 'keras', got '%s'",
      who, o.layout)
  end
  return o
end

return M
