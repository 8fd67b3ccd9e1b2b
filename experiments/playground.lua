-- The TensorFlow Playground without a browser: its figure from a table of settings or its URL.
-- Features on the left, what every neuron sees, weights as lines, output and loss on the right.
--   mlprun experiments/playground.lua [--epochs 60] [--url '#dataset=spiral&networkShape=8,8']
local mlp = require "mlp"
local args = mlp.args { url = "", epochs = 60 }

local page = mlp.playground(args.url)
local history = page:fit { epochs = args.epochs }
page:plot():save(mlp.out "playground.png")
print(("test loss %.4f after %d epochs"):format(history.val_loss[#history], #history))
print("wrote " .. mlp.out "playground.png")

--- Its test loss after 100 epochs with other settings.
local function test_loss(settings)
  return function() return mlp.playground(settings):fit { epochs = 100 }.val_loss[100] end
end
if args.url == "" then
  mlp.claim { "the Playground's first page learns the circle", test_loss {}, "< 0.05",
    slide = "S11" }
  mlp.claim { "without a hidden layer it cannot", test_loss { networkShape = "" }, "> 0.3",
    slide = "S11" }
  mlp.claim { "unless it gets the squares", slide = "S11", expect = "< 0.1",
    measure = test_loss { networkShape = "", xSquared = true, ySquared = true } }
end
