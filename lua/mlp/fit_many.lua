--- mlp.fit_many: many small nets, trained together, each with the bits of its own fit. Models that
--- are alike share what is compiled, and go through their batches side by side, in C
--- (runtime/train/many.c); all else is that of fit, net by net: options, hooks, logs.
local core = require "mlp.core"
local check = require "mlp.check"
local epoch = require "mlp.fit.epoch"
local fit = require "mlp.fit"
local fit_options = require "mlp.fit.options"
local hooks = require "mlp.hooks"
local notes = require "mlp.model.notes"
local progress = require "mlp.progress"
local record = require "mlp.record"

local M = {}

--
-- What is asked for
--

-- Options of fit that are taken, of all nets or of each.
local TAKEN <const> = { "epochs", "batch_size", "shuffle", "validation_split", "validation_data",
  "validation_how", "validation_freq", "validation_batch_size", "validation_steps", "callbacks",
  "initial_epoch", "sample_weight", "class_weight", "eval_train", "limit_val_batches" }

-- Hooks that look at single batches; here these go by many at a time.
local BATCH_HOOKS <const> = { "on_train_batch_begin", "on_train_batch_end", "on_batch_begin",
  "on_batch_end", "on_before_step", "on_after_step", "on_test_batch_begin", "on_test_batch_end" }

local of_all = { seeds = check.none, each = check.none, verbose = check.any "auto",
  on_interrupt = "raise" }
local of_each = { seed = check.none }
for _, name in ipairs(TAKEN) do of_all[name], of_each[name] = check.any(), check.any() end

