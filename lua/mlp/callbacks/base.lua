--- What the files of this folder share: classes of callbacks, and monitors.
local check = require "mlp.check"
local core = require "mlp.core"
local direction = require "mlp.direction"

local M = {}

-- Options that may differ where a training goes on: they decide about no weight.
local FREE <const> = {
  verbose = true, filename = true, filepath = true, append = true, log_dir = true,
  root = true, path = true, field = true, send_as_json = true, timeout = true,
}

--- The options that were given, or their presets, as far as they are plain values.
local function plain(options)
  local given = {}
  for name, v in pairs(options) do
    if not FREE[name] and type(v) ~= "table" and type(v) ~= "function" then given[name] = v end
  end
  return given
end

--- A class of callbacks: class.new(options) makes one, and calls its init if it has one. keeps: the
--- names of fields that a checkpoint has to hold. first: the option that may be given alone, or
--- without its name in front of others.
function M.class(name, presets, keeps, first)
  local methods = { __name = "mlp.callbacks." .. name }
  methods.__index = methods
  --- Its options that are not the presets: "EarlyStopping { patience = 3 }".
  function methods.__tostring(self)
    local texts = {}
    for _, option in ipairs(check.sorted_keys(presets)) do
      local v, preset = self[option], presets[option]
      if type(preset) == "table" then preset = preset.preset end
      if v ~= nil and v ~= preset and type(v) ~= "table" then
        texts[#texts + 1] = ("%s = %s"):format(option, check.what(v))
      end
    end
    return name .. (#texts > 0 and " { " .. table.concat(texts, ", ") .. " }" or "")
  end
  function methods.new(options)
    local filled = check.options(name, first and check.first(options, first) or options, presets)
    local self = setmetatable(filled, methods)
    self.who, self.given = name, plain(filled)
    if self.init then self:init() end
    return self
  end
  if keeps then
    function methods:get_state()
      local state = {}
      for _, field in ipairs(keeps) do state[field] = self[field] end
      return state
    end
    function methods:set_state(state)
      for _, field in ipairs(keeps) do self[field] = state[field] end
    end
  end
  return methods
end

--- Is a larger value of that metric better? mode "auto" decides by the name.
local function larger_is_better(mode, monitor)
  if mode == "max" then return true end
  if mode == "min" then return false end
  return direction.larger_is_better(monitor)
end

--- The column that a monitor means; aliases acc and accuracy. Raises, before epoch 1, for one that
--- will not be logged.
local function resolve(who, monitor, columns)
  local other = monitor:find "accuracy" and monitor:gsub("accuracy", "acc")
    or monitor:gsub("acc", "accuracy")
  for _, name in ipairs(columns) do
    if name == monitor or name == other then return name end
  end
  local hint = check.hint(monitor, columns)
  if monitor:find "^val_" and not table.concat(columns, " "):find "val_" then
    hint = "; there is no validation data: pass validation_split or validation_data"
  end
  check.raise("argument", "%s: option 'monitor': nothing named '%s' is logged%s; logged are: %s",
    who, monitor, hint, table.concat(columns, ", "))
end

function M.check_mode(self)
  if self.mode ~= "auto" and self.mode ~= "min" and self.mode ~= "max" then
    check.raise("argument", "%s: option 'mode': expected auto, min or max, got '%s'", self.who,
      self.mode)
  end
end

--- For on_train_begin: sets self.column and self.larger; columns: what is logged.
function M.find_monitor(self, columns)
  self.column = resolve(self.who, self.monitor, columns or self.params.columns)
  self.larger = larger_is_better(self.mode, self.column)
end

--- Is `value` better than `best` (nil: anything) by min_delta? NaN never is.
function M.improves(self, value, best)
  if value ~= value then return false end
  if best == nil then return true end
  local delta = math.abs(self.min_delta or 0)
  if self.larger then return value - delta > best end
  return value + delta < best
end

--- For callbacks that set the learning rate: nothing else may set it.
function M.check_rate_is_free(self)
  local schedule = self.model.optimizer.schedule
  if schedule then
    check.raise("argument", "%s: expected an optimizer with a number as its learning_rate, got the "
      .. "schedule %s", self.who, schedule.kind)
  end
end

local function size_of(path)
  local file <close> = io.open(path, "rb")
  return file and file:seek "end" or 0
end

--- For logs of whole lines: line_of(self, epoch, logs), and head_of(self), where there is one, of a
--- file that is new. Its size goes into checkpoints, and a training that goes on from one appends
--- behind that.
function M.keep_log(class, line_of, head_of)
  local function write(self, line)
    core.append_file(self.who, self.filename, line .. "\n")
  end
  local function open(self, limit)
    local size = core.append_file(self.who, self.filename, "", true) and 0
      or core.cut_file(self.who, self.filename, limit)
    local head = head_of and head_of(self)
    if head and size == 0 then write(self, head) end
  end
  function class:on_train_begin()
    if not self.params.resumed then open(self, self.append and math.maxinteger or 0) end
  end
  function class:on_epoch_end(epoch, logs) write(self, line_of(self, epoch, logs)) end
  function class:get_state() return { bytes = size_of(self.filename), names = self.names } end
  function class:set_state(state)
    open(self, state.bytes)
    self.names = state.names
  end
end

--- The file name that a log was asked for.
function M.check_filename(self)
  local name = self.filename
  if type(name) ~= "string" or name == "" then
    check.raise("argument", "%s: option 'filename': expected a file name, got %s", self.who,
      check.what(name))
  end
end

--- A callback that was told to say what it does.
function M.say(self, fmt, ...)
  if self.verbose ~= 0 then io.stderr:write(fmt:format(...), "\n") end
end

return M
