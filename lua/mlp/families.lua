--- Submodules made from the registry: mlp.layers, mlp.losses, mlp.optimizers ...
--- Each maps the names of its kinds, as written by Keras, to constructors.
local core = require "mlp.core"
local check = require "mlp.check"
local compat = require "mlp.compat"
local custom = require "mlp.custom"
local thresholds = require "mlp.thresholds"

local M = {}

-- Names that are not the CamelCase of the kind's.
local special = {
  sgd = "SGD", mean_squared_error = "MeanSquaredError", l1 = "L1", l2 = "L2", l1l2 = "L1L2",
  adamw = "AdamW", lbfgs = "LBFGS", rmsprop = "RMSprop", prelu = "PReLU", relu = "ReLU",
  elu = "ELU", glu = "GLU", leaky_relu = "LeakyReLU", kl_divergence = "KLDivergence",
  rms_normalization = "RMSNormalization", schedule_free_adamw = "ScheduleFreeAdamW",
  auc = "AUC", mean_iou = "MeanIoU",
  fbeta_score = "FBetaScore", spatial_dropout1d = "SpatialDropout1D",
  global_average_pooling1d = "GlobalAveragePooling1D", global_max_pooling1d = "GlobalMaxPooling1D",
}

local function camel(name)
  return special[name] or (name:gsub("_?(%l)(%w*)", function(a, b) return a:upper() .. b end)
    :gsub("_(%w)", string.upper))
end
M.camel = camel

local plural = {
  layer = "layers", loss = "losses", metric = "metrics", optimizer = "optimizers",
  initializer = "initializers", regularizer = "regularizers", activation = "activations",
  constraint = "constraints", schedule = "schedules",
}
M.plural = plural

--- Dropout's options: `keep`, the probability of training a node, stands for rate = 1 - keep.
local function dropout_options(options)
  local given, o = type(options) == "table" and options or { options }, {}
  for k, v in pairs(given) do o[k] = v end
  if o.keep ~= nil then
    if o.rate ~= nil or o[1] ~= nil then
      check.raise("argument", "dropout: expected 'rate' or 'keep', got both")
    end
    o.rate, o.keep = 1 - check.number("dropout", "keep", o.keep, 0, 1), nil
  end
  local rate = o.rate or o[1]
  if math.type(rate) and rate > 0.5 and rate <= 1 then
    core.warn(("dropout: rate %g drops more than half of the units; a good value is 0.2 to 0.5%s")
      :format(rate, given.keep and "" or
        ("; rate is the share that is dropped: to keep that share, say keep = %g"):format(rate)))
  end
  return o
end

--- renorm_clipping = { rmax =, rmin =, dmax = } is Keras's for three options.
local function spread_clipping(o)
  local clipping = o.renorm_clipping
  o.renorm_clipping = nil
  if type(clipping) ~= "table" then
    check.raise("argument", "batch_normalization: option 'renorm_clipping': expected "
      .. "{ rmax = 3, rmin = 1 / 3, dmax = 5 }, got %s", check.what(clipping))
  end
  clipping = check.options("batch_normalization: renorm_clipping", clipping,
    { rmax = check.none, rmin = check.none, dmax = check.none })
  for name, v in pairs(clipping) do o["renorm_" .. name] = v end
end

--- momentum = "auto" warms up.
local function batch_normalization_options(options)
  if type(options) ~= "table" then return options end
  local o = {}
  for k, v in pairs(options) do o[k] = v end
  if o.momentum == "auto" then o.momentum, o.warm_up = nil, true end
  if o.renorm_clipping ~= nil then spread_clipping(o) end
  return o
end

-- What options of a layer's constructor become before they are checked.
local translate = {
  dropout = dropout_options, batch_normalization = batch_normalization_options,
}

-- Modules of functions that stand beside the kinds of a family.
local beside = { metric = "mlp.metrics" }

-- What is meant where tensors come in the place of options.
local instead = {
  loss = "; made first, then called: local loss = %s(); loss(y, p)",
  optimizer = "; it is told of the weights later: local optimizer = %s(0.01); "
    .. "optimizer:step(model)",
  layer = "; made first, then called: local layer = %s { ... }; layer(x)",
}