local function length_or_kind(v)
  return type(v) == "table" and ("a list of %d"):format(#v) or check.what(v)
end

local function check_models(models)
  if type(models) ~= "table" or #models == 0 then
    check.raise("argument", "fit_many: expected a list of compiled models, got %s",
      check.what(models))
  end
  for i, model in ipairs(models) do
    if core.type(model) ~= "mlp.Model" then
      check.raise("argument", "fit_many: model %d: expected a compiled model, got %s", i,
        check.what(model))
    end
    if not model.optimizer then
      check.raise("state", "fit_many: model %d: expected a compiled model; call model:compile{...} "
        .. "first", i)
    end
  end
  local a, b = core.models_share(models)
  if a then
    check.raise("argument", "fit_many: models %d and %d share a layer: they cannot be trained at "
      .. "the same time", a, b)
  end
end

--- The option `name` that has one entry a net.
local function check_list(name, list, n)
  if type(list) ~= "table" or #list ~= n then
    check.raise("argument", "fit_many: option '%s': expected a list with an entry for each of the "
      .. "%d models, got %s", name, n, length_or_kind(list))
  end
end

--- Callbacks of one net: the list's, each with a state of its own.
local function copies(callbacks)
  local list = {}
  for i, callback in ipairs(callbacks) do
    local copy = {}
    for key, value in pairs(callback) do copy[key] = value end
    list[i] = setmetatable(copy, getmetatable(callback))
  end
  return list
end

local function check_callbacks(callbacks)
  hooks.check("fit_many", callbacks)
  for i, callback in ipairs(callbacks) do
    if callback.is_backup or hooks.any({ callback }, table.unpack(BATCH_HOOKS)) then
      check.raise("argument", "fit_many: callback %d%s: expected one whose hooks are at epochs, "
        .. "got one that %s; train that model by itself", i,
        callback.who and (" (%s)"):format(callback.who) or "",
        callback.is_backup and "keeps checkpoints" or "looks at batches")
    end
  end
end

--- The options of fit for net i.
local function options_of(o, i)
  local own = o.each and check.options(("fit_many: each[%d]"):format(i), o.each[i], of_each) or {}
  local list = {}
  for _, name in ipairs(TAKEN) do
    list[name] = o[name]
    if own[name] ~= nil then list[name] = own[name] end
  end
  check_callbacks(list.callbacks or {})
  if own.callbacks == nil then list.callbacks = copies(list.callbacks or {}) end
  list.verbose = 0
  return fit_options.read(list), own.seed or o.seeds and o.seeds[i]
end

--- The data of net i, and its validation data where it is a fold.
local function data_of(data, i, n)
  local one = type(data) == "userdata" or type(data) == "table" and data.x ~= nil
  if one then return data end
  if type(data) ~= "table" or #data ~= n then
    check.raise("argument", "fit_many: expected a dataset, or a list with one for each of the %d "
      .. "models, got %s", n, length_or_kind(data))
  end
  local own = data[i]
  if type(own) == "table" and own.train ~= nil then return own.train, own.test end
  return own
end

--
-- Nets that go together
--

--- What the data of two nets have in common where one plan does for both.
local function kind_of(feed, o)
  local parts = { tostring(o.batch_size) }
  for _, field in ipairs { "y", "w" } do
    for _, t in ipairs(feed[field]) do
      parts[#parts + 1] = t and t.dtype .. table.concat(t.shape, ",", 2) or "none"
    end
  end
  return table.concat(parts, ";")
end

--- Where a net belongs: to the first group of its kind, or to a new one. Returns what fit's source
--- asks for: the run of the first net of the group.
local function joiner(groups)
  local here = {}
  function here.find(model, feed, o)
    core.model_build_for(model, feed.x)
    here.kind, here.group = kind_of(feed, o), nil
    for _, group in ipairs(groups) do
      if group.kind == here.kind and core.models_alike(group[1].model, model) then
        here.group = group
        return group[1].run
      end
    end
  end
  function here.join(net)
    if not here.group then
      here.group = { kind = here.kind }
      groups[#groups + 1] = here.group
    end
    net.group = here.group
    table.insert(here.group, net)
  end
  return here
end

--- Do something for a net with the random numbers of its seed.
local function seeded(net, f, ...)
  if not net.seed then return f(...) end
  local before = table.pack(core.run_state(net.seed, 0, 0))
  local result = table.pack(pcall(f, ...))
  core.run_state(table.unpack(before, 1, 3))
  if not result[1] then error(result[2], 0) end
  return table.unpack(result, 2, result.n)
end

--- All nets, each as fit knows it (state), in groups.
local function prepare(models, data, o)
  local nets, groups = {}, {}
  local here = joiner(groups)
  for i, model in ipairs(models) do
    local own, seed = options_of(o, i)
    local given, validation = data_of(data, i, #models)
    if validation ~= nil and own.validation_data == nil then own.validation_data = validation end
    local net = { number = i, model = model, seed = seed }
    net.state = seeded(net, fit.prepare, model, given, own, here.find)
    net.run = net.state.run
    here.join(net)
    nets[i] = net
  end
  for _, group in ipairs(groups) do
    local runs = {}
    for i, net in ipairs(group) do runs[i] = net.run end
    group.train = core.many(runs)
  end
  return nets, groups
end

--
-- Epochs
--

local function is_active(net)
  return not net.state.stop and net.state.epoch < net.state.options.epochs
end

--- Runs that go together, to their end, in slices.
local function go(many, look)
  repeat
    local done = many:on(hooks.SLICE)
    if look then look() end
  until done
end

--- The pass over a net's validation data, made once, and set back.
local function validation_run(net, lead)
  local state = net.state
  local feed, o = state.validation, state.options
  if net.pass then
    net.pass:restart(0)
  elseif lead then
    net.pass = core.run_beside(lead, net.model, feed.x, feed.y, 0, 0, feed.w)
  else
    net.pass = core.run(net.model, "evaluate", feed.x, feed.y,
      o.validation_batch_size or o.batch_size, 0, 0, feed.w)
  end
  return net.pass
end

--- Can it be validated together with others? All rows, and no other batches than theirs.
local function validates_together(net)
  return epoch.validates(net.state) and net.state.validation_limit == nil
end

--- Nets of a group whose validation data are of one kind.
local function validation_groups(nets)
  local found, order = {}, {}
  for _, net in ipairs(nets) do
    if validates_together(net) then
      local o = net.state.options
      local kind = kind_of(net.state.validation,
        { batch_size = o.validation_batch_size or o.batch_size })
      if not found[kind] then
        found[kind] = {}
        order[#order + 1] = found[kind]
      end
      table.insert(found[kind], net)
    end
  end
  return order
end

--- What fit's epoch reads in place of an evaluation of its own.
local function reader(net)
  return function()
    local callbacks, logs = net.state.callbacks, net.model:read_logs(net.pass, {})
    hooks.call(callbacks, "on_test_begin", {})
    hooks.call(callbacks, "on_test_end", logs)
    return logs
  end
end

--- The nets' validation passes, together.
local function validate(group, active)
  for _, nets in ipairs(validation_groups(active)) do
    local runs, key = {}, ""
    for i, net in ipairs(nets) do
      runs[i] = validation_run(net, nets[1] ~= net and nets[1].pass)
      net.state.read_validation = reader(net)
      key = key .. net.number .. " "
    end
    if group.key ~= key then group.key, group.validation = key, core.many(runs) end
    go(group.validation)
  end
end

--- One epoch of those nets of a group that still train.
local function run_epoch(group, look)
  local active = {}
  for _, net in ipairs(group) do
    if is_active(net) then active[#active + 1] = net end
  end
  for _, net in ipairs(active) do
    net.at = "on_epoch_begin"
    seeded(net, epoch.begin, net.state, net.state.epoch + 1)
  end
  if #active > 0 then
    go(group.train, look)
    validate(group, active)
  end
  for _, net in ipairs(active) do seeded(net, epoch.finish, net.state) end
  return #active
end

--- The middle one of the losses of nets, for the bar.
local function median_loss(nets, loss_of)
  local losses = {}
  for _, net in ipairs(nets) do
    local loss = loss_of(net)
    if loss and loss == loss then losses[#losses + 1] = loss end
  end
  table.sort(losses)
  return losses[(#losses + 1) // 2] or 0 / 0
end

local function loss_so_far(net) return net.run.loss end
local function last_loss(net) return (net.state.history[-1] or {}).loss end

--- Batches that are done, and all, of the epoch of those that train.
local function batches_of(nets)
  local done, all = 0, 0
  for _, net in ipairs(nets) do
    if is_active(net) or net.state.inside then
      done, all = done + net.run.batches, all + net.state.source.steps
    end
  end
  return done, all
end

--- One epoch of all that still train; false where none does.
local function round(nets, groups, bar, number)
  local began, active = core.clock(), 0
  local _, all = batches_of(nets)
  if all == 0 then return false end
  bar:epoch_begin(number, all)
  local function look()
    bar:step(batches_of(nets), { loss = median_loss(nets, loss_so_far) })
  end
  for _, group in ipairs(groups) do active = active + run_epoch(group, look) end
  bar:epoch_end(number, { nets = active, loss = median_loss(nets, last_loss) },
    core.clock() - began, all)
  return true
end

local function run_epochs(nets, groups, bar)
  local number = 1
  for _, net in ipairs(nets) do net.state.began = core.clock() end
  while round(nets, groups, bar, number) do number = number + 1 end
end

--
-- The whole
--

local function busy_all(models)
  local held = setmetatable({}, { __close = function(list)
    for i = #list, 1, -1 do
      local own <close> = list[i] -- luacheck: ignore (closed here)
      list[i] = nil
    end
  end })
  for i, model in ipairs(models) do
    held[i] = core.model_busy(model)
    if not held[i] then
      local _ <close> = held
      check.raise("state", "fit_many: model %d is already training", i)
    end
  end
  return held
end

--- An error of a hook, with the net that it came from.
local function with_place(nets, e)
  for _, net in ipairs(nets) do
    local place = hooks.failed(net.state.callbacks)
    if place and type(e) == "string" then
      return ("fit_many: net %d, %s, epoch %d: %s"):format(net.number, place, net.state.epoch, e)
    end
  end
  return e
end

local function guarded(nets, groups, bar)
  local _ <close> = core.shield()
  local ok, e = xpcall(run_epochs, function(e)
    return type(e) == "string" and debug.traceback(e, 2) or e
  end, nets, groups, bar)
  if not ok and not fit.is_interrupt(e) then return false, with_place(nets, e) end
  for _, net in ipairs(nets) do
    local state = net.state
    if not ok then
      state.history.stopped_epoch, state.history.stop_reason = state.epoch, "interrupted"
    elseif state.stop then
      state.history.stopped_epoch, state.history.stop_reason = state.epoch, state.stop
    end
    fit.finish(state)
  end
  if not ok then core.clear_interrupt() end
  return ok, e
end

local function histories_of(nets)
  local list = {}
  for i, net in ipairs(nets) do
    list[i] = net.state.history
    record.fitted(net.model, notes.of(net.model).name, list[i])
  end
  return list
end

--- @see mlp.fit_many
function M.fit_many(models, data, options)
  local o = check.options("fit_many", options, of_all)
  check_models(models)
  for name, list in pairs { seeds = o.seeds or false, each = o.each or false } do
    if list then check_list(name, list, #models) end
  end
  local _ <close> = busy_all(models)
  local nets, groups = prepare(models, data, o)
  local most = 0
  for _, net in ipairs(nets) do most = math.max(most, net.state.options.epochs) end
  local bar <close> = progress.new { epochs = most, steps = 0, verbose = o.verbose }
  for _, net in ipairs(nets) do hooks.call(net.state.callbacks, "on_train_begin", {}) end
  local ok, e = guarded(nets, groups, bar)
  for _, net in ipairs(nets) do
    notes.of(net.model).stop = nil
    if ok then fit.tell(net.state, ("fit_many: net %d"):format(net.number)) end
  end
  if ok then return histories_of(nets) end
  if not fit.is_interrupt(e) then error(e, 0) end
  e.history = histories_of(nets)
  if o.on_interrupt ~= "return" then error(e, 0) end
  return e.history
end

return M
