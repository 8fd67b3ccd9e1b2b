--- Layers, losses and metrics that a script writes: registered under a name, by which they are
--- compiled, saved and loaded like those that are built in.
local core = require "mlp.core"
local check = require "mlp.check"
local direction = require "mlp.direction"

local M = {}

-- kinds[family][name] = { make = f(options), where = "script.lua:3", ... }
local kinds = { layer = {}, loss = {}, metric = {} }

--- The registered kind of that name, or nil.
--- @param family string  "layer", "loss" or "metric"
--- @param name string
function M.find(family, name) return kinds[family] and kinds[family][name] end

local function is_name(v)
  return type(v) == "string" and v:find "^[%a_][%w_]*$" ~= nil and #v < 48
end

--- "script.lua:3": where the caller's caller is, without folders.
local function place()
  local info = debug.getinfo(3, "Sl")
  return ("%s:%d"):format(info.short_src:match "[^/]*$", info.currentline)
end

local built_in = {} -- built_in[family][name]
for family, list in pairs(core.registry()) do
  built_in[family] = {}
  for _, kind in ipairs(list) do
    built_in[family][kind.name] = true
    for alias in (kind.alias or ""):gmatch "%S+" do built_in[family][alias] = true end
  end
end

--- Enter a kind; a script that runs twice at a prompt replaces what it registered before.
local function register(who, family, name, kind)
  if not is_name(name) then
    check.raise("argument", "%s: option 'name': expected a name such as my_%s, got %s", who, family,
      check.what(name))
  end
  if built_in[family][name] then
    check.raise("argument", "%s: option 'name': '%s' is the name of a built-in %s", who, name,
      family)
  end
  kinds[family][name] = kind
  return kind
end

--
-- Losses and metrics
--

--- Register a loss that is written in Lua. It is traced once and then runs at the speed of C. Used
--- as `loss = "name"`, or by what this returns.
--- @param options table  name; call: a function of targets y and predictions p that returns one
---   number a row, or one for the batch, as a tensor
--- @return userdata  a loss
--- @usage mlp.Loss { name = "cube",
---   call = function(y, p) return (y - p):abs():pow(3):mean(-1) end }
function M.Loss(options)
  local o = check.options("Loss", options, { name = check.none, call = check.none })
  if type(o.call) ~= "function" then
    check.raise("argument", "Loss: option 'call': expected a function (y, p), got %s",
      tostring(o.call))
  end
  local function make() return core.loss_function(o.call, o.name) end
  register("Loss", "loss", o.name, { make = make, where = place() })
  return make()
end

--- Register a metric that is written in Lua: of targets and predictions, traced like a loss, or of
--- what an epoch has logged, `time_s`, `params` and `bytes` among it. Used as
--- `metrics = { "name" }`.
--- @param options table  name; call: a function (y, p) that returns one number a row, or one for
---   the batch, as a tensor; or logs: a function of the logs that returns a number;
---   larger_is_better false, for monitors whose mode is "auto"
--- @return userdata|table  a metric
--- @usage mlp.Metric { name = "worth", logs = function(l) return l.accuracy - 0.01 * l.time_s end }
function M.Metric(options)
  local o = check.options("Metric", options, { name = check.none, call = check.none,
    logs = check.none, larger_is_better = false })
  if (o.call == nil) == (o.logs == nil) or type(o.call or o.logs) ~= "function" then
    check.raise("argument", "Metric: expected 'call', a function (y, p), or 'logs', a function of "
      .. "what is logged")
  end
  local function make()
    if o.call then return core.metric_function(o.call, o.name, o.larger_is_better) end
    return setmetatable({ kind = o.name, logs = o.logs, larger_is_better = o.larger_is_better },
      M.LogMetric)
  end
  register("Metric", "metric", o.name, { make = make, where = place() })
  direction.set(o.name, o.larger_is_better)
  return make()
end

--- A metric that is a function of what was logged.
M.LogMetric = { __name = "mlp.LogMetric" }

function M.is_log_metric(v) return getmetatable(v) == M.LogMetric end

--
-- Layers
--

local Self = {} -- methods of the table that a layer's functions get

--- Add a weight, in `build`.
--- @param options table  name, shape; initializer "glorot_uniform", regularizer, constraint,
---   trainable true
--- @return mlp.Tensor
function Self:add_weight(options)
  local families = require "mlp.families"
  local o = check.options("add_weight", options, { name = check.none, shape = {},
    initializer = check.any "glorot_uniform", regularizer = check.none, constraint = check.none,
    trainable = true })
  if not is_name(o.name) then
    check.raise("argument", "add_weight: option 'name': expected a name, got %s", tostring(o.name))
  end
  if not self._layer then
    check.raise("state", "add_weight: expected to be called in 'build'")
  end
  local function object(family)
    return o[family] ~= nil and families.object("add_weight", family, o[family]) or nil
  end
  local w = core.layer_weight(self._layer, o.name, o.shape, o.trainable, object "initializer",
    object "regularizer", object "constraint")
  self[o.name] = w
  return w
end

local function is_layer(v) return type(v) == "userdata" and core.type(v) == "mlp.Layer" end

