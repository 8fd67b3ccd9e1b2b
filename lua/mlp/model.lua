--- Models: Sequential, the functional graph, and their methods.
local core = require "mlp.core"
local check = require "mlp.check"
local families = require "mlp.families"
local fit = require "mlp.fit"
local hooks = require "mlp.hooks"

local M = {}

-- What belongs to a model and is Lua's: names, metrics, targets. Dies with the model.
local notes = setmetatable({}, { __mode = "k" })

local function note(model)
  local n = notes[model]
  if not n then -- a new model, or one that a host made or kept
    local loss, metrics = core.model_objects(model)
    local names = {}
    for i, metric in ipairs(metrics) do names[i] = metric.kind end
    n = {
      name = "model", metrics = metrics, metric_names = names, loss_object = loss,
      loss = core.type(loss) == "mlp.Object" and loss.kind or loss and "function",
    }
    notes[model] = n
  end
  return n
end
M.note = note

--- @class mlp.Model
local Model = {}

--
-- Making
--

local function is_layer(v) return type(v) == "userdata" and core.type(v) == "mlp.Layer" end

--- Layers one after the other.
--- @param layers table  a list of layers; `name =`, and `input_shape = { features }` to build at
---   once
--- @return mlp.Model
--- @usage mlp.Sequential { mlp.Dense { units = 16, activation = "relu" }, mlp.Dense(1) }
function M.Sequential(layers)
  local model, shape = core.model(), nil
  if type(layers) ~= "table" then
    check.raise("argument", "Sequential: expected a list of layers, got %s", tostring(layers))
  end
  for key in pairs(layers) do
    if math.type(key) ~= "integer" and key ~= "name" and key ~= "input_shape" then
      check.raise("argument", "Sequential: unknown option '%s'; known options: name, input_shape",
        tostring(key))
    end
  end
  local n = 0
  for i, layer in ipairs(layers) do
    if type(layer) == "table" and layer.symbol_shape then
      shape = layer.symbol_shape
    elseif not is_layer(layer) then
      check.raise("argument", "Sequential: element %d: expected a layer, got %s", i,
        tostring(layer))
    else
      core.model_add(model, layer, { n })
      n = n + 1
    end
  end
  note(model).name = layers.name or "sequential"
  shape = layers.input_shape or shape
  if shape then model:build(shape) end
  return model
end

-- A symbol stands for the output of a layer (or an input) while a graph is described.
local Symbol = { __name = "mlp.Symbol" }
Symbol.__index = Symbol
local created = 0

local function symbol(fields)
  created = created + 1
  fields.number = created
  return setmetatable(fields, Symbol)
end

local function is_symbol(v) return getmetatable(v) == Symbol end

--- An input of a functional graph.
--- @param shape table|integer  of a row, without the batch: { 2 } or 2; or { shape = { 2 } }
--- @usage local x = mlp.Input { 2 }
function M.Input(shape)
  if type(shape) == "table" and shape.shape then shape = shape.shape end
  if type(shape) == "number" then shape = { shape } end
  if type(shape) ~= "table" or #shape == 0 then
    check.raise("argument", "Input: expected the shape of a row, such as { 2 }, got %s",
      tostring(shape))
  end
  return symbol { symbol_shape = shape, inputs = {} }
end

local function apply_to_symbols(layer, inputs)
  for i, v in ipairs(inputs) do
    if not is_symbol(v) then
      check.raise("argument", "%s: input %d: expected the output of a layer, got %s", layer.kind, i,
        tostring(v))
    end
  end
  return symbol { layer = layer, inputs = inputs }
end

function Symbol.__add(a, b) return apply_to_symbols(core.layer "add", { a, b }) end
function Symbol.__tostring(s)
  return s.layer and ("output of %s"):format(s.layer) or
    ("input (%s)"):format(table.concat(s.symbol_shape, ", "))
end

--- layer(x): on a symbol a node of the graph, on a tensor the values.
local function call_layer(layer, x, options)
  if is_symbol(x) then return apply_to_symbols(layer, { x }) end
  if type(x) == "table" and is_symbol(x[1]) then return apply_to_symbols(layer, x) end
  local o = check.options(layer.kind, options, { training = false })
  return core.layer_call(layer, x, o.training)
end

