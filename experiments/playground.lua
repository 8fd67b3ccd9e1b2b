-- The TensorFlow Playground without a browser: its figure from a table of settings or its URL.
-- Features on the left, what every neuron sees, weights as lines, output and loss on the right.
--   mlprun experiments/playground.lua [--epochs 60] [--url '#dataset=spiral&networkShape=8,8']
local mlp = require "mlp"
local args = mlp.args { url = "", epochs = 60 }

-- The Playground's own presets, by the names in its URL.
local settings = { dataset = "circle", activation = "tanh", learningRate = 0.03, batchSize = 10,
  networkShape = "4,2", noise = 0, percTrainData = 50, regularization = "none", x = true, y = true,
  regularizationRate = 0, problem = "classification", regDataset = "reg-plane" }
for name, value in args.url:gmatch "([%w]+)=([^&]*)" do
  if value == "true" or value == "false" then settings[name] = value == "true"
  else settings[name] = tonumber(value) or value end
end

--- A model, its history and data for a table of settings.
local function play(s, epochs)
  local classes = s.problem == "classification"
  local kinds = { ["reg-plane"] = "plane", ["reg-gauss"] = "bumps" }
  local data = mlp.datasets["playground_" .. (classes and s.dataset or kinds[s.regDataset])] {
    noise = s.noise }
  if classes then -- the Playground learns -1 and 1 with tanh and squares
    data = mlp.dataset { x = data.x, y = data.y:float() * 2 - 3 }
  end
  local terms, names = {}, { { "x", "x1" }, { "y", "x2" }, { "xSquared", "x1^2" },
    { "ySquared", "x2^2" }, { "xTimesY", "x1*x2" }, { "sinX", "sin(x1)" }, { "sinY", "sin(x2)" } }
  for _, pair in ipairs(names) do if s[pair[1]] then terms[#terms + 1] = pair[2] end end
  local function features(x) return mlp.data.features(mlp.dataset { x = x }, terms).x end

  local regularizer = s.regularization == "L1" and mlp.regularizers.L1(s.regularizationRate)
    or s.regularization == "L2" and mlp.regularizers.L2(s.regularizationRate / 2) or nil
  local function dense(units, activation) -- its first weights: uniform in (-0.5, 0.5), biases 0.1
    return mlp.Dense { units, activation, kernel_regularizer = regularizer,
      bias_initializer = mlp.initializers.Constant(0.1),
      kernel_initializer = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 } }
  end
  local layers = {}
  for units in tostring(s.networkShape):gmatch "%d+" do
    layers[#layers + 1] = dense(math.tointeger(tonumber(units)), s.activation)
  end
  layers[#layers + 1] = dense(1, classes and "tanh" or "linear")
  local model = mlp.Sequential(layers):compile { optimizer = mlp.SGD(s.learningRate),
    loss = function(y, p) return (p - y) ^ 2 * 0.5 end }
  local train, test = data:split { test = 1 - s.percTrainData / 100 }
  local history = model:fit({ x = features(train.x), y = train.y }, { epochs = epochs,
    batch_size = math.tointeger(s.batchSize), verbose = 0,
    validation_data = { x = features(test.x), y = test.y } })
  return model, history, train, features, terms
end

local model, history, data, features, terms = play(settings, args.epochs)
mlp.plot.playground(model, data, { history = history, features = features, names = terms })
  :save(mlp.out "playground.png")
print(("test loss %.4f after %d epochs"):format(history.val_loss[#history], #history))
print("wrote " .. mlp.out "playground.png")

local function test_loss(changes)
  local s = {}
  for k, v in pairs(settings) do s[k] = v end
  for k, v in pairs(changes) do s[k] = v end
  return function() return (select(2, play(s, 100))).val_loss[100] end
end
if args.url == "" then
  mlp.claim("the Playground's first page learns the circle", { slide = "S11", expect = "< 0.05",
    measure = test_loss {} })
  mlp.claim("without a hidden layer it cannot", { slide = "S11", expect = "> 0.3",
    measure = test_loss { networkShape = "" } })
  mlp.claim("unless it gets the squares", { slide = "S11", expect = "< 0.1",
    measure = test_loss { networkShape = "", xSquared = true, ySquared = true } })
end
