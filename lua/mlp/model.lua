--- Models: Sequential, the functional graph, and their methods.
local core = require "mlp.core"
local check = require "mlp.check"
local compile = require "mlp.model.compile"
local custom = require "mlp.custom"
local feeds = require "mlp.fit.data"
local iterator = require "mlp.fit.iterator"
local fit = require "mlp.fit"
local graph = require "mlp.model.graph"
local hooks = require "mlp.hooks"
local meeting = require "mlp.fit.meeting"
local printed = require("mlp.logs").printed
local notes = require "mlp.model.notes"
local record = require "mlp.record"
local summary = require "mlp.model.summary"
local weights = require "mlp.model.weights"

local note = notes.of

local M = { note = note, compile = compile.with }

--- @class mlp.Model
local Model = {}

--
-- Making
--

--- Layers one after the other.
--- @param layers? table  a list of layers; `name =`, and `input_shape = { features }` to build at
---   once; compat "keras" or "torch"
--- @return mlp.Model
--- @usage mlp.Sequential { mlp.Dense { units = 16, activation = "relu" }, mlp.Dense(1) }
function M.Sequential(layers) return graph.Sequential(layers) end

--- One more layer at the end of a Sequential model that is not built yet.
--- @param layer mlp.Layer|mlp.Model
--- @return mlp.Model  itself
--- @usage local model = mlp.Sequential(); model:add(mlp.Dense(16)); model:add(mlp.Dense(1))
function Model:add(layer) return graph.add(self, layer) end

--- An input of a functional graph.
--- @param shape table|integer  of a row, without the batch: { 2 } or 2; or { shape = { 2 },
---   dtype = "float32", name = }
--- @usage local x = mlp.Input { 2 }
function M.Input(shape) return graph.Input(shape) end

--- A model from a graph of symbols. Inputs and outputs are one symbol, a list, or a table by name
--- (then in the order of the names); what is given for them later goes by the same order or names.
--- @param options table  { inputs =, outputs =, name = }
--- @usage mlp.Model { inputs = x, outputs = mlp.Dense(1)(h) }
--- @usage mlp.Model { inputs = { a, b }, outputs = { price = p, class = c } }
--- @usage mlp.Model(x, y)
function M.Model(options, outputs) return graph.Model(options, outputs) end

--
-- Training
--

