--- Training's progress, laid out as Keras does: a bar on a terminal, else a line an epoch.
---
---   local p = progress.new { epochs = 10, steps = 47 }
---   p:epoch_begin(1)
---   p:step(12, { loss = 0.28, accuracy = 0.91 })
---   p:epoch_end(1, { loss = 0.25, accuracy = 0.92, val_loss = 0.3 }, 1.3)
---   p:close()
---
--- Logs are tables of numbers by name; the loss comes first, names with "val_" last. It writes to
--- standard output where that is a terminal, else to standard error.
local core = require "mlp.core"
local logs_text = require("mlp.logs").text
local settings = require "mlp.settings"

local Progress = {}
Progress.__index = Progress

local REDRAW <const> = 0.1 -- seconds between drawings of the bar
local BAR <const> = 20 -- columns

local function duration_text(seconds)
  if seconds >= 60 then return ("%d:%02d"):format(seconds // 60, math.floor(seconds % 60)) end
  return ("%.0fs"):format(seconds)
end

--- "23ms/step"
local function pace_text(seconds)
  if seconds >= 1 then return ("%.1fs/step"):format(seconds) end
  if seconds >= 1e-3 then return ("%.0fms/step"):format(seconds * 1e3) end
  return ("%.0fus/step"):format(seconds * 1e6)
end

--- @class mlp.ProgressOptions
--- @field epochs integer
--- @field steps integer of an epoch
--- @field verbose? "auto"|0|1|2 nothing, a bar, a line an epoch; "auto": as the terminal allows
--- @field stream? string "stdout" or "stderr"

--- @param options mlp.ProgressOptions
local function new(options)
  local stream = options.stream or (core.is_terminal "stdout" and "stdout" or "stderr")
  local verbose = options.verbose or "auto"
  if verbose == "auto" then
    verbose = settings.quiet and 0 or core.is_terminal(stream) and 1 or 2
  end
  if verbose == 1 and not core.is_terminal(stream) then verbose = 2 end -- no \r into files
  return setmetatable({
    epochs = options.epochs, steps = options.steps, verbose = verbose,
    stream = stream, file = io[stream], utf8 = settings.is_utf8(), drawn = -math.huge,
    dirty = false,
  }, Progress)
end

--- steps: batches of the epoch; nil: as before. 0 stands for a number that is not known.
function Progress:epoch_begin(epoch, steps)
  self.steps = steps or self.steps
  self.started = core.clock()
  if self.verbose == 1 then self.file:write(("Epoch %d/%d\n"):format(epoch, self.epochs)) end
end

local function bar_text(self, done, columns)
  if columns < 5 then return "" end
  local filled = self.steps > 0 and math.min(columns, columns * done // self.steps) or 0
  if self.utf8 then return ("━"):rep(filled) .. (" "):rep(columns - filled) .. " " end
  return "[" .. ("="):rep(filled) .. (" "):rep(columns - filled) .. "] "
end

--- Columns that the text takes; all that we write is one column a character.
local function cut(text, columns)
  local stop = utf8.offset(text, columns + 1)
  return stop and text:sub(1, stop - 1) or text
end

--- The numbers come first: where the terminal is narrow, the bar is shorter, then the pace is left
--- out. The last line of an epoch may be longer than the terminal is wide, those drawn over may
--- not.
local function draw(self, step, logs, seconds, last)
  local room = core.terminal_width(self.stream) - 1
  local head = ("%d/%s "):format(step, self.steps > 0 and self.steps or "?")
  local pace = step > 0 and " " .. pace_text(seconds / step) or ""
  local numbers = " - " .. logs_text(logs)
  local text = duration_text(seconds) .. pace .. numbers
  local left = room - #head - #text
  if left < 0 then text = duration_text(seconds) .. numbers end
  text = head .. bar_text(self, step, math.min(BAR, (left - 3) // 5 * 5)) .. text
  self.file:write("\r", last and text or cut(text, room), "\27[K")
  self.file:flush()
  self.dirty = true
end

--- The number of steps done in this epoch, and the means of the epoch so far.
function Progress:step(step, logs)
  if self.verbose ~= 1 then return end
  local now = core.clock()
  if now - self.drawn < REDRAW then return end
  self.drawn = now
  draw(self, step, logs, now - self.started)
end

--- A line before the first epoch, or after the last; `always`: though nothing else is shown.
function Progress:note(text, always)
  if self.verbose == 0 and not always then return end
  self.file:write(self.dirty and "\n" or "", text, "\n")
  self.file:flush()
  self.dirty = false
end

--- steps: batches that the epoch had; as many as were expected where it is nil.
function Progress:epoch_end(epoch, logs, seconds, steps)
  self.steps = steps or self.steps
  if self.verbose == 1 then
    draw(self, self.steps, logs, seconds, true)
    self.file:write "\n"
    self.dirty = false
  elseif self.verbose == 2 then
    self.file:write(("Epoch %d/%d - %s - %s - %s\n"):format(epoch, self.epochs,
      duration_text(seconds), pace_text(seconds / math.max(self.steps, 1)), logs_text(logs)))
    self.file:flush()
  end
end

--- Leave the cursor at the start of a line, whatever happened.
function Progress:close()
  if self.dirty then self.file:write "\n" end
  self.dirty = false
  self.file:flush()
end
Progress.__close = Progress.close

return { new = new }
