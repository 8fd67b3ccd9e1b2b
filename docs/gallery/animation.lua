-- A boundary as it is learned: an animated PNG.
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 200, noise = 0.15 }
local model = mlp.Sequential { mlp.Dense { units = 12, activation = "tanh" },
                               mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile { optimizer = mlp.Adam { learning_rate = 0.03 }, loss = "binary_crossentropy" }
local frames = {}
model:fit(data, { epochs = 40, verbose = 0, callbacks = { {
  on_epoch_end = function(self, epoch)
    if epoch % 4 ~= 0 then return end
    frames[#frames + 1] = mlp.plot.decision_boundary(self.model, data,
      { title = ("epoch %d"):format(epoch), width = 4, height = 3, dpi = 50, size = 3,
        resolution = 60, shades = 16 })
  end,
} } })
mlp.plot.animate(frames, { seconds = 0.2, hold = 1, title = "A boundary as it is learned" })
  :save(mlp.out "animation.png")
