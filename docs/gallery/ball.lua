-- A ball that rolls: momentum on a bowl, as an animated PNG; dark, as on a slide.
local mlp = require "mlp"

local function bowl(x, y) return x * x / 10 + 2 * y * y end

local x, y, vx, vy, path, frames = -8, 2, 0, 0, { { -8, 2 } }, {}
for step = 1, 48 do
  vx, vy = 0.9 * vx - 0.1 * x / 5, 0.9 * vy - 0.1 * 4 * y
  x, y = x + vx, y + vy
  path[#path + 1] = { x, y }
  if step % 6 == 0 then
    frames[#frames + 1] = mlp.plot.trajectories(bowl, { path }, {
      extent = { -10, 10, -3, 3 }, minimum = { 0, 0 }, labels = { "momentum" }, theme = "dark",
      cmap = "greys", resolution = 60, inset = false, arrows = 0, width = 5, height = 2.6, dpi = 50,
      title = ("step %d"):format(step), legend = "outside",
    })
  end
end
mlp.plot.animate(frames, { seconds = 0.2, hold = 1, title = "A ball that rolls" })
  :save(mlp.out "ball.png")
