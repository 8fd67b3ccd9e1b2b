local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local event_file = require "mlp.callbacks.event_file"
local families = require "mlp.families"
local class = base.class

--- Write what TensorBoard shows (`tensorboard --logdir logs`): log_dir/train has loss and metrics
--- of each epoch as epoch_loss and so on, with learning_rate; log_dir/validation those of the
--- validation, and evaluation_loss_vs_iterations, the step being model.iterations. Epochs count
--- from 1. A file has whole events, also after a crash.
--- Options as in Keras: log_dir "logs" (may be given alone); histogram_freq 0, histograms of the
--- weights each so many epochs, from the first; write_graph true; write_steps_per_second false;
--- update_freq "epoch", "batch" or a number of batches: then batch_loss, too, by model.iterations.
--- Source: Keras 3, callbacks.TensorBoard.
--- @class mlp.TensorBoard
--- @usage mlp.TensorBoard { log_dir = mlp.out "logs", histogram_freq = 1 }
local TensorBoard = class("TensorBoard", {
  log_dir = "logs", histogram_freq = 0, write_graph = true, write_steps_per_second = false,
  update_freq = check.any "epoch",
}, nil, "log_dir")
TensorBoard.writes = true

local BINS <const> = 30 -- of a histogram, as tf.summary.histogram has them

function TensorBoard:init()
  self.files, self.clock = {}, core.time
  if type(self.log_dir) ~= "string" or self.log_dir == "" then
    check.raise("argument", "TensorBoard: option 'log_dir': expected a folder, got %s",
      check.what(self.log_dir))
  end
  self.histogram_freq = check.whole("TensorBoard", "histogram_freq", self.histogram_freq, 0)
  if self.update_freq == "epoch" then return end
  if self.update_freq ~= "batch" and type(self.update_freq) ~= "number" then
    check.raise("argument", "TensorBoard: option 'update_freq': expected 'epoch', 'batch' or a "
      .. "number of batches, got %s", check.what(self.update_freq))
  end
  self.batches = self.update_freq == "batch" and 1
    or check.whole("TensorBoard", "update_freq", self.update_freq, 1)
  self.on_train_batch_end = self.after_batch
end

--- A new file of a name that nobody has, with its first record.
local function open(self, run)
  local folder, time = self.log_dir .. "/" .. run, self.clock()
  core.make_folder(folder)
  local head = event_file.record(event_file.version(time, "mlprun"))
  for i = 0, math.maxinteger do
    local path = ("%s/events.out.tfevents.%010d.%d.v2"):format(folder, time // 1, i)
    if core.append_file("TensorBoard", path, head, true) then
      return { path = path, bytes = #head }
    end
  end
end

--- An event, whole in the file of a run when this returns.
local function write(self, run, event)
  local file = self.files[run] or open(self, run)
  local record = event_file.record(event)
  self.files[run] = file
  core.append_file("TensorBoard", file.path, record)
  file.bytes = file.bytes + #record
end

local function write_values(self, run, step, values)
  if #values == 0 then return end
  write(self, run, event_file.summary(self.clock(), step, table.concat(values)))
end

--- Numbers as values, in order of their names; format: of a name in the file.
local function scalars(format, logs)
  local values = {}
  for _, name in ipairs(check.sorted_keys(logs)) do
    values[#values + 1] = event_file.scalar(format:format(name), logs[name])
  end
  return values
end

--- The layers as nodes; one that is used again has a number behind its name.
local function nodes(model)
  local list, names, count = {}, {}, {}
  for i, port in ipairs(model.inputs) do
    names[1 - i] = port.name ~= "" and port.name or (i > 1 and "input_" .. i or "input")
    list[i] = { name = names[1 - i], op = "Input", inputs = {} }
  end
  for i, use in ipairs(core.model_uses(model)) do
    local name, inputs = use.layer.name, {}
    for j, k in ipairs(use.inputs) do inputs[j] = names[k] end
    count[name] = (count[name] or 0) + 1
    names[i] = count[name] > 1 and ("%s_use_%d"):format(name, count[name]) or name
    list[#list + 1] = { name = names[i], op = families.camel(use.layer.kind), inputs = inputs }
  end
  return list
end

local function graph(self)
  if self.write_graph then
    write(self, "train", event_file.graph(self.clock(), nodes(self.model)))
  end
end

function TensorBoard:on_train_begin()
  if self.params.resumed then return end
  self.files = {}
  graph(self)
end

function TensorBoard:on_epoch_begin(epoch)
  self.epoch, self.began, self.from = epoch, core.clock(), self.model.iterations
end

--- In place of on_train_batch_end, where batches are asked for.
function TensorBoard:after_batch(_, logs)
  local step = self.model.iterations
  if step % self.batches == 0 then write_values(self, "train", step, scalars("batch_%s", logs)) end
end

function TensorBoard:on_test_end(logs)
  write_values(self, "validation", self.model.iterations,
    scalars("evaluation_%s_vs_iterations", logs))
end

--- The histogram of each weight that has finite numbers.
local function histograms(self, epoch)
  local values = {}
  for _, layer in ipairs(self.model.layers) do
    for _, weight in ipairs(layer:weights()) do
      local stats = core.stats(weight.tensor, { bins = BINS })
      if stats.n > 0 then
        local tag = ("%s/%s/histogram"):format(layer.name, weight.name)
        values[#values + 1] = event_file.histogram(tag, stats)
      end
    end
  end
  write_values(self, "train", epoch, values)
end

function TensorBoard:on_epoch_end(epoch, logs)
  local train, validation = { learning_rate = self.model.optimizer.learning_rate }, {}
  for name, v in pairs(logs) do
    local short = name:match "^val_(.*)"
    if short then validation[short] = v else train[name] = v end
  end
  if self.write_steps_per_second then
    train.steps_per_second = (self.model.iterations - self.from) / (core.clock() - self.began)
  end
  write_values(self, "train", epoch, scalars("epoch_%s", train))
  write_values(self, "validation", epoch, scalars("epoch_%s", validation))
  if self.histogram_freq > 0 and (epoch - 1) % self.histogram_freq == 0 then
    histograms(self, epoch)
  end
end

--- A picture among those of the training, beside the others of that name.
--- @param tag string
--- @param figure mlp.Figure
--- @param step? integer  the epoch of now
--- @usage board:add_image("boundary", mlp.plot.decision_boundary(model, test))
function TensorBoard:add_image(tag, figure, step)
  if type(tag) ~= "string" or core.type(figure) ~= "mlp.Figure" then
    check.raise("argument", "add_image: expected a name and a figure, got %s and %s",
      check.what(tag), check.what(figure))
  end
  write_values(self, "train", step or self.epoch or 0, { event_file.image(tag, figure:png()) })
end

function TensorBoard:get_state() return { files = self.files } end

--- What get_state gave: the files are cut to what they held then.
function TensorBoard:set_state(state)
  self.files = state.files
  for _, file in pairs(self.files) do core.cut_file(self.who, file.path, file.bytes) end
end

return TensorBoard