--- Say how the model is trained. Of several outputs each may have its own loss and metrics: lists
--- in their order, or tables by their names.
--- @param options table  optimizer (name, object; preset "adam"), loss (name, object or a function
---   of (y, p) that returns a tensor), loss_weights (numbers; preset 1), metrics (list of names and
---   objects: all rows count alike), weighted_metrics (the same: rows count by their weights),
---   compat ("keras" or "torch", for what is given by name; preset: the model's)
--- @return mlp.Model  itself
function Model:compile(options)
  check.self(self, "mlp.Model", "compile")
  compile.compile(self, options)
  return self
end

--- The names of the metrics, as they were typed.
function Model:metric_names() return note(self).metric_names end

--- The names of what an epoch logs, in order: "loss", of several outputs "<output>_loss", metrics.
--- @return string[]
function Model:log_names() return compile.log_names(self) end

--- For fit: the names of metrics that are functions of the logs.
function Model:composed_names() return compile.composed_names(self) end

--- For fit: their values into `logs`.
function Model:compose_logs(logs, seconds, alone)
  return compile.compose(self, logs, seconds, alone)
end

--- For fit: what a pass has found so far, by name.
function Model:read_logs(run, logs) return compile.read_logs(self, run, logs) end

--- Train on rows of (x, y), or on batches that a function (epoch, batch) returns: x, y; nothing
--- ends the epoch. Options, as in Keras where it has them:
---   epochs 1, batch_size 32 (or "all"), shuffle true, initial_epoch 0, callbacks {}
---   validation_split 0, validation_data, validation_how "stratified" | "shuffle" | "tail",
---   validation_freq 1 (or a list of epochs), validation_batch_size, validation_steps
---   steps_per_epoch (batches; the pass over the rows goes on in the next epoch)
---   sample_weight (a number a row), class_weight ({ [class] = number } or "balanced"; a class that
---   is not there counts 1)
---   verbose "auto" | 0 | 1 | 2: nothing, a bar, a line an epoch
---   max_time (seconds), on_interrupt "raise" | "return" (at the prompt it returns)
---   resume (a checkpoint of BackupAndRestore, or its folder)
---   eval_train false: log train_loss and the like, in evaluation after the epoch
---   limit_train_batches, limit_val_batches (a number, or a share such as 0.1)
---   overfit_batches (the same first batches each epoch, validated on too)
---   num_sanity_val_steps 0 (batches of validation before the first epoch; -1: all)
---   fast_dev_run false (true or n: an epoch of n batches, no files)
--- @param data mlp.Dataset|table|function  a dataset, { x = tensor, y = tensor }, or a function
--- @param options? table
--- @return mlp.History
--- @usage local history = model:fit(train, { epochs = 20, validation_split = 0.2 })
function Model:fit(data, options)
  check.self(self, "mlp.Model", "fit")
  if meeting.waits(data, options) then return meeting.fit(self, data, options) end
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
  record.fitted(self, note(self).name, result)
  return result
end

--- End training after this batch or epoch; for callbacks. model.stop_training = true does the same.
--- @param reason? string
function Model:stop_training(reason)
  local stop = note(self).stop
  if stop then stop(reason) end
end

--- For fit: what stop_training calls.
function Model:on_stop(f) note(self).stop = f end

local function check_targets(who, feed)
  for _, y in ipairs(feed.y) do
    if y then return end
  end
  check.raise("argument", "%s: expected data with targets y, got none", who)
end

--- The pass of an evaluation, and of an iterator what feeds it.
local function evaluation(model, given, o)
  if iterator.is(given) then return iterator.evaluation("evaluate", model, given, 1) end
  local feed = feeds.feed("evaluate", model, given, o)
  check_targets("evaluate", feed)
  return core.run(model, "evaluate", feed.x, feed.y,
    check.whole("evaluate", "batch_size", o.batch_size, 1), 0, 0, feed.w)
end

--- The loss and metrics on data, by name: { loss = .., accuracy = .. }; with return_dict = false
--- a list in the order of model:log_names().
--- @param data mlp.Dataset|table|function  as for fit
--- @param options? table  batch_size 256, callbacks, sample_weight, return_dict true; verbose, as
---   Keras's, is taken and changes nothing: nothing is printed
--- @return table<string, number>|number[]
function Model:evaluate(data, options)
  check.self(self, "mlp.Model", "evaluate")
  local o = check.options("evaluate", options, { batch_size = 256, callbacks = {},
    sample_weight = check.none, verbose = check.any(0), return_dict = true })
  local run, refill = evaluation(self, data, o)
  hooks.attach("evaluate", self, o.callbacks, {})
  local began = core.clock()
  local scores = hooks.finish(run, o.callbacks, "test", function()
    return self:compose_logs(self:read_logs(run, {}), core.clock() - began, true)
  end, nil, refill)
  record.evaluated(note(self).name, scores)
  if o.return_dict then return printed(scores) end
  local list = {}
  for i, name in ipairs(self:log_names()) do list[i] = scores[name] end
  return list
end

--- The inputs among what predict was given: data with x, or x itself.
local function inputs(model, who, x)
  if x == nil then
    check.raise("argument", "%s: expected a dataset, a tensor or a table of rows, got none", who)
  end
  local given = x
  if core.type(x) == "mlp.Dataset" then x = x.x end
  if type(x) == "table" and x.x ~= nil then x = x.x end
  if type(x) ~= "table" and not core.is_tensor(x) then
    check.raise("argument", "%s: expected a dataset, a tensor or a table of rows, got %s", who,
      check.what(given))
  end
  return feeds.inputs(who, model, x)
end

local PREDICT <const> = { batch_size = 256, callbacks = {}, verbose = check.any(0) }
local PLAIN <const>, NONE <const> = { batch_size = PREDICT.batch_size }, {}

--- The model's outputs for x, in batches, without a tape: a tensor, or a list.
local function outputs(model, who, x, options)
  local p = core.predict(model, x, options or PLAIN)
  if p then return p end
  local o = check.options(who, options, PREDICT)
  local callbacks = o.callbacks or NONE
  local size = check.whole(who, "batch_size", o.batch_size, 1)
  local run = core.run(model, "predict", inputs(model, who, x), nil, size)
  hooks.attach(who, model, callbacks, {})
  return hooks.finish(run, callbacks, "predict", function() return run.output end)
end

--- What output i ends in, softmax or sigmoid?
local function ends_in_shares(model, i)
  local last = core.model_uses(model)[model.outputs[i].use].layer
  local activation = last.activation and last.activation.kind or last.kind
  return activation == "softmax" or activation == "sigmoid"
end

--- Does output i stand for classes? By the loss, or by the last activation.
local function is_classifier(model, i)
  local loss = notes.loss_kind(model, i)
  local own = loss == "function" or custom.find("loss", loss)
  if loss and not own then return loss:find "cross_?entropy" ~= nil end
  return ends_in_shares(model, i)
end

--- What was found of a model's outputs since it was compiled and a layer was added.
local function found(model)
  local n = notes.of(model)
  local seen = n.found
  if not seen or seen.losses ~= n.losses or seen.last ~= n.last then
    seen = { losses = n.losses, last = n.last }
    n.found = seen
  end
  return seen
end

--- What output i, of which p is an example, says: "values", "classes", "share" (of the second of
--- two classes), or "labels", each of which is right or wrong alone.
local function meaning(model, i, p)
  local seen = found(model)
  if not seen[i] then
    seen[i] = not is_classifier(model, i) and "values"
      or notes.is_multi_label(model, i) and "labels"
      or p.shape[p.ndim] > 1 and "classes" or "share"
  end
  return seen[i]
end

local OF_VALUES <const> = { "^mean_", "^root_mean_", "^huber", "^log_cosh" }

--- Values are no probabilities: raise where the loss is one of values, and the output any number.
local function check_shares(model)
  local seen = found(model)
  if seen.shares then return end
  for i = 1, #model.outputs do
    local loss = notes.loss_kind(model, i) or ""
    for _, pattern in ipairs(OF_VALUES) do
      if loss:find(pattern) and not ends_in_shares(model, i) then
        check.raise("state", "predict_proba: expected a model that gives probabilities, got one "
          .. "whose loss is %s, and whose output may be any number; its values: model:predict(x)",
          loss)
      end
    end
  end
  seen.shares = true
end

--- The output as probabilities: through softmax or sigmoid where the loss takes logits. Of a model
--- that gives values it is an error.
--- @return mlp.Tensor  (rows, classes), or (rows, 1) for two classes; a list for several outputs
function Model:predict_proba(x, options)
  check.self(self, "mlp.Model", "predict_proba")
  check_shares(self)
  return outputs(self, "predict_proba", x, options)
end

--- What output i says, as class numbers where it stands for classes.
local function answer(model, i, p)
  local says = meaning(model, i, p)
  if says == "values" then return p end
  if says == "classes" then return p:argmax(-1) end
  if says == "labels" then return p:gt(0.5):to(p.dtype) end
  return p:gt(0.5):long():reshape(p.shape[1]):double():add(1):long()
end

--- Class numbers (int64, from 1) for a classifier, values for a regressor; of several outputs under
--- a binary loss (labels that may hold together) 0 or 1 for each, as their targets are.
--- @return mlp.Tensor  a list for several outputs
function Model:predict(x, options)
  check.self(self, "mlp.Model", "predict")
  local p = outputs(self, "predict", x, options)
  if core.is_tensor(p) then return answer(self, 1, p) end
  for i, t in ipairs(p) do p[i] = answer(self, i, t) end
  return p
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

--- One pass over one batch; the loss, and all that is logged.
local function on_batch(model, who, mode, x, y, options, presets)
  local o = check.options(who, options, presets)
  local feed = feeds.feed(who, model, { x = x, y = y }, o)
  local run = core.run(model, mode, feed.x, feed.y, math.max(1, feed.rows), 0, 0, feed.w)
  run:on(1)
  return run.batch_loss, printed(model:read_logs(run, {}))
end

--- One step on one batch.
--- @param x mlp.Tensor  or a list, or a table by name
--- @param y mlp.Tensor  likewise
--- @param options? table  sample_weight, class_weight: as for fit
--- @return number  the loss before the step
--- @return table<string, number>  loss and metrics, before the step
function Model:train_on_batch(x, y, options)
  return on_batch(self, "train_on_batch", "train", x, y, options,
    { sample_weight = check.none, class_weight = check.none })
end

--- The loss and metrics of one batch, without a step.
--- @param x mlp.Tensor  or a list, or a table by name
--- @param y mlp.Tensor  likewise
--- @param options? table  sample_weight
--- @return number  the loss
--- @return table<string, number>  loss and metrics
function Model:test_on_batch(x, y, options)
  return on_batch(self, "test_on_batch", "evaluate", x, y, options, { sample_weight = check.none })
end

--- The outputs for one batch, as predict_proba.
--- @param x mlp.Tensor  or a list, or a table by name
--- @return mlp.Tensor
function Model:predict_on_batch(x)
  local list = inputs(self, "predict_on_batch", x)
  return outputs(self, "predict_on_batch", list, { batch_size = math.max(1, list[1].shape[1]) })
end

--- The loss of predictions p plus the penalties on weights; for training by hand.
--- @param y mlp.Tensor  or a list, or a table by the names of the outputs
--- @param p mlp.Tensor  what the model returned: a list where it has several outputs
--- @param options? table  sample_weight: (rows), or one for each output
--- @return mlp.Tensor
--- @usage local loss = model:loss(batch.y, model(batch.x, { training = true }))
function Model:loss(y, p, options)
  if core.is_tensor(y) and options == nil then return core.model_loss(self, y, p) end
  local o = check.options("loss", options, { sample_weight = check.none })
  local feed = feeds.feed("loss", self, { x = {}, y = y }, o)
  return core.model_loss(self, feed.y, p, feed.w)
end

--
-- Weights
--

--- Copies of all weights, in order of layers.
--- @return mlp.Tensor[]
function Model:get_weights() return core.model_copies(self) end

--- Set weights from tensors (or nested lists) of the same shapes: all in order, or some by name.
--- Where one does not fit, nothing has changed.
--- @param values table
--- @usage model:set_weights { ["dense_1.bias"] = { 0, 0.5 } }
function Model:set_weights(values) weights.set("set_weights", weights.list(self), values) end

--- Names and tensors of all weights: { { name = "dense_1.kernel", tensor = t, trainable = }, ... }
function Model:weights() return weights.list(self) end

--- All trainable weights as one vector, in the order of model:weights().
--- @return mlp.Tensor  a copy
function Model:get_parameters() return weights.flat(weights.list(self)) end

--- Set all trainable weights from one vector.
--- @param vector mlp.Tensor
function Model:set_parameters(vector)
  weights.set_flat("set_parameters", weights.list(self), vector)
end

--- A layer by its name, or by its place among model.layers.
--- @param which string|integer
--- @return mlp.Layer
function Model:get_layer(which)
  local layers, names = self.layers, {}
  if math.type(which) == "integer" and layers[which] then return layers[which] end
  for i, layer in ipairs(layers) do
    if layer.name == which then return layer end
    names[i] = layer.name
  end
  check.raise("argument", "get_layer: there is no layer '%s'%s; there are: %s", tostring(which),
    check.hint(which, names), table.concat(names, ", "))
end

--- Freeze all layers, or thaw them: model:set_trainable(false), or model.trainable = false.
--- @param on boolean
function Model:set_trainable(on)
  for _, layer in ipairs(self.layers) do layer.trainable = on end
end

--- The memory that a pass takes, in bytes, before it is made: weights, gradients, the optimizer's
--- state, the plan (a batch and all that is computed from it), the rest (the model's description,
--- the order of the rows), and their total. The data are not in it.
--- @param options? table  batch_size 32, training true (where it is compiled); rows: of the
---   training data, to count the last batch, which may be smaller and has a plan of its own
--- @return table<string, integer>
--- @usage print(model:memory { batch_size = 4096 }.total)
function Model:memory(options)
  local o = check.options("memory", options, { batch_size = 32, rows = check.none,
    training = self.optimizer ~= nil })
  local size = check.whole("memory", "batch_size", o.batch_size, 1)
  local rows = o.rows and check.whole("memory", "rows", o.rows, 1) or size
  size = math.min(size, rows)
  local w, g, s, plan, other = core.model_memory(self, size, o.training)
  if rows % size > 0 then
    local _, _, _, last = core.model_memory(self, rows % size, o.training)
    plan = plan + last
  end
  if o.rows and o.training then other = other + 8 * rows end -- their order
  return core.mark_fields { weights = w, gradients = g, optimizer = s, plan = plan, other = other,
    total = w + g + s + plan + other }
end

--- The layers as a table: name, kind, output shape, weights.
--- @return string
function Model:summary()
  check.self(self, "mlp.Model", "summary")
  return summary(self)
end

local function gather(first, ...)
  if ... == nil then return first end
  return core.mark_fields { first, ... }
end

--- Where the time of training goes: train on some batches, then set everything back.
--- @param data any as for fit
--- @param options? { batch_size: integer?, batches: integer? } (32, 100)
--- @return mlp.Profile  print it, or :plot():save "profile.png"
--- @usage print(model:profile(train))
function Model:profile(data, options) return require("mlp.profile").model(self, data, options) end

--- What went wrong in the last fit: causes with evidence and remedy, the likeliest first; none for
--- a healthy run. The evidence is measured on the model's own data: outputs, gradients, weights, a
--- plain network on the same rows, and the same training with other learning rates. The model is
--- left as it was.
--- @return mlp.Diagnosis  a list of { cause =, strength =, evidence =, remedy = }; print it
--- @usage print(model:why())
function Model:why() return require("mlp.diagnosis.why").why(self) end

--- The lecture's rule for the model's depth, and what in the model differs from it.
--- @return mlp.Advice  depth, rule, and a list of differences; print it
--- @usage print(model:advise())
function Model:advise() return require("mlp.diagnosis.advise").advise(self) end

--- model(x, { training = false }): the output for x, on the tape where gradients are wanted; a list
--- of them where there are several.
local function call_model(model, x, options)
  local nodes = graph.call_model(model, x)
  if nodes then return nodes end
  local o = check.options("model", options, { training = false })
  if type(x) ~= "table" and not core.is_tensor(x) then
    check.raise("argument", "model: expected a tensor (rows, features), got %s", check.what(x))
  end
  if type(x) == "table" then x = feeds.inputs("model", model, x) end
  return gather(core.model_call(model, x, o.training))
end

--- Keras's way to freeze a model and to end its training; nothing else of a model can be set.
local function set_field(model, key, value)
  if key == "trainable" then return model:set_trainable(value) end
  if key == "stop_training" then return value and model:stop_training() or nil end
  check.raise("argument", "model: expected 'trainable' or 'stop_training' to be set, got '%s'",
    tostring(key))
end

core.extend("mlp.Layer", nil, { __call = graph.call_layer })
core.extend("mlp.Model", Model, { __call = call_model, __newindex = set_field,
  __tostring = Model.summary })

return M
