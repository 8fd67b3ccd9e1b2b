--- What model:compile takes: losses and metrics for the outputs, as objects under the names that
--- they are logged by.
local core = require "mlp.core"
local check = require "mlp.check"
local compat = require "mlp.compat"
local custom = require "mlp.custom"
local families = require "mlp.families"
local lint = require "mlp.model.lint"
local notes = require "mlp.model.notes"
local ports = require "mlp.model.ports"
local thresholds = require "mlp.thresholds"

local M = {}

local function is_object(v) return type(v) == "userdata" end
local function is_one_loss(v)
  return type(v) == "string" or type(v) == "function" or is_object(v)
end

--- The object of a loss that is a name, an object or a function (y, p).
function M.loss(who, v)
  families.refuse_constructor(who, "loss", v)
  if type(v) == "function" then return core.loss_function(v) end
  if type(v) == "string" then lint.name_of_loss(v, families.is_kind) end
  return families.object(who, "loss", v)
end

local function read_losses(model, given)
  if given == nil then
    check.raise("argument",
      "compile: option 'loss': expected a name, an object of mlp.losses or a function, got none")
  end
  local list = ports.list("compile", "loss", model.outputs, given, is_one_loss, true)
  for i, v in ipairs(list) do list[i] = v and M.loss("compile", v) end
  return list
end

local function read_weights(model, given)
  local list = ports.list("compile", "loss_weights", model.outputs, given, math.type)
  for i, v in ipairs(list) do
    list[i] = v and check.number("compile", "loss_weights", v, -1e300, 1e300) or 1
  end
  return list
end

local function is_one_metric(v)
  return type(v) == "string" or is_object(v) or custom.is_log_metric(v) or thresholds.is_list(v)
end

