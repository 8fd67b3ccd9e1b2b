--- Several fits side by side. Models that are alike share what is compiled, and go through their
--- batches together, in C (runtime/train/many.c); all else is that of fit, net by net: hooks, logs.
--- A net: number, model, data, options (of fit), random (what its random numbers follow from; nil:
--- the run's), alone (its errors end it, and not the others). What comes of it: state (fit's), or
--- failed and error.
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
-- Nets that go together
--

--- What the data of two nets have in common where one plan does for both.
local function kind_of(feed, batch_size)
  local parts = { tostring(batch_size) }
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
    here.kind, here.group = kind_of(feed, o.batch_size), nil
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

--- Do something for a net with its random numbers.
local function seeded(net, f, ...)
  if not net.random then return f(...) end
  local before = table.pack(core.run_state(table.unpack(net.random)))
  local result = table.pack(xpcall(f, check.trace, ...))
  net.random = table.pack(core.run_state(table.unpack(before)))
  if not result[1] then error(result[2], 0) end
  return table.unpack(result, 2, result.n)
end

--- The same; a net whose errors are its own is at its end then, and the others are not.
local function attempt(net, f, ...)
  if not net.alone then return seeded(net, f, ...) end
  local ok, e = xpcall(seeded, check.trace, net, f, ...)
  if ok then return end
  if fit.is_interrupt(e) then error(e, 0) end
  net.failed, net.error = true, net.state and fit.with_place(net.state, e) or e
end

--- A net of `asked`, as fit knows it (state), in its group.
local function open(net, here)
  net.state = fit.prepare(net.model, net.data, fit_options.read(net.options), here.find)
  net.run = net.state.run
  here.join(net)
end

--- All nets in groups.
local function prepare(nets)
  local groups = {}
  local here = joiner(groups)
  for _, net in ipairs(nets) do attempt(net, open, net, here) end
  for _, group in ipairs(groups) do
    local runs = {}
    for i, net in ipairs(group) do runs[i] = net.run end
    group.train = core.many(runs)
  end
  return groups
end

--
-- Epochs
--

local function is_active(net)
  return not net.failed and not net.state.stop and net.state.epoch < net.state.options.epochs
end

--- Runs that go together, to their end, in slices.
local function go(many, look)
  repeat
    local done = many:on(hooks.SLICE)
    if look then look() end
  until done
end

local function size_of(options) return options.validation_batch_size or options.batch_size end