--- Options come in one table, or the first option alone: not as Keras's list of arguments.
local function check_arguments(family, kind, ...)
  local n = select("#", ...)
  local first = ...
  local tensors = core.is_tensor(first) or type(first) == "table" and core.is_tensor(first[1])
  if tensors and family ~= "activation" then -- that is applied at once
    check.raise("argument", "%s: expected options, got %s%s", kind, check.what(first),
      instead[family] and instead[family]:format("mlp." .. plural[family] .. "." .. camel(kind))
        or "")
  end
  if n <= 1 then return end
  local given = {}
  for i = 1, n do
    local v = select(i, ...)
    local plain = type(v) == "number" or type(v) == "boolean"
    given[i] = type(v) == "string" and ("%q"):format(v) or plain and tostring(v) or "..."
  end
  check.raise("argument", "%s: expected the options in one table, %s { %s }, got %d arguments",
    kind, camel(kind), table.concat(given, ", "), n)
end

--- mlp.metrics.accuracy(y, p) is Keras's; here a metric is what a model is compiled with.
local function check_metric(kind, options, p)
  local called = p ~= nil and (core.is_tensor(options) or core.is_tensor(p))
  if called then
    check.raise("argument", "%s: expected options, got %s; a metric is computed by "
      .. "compile { metrics = { %q } } and model:evaluate(data), numbers of predictions by "
      .. "mlp.metrics.classification_report(y, p) and roc_curve(y, p)", kind, check.what(options),
      kind)
  end
end

--- Keras's old way to say what comes in.
local function check_input_shape(kind, options)
  local name = type(options) == "table" and (options.input_shape and "input_shape"
    or options.input_dim and kind ~= "embedding" and "input_dim"
    or options.in_features and "in_features")
  if name then
    check.raise("argument", "%s: unknown option '%s'; a layer takes as many inputs as come, the "
      .. "model may be told: Sequential { input_shape = { 2 }, ... }, or mlp.Input { 2 } in front",
      kind, name)
  end
end

local constructors = setmetatable({}, { __mode = "k" }) -- their names: "mlp.losses.Huber"
local kind_of = setmetatable({}, { __mode = "k" }) -- the names of what they make: "huber"

--- Refuse a constructor in the place of what it makes.
function M.refuse_constructor(who, option, v)
  local name = constructors[v]
  if name then
    check.raise("argument", "%s: option '%s': expected a name or an object, got the function that "
      .. "makes one; write %s()", who, option, name)
  end
end

--- mlp.activations.relu(t), as Keras has it.
local function apply_activation(object, t)
  if not core.is_tensor(t) then
    check.raise("argument", "%s: expected a tensor, got %s", object.kind, check.what(t))
  end
  local y = core.layer("activation", { activation = object })(t.ndim == 1 and t:unsqueeze(1) or t)
  return t.ndim == 1 and y:squeeze(1) or y
end

--- The same among the options of a kind: { activation = mlp.activations.relu }.
local function refuse_constructors(kind, options)
  if type(options) ~= "table" then return end
  for name, v in pairs(options) do
    if type(v) == "function" then M.refuse_constructor(kind, name, v) end
  end
end

--- A constructor of one kind: called with a table of options, or with the first option alone.
local function constructor(family, kind)
  if family == "layer" then
    local translated = translate[kind]
    return function(options, ...)
      check_arguments(family, kind, options, ...)
      check_input_shape(kind, options)
      refuse_constructors(kind, options)
      if translated then options = translated(options) end
      return compat.note(core.layer(kind, compat.options(family, kind, options)), options)
    end
  end
  local function make(options)
    return core.object(family, kind, compat.options(family, kind, options))
  end
  if family == "activation" then
    return function(options, ...)
      if core.is_tensor(options) then
        check_arguments(family, kind, options, ...)
        return apply_activation(make(), options)
      end
      check_arguments(family, kind, options, ...)
      return make(options)
    end
  end
  return function(options, ...)
    if family == "metric" then check_metric(kind, options, ...) end
    check_arguments(family, kind, options, ...)
    refuse_constructors(kind, options)
    if family == "metric" then return thresholds.spread(kind, options, make) end
    return make(options)
  end
end

local singular = {}
for family, name in pairs(plural) do singular[name] = family end

