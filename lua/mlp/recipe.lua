--- A model as a line of text: layers, first weights (by their random streams), and what compile
--- said, without what is preset. With the same data, fit ends with the same bits.
local core = require "mlp.core"
local check = require "mlp.check"
local describe = require "mlp.file.describe"

local M = {}

local VERSION <const> = "mlp1:"

local presets = {} -- presets[family][kind] = { option = preset }
for family, kinds in pairs(core.registry()) do
  presets[family] = {}
  for _, kind in ipairs(kinds) do
    local of = {}
    for _, option in ipairs(kind.options) do of[option.name] = option end
    presets[family][kind.name] = of
  end
end

local shorten, lengthen

--- The layer inside another one.
local function short_part(d)
  local text = shorten("layer", d)
  if d.trainable and d.name == d.kind .. "_1" then return text end
  if type(text) == "string" then text = { kind = text } end
  text.name, text.trainable = d.name, d.trainable
  return text
end

local function long_part(d)
  d = lengthen("layer", d)
  if type(d) ~= "table" or type(d.kind) ~= "string" then return d end
  d.name, d.trainable = d.name or d.kind .. "_1", d.trainable ~= false
  return d
end

--- Is it what is there where nothing is said?
local function is_preset(option, v)
  if option.required then return false end
  if option.type == "object" then
    return v == (option.preset or false) or type(v) == "string" and v == option.preset
  end
  if type(v) == "table" then return #v == 0 and option.preset == nil end
  if v == "inf" or v == "-inf" then v = v == "inf" and math.huge or -math.huge end
  return v == option.preset
end

--- An object as its name, or { kind =, options = } where some are not preset.
function shorten(family, d)
  if type(d) ~= "table" then return d end
  local known, options = presets[family][d.kind], {}
  for name, v in pairs(d.options or {}) do
    local option = known and known[name]
    if option and option.type == "object" then v = shorten(option.family, v) end
    if option and option.type == "layer" then v = short_part(v) end
    if not option or not is_preset(option, v) then options[name] = v end
  end
  if not next(options) then return d.kind end
  return { kind = d.kind, options = options }
end

--- Back to what a model's file has.
function lengthen(family, d)
  if type(d) == "string" then d = { kind = d } end
  if type(d) ~= "table" then return d end
  for name, v in pairs(d.options or {}) do
    local option = (presets[family][d.kind] or {})[name]
    if option and option.type == "object" then d.options[name] = lengthen(option.family, v) end
    if option and option.type == "layer" then d.options[name] = long_part(v) end
  end
  return d
end

local function is_chain(uses)
  for i, use in ipairs(uses) do
    if use.layer ~= i or #use.inputs ~= 1 or use.inputs[1] ~= i - 1 then return false end
  end
  return true
end

local function short_layer(d, i, stream, count)
  count[d.kind] = (count[d.kind] or 0) + 1
  local text = shorten("layer", d)
  local same = #d.stream == 3 and d.stream[1] == stream[1] and d.stream[2] == stream[2]
    and d.stream[3] == i - 1
  local named = d.name ~= ("%s_%d"):format(d.kind, count[d.kind])
  if same and not named and d.trainable then return text end
  if type(text) == "string" then text = { kind = text } end
  text.name, text.stream = named and d.name or nil, not same and d.stream or nil
  if not d.trainable then text.trainable = false end
  return text
end

local function long_layer(d, i, stream, count)
  d = lengthen("layer", d)
  if type(d) ~= "table" or type(d.kind) ~= "string" then
    check.raise("format", "recipe: layer %d: expected a name or a table, got %s", i, check.what(d))
  end
  count[d.kind] = (count[d.kind] or 0) + 1
  d.name = d.name or ("%s_%d"):format(d.kind, count[d.kind])
  d.stream, d.trainable = d.stream or { stream[1], stream[2], i - 1 }, d.trainable ~= false
  return d
end

local function each_training(t, change)
  t.optimizer = change("optimizer", t.optimizer)
  if type(t.loss) == "table" or t.loss ~= "custom" and t.loss ~= "none" then
    t.loss = change("loss", t.loss)
  end
  for _, one in ipairs(t.losses or {}) do
    if one.loss ~= "none" and one.loss ~= "custom" then one.loss = change("loss", one.loss) end
  end
  return t
end

local function short_metric(m)
  local text = shorten("metric", m)
  if type(text) == "string" and m.name == m.kind and not m.output and not m.weighted then
    return text
  end
  if type(text) == "string" then text = { kind = text } end
  text.name, text.output, text.weighted = m.name, m.output, m.weighted
  return text
end

local function long_metric(m)
  m = lengthen("metric", m)
  m.name = m.name or m.kind
  return m
end

local function map(list, f)
  local out = {}
  for i, v in ipairs(list) do out[i] = f(v, i) end
  return out
end

--- The model as one line of text, to be mailed, put in a name or a log: layers, random streams,
--- optimizer, loss, metrics; options at their presets are left out, and so are trained weights.
--- mlp.from_recipe makes the model again as it was before the first step.
--- @return string
--- @usage print(model:recipe())
function M.recipe(model)
  check.self(model, "mlp.Model", "recipe")
  if not model.built then
    check.raise("state", "recipe: expected a model that is built; call it, or fit it, first")
  end
  local d, count = describe(model, false), {}
  d.layers = map(d.layers, function(layer, i) return short_layer(layer, i, d.stream, count) end)
  if is_chain(d.uses) then d.uses = nil end
  if d.name == "sequential" then d.name = nil end
  if d.input.dtype == "float32" then d.input = d.input.shape end
  if d.training then
    local t = each_training(d.training, shorten)
    t.metrics = #t.metrics > 0 and map(t.metrics, short_metric) or nil
    t.state = nil
  end
  return VERSION .. core.json_encode(d)
end

local function expand(text)
  if type(text) ~= "string" or text:sub(1, #VERSION) ~= VERSION then
    check.raise("format", "from_recipe: expected a text that begins with '%s', got %s", VERSION,
      check.what(text))
  end
  local ok, d = pcall(core.json_decode, text:sub(#VERSION + 1))
  if not ok or type(d) ~= "table" or type(d.layers) ~= "table" or type(d.stream) ~= "table"
    or type(d.input) ~= "table" then
    check.raise("format", "from_recipe: the text is cut off or changed")
  end
  local count = {}
  d.name, d.layers = d.name or "sequential", map(d.layers, function(layer, i)
    return long_layer(layer, i, d.stream, count)
  end)
  d.uses = d.uses or map(d.layers, function(_, i) return { layer = i, inputs = { i - 1 } } end)
  if #d.input > 0 then d.input = { shape = d.input, dtype = "float32" } end
  if d.training then
    local t = each_training(d.training, lengthen)
    t.metrics, t.state = map(t.metrics or {}, long_metric), false
  end
  return d
end

--- The model of a recipe, built, with the first weights it had; its own layers and losses must be
--- registered. Trained on the same data after mlp.seed of the same seed, it ends with its bits.
--- @param text string  of model:recipe
--- @return mlp.Model
--- @usage local model = mlp.from_recipe(text)
function M.from_recipe(text)
  return require("mlp.file.restore").first("recipe", core.json_encode(expand(text)))
end

core.extend("mlp.Model", { recipe = M.recipe })

return M