--- Passes over validation data of one kind, to be made together; of all nets of a group that have
--- such data and look at all of it.
local function validation_groups(group)
  local found, list = {}, {}
  for _, net in ipairs(group) do
    local state = net.state
    if state.validation and not state.validation_limit then
      local kind = kind_of(state.validation, size_of(state.options))
      if not found[kind] then
        found[kind] = { runs = {} }
        list[#list + 1] = found[kind]
      end
      table.insert(found[kind], net)
    end
  end
  return list
end

--- What fit's epoch reads in place of an evaluation of its own.
local function reader(net, run)
  return function()
    local callbacks, logs = net.state.callbacks, net.model:read_logs(run, {})
    hooks.call(callbacks, "on_test_begin", {})
    hooks.call(callbacks, "on_test_end", logs)
    return logs
  end
end

local function open_passes(nets)
  for i, net in ipairs(nets) do
    local feed, lead = net.state.validation, nets.runs[1]
    if lead then
      nets.runs[i] = core.run_beside(lead, net.model, feed.x, feed.y, 0, 0, feed.w)
    else
      nets.runs[i] = core.run(net.model, "evaluate", feed.x, feed.y, size_of(net.state.options), 0,
        0, feed.w)
    end
    net.state.read_validation = reader(net, nets.runs[i])
  end
  nets.many = core.many(nets.runs)
end

--- Validate those nets that trained and are due; the passes of others stay at their end.
local function validate(group)
  group.validations = group.validations or validation_groups(group)
  for _, nets in ipairs(group.validations) do
    local any = false
    for i, net in ipairs(nets) do
      if not net.failed and net.state.inside and epoch.validates(net.state) then
        any = true
        if nets.many then nets.runs[i]:restart(0) end
      end
    end
    if any and not nets.many then open_passes(nets) end
    if any then go(nets.many) end
  end
end

--- One epoch of those nets of a group that still train.
local function run_epoch(group, look)
  local active = {}
  for _, net in ipairs(group) do
    if is_active(net) then active[#active + 1] = net end
  end
  for _, net in ipairs(active) do attempt(net, epoch.begin, net.state, net.state.epoch + 1) end
  if #active > 0 then
    go(group.train, look)
    validate(group)
  end
  for _, net in ipairs(active) do
    if not net.failed then attempt(net, epoch.finish, net.state) end
  end
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

local function loss_so_far(net) return net.run and net.run.loss end
local function last_loss(net) return net.state and (net.state.history[-1] or {}).loss end

--- Batches that are done, and all, of the epoch of those that train.
local function batches_of(nets)
  local done, all = 0, 0
  for _, net in ipairs(nets) do
    if not net.failed and (is_active(net) or net.state.inside) then
      done, all = done + net.run.batches, all + net.state.source.steps
    end
  end
  return done, all
end

--- One epoch of all that still train; how many do.
local function round(groups, look)
  local active = 0
  for _, group in ipairs(groups) do active = active + run_epoch(group, look) end
  return active
end

--- The same, with a bar.
local function shown_round(nets, groups, bar, number, tick)
  local began = core.clock()
  local _, all = batches_of(nets)
  if all == 0 then return 0 end
  bar:epoch_begin(number, all)
  local active = round(groups, function()
    if tick then tick() end
    bar:step(batches_of(nets), { loss = median_loss(nets, loss_so_far) })
  end)
  bar:epoch_end(number, { nets = active, loss = median_loss(nets, last_loss) },
    core.clock() - began, all)
  return active
end

local function start(state)
  hooks.call(state.callbacks, "on_train_begin", {})
  state.began = core.clock()
  epoch.check_validation(state)
end

local function run_epochs(nets, groups, bar, tick)
  local number = 1
  for _, net in ipairs(nets) do
    if not net.failed then attempt(net, start, net.state) end
  end
  local function go_on()
    if bar.verbose == 0 then return round(groups, tick) end
    return shown_round(nets, groups, bar, number, tick)
  end
  while go_on() > 0 do number = number + 1 end
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
    local place = net.state and hooks.failed(net.state.callbacks)
    if place and type(e) == "string" then
      return ("fit_many: net %d, %s, epoch %d: %s"):format(net.number, place, net.state.epoch, e)
    end
  end
  return e
end

--- The end of a net: why it stopped, averages, hooks.
local function finish(net, interrupted)
  local state = net.state
  local reason = interrupted and "interrupted" or state.stop
  if reason then state.history.stopped_epoch, state.history.stop_reason = state.epoch, reason end
  fit.finish(state)
end

--- All epochs, and the end. Ctrl-C: as fit, for all nets. Returns as pcall does.
local function guarded(nets, groups, bar, tick)
  local _ <close> = core.shield()
  local ok, e = xpcall(run_epochs, check.trace, nets, groups, bar, tick)
  if not ok and not fit.is_interrupt(e) then return false, with_place(nets, e) end
  if not ok then core.clear_interrupt() end
  for _, net in ipairs(nets) do
    if not net.failed then attempt(net, finish, net, not ok) end
  end
  return ok, e
end

local function note_names(net)
  if type(net.data) == "userdata" then
    notes.of(net.model).class_names = net.data.class_names
  end
end

local function close(net, ok)
  notes.of(net.model).stop = nil
  if net.failed or not net.state then return end
  if ok then fit.tell(net.state, ("fit_many: net %d"):format(net.number)) end
  record.fitted(net.model, notes.of(net.model).name, net.state.history)
end

--- Train nets to their ends. Returns as pcall does.
--- @param nets table[]
--- @param verbose any  of fit
--- @param tick? function  called between slices
function M.train(nets, verbose, tick)
  local models = {}
  for i, net in ipairs(nets) do models[i] = net.model end
  local _ <close> = busy_all(models)
  for _, net in ipairs(nets) do note_names(net) end
  local groups = prepare(nets)
  local most = 0
  for _, net in ipairs(nets) do
    if net.state then most = math.max(most, net.state.options.epochs) end
  end
  local bar <close> = progress.new { epochs = most, steps = 0, verbose = verbose }
  local ok, e = guarded(nets, groups, bar, tick)
  for _, net in ipairs(nets) do close(net, ok) end
  return ok, e
end

return M