--- A table that complains about unknown names.
local function strict(name, entries)
  return setmetatable(entries, {
    __index = function(_, key)
      local own = custom.find(singular[name], key)
      if own then return own.make end
      local known = check.sorted_keys(entries)
      check.raise("argument", "mlp.%s: unknown name '%s'%s; known names: %s", name, tostring(key),
        check.hint(key, known), table.concat(known, ", "))
    end,
    __tostring = function()
      return ("mlp.%s: %s"):format(name, table.concat(check.sorted_keys(entries), " "))
    end,
  })
end

--- loss(y, p, { sample_weight = }): a number, or with reduction "none" one a row.
local function call_loss(loss, y, p, options)
  local o = check.options(loss.kind, options, { sample_weight = check.none })
  return core.loss(loss, y, p, o.sample_weight)
end

local Object = {}

--- What a loop by hand goes backward from: the loss times the optimizer's loss_scale_factor, if it
--- has one; model:step() divides the gradients by it. fit and mlp.minimize do both themselves.
--- @param loss mlp.Tensor
--- @return mlp.Tensor
--- @usage model.optimizer:scale_loss(loss):backward(); model:step()
function Object:scale_loss(loss)
  if self.family ~= "optimizer" then
    check.raise("argument", "scale_loss: expected an optimizer, got %s of mlp.%s", self.kind,
      plural[self.family])
  end
  local factor = self.loss_scale_factor or 0 -- not every optimizer has one
  return factor ~= 0 and loss * factor or loss
end

--- schedule(step): the learning rate after so many steps; loss(y, p) and activation(t): see above.
core.extend("mlp.Object", Object, {
  __call = function(object, ...)
    if object.family == "loss" then return call_loss(object, ...) end
    if object.family == "activation" then return apply_activation(object, ...) end
    if object.family ~= "schedule" then
      check.raise("argument", "%s: expected a loss, an activation or a schedule to be called, got "
        .. "%s of mlp.%s", object.kind, object.kind, plural[object.family])
    end
    return core.schedule_value(object, ...)
  end,
})

--- Add the submodules to `mlp`; layers and optimizers get flat aliases.
function M.install(mlp)
  for family, kinds in pairs(core.registry()) do
    local module = plural[family]
    if module then
      local entries = {}
      for _, kind in ipairs(kinds) do
        local make = constructor(family, kind.name)
        kind_of[make] = kind.name
        constructors[make] = ("mlp.%s.%s"):format(module, camel(kind.name))
        entries[camel(kind.name)] = make
        entries[kind.name] = make
        for alias in (kind.alias or ""):gmatch "%S+" do entries[alias] = make end
        if family == "layer" or family == "optimizer" then mlp[camel(kind.name)] = make end
      end
      if family == "layer" then
        local residual = require("mlp.layers.residual").Residual
        entries.residual, entries.Residual, mlp.Residual = residual, residual, residual
        entries.Lambda = custom.Lambda
      end
      for name, f in pairs(beside[family] and require(beside[family]) or {}) do
        entries[name] = f
      end
      mlp[module] = strict(module, entries)
    end
  end
end

local names -- names[family][name or alias]

--- Is it the name, or an alias, of a kind of that family?
function M.is_kind(family, name)
  if not names then
    names = {}
    for f, kinds in pairs(core.registry()) do
      names[f] = {}
      for _, kind in ipairs(kinds) do
        names[f][kind.name] = true
        for alias in (kind.alias or ""):gmatch "%S+" do names[f][alias] = true end
      end
    end
  end
  return names[family][name] ~= nil or custom.find(family, name) ~= nil
end

--- A name as the engine knows it: Keras also takes that of the class, "Adam", and "MSE".
local function of_class(family, name)
  if not name:find "^%u" then return name end
  local known = require("mlp")[plural[family]]
  local make = rawget(known, name) or rawget(known, name:lower())
  return make and kind_of[make] or name
end

--- The object that a compile option means: a name, or an object of that family.
function M.object(who, family, v)
  if type(v) == "string" then
    local own = custom.find(family, v)
    if own then return own.make() end
    v = of_class(family, v)
    return core.object(family, v, compat.options(family, v, nil))
  end
  if type(v) == "userdata" and v.family == family then return v end
  if family == "metric" and custom.is_log_metric(v) then return v end
  M.refuse_constructor(who, family, v)
  check.raise("argument", "%s: option '%s': expected a name or an object of mlp.%s, got %s", who,
    family, plural[family], check.what(v))
end

return M
