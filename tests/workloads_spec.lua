-- The workloads of `make bench`, a few steps of each: the same bits with one thread and with two,
-- and close to a plain reference: float64, operators one after the other on the tape, the
-- optimizers' formulas as published.
local mlp = require "mlp"
local core = require "mlp.core"

local deep = { 2 }
for i = 2, 21 do deep[i] = 32 end
deep[22] = 2

local function adam() return mlp.Adam {} end
local function sgd() return mlp.SGD { learning_rate = 0.01 } end
local function momentum() return mlp.SGD { learning_rate = 0.001, momentum = 0.9 } end

local workloads = {
  { "W1", { 2, 16, 16, 2 }, "relu", sgd, batch = 32, rows = 320 },
  { "W2", deep, "tanh", adam, batch = 32, rows = 96 },
  { "W3", { 784, 128, 10 }, "relu", adam, batch = 32, rows = 128 },
  { "W4", { 784, 512, 512, 10 }, "relu", adam, batch = 128, rows = 256 },
  { "W5", { 1024, 2048, 2048, 1000 }, "relu", momentum, batch = 64, rows = 64 },
  { "W6", { 10, 32, 1 }, "relu", sgd, batch = 1, rows = 200, values = true },
}

local function data(w)
  local widths = w[2]
  mlp.seed(1)
  local x, k = mlp.rand(w.rows, widths[1]), widths[#widths]
  if w.values then return x, mlp.rand(w.rows, k) end
  return x, (mlp.rand(w.rows) * k):floor():add(1):long()
end

local function network(w)
  local layers, widths = {}, w[2]
  mlp.seed(0)
  for i = 2, #widths do
    local last = i == #widths
    layers[i - 1] = mlp.Dense { units = widths[i], kernel_initializer = "he_uniform",
      activation = last and (w.values and "linear" or "softmax") or w[3] }
  end
  local model = mlp.Sequential(layers)
  model:compile { optimizer = w[4](),
    loss = w.values and "mse" or "sparse_categorical_crossentropy" }
  model:build { widths[1] }
  return model
end

local function train(w, threads)
  local model, before = network(w), core.threads(threads)
  local x, y = data(w)
  model:fit({ x = x, y = y }, { batch_size = w.batch, shuffle = false, verbose = 0 })
  core.threads(before)
  return model
end

--- All weights in order, as float64.
local function weights(model)
  local list = {}
  for _, layer in ipairs(model.layers) do
    for _, weight in ipairs(layer:weights()) do
      list[#list + 1] = weight.tensor:detach():double()
    end
  end
  return list
end

local function output(w, list, x)
  for i = 1, #list, 2 do
    x = x:matmul(list[i]) + list[i + 1]
    if i + 1 < #list then x = w[3] == "tanh" and x:tanh() or x:relu() end
  end
  return x
end

-- w, g, state m and v, step t from 1
local rules = {
  [sgd] = function(p, g) return p - g * 0.01 end,
  [momentum] = function(p, g, s)
    s.v = (s.v and s.v * 0.9 or g * 0) - g * 0.001
    return p + s.v
  end,
  [adam] = function(p, g, s, t) -- Kingma & Ba 2015, end of section 2
    s.m = (s.m and s.m * 0.9 or g * 0) + g * 0.1
    s.v = (s.v and s.v * 0.999 or g * 0) + g * g * 0.001
    local lr = 0.001 * (1 - 0.999 ^ t) ^ 0.5 / (1 - 0.9 ^ t)
    return p - s.m * lr / (s.v:sqrt() + 1e-7)
  end,
}

local function reference(w)
  local list, states = weights(network(w)), {}
  local x, y = data(w)
  x = x:double()
  if w.values then y = y:double() end
  for i = 1, #list do states[i] = {} end
  for t = 1, w.rows // w.batch do
    local first, last = (t - 1) * w.batch + 1, t * w.batch
    for i = 1, #list do list[i] = list[i]:clone():requires_grad_() end
    local p, target = output(w, list, x:slice(first, last)), y:slice(first, last)
    local loss = w.values and ((p - target) ^ 2):mean() or p:softmax_cross_entropy(target):mean()
    loss:backward()
    mlp.no_grad(function()
      for i = 1, #list do list[i] = rules[w[4]](list[i], list[i].grad, states[i], t) end
    end)
  end
  return list
end

--- |a - b| over |b|, in the Euclidean norm of all weights.
local function distance(a, b)
  local above, below = 0, 0
  for i = 1, #a do
    above = above + (a[i] - b[i]):square():sum():item()
    below = below + b[i]:square():sum():item()
  end
  return (above / below) ^ 0.5
end

describe("workload", function()
  for _, w in ipairs(workloads) do
    it(w[1] .. ": the same bits with 1 and 2 threads, near the plain path #H08", function()
      local one = train(w, 1)
      assert.equal(one:hash(), train(w, 2):hash())
      assert.near(0, distance(weights(one), reference(w)), w[4] == adam and 1e-4 or 1e-6)
    end)
  end
end)