--- A metric and the name that it is logged by, into what was found for that output.
local function add_metric(found, model, output, object, name, weighted)
  found.measures[#found.measures + 1] = { object, output, weighted }
  found.names[#found.names + 1] = #model.outputs > 1
    and model.outputs[output].name .. "_" .. name or name
end

--- What a name means for that output: of several labels accuracy is that of each, and
--- "crossentropy" is binary or categorical, as Keras has it, by the loss. Others mean themselves.
local function meant(m, labels, loss)
  if labels and (m == "accuracy" or m == "acc") then return "binary_accuracy" end
  if m ~= "crossentropy" and m ~= "ce" then return m end
  local binary = labels or loss and loss:find "^binary"
  return binary and "binary_crossentropy" or "categorical_crossentropy"
end

--- Metrics of one output: a name, an object, or a list of them.
local function add_metrics(found, model, output, given, weighted)
  local labels = notes.is_multi_label(model, output, found.losses[output])
  if is_one_metric(given) then given = { given } end
  for i, m in ipairs(given) do
    families.refuse_constructor("compile", "metrics", m)
    if type(m) == "function" then
      check.raise("argument", "compile: metric %d is a function: give it a name, mlp.Metric { name "
        .. "= , call = f }", i)
    end
    local o = thresholds.is_list(m) and m
      or families.object("compile", "metric", meant(m, labels, found.losses[output]))
    local name = type(m) == "string" and m or o.kind
    if custom.is_log_metric(o) then
      found.of_logs[#found.of_logs + 1] = o
    elseif thresholds.is_list(m) then
      for _, each in ipairs(m) do add_metric(found, model, output, each[1], each[2], weighted) end
    else
      add_metric(found, model, output, o, name, weighted)
    end
  end
end

--- Is it for each output (a list of lists, or by name), or for the one?
local function read_metrics(found, model, what, given)
  local weighted = what == "weighted_metrics"
  if #model.outputs == 1 and (is_one_metric(given) or #given > 0 or next(given) == nil) then
    return add_metrics(found, model, 1, given, weighted)
  end
  local list = ports.list("compile", what, model.outputs, given, function() return false end)
  for i, v in ipairs(list) do
    if v then add_metrics(found, model, i, v, weighted) end
  end
end

--- A name that is taken gets "weighted_" in front, as in Keras.
local function distinct(measures, names)
  local seen = {}
  for i, name in ipairs(names) do
    if seen[name] and measures[i][3] then names[i] = "weighted_" .. name end
    seen[names[i]] = true
  end
end

--- Compile with objects: losses and weights one an output; measures { object, output, weighted }
--- under those names.
--- @param of_logs? table[]  metrics that are functions of what is logged
function M.with(model, optimizer, losses, weights, measures, names, of_logs)
  core.model_compile(model, optimizer, losses, weights, measures)
  local n = notes.of(model)
  n.losses, n.loss_weights, n.metrics, n.metric_names = losses, weights, measures, names
  n.of_logs = of_logs or {}
end

local function make(model, o)
  local losses, found = read_losses(model, o.loss), { measures = {}, names = {}, of_logs = {} }
  found.losses = {}
  for i, loss in pairs(losses) do found.losses[i] = loss and loss.kind end
  read_metrics(found, model, "metrics", o.metrics)
  read_metrics(found, model, "weighted_metrics", o.weighted_metrics)
  distinct(found.measures, found.names)
  lint.losses(model, losses)
  M.with(model, families.object("compile", "optimizer", o.optimizer), losses,
    read_weights(model, o.loss_weights), found.measures, found.names, found.of_logs)
end

--- @see mlp.Model.compile
function M.compile(model, options)
  local o = check.options("compile", options, { optimizer = check.any "adam", loss = check.none,
    loss_weights = check.none, metrics = check.any {}, weighted_metrics = check.any {},
    compat = check.none })
  local whose = compat.read("compile", o.compat) or notes.of(model).compat
  compat.within(whose, make, model, o)
end

--- The names that a pass logs, in order: loss, of several outputs that of each, metrics.
function M.log_names(model)
  local names, n = { "loss" }, notes.of(model)
  if #model.outputs > 1 then
    for i, output in ipairs(model.outputs) do
      if n.losses[i] then names[#names + 1] = output.name .. "_loss" end
    end
  end
  for _, name in ipairs(n.metric_names) do names[#names + 1] = name end
  return names
end

--- The names of the metrics that are functions of what is logged.
function M.composed_names(model)
  local names = {}
  for i, metric in ipairs(notes.of(model).of_logs) do names[i] = metric.kind end
  return names
end

--- Fill in the metrics that are functions of the logs: they see time_s, params and bytes beside
--- what is logged, and what the metrics before them gave. In evaluate (`alone`) there is no
--- validation beside: val_loss is the loss there.
function M.compose(model, logs, seconds, alone)
  local list = notes.of(model).of_logs
  if #list == 0 then return logs end
  local function look_up(_, key)
    if logs[key] ~= nil or not alone or type(key) ~= "string" then return logs[key] end
    return logs[key:match "^val_(.*)$"]
  end
  local seen = setmetatable({
    time_s = seconds, params = model:count(), bytes = (core.memory()),
  }, { __index = look_up })
  for _, metric in ipairs(list) do
    local value = metric.logs(seen)
    if math.type(value) == nil then
      check.raise("argument", "metric '%s': expected a number, got %s; there are: %s", metric.kind,
        tostring(value), table.concat(check.sorted_keys(logs), ", ") .. ", time_s, params, bytes")
    end
    logs[metric.kind] = value
  end
  return logs
end

--- What a pass has found so far, by name, into `logs`.
function M.read_logs(model, run, logs)
  local n = notes.of(model)
  logs.loss = run.loss
  if #n.losses > 1 then
    for i, output in ipairs(model.outputs) do
      if n.losses[i] then logs[output.name .. "_loss"] = run:part(i) end
    end
  end
  for i, name in ipairs(n.metric_names) do logs[name] = run[i] end
  return logs
end

return M