--- All symbols behind `output`, in the order in which they were made.
local function behind(output)
  local seen, list, stack = {}, {}, { output }
  while #stack > 0 do
    local s = table.remove(stack)
    if not seen[s] then
      seen[s] = true
      list[#list + 1] = s
      for _, input in ipairs(s.inputs) do stack[#stack + 1] = input end
    end
  end
  table.sort(list, function(a, b) return a.number < b.number end)
  return list
end

--- A model from a graph of symbols.
--- @param options table  { inputs = symbol, outputs = symbol, name = }
--- @usage mlp.Model { inputs = x, outputs = mlp.Dense(1)(h) }
function M.Model(options)
  local o = check.options("Model", options, { inputs = check.none, outputs = check.none,
    name = "model" })
  if not is_symbol(o.inputs) or not o.inputs.symbol_shape then
    check.raise("argument", "Model: option 'inputs': expected an mlp.Input, got %s",
      tostring(o.inputs))
  end
  if not is_symbol(o.outputs) or not o.outputs.layer then
    check.raise("argument", "Model: option 'outputs': expected the output of a layer, got %s",
      tostring(o.outputs))
  end
  local model, at, n = core.model(), {}, 0
  for _, s in ipairs(behind(o.outputs)) do
    if s.layer then
      local inputs = {}
      for i, input in ipairs(s.inputs) do inputs[i] = at[input] end
      core.model_add(model, s.layer, inputs)
      n = n + 1
      at[s] = n
    elseif s == o.inputs then
      at[s] = 0
    else
      check.raise("argument", "Model: the outputs depend on an Input that is not among 'inputs'")
    end
  end
  note(model).name = o.name
  return model:build(o.inputs.symbol_shape)
end

--
-- Training
--

--- Compile with objects, or a function as the loss; the metrics under the names that were typed.
function M.compile(model, optimizer, loss, metrics, names)
  core.model_compile(model, optimizer, loss, metrics)
  local n = note(model)
  n.metrics, n.metric_names, n.loss_object = metrics, names, loss
  n.loss = type(loss) == "userdata" and loss.kind or "function"
end

--- Say how the model is trained.
--- @param options table  optimizer (name, object; preset "adam"), loss (name, object or a function
---   of (y, p) that returns a tensor), metrics (list of names and objects)
--- @return mlp.Model  itself
function Model:compile(options)
  local o = check.options("compile", options, { optimizer = check.any "adam", loss = check.none,
    metrics = {} })
  if o.loss == nil then
    check.raise("argument",
      "compile: option 'loss': expected a name, an object of mlp.losses or a function, got none")
  end
  local loss = type(o.loss) == "function" and o.loss or families.object("compile", "loss", o.loss)
  local metrics, names = {}, {}
  for i, m in ipairs(o.metrics) do
    metrics[i] = families.object("compile", "metric", m)
    names[i] = type(m) == "string" and m or metrics[i].kind
  end
  M.compile(self, families.object("compile", "optimizer", o.optimizer), loss, metrics, names)
  return self
end

--- The names of the metrics, as they were typed.
function Model:metric_names() return note(self).metric_names end

--- Train on rows of (x, y).
--- @param data mlp.Dataset|table  a dataset, or { x = tensor, y = tensor }
--- @param options? table  epochs 1, batch_size 32 (or "all"), shuffle true, validation_split 0,
---   validation_data, validation_how "stratified" | "shuffle" | "tail", validation_freq 1,
---   callbacks, verbose "auto" | 0 | 1 | 2, initial_epoch 0, on_interrupt "raise" | "return",
---   max_time (seconds)
--- @return mlp.History
--- @usage local history = model:fit(train, { epochs = 20, validation_split = 0.2 })
function Model:fit(data, options)
  local busy <close> = core.model_busy(self)
  if not busy then
    check.raise("state", "fit: the model is already training; a callback cannot fit it again")
  end
  if type(data) == "userdata" and not core.is_tensor(data) then
    note(self).class_names = data.class_names
  end
  local ok, result = pcall(fit.fit, self, data, options)
  note(self).stop = nil
  if not ok then error(result, 0) end
  return result
end

--- End training after this batch or epoch; for callbacks.
--- @param reason? string
function Model:stop_training(reason)
  local stop = note(self).stop
  if stop then stop(reason) end
end

--- For fit: what stop_training calls.
function Model:on_stop(f) note(self).stop = f end

--- The loss and metrics on data, by name: { loss = .., accuracy = .. }.
--- @param data mlp.Dataset|table
--- @param options? table  batch_size 256, callbacks
--- @return table<string, number>
function Model:evaluate(data, options)
  local o = check.options("evaluate", options, { batch_size = 256, callbacks = {} })
  local x, y = fit.arrays("evaluate", data)
  if not core.is_tensor(y) then
    check.raise("argument", "evaluate: expected data with targets y, got none")
  end
  local run = core.run(self, "evaluate", x, y, check.whole("evaluate", "batch_size", o.batch_size,
    1))
  hooks.attach("evaluate", self, o.callbacks, {})
  return hooks.finish(run, o.callbacks, "test", function()
    local logs = { loss = run.loss }
    for i, name in ipairs(self:metric_names()) do logs[name] = run[i] end
    return logs
  end)
end

--- The model's output for x, in batches, without a tape.
local function outputs(model, who, x, options)
  local o = check.options(who, options, { batch_size = 256, callbacks = {} })
  if not core.is_tensor(x) then x = fit.arrays(who, x) end
  local run = core.run(model, "predict", x, nil, check.whole(who, "batch_size", o.batch_size, 1))
  hooks.attach(who, model, o.callbacks, {})
  return hooks.finish(run, o.callbacks, "predict", function() return run.output end)
end

--- Does the output stand for classes? By the loss, or by the last activation.
local function is_classifier(model)
  local loss = note(model).loss
  if loss and loss ~= "function" then return loss:find "crossentropy" ~= nil end
  local layers = model.layers
  local last = layers[#layers]
  local activation = last and (last.activation and last.activation.kind or last.kind)
  return activation == "softmax" or activation == "sigmoid"
end

--- The output as probabilities: through softmax or sigmoid where the loss takes logits.
--- @return mlp.Tensor  (rows, classes), or (rows, 1) for two classes
function Model:predict_proba(x, options)
  return outputs(self, "predict_proba", x, options)
end

--- Class numbers (int64, from 1) for a classifier, values for a regressor.
--- @return mlp.Tensor
function Model:predict(x, options)
  local p = outputs(self, "predict", x, options)
  if not is_classifier(self) then return p end
  if p.shape[p.ndim] > 1 then return p:argmax(-1) end
  return p:gt(0.5):long():reshape(p.shape[1]):double():add(1):long()
end

--- The names of the predicted classes.
--- @return string[]
function Model:predict_names(x, options)
  local names = note(self).class_names
  if not names then
    check.raise("state",
      "predict_names: expected a model that was fitted on a dataset with class names")
  end
  local list = {}
  for i, c in ipairs(self:predict(x, options):totable()) do list[i] = names[c] end
  return list
end

--- One step on one batch.
--- @param x mlp.Tensor
--- @param y mlp.Tensor
--- @return number  the loss before the step
function Model:train_on_batch(x, y)
  local run = core.run(self, "train", x, y, math.max(1, x.shape[1]), 0)
  run:on(1)
  return run.batch_loss
end

--
-- Weights
--

local function each_weight(model)
  local list = {}
  for _, layer in ipairs(model.layers) do
    for _, w in ipairs(layer:weights()) do
      list[#list + 1] = { name = layer.name .. "." .. w.name, tensor = w.tensor }
    end
  end
  return list
end

--- Copies of all weights, in order of layers.
--- @return mlp.Tensor[]
function Model:get_weights()
  local copies = {}
  for i, w in ipairs(each_weight(self)) do copies[i] = w.tensor:detach():clone() end
  return copies
end

--- Set all weights from tensors of the same shapes.
function Model:set_weights(weights)
  local own = each_weight(self)
  if #own ~= #weights then
    check.raise("argument", "set_weights: expected %d tensors, got %d", #own, #weights)
  end
  core.no_grad(function()
    for i, w in ipairs(own) do w.tensor:copy_(weights[i]) end
  end)
end

--- Names and tensors of all weights: { { name = "dense_1.kernel", tensor = t }, ... }
function Model:weights() return each_weight(self) end

local function thousands(n)
  local s = tostring(n)
  return s:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
end

--- The layers as a table: name, kind, output shape, weights.
--- @return string
function Model:summary()
  local lines = { ("%-20s %-16s %-20s %12s"):format("layer", "kind", "output", "weights"),
    ("-"):rep(71) }
  for _, use in ipairs(core.model_uses(self)) do
    local n = 0
    for _, w in ipairs(use.layer:weights()) do n = n + w.tensor:numel() end
    local shape = self.built and "(*, " .. table.concat(use.shape, ", ") .. ")" or "not built"
    lines[#lines + 1] = ("%-20s %-16s %-20s %12s"):format(use.layer.name, use.layer.kind, shape,
      thousands(n))
  end
  lines[#lines + 1] = ("-"):rep(71)
  lines[#lines + 1] = ("weights: %s, trainable: %s"):format(thousands(self:count()),
    thousands(self:count(true)))
  local n = note(self)
  if n.loss then
    lines[#lines + 1] = ("loss: %s, metrics: %s, optimizer: %s"):format(n.loss,
      #n.metric_names > 0 and table.concat(n.metric_names, ", ") or "none", self.optimizer)
  end
  return table.concat(lines, "\n")
end

--- model(x, { training = false }): the output for x, on the tape where gradients are wanted.
local function call_model(model, x, options)
  local o = check.options("model", options, { training = false })
  return core.model_call(model, x, o.training)
end

core.extend("mlp.Layer", nil, { __call = call_layer })
core.extend("mlp.Model", Model, { __call = call_model, __tostring = Model.summary })

return M
