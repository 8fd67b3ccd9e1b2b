--- Whose conventions what is made follows: Keras's, or with compat = "torch" PyTorch's. What
--- differs, and why: docs/compat.md.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

-- What PyTorch 2.15 presets otherwise (torch.optim, torch.nn): options that are not given.
local presets = {
  optimizer = {
    sgd = { learning_rate = 1e-3 },
    rmsprop = { learning_rate = 0.01, rho = 0.99, epsilon = 1e-8 },
    adam = { epsilon = 1e-8 },
    adamw = { epsilon = 1e-8, weight_decay = 0.01 },
    adagrad = { learning_rate = 0.01, initial_accumulator_value = 0, epsilon = 1e-10 },
    adadelta = { learning_rate = 1, rho = 0.9, epsilon = 1e-6 },
    adamax = { learning_rate = 2e-3, epsilon = 1e-8 },
    nadam = { learning_rate = 2e-3, epsilon = 1e-8 },
    adafactor = { learning_rate = 0.01, epsilon_1 = 0 },
    muon = { weight_decay = 0.1, rms_rate = 0, adam_weight_decay = 0.01, epsilon = 1e-8 },
  },
  layer = {
    dense = { kernel_initializer = "torch_uniform", bias_initializer = "torch_uniform" },
    batch_normalization = { momentum = 0.9, epsilon = 1e-5, unbiased = true },
    layer_normalization = { epsilon = 1e-5 },
    group_normalization = { epsilon = 1e-5 },
    leaky_relu = { negative_slope = 0.01 },
  },
  activation = { leaky_relu = { negative_slope = 0.01 } },
  -- CrossEntropyLoss { weight = } divides by the sum of the weights; BCELoss does not
  loss = {
    sparse_categorical_crossentropy = { reduction = "mean_with_sample_weight" },
    categorical_crossentropy = { reduction = "mean_with_sample_weight" },
  },
}

local default = "keras"

local kinds = {} -- kinds[family][name or alias] = { name, first option, has "compat"? }
for family in pairs(presets) do
  kinds[family] = {}
  for _, kind in ipairs(core.registry()[family]) do
    local entry = { name = kind.name, first = kind.options[1] and kind.options[1].name }
    for _, option in ipairs(kind.options) do entry.own = entry.own or option.name == "compat" end
    for name in (kind.name .. " " .. (kind.alias or "")):gmatch "%S+" do
      kinds[family][name] = entry
    end
  end
end

local function check_name(who, whose)
  if whose ~= nil and whose ~= "keras" and whose ~= "torch" then
    check.raise("argument", "%s: expected 'keras' or 'torch', got '%s'", who, tostring(whose))
  end
end

--- The option `compat` of who, checked.
function M.read(who, whose)
  check_name(who .. ": option 'compat'", whose)
  return whose
end

--- @see mlp.compat
function M.compat(whose)
  local before = default
  check_name("compat", whose)
  default = whose or default
  return before
end

--- f(...) while those are the conventions; nil: those of now. Returns what f does.
function M.within(whose, f, ...)
  local before = M.compat(whose)
  local results = table.pack(pcall(f, ...))
  default = before
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- PyTorch's momentum is the share of the new batch, ours that of the old ones.
local function turn_momentum(o)
  if o[1] ~= nil then o.momentum, o[1] = o[1], nil end
  if o.momentum ~= nil then
    o.momentum = 1 - check.number("batch_normalization", "momentum", o.momentum, 0, 1)
  end
end

--- Options of a kind as the engine takes them: PyTorch's presets filled in where `compat` among
--- them, or else the default, says so.
--- @param family string
--- @param name string  of the kind, or an alias
--- @param options any  a table, the first option alone, or nil
function M.options(family, name, options)
  local kind = kinds[family] and kinds[family][name]
  if not kind or family == "optimizer" and not kind.own then return options end
  local o = {}
  for k, v in pairs(type(options) == "table" and options or { options }) do o[k] = v end
  local whose = o.compat == nil and default or o.compat
  if whose ~= "keras" and whose ~= "torch" then
    check.raise("argument", "%s: option 'compat': expected one of keras torch; got '%s'", name,
      tostring(whose))
  end
  o.compat = kind.own and whose or nil
  if whose == "keras" then return o end
  if kind.name == "batch_normalization" then turn_momentum(o) end
  for key, value in pairs(presets[family][kind.name] or {}) do
    if o[key] == nil and not (key == kind.first and o[1] ~= nil) then o[key] = value end
  end
  return o
end

--- Keep with a layer what it was asked for, before presets, for `adopt`.
function M.note(layer, options)
  if kinds.layer[layer.kind] or layer.layer then core.layer_note(layer, options or {}) end
  return layer
end

--- A layer that was made without `compat` takes the model's; so does one that it is made around.
function M.adopt(layer, whose)
  local options = whose and core.layer_note(layer)
  if not options then return end
  if type(options) ~= "table" then options = { options } end
  if layer.layer then return M.adopt(options.layer or options[1], whose) end
  if options.compat ~= nil then return end
  core.layer_refill(layer, M.within(whose, M.options, "layer", layer.kind, options))
end

return M
