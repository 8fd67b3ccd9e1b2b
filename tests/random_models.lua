--- Models drawn at random from all registered parts, each trained in several ways that must end
--- with the same bits: by fit, by the loop written out, in two halves with a file between them, and
--- in fit_many beside others. `make random-models` runs it with several threads and instruction
--- sets and compares what it prints.
---     mlprun tests/random_models.lua --first 1 --count 100
local core = require "mlp.core"
local mlp = require "mlp"
local args = mlp.args { first = 1, count = 100, verbose = false }

local registry = core.registry()

local function pick(list) return list[math.random(#list)] end
local function chance(p) return math.random() < p end

--- The names of a family, but for those that need options or are named in `without`.
local function names(family, without)
  local list = {}
  for _, kind in ipairs(registry[family]) do
    local plain = not (" " .. (without or "") .. " "):find(" " .. kind.name .. " ", 1, true)
    for _, option in ipairs(kind.options) do plain = plain and not option.required end
    if plain then list[#list + 1] = kind.name end
  end
  table.sort(list)
  return list
end

local activations = names("activation", "exponential") -- grows without bound
local initializers = names("initializer", "constant identity ones zeros")
local regularizers, constraints = names "regularizer", names "constraint"
local optimizers = names("optimizer", "lbfgs")

--- What a drawn network is: functions that make its layers, so that each model has its own.
local function hidden_layer()
  local units = chance(0.1) and math.random(100, 300) or math.random(1, 40)
  local options = { units = units, use_bias = chance(0.85),
    activation = chance(0.6) and pick(activations) or pick { "relu", "tanh", "sigmoid" },
    kernel_initializer = pick(initializers),
    kernel_regularizer = chance(0.15) and pick(regularizers) or nil,
    kernel_constraint = chance(0.1) and pick(constraints) or nil,
    bias_regularizer = chance(0.1) and "l2" or nil,
    activity_regularizer = chance(0.05) and "l2" or nil }
  return function() return mlp.Dense(options) end
end

local function between_layer()
  local rate = math.random() * 0.5
  return pick {
    function() return mlp.Dropout(rate) end,
    function() return mlp.BatchNormalization {} end,
    function() return mlp.LayerNormalization {} end,
    function() return mlp.RMSNormalization {} end,
    function() return mlp.UnitNormalization {} end,
    function() return mlp.GaussianNoise { stddev = rate } end,
    function() return mlp.GaussianDropout { rate = rate } end,
    function() return mlp.AlphaDropout { rate = rate } end,
    function() return mlp.PReLU {} end,
    function() return mlp.LeakyReLU {} end,
    function() return mlp.ELU {} end,
    function() return mlp.Rescaling { scale = 1 + rate } end,
    function() return mlp.ActivityRegularization { l1 = 0.001 } end,
    function() return mlp.Residual { units = 7, batch_normalization = rate > 0.3 } end,
    function() return mlp.Maxout { units = 5, pieces = 3 } end,
  }
end

--- The last layer and the loss: what is learnt.
local function task()
  local classes = math.random(2, 9)
  return pick {
    { y = "classes", units = classes, activation = "softmax", metrics = { "accuracy" },
      loss = { "sparse_categorical_crossentropy", "categorical_crossentropy",
        "categorical_focal_crossentropy", "categorical_hinge", "kl_divergence",
        "categorical_generalized_cross_entropy" } },
    { y = "two", units = 1, activation = "sigmoid", metrics = { "accuracy", "auc" },
      loss = { "binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge", "dice",
        "tversky" } },
    { y = "values", units = math.random(1, 4), activation = "linear", metrics = { "mae" },
      loss = { "mean_squared_error", "mean_absolute_error", "huber", "log_cosh",
        "root_mean_squared_error", "cosine_similarity" } },
    { y = "values", units = math.random(1, 4), activation = "softplus", metrics = { "mse" },
      loss = { "poisson", "mean_squared_logarithmic_error", "mean_absolute_percentage_error" } },
  }
end

local function optimizer_options()
  local clip = pick { "clipnorm", "global_clipnorm", "clipvalue" }
  local o = { learning_rate = 10 ^ -(1 + 3 * math.random()) }
  if chance(0.2) then o[clip] = 0.01 + math.random() end
  if chance(0.15) then o.use_ema, o.ema_momentum = true, 0.9 end
  if chance(0.15) then o.gradient_accumulation_steps = math.random(2, 4) end
  if chance(0.15) then o.weight_decay = 0.01 end
  if chance(0.15) then o.loss_scale_factor = 1000 end
  if chance(0.15) then
    o.learning_rate = mlp.schedules.ExponentialDecay { initial_learning_rate = o.learning_rate,
      decay_steps = 5, decay_rate = 0.7 }
  end
  return o
end

local function data_for(t, rows, features, dtype)
  local x = mlp.randn({ rows, features }, { dtype = dtype })
  local y
  if t.y == "classes" then
    y = mlp.randint(1, t.units, rows)
  elseif t.y == "two" then
    y = mlp.randint(1, 2, rows)
  else
    y = mlp.rand({ rows, t.units }, { dtype = dtype })
  end
  return mlp.dataset { x = x, y = y }
end

--- Everything about case number n.
local function draw(n)
  math.randomseed(n)
  mlp.seed(n)
  local c, t = { number = n, layers = {} }, task()
  for _ = 1, math.random(0, 4) do
    c.layers[#c.layers + 1] = hidden_layer()
    if chance(0.4) then c.layers[#c.layers + 1] = between_layer() end
  end
  c.layers[#c.layers + 1] = function()
    return mlp.Dense { units = t.units, activation = t.activation }
  end
  c.dtype = chance(0.25) and "float64" or "float32"
  c.loss, c.metrics = pick(t.loss), t.metrics
  c.optimizer, c.options = pick(optimizers), optimizer_options()
  c.batch = pick { 1, 2, 3, math.random(4, 64), 32 }
  c.data = data_for(t, math.random(9, 120), chance(0.1) and 200 or math.random(1, 24), c.dtype)
  return c
end

--- A model of the case, as if it were the first of a run with that seed.
local function build(c, seed)
  mlp.seed(seed)
  local layers = {}
  for i, make in ipairs(c.layers) do layers[i] = make() end
  local o = {}
  for k, v in pairs(c.options) do o[k] = v end
  return mlp.Sequential(layers):compile { loss = c.loss, metrics = c.metrics,
    optimizer = mlp.optimizers[c.optimizer](o) }
end

local function fit_options(c, epochs, initial)
  return { epochs = epochs, initial_epoch = initial, batch_size = c.batch, verbose = 0 }
end

local function by_fit(c, seed)
  local model = build(c, seed)
  local history = model:fit(c.data, fit_options(c, 2))
  return model:hash(), ("%a"):format(history[2].loss)
end

local function by_loop(c, seed)
  local model = build(c, seed)
  for epoch = 1, 2 do
    for batch in c.data:batches { batch_size = c.batch, epoch = epoch } do
      local loss = model:loss(batch.y, model(batch.x, { training = true }))
      model:zero_grad()
      model.optimizer:scale_loss(loss):backward()
      model:step()
    end
  end
  return model:hash()
end

local function in_halves(c, seed)
  local path = os.tmpname()
  local model = build(c, seed)
  model:fit(c.data, fit_options(c, 1))
  model:save(path)
  mlp.seed(seed)
  local again = mlp.load(path)
  os.remove(path)
  again:fit(c.data, fit_options(c, 2, 1))
  return again:hash()
end

local function among_others(c, seed)
  local models, seeds = {}, {}
  for i = 1, 3 do models[i], seeds[i] = build(c, seed + i - 1), seed + i - 1 end
  mlp.seed(seed)
  mlp.fit_many(models, c.data, { epochs = 2, batch_size = c.batch, seeds = seeds, verbose = 0 })
  return models[1]:hash(), models[3]:hash()
end

local failed = 0

local function check(c, what, got, expected)
  if got == expected then return end
  failed = failed + 1
  print(("case %d: %s: expected %s, got %s"):format(c.number, what, expected, got))
end

--- All ways of one case; a training that leaves the finite numbers is none.
local function try(n)
  local c = draw(n)
  local ok, hash, loss = pcall(by_fit, c, n)
  if not ok then
    print(n, "no run", (tostring(hash):match "[^\n]*"))
    return
  end
  print(n, hash, loss)
  if not c.options.use_ema then check(c, "the loop written out", by_loop(c, n), hash) end
  if not c.options.use_ema then check(c, "two halves", in_halves(c, n), hash) end
  local first, third = among_others(c, n)
  check(c, "first of three", first, hash)
  local ran, alone = pcall(by_fit, c, n + 2)
  if ran then check(c, "third of three", third, alone) end
end

for n = args.first, args.first + args.count - 1 do try(n) end
print(("%d passed, %d failed"):format(args.count, failed))
if failed > 0 then error "bits differ" end
