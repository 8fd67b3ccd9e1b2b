--- Pictures that change: animated PNGs, and a picture that is written anew every epoch.

local check = require "mlp.check"
local core = require "mlp.core"

local M = {}

--- Pictures one after the other.
--- @class mlp.Animation
--- @field frames string[] PNGs
local Animation = { __name = "mlp.Animation" }
Animation.__index = Animation

--- The bytes of an animated PNG: browsers play it, other programs show the first picture.
--- Source: W3C Portable Network Graphics, third edition.
--- @return string
function Animation:png()
  return core.plot.animate(self.frames, self.seconds, self.rounds, self.hold, self.title)
end

--- Write it, whole or not at all.
--- @param path string
--- @return mlp.Animation itself
function Animation:save(path)
  core.plot.write(path, self:png())
  return self
end

local function png_of(frame, i)
  if type(frame) == "string" then return frame end
  if core.type(frame) ~= "mlp.Figure" then
    check.raise("argument", "animate: expected figures, got %s for picture %d", type(frame), i)
  end
  local png = frame:png()
  frame:free()
  return png
end

--- Pictures one after the other as an animated PNG.
--- @param frames any a list of figures of one size (each is released once drawn), or a number of
---   them
--- @param options? table f(i) (gives picture i, where frames is a number), seconds (0.1: of each),
---   rounds (0: for ever), hold (0: seconds that the last one stays longer), title (what the file
---   says that it shows; the one that all pictures have)
--- @return mlp.Animation
--- @usage mlp.plot.animate(40, { f = function(i) return boundary_after(i) end }):save
---   "learning.png"
function M.animate(frames, options)
  local o = check.options("animate", options, { f = check.none, seconds = 0.1, rounds = 0,
    hold = 0, title = check.none })
  local list = {}
  if type(frames) == "number" then
    if type(o.f) ~= "function" then
      check.raise("argument", "animate: option 'f': expected a function of the picture's number, "
        .. "got %s", type(o.f))
    end
    for i = 1, frames do list[i] = png_of(o.f(i), i) end
  elseif type(frames) == "table" then
    for i, frame in ipairs(frames) do list[i] = png_of(frame, i) end
  end
  if #list == 0 then
    check.raise("argument", "animate: argument 1 'frames': expected at least one picture, got none")
  end
  check.number("animate", "hold", o.hold, 0, 60)
  if o.title ~= nil and type(o.title) ~= "string" then
    check.raise("argument", "animate: option 'title': expected a text, got %s", check.what(o.title))
  end
  return setmetatable({ frames = list, seconds = o.seconds, hold = o.hold, title = o.title,
                        rounds = check.whole("animate", "rounds", o.rounds, 0) }, Animation)
end

local Live = { __name = "mlp.Live" }
Live.__index = Live

function Live:draw_now()
  local figure = self.draw(self.model, self.params.history)
  figure:save(self.path)
  if self.keep then self.frames[#self.frames + 1] = figure:png() end
  figure:free()
end

function Live:on_train_begin() self.frames = {} end

function Live:on_epoch_end(epoch)
  self.drawn = epoch % self.every == 0
  if self.drawn then self:draw_now() end
end

function Live:on_train_end()
  if not self.drawn and #self.params.history > 0 then self:draw_now() end
end

--- The pictures that were kept, as an animation: see mlp.plot.animate.
--- @param options? table seconds, rounds, hold, title
--- @return mlp.Animation
function Live:animation(options) return M.animate(self.frames, options) end

--- A callback that draws to the same file after every epoch, whole or not at all: an image viewer
--- that follows the file shows the run.
--- @param path string
--- @param options? table draw(model, history) -> figure (the history's plot), every (1: epochs),
---   keep (false: keep the pictures for :animation())
--- @return table a callback for fit
--- @usage model:fit(data, { epochs = 50, callbacks = { mlp.plot.live "live.png" } })
function M.live(path, options)
  local o = check.options("live", options, { draw = check.none, every = 1, keep = false })
  if type(path) ~= "string" or path == "" then
    check.raise("argument", "live: argument 1 'path': expected a file name, got %s", tostring(path))
  end
  o.every = check.whole("live", "every", o.every, 1)
  o.path = path
  o.draw = o.draw or function(_, history) return require("mlp.plot").history(history) end
  return setmetatable(o, Live)
end

return M
