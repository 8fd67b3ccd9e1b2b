--- Reading and editing the weights of layers and models.
local core = require "mlp.core"
local check = require "mlp.check"
require "mlp.inspect" -- how the lists print

local M = {}

--- Names and tensors of all weights of a model: { { name = "dense_1.kernel", tensor = t }, ... }
function M.list(model)
  local list = {}
  for _, layer in ipairs(model.layers) do
    for _, w in ipairs(layer:weights()) do
      local own = w.name:find(".", 1, true) and "/" or "."
      list[#list + 1] = { name = layer.name .. own .. w.name, tensor = w.tensor,
        trainable = w.trainable }
    end
  end
  return core.mark_fields(list)
end

--- Copies of the tensors of a list of weights.
function M.copies(list)
  local copies = {}
  for i, w in ipairs(list) do copies[i] = w.tensor:detach():clone() end
  return core.mark_fields(copies)
end

local function is_shape(a, b)
  if #a ~= #b then return false end
  for i, n in ipairs(a) do
    if b[i] ~= n then return false end
  end
  return true
end

local function shape_text(shape) return "(" .. table.concat(shape, ", ") .. ")" end

--- Tensors for weights: by order, or by name. Every one is checked before any is set.
local function match(who, list, given)
  local names, pairs_ = {}, {}
  for i, w in ipairs(list) do names[i] = w.name end
  if #given == 0 then
    for _, key in ipairs(check.sorted_keys(given)) do
      local at
      for i, name in ipairs(names) do at = at or name == key and i end
      if not at then
        check.raise("argument", "%s: there is no weight '%s'%s; there are: %s", who, tostring(key),
          check.hint(key, names), table.concat(names, ", "))
      end
      pairs_[#pairs_ + 1] = { list[at], given[key] }
    end
    return pairs_
  end
  if #list ~= #given then
    check.raise("argument", "%s: expected %d tensors (%s), got %d", who, #list,
      table.concat(names, ", "), #given)
  end
  for i, w in ipairs(list) do pairs_[i] = { w, given[i] } end
  return pairs_
end

--- Set weights from tensors, or nested lists of numbers, of the same shapes.
function M.set(who, list, given)
  if type(given) ~= "table" then
    check.raise("argument", "%s: expected a table of tensors, got %s", who, tostring(given))
  end
  local matched = match(who, list, given)
  for _, pair in ipairs(matched) do
    local w, t = pair[1], pair[2]
    if not core.is_tensor(t) then t = core.tensor(t, { dtype = w.tensor.dtype }) end
    if not is_shape(w.tensor.shape, t.shape) then
      check.raise("shape", "%s: '%s': expected %s, got %s", who, w.name,
        shape_text(w.tensor.shape), shape_text(t.shape))
    end
    pair[2] = t
  end
  core.no_grad(function()
    for _, pair in ipairs(matched) do pair[1].tensor:copy_(pair[2]) end
  end)
end

--- The trainable weights as one vector.
function M.flat(list)
  local parts = {}
  for _, w in ipairs(list) do
    if w.trainable then parts[#parts + 1] = w.tensor:detach():reshape(w.tensor:numel()) end
  end
  return #parts == 0 and core.zeros(0) or core.concat(parts)
end

--- Set the trainable weights from one vector.
function M.set_flat(who, list, vector)
  local n, at = 0, 1
  for _, w in ipairs(list) do n = n + (w.trainable and w.tensor:numel() or 0) end
  if not core.is_tensor(vector) or vector:numel() ~= n then
    check.raise("shape", "%s: expected a tensor of %d numbers, got %s", who, n,
      core.is_tensor(vector) and tostring(vector:numel()) or tostring(vector))
  end
  core.no_grad(function()
    for _, w in ipairs(list) do
      if w.trainable then
        local size = w.tensor:numel()
        w.tensor:copy_(vector:slice(at, at + size - 1):reshape(w.tensor.shape))
        at = at + size
      end
    end
  end)
end

--- The weights of a layer, in order: tensors.
--- @class mlp.Layer
local Layer = {}

--- Copies of its weights, in order.
--- @return mlp.Tensor[]
function Layer:get_weights() return M.copies(self:weights()) end

--- Set its weights: all in their order, or some by name ({ kernel = t }); tensors or nested lists.
--- @param weights table
--- @usage layer:set_weights { kernel = { { 1, 0 }, { 0, 1 } } }
function Layer:set_weights(weights) M.set("set_weights", self:weights(), weights) end

--- Of a Normalization layer: find the mean and variance of each feature.
--- @param data mlp.Dataset|mlp.Tensor
--- @return mlp.Layer  itself
--- @usage local scale = mlp.Normalization(); scale:adapt(train)
function Layer:adapt(data)
  if self.kind ~= "normalization" then
    check.raise("argument", "adapt: expected a normalization layer, got %s", self.kind)
  end
  local x = core.is_tensor(data) and data or data.x
  if not self.built then core.no_grad(core.layer_call, self, x:slice(1, 1), false) end
  local flat = x:reshape(-1, x.shape[x.ndim])
  local variance = flat:var(1):clamp(1e-14, math.huge)
  M.set("adapt", self:weights(), { mean = flat:mean(1), variance = variance })
  return self
end

core.extend("mlp.Layer", Layer, {})

return M