--- Layers in the fields of a table, lists of layers included, by name and then by number.
local function adopt(layer, t)
  local names = {}
  for key in pairs(t) do
    if type(key) == "string" and key:sub(1, 1) ~= "_" then names[#names + 1] = key end
  end
  table.sort(names)
  for _, key in ipairs(names) do
    if is_layer(t[key]) then core.layer_adopt(layer, t[key]) end
    if type(t[key]) == "table" then adopt(layer, t[key]) end
  end
  for _, v in ipairs(t) do
    if is_layer(v) then core.layer_adopt(layer, v) end
  end
end

local function driver(class)
  local function build(self, layer, shapes)
    if not class.build then return end
    self._layer = layer
    local ok, e = pcall(class.build, self, #shapes == 1 and shapes[1] or shapes)
    self._layer = nil
    if not ok then error(e, 0) end
    adopt(layer, self)
  end
  return build, class.call
end

local PLAIN <const> = { number = true, string = true, boolean = true }

--- An option may be kept in a file: a number, a text, a truth value, or a list of such.
local function is_plain(v)
  if PLAIN[type(v)] then return true end
  if type(v) ~= "table" then return false end
  for key, item in pairs(v) do
    if math.type(key) ~= "integer" or not PLAIN[type(item)] then return false end
  end
  return true
end

--- The options of one layer: by name, or the first alone.
local function read_options(class, given)
  if given ~= nil and type(given) ~= "table" then given = { given } end
  local o, presets = {}, { name = check.none, trainable = true }
  for key, v in pairs(given or {}) do
    if key == 1 then key = class.names[1] or "1" end
    o[key] = v
  end
  for key, preset in pairs(class.options) do presets[key] = check.any(preset) end
  o = check.options(class.name, o, presets)
  for key in pairs(class.options) do
    if not is_plain(o[key]) then
      check.raise("argument", "%s: option '%s': expected a number, text, truth value or a list of "
        .. "them, got %s", class.name, key, tostring(o[key]))
    end
  end
  return o
end

--- A layer of that class.
local function instance(class, given)
  local o = read_options(class, given)
  local self = setmetatable({ _options = {} }, { __index = Self })
  for key in pairs(class.options) do
    self[key] = o[key]
    self._options[key] = o[key]
  end
  self._build, self._call = driver(class)
  local layer = core.layer_custom(class.name, self, class.inputs)
  core.layer_common(layer, { name = o.name, trainable = o.trainable })
  return layer
end

--- Register a kind of layer that is written in Lua. `build(self, shape)` makes weights by
--- self:add_weight and other layers as fields of self; shape is that of the input, -1 for the
--- batch. `call(self, x, training)` returns the output, made of operators and of those layers. Both
--- run once, when a model is traced: it then trains at the speed of C. With several inputs x and
--- shape are lists.
--- @param options table  name, call; build, options (presets by name: numbers, texts, lists),
---   inputs 1 (the most)
--- @return fun(options?: table): mlp.Layer  makes a layer of that kind
--- @usage local Scale = mlp.Layer { name = "scale", options = { factor = 2 },
---   call = function(self, x) return x * self.factor end }
--- @usage mlp.Sequential { mlp.Dense(8), Scale { factor = 3 } }
function M.Layer(options)
  local class = check.options("Layer", options, { name = check.none, build = check.none,
    call = check.none, options = {}, inputs = 1 })
  for _, f in ipairs { "call", "build" } do
    if type(class[f]) ~= "function" and not (f == "build" and class.build == nil) then
      check.raise("argument", "Layer: option '%s': expected a function, got %s", f,
        tostring(class[f]))
    end
  end
  class.inputs = check.whole("Layer", "inputs", class.inputs, 1)
  class.names = check.sorted_keys(class.options)
  local function make(given) return instance(class, given) end
  register("Layer", "layer", class.name, { make = make, where = place(), class = class })
  return make
end

--- For our own layers that are written in Lua: the constructor, without a place. `names` lists the
--- options, the one that may be given alone first.
function M.built_in(class)
  class.inputs = class.inputs or 1
  local function make(given) return instance(class, given) end
  kinds.layer[class.name] = { make = make, class = class }
  return make
end

--- A layer that is one function of its input.
--- @param options table  name, under which it is registered; call: a function (x, training)
--- @return mlp.Layer
--- @usage mlp.Lambda { name = "square", call = function(x) return x * x end }
function M.Lambda(options)
  if type(options) ~= "table" or options[1] ~= nil then
    check.raise("argument", "Lambda: expected { name = \"square\", call = function(x) ... end }, "
      .. "got a function without a name; files know the layer by it")
  end
  for _, hook in ipairs(require("mlp.hooks").NAMES) do
    if options[hook] ~= nil then
      check.raise("argument", "Lambda: '%s' is a hook of a callback, mlp.callbacks.Lambda; this is "
        .. "the layer", hook)
    end
  end
  local o = check.options("Lambda", options, { name = check.none, call = check.none })
  if not is_name(o.name) then
    check.raise("argument", "Lambda: option 'name': expected a name such as square, under which "
      .. "files know the layer, got %s", check.what(o.name))
  end
  if type(o.call) ~= "function" then
    check.raise("argument", "Lambda: option 'call': expected a function (x), got %s",
      check.what(o.call))
  end
  local function call(_, x, training) return o.call(x, training) end
  return M.Layer { name = o.name, call = call } ()
end

--- For files: the options of a layer that is written in Lua; nil for another.
function M.layer_options(layer)
  local self = core.layer_table(layer)
  return self and self._options
end

return M
