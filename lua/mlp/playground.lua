--- mlp.playground: what the TensorFlow Playground's page builds from its settings.
local check = require "mlp.check"

local M = {}

local Playground = {}
Playground.__index = Playground
Playground.__name = "mlp.Playground"

local PRESETS <const> = {
  dataset = "circle", activation = "tanh", learningRate = 0.03, batchSize = 10,
  networkShape = check.any "4,2", noise = 0, percTrainData = 50, regularization = "none",
  regularizationRate = 0, problem = "classification", regDataset = "reg-plane", x = true, y = true,
  xSquared = false, ySquared = false, xTimesY = false, sinX = false, sinY = false,
}

local FEATURES <const> = {
  { "x", "x1" }, { "y", "x2" }, { "xSquared", "x1^2" }, { "ySquared", "x2^2" },
  { "xTimesY", "x1*x2" }, { "sinX", "sin(x1)" }, { "sinY", "sin(x2)" },
}

local SETS <const> = {
  circle = "circle", gauss = "gauss", xor = "xor", spiral = "spiral", ["reg-plane"] = "plane",
  ["reg-gauss"] = "bumps",
}

--- The settings in a URL; what is not about the network (seed, hideText...) is left out.
local function parse(url)
  local settings = {}
  for name, value in url:gmatch "([%w]+)=([^&]*)" do
    if PRESETS[name] ~= nil then
      if value == "true" or value == "false" then settings[name] = value == "true"
      elseif name == "networkShape" then settings[name] = value
      else settings[name] = tonumber(value) or value end
    end
  end
  return settings
end

local function data_of(s)
  local mlp = require "mlp"
  local classes = s.problem == "classification"
  local name = classes and s.dataset or s.regDataset
  if not SETS[name] then
    check.raise("argument", "playground: option '%s': expected one of circle, gauss, xor, spiral, "
      .. "reg-plane, reg-gauss, got '%s'", classes and "dataset" or "regDataset", name)
  end
  local data = mlp.datasets["playground_" .. SETS[name]] { noise = s.noise }
  if not classes then return data end
  return mlp.dataset { x = data.x, y = data.y:float() * 2 - 3 } -- it learns -1 and 1 with tanh
end

--- Its first weights are uniform in (-0.5, 0.5), its biases 0.1; its L2 is half of Keras's.
local function layers_of(s)
  local mlp = require "mlp"
  local cost = s.regularization == "L1" and mlp.regularizers.L1(s.regularizationRate)
    or s.regularization == "L2" and mlp.regularizers.L2(s.regularizationRate / 2) or nil
  local layers = {}
  local function dense(units, activation)
    layers[#layers + 1] = mlp.Dense { units, activation, kernel_regularizer = cost,
      bias_initializer = mlp.initializers.Constant(0.1),
      kernel_initializer = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 } }
  end
  local shape = s.networkShape
  if type(shape) == "table" then shape = table.concat(shape, ",") end
  for units in tostring(shape):gmatch "%d+" do
    dense(math.tointeger(tonumber(units)), s.activation)
  end
  dense(1, s.problem == "classification" and "tanh" or "linear")
  return layers
end

--- @see mlp.playground
function M.new(settings)
  local mlp = require "mlp"
  if type(settings) == "string" then settings = parse(settings) end
  local s = check.options("playground", settings, PRESETS)
  local self = setmetatable({ settings = s, names = {} }, Playground)
  for _, pair in ipairs(FEATURES) do
    if s[pair[1]] then self.names[#self.names + 1] = pair[2] end
  end
  function self.features(x) return mlp.data.features(mlp.dataset { x = x }, self.names).x end
  self.train, self.test = data_of(s):split { test = 1 - s.percTrainData / 100 }
  self.model = mlp.Sequential(layers_of(s)):build { #self.names }
  self.model:compile { optimizer = mlp.SGD(s.learningRate),
    loss = function(y, p) return (p - y) ^ 2 * 0.5 end }
  return self
end

--- Train it on its data.
--- @param options? table  those of model:fit; epochs 60
--- @return mlp.History
function Playground:fit(options)
  local o = { epochs = 60, verbose = 0, batch_size = math.tointeger(self.settings.batchSize),
    validation_data = { x = self.features(self.test.x), y = self.test.y } }
  for key, v in pairs(options or {}) do o[key] = v end
  self.history = self.model:fit({ x = self.features(self.train.x), y = self.train.y }, o)
  return self.history
end

--- Its figure: features, what every neuron sees, output, loss.
--- @param options? table  those of mlp.plot.playground
--- @return mlp.Figure
function Playground:plot(options)
  local o = { history = self.history, features = self.features, names = self.names }
  for key, v in pairs(options or {}) do o[key] = v end
  return require("mlp").plot.playground(self.model, self.train, o)
end

return M
