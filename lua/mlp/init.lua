--- mlp: experiments with small neural networks.
local core = require "mlp.core"
local check = require "mlp.check"
local families = require "mlp.families"

local mlp = { _VERSION = core.version }

--- A tensor from a number or a nested list of numbers, or of true and false (uint8).
--- @param values number|table
--- @param options? table  dtype "float32" | "float64" | "int64" | "uint8", requires_grad false
--- @return mlp.Tensor
--- @usage mlp.tensor { { 1, 2 }, { 3, 4 } }
mlp.tensor = core.tensor

--- Zeros of a shape, given as numbers or a list; at the end the options of mlp.tensor.
--- @return mlp.Tensor
--- @usage mlp.zeros(2, 3)
mlp.zeros = core.zeros

--- Ones of a shape, as in mlp.zeros.
--- @return mlp.Tensor
mlp.ones = core.ones

--- One number everywhere.
--- @param shape integer[]
--- @param value number
--- @param options? table  as in mlp.tensor
--- @return mlp.Tensor
mlp.full = core.full

--- Random numbers, uniform in [0, 1), of a shape as in mlp.zeros; they follow from the run's seed.
--- @return mlp.Tensor
mlp.rand = core.rand

--- Random numbers of mean 0 and standard deviation 1, of a shape as in mlp.zeros.
--- @return mlp.Tensor
mlp.randn = core.randn

--- The numbers 1 to n in random order.
--- @param n integer
--- @return mlp.Tensor  int64
mlp.randperm = core.randperm

--- Numbers at equal steps; the last is included where a step hits it. arange(n) is 1, 2... n.
--- @param first number
--- @param last? number
--- @param step? number  1
--- @return mlp.Tensor
mlp.arange = core.arange

--- n numbers at equal steps, both ends included.
--- @param first number
--- @param last number
--- @param n integer
--- @return mlp.Tensor
mlp.linspace = core.linspace

--- The identity matrix of n rows.
--- @param n integer
--- @return mlp.Tensor
mlp.eye = core.eye

--- Tensors one after the other along a dimension.
--- @param tensors mlp.Tensor[]
--- @param dimension? integer  1
--- @return mlp.Tensor
mlp.concat = core.concat

--- Call f(...) without recording anything for gradients; its results.
--- @param f function
mlp.no_grad = core.no_grad

--- Is it a tensor?
--- @return boolean
mlp.is_tensor = core.is_tensor

core.first_seed = core.seed() -- of the run, before a script sets others

--- For handlers of errors: see mlp.misuse.
function core.explain(e) return require("mlp.misuse").explain(e) end

families.install(mlp)
require("mlp.tensor").install(mlp)

local custom = require "mlp.custom"
mlp.Layer, mlp.Loss, mlp.Metric = custom.Layer, custom.Loss, custom.Metric

local models = require "mlp.model"
mlp.Sequential, mlp.Model, mlp.Input = models.Sequential, models.Model, models.Input
mlp.layers.Input, mlp.layers.Layer = models.Input, custom.Layer -- where Keras has them

mlp.load = require("mlp.file").load
mlp.from_recipe = require("mlp.recipe").from_recipe

mlp.callbacks = require "mlp.callbacks"
for name, make in pairs(mlp.callbacks) do mlp[name] = make end

--- With `call` the layer mlp.layers.Lambda, one function of its input; with hooks the callback
--- mlp.callbacks.Lambda.
--- @param options table  name and call, or on_epoch_end and the like
--- @return mlp.Layer|table
--- @usage mlp.Lambda { name = "square", call = function(x) return x * x end }
function mlp.Lambda(options)
  if type(options) ~= "table" then
    check.raise("argument", "Lambda: expected a layer, { name = \"square\", call = f }, or a "
      .. "callback, { on_epoch_end = f }, got %s; their own names are mlp.layers.Lambda and "
      .. "mlp.callbacks.Lambda", check.what(options))
  end
  local layer = options.call ~= nil or options.name ~= nil or type(options[1]) == "function"
  return layer and custom.Lambda(options) or mlp.callbacks.Lambda(options)
end

--- Whose conventions what is made from now on follows, where it does not say itself: "keras" (the
--- preset) or "torch"; in full: docs/compat.md. Returns whose they were.
--- @param whose? string
--- @return string
--- @usage mlp.compat "torch"
function mlp.compat(whose) return require("mlp.compat").compat(whose) end

--- The seed of the run: every random number follows from it. Resets the count of models, so that
--- the same code after it gives the same weights. Returns the seed that was.
--- @param n? integer
function mlp.seed(n)
  if n ~= nil and math.type(n) ~= "integer" then
    check.raise("argument", "seed: expected a whole number, got %s", check.what(n))
  end
  return (core.seed(n))
end

--- Call f(...); nil and the error object where it raises, instead of raising.
function mlp.try(f, ...)
  return (function(ok, ...)
    if ok then return ... end
    return nil, (...)
  end)(xpcall(f, core.explain, ...))
end

--- A dataset from tensors or Lua tables: see mlp.data.dataset.
function mlp.dataset(options) return require("mlp.data").dataset(options) end

--- Learning rate range test: train for some steps while the rate rises from min_lr to max_lr, and
--- suggest the rate where the smoothed loss fell fastest. The model is left as it was, bit for bit.
--- Source: Smith 2017, arXiv:1506.01186; PyTorch Lightning, lr_finder.py.
--- @param model mlp.Model  compiled
--- @param data mlp.Dataset|table
--- @param options? table  min_lr 1e-6, max_lr 1, steps 100, batch_size 32, beta 0.98 (smoothing),
---   stop_factor 4 (ends where the loss is so many times its least)
--- @return mlp.LRFind  learning_rate, loss: lists; suggestion, or nil and a reason; plot()
--- @usage local found = mlp.lr_find(model, data); found:plot():save "rates.png"
function mlp.lr_find(model, data, options)
  return require("mlp.lr_find").lr_find(model, data, options)
end

--- State what runs show, and measure it: f(seed) for each seed, their median against what is
--- expected. A run of the script measures once, with the run's seed, and prints a line; `mlprun
--- check FILE` measures on all seeds and prints a table. In short: mlp.claim { text, measure,
--- expect, slide = ... }.
--- @param text string|table  a sentence, such as "20 layers of tanh do not train"
--- @param options? table  measure (function of the seed that returns a number or a boolean, or the
---   value itself), expect ("<= 0.7", ">", "==", "0.25 +- 0.01", "in [1, 2]", true), seeds 11 (0 to
---   10; or a list), slide ("S24")
--- @return mlp.Claim
--- @usage mlp.claim("it learns", { measure = accuracy, expect = ">= 0.95", seeds = 5 })
function mlp.claim(text, options) return require("mlp.claim").claim(text, options) end

--- A search for hyper-parameters, in a file that it goes on from: see mlp.tune.study.
function mlp.study(options) return require("mlp.tune").study(options) end

--- Are the gradients of a function right? Each element of each input (and of the weights, where f
--- is a layer or a model) is moved by eps, and (f(x + eps) - f(x - eps)) / 2 eps is compared with
--- what backward gives: |a - n| <= atol + rtol max(|a|, |n|). float64 only.
--- @param f function|mlp.Layer|mlp.Model  of the inputs; returns a tensor
--- @param inputs mlp.Tensor|mlp.Tensor[]  int64 and uint8 ones are passed on as they are
--- @param options? table  eps 1e-6, atol 1e-7, rtol 1e-5, elements 100 (of a tensor, evenly
---   spread), raise true
--- @return mlp.GradCheck  ok, checked, max_error, inputs; raises where a gradient is off
--- @usage mlp.gradcheck(function(a, b) return a:matmul(b) end, { a, b })
function mlp.gradcheck(f, inputs, options)
  return require("mlp.gradcheck").gradcheck(f, inputs, options)
end

--- f, but each result is kept and given again for the same arguments: a training that a figure and
--- several claims need is made once. Arguments are told apart by their text, so they are numbers,
--- strings and booleans.
--- @param f function
--- @return function
--- @usage local trained = mlp.memoize(function(depth, seed) return fit(network(depth), seed) end)
function mlp.memoize(f)
  if type(f) ~= "function" then
    check.raise("argument", "memoize: expected a function, got %s", check.what(f))
  end
  local kept = {}
  return function(...)
    local key = {}
    for i = 1, select("#", ...) do
      local v = select(i, ...)
      if type(v) == "table" or type(v) == "userdata" or type(v) == "function" then
        check.raise("argument", "memoize: argument %d: expected a number, a string or a boolean, "
          .. "got %s", i, check.what(v))
      end
      key[i] = type(v) .. " " .. tostring(v)
    end
    key = table.concat(key, "\0")
    if not kept[key] then kept[key] = table.pack(f(...)) end
    return table.unpack(kept[key], 1, kept[key].n)
  end
end

--- Hidden layers one after the other, on top of a symbol or a batch: Dense, then where asked
--- BatchNormalization, then the activation; residual: from the second on x + layer(x).
--- Source: He et al. 2016, arXiv:1512.03385; Ioffe & Szegedy 2015, arXiv:1502.03167.
--- @param x any  mlp.Input, the output of a layer, or a tensor
--- @param options? table  depth 1, units 8, activation "relu", kernel_initializer,
---   batch_normalization false (true, or its options), residual false
--- @return any  the output of the last
--- @usage local h = mlp.hidden_layers(mlp.Input { 2 }, { depth = 20, units = 8, residual = true })
function mlp.hidden_layers(x, options)
  return require("mlp.model.hidden_layers").hidden_layers(x, options)
end

--- The TensorFlow Playground from its settings, or from its URL: the model that its page builds,
--- its data and features. fit { epochs = 60 } trains, returns the history; plot() is its figure.
--- Source: github.com/tensorflow/playground, src/state.ts and src/nn.ts.
--- @param settings? table|string  by the names in its URL: dataset "circle", activation "tanh",
---   learningRate 0.03, batchSize 10, networkShape "4,2", noise 0, percTrainData 50,
---   regularization "none", regularizationRate 0, problem "classification", regDataset
---   "reg-plane"; features: x, y (true), xSquared, ySquared, xTimesY, sinX, sinY (false)
--- @return mlp.Playground  model, train, test (datasets of two features), features (function of
---   tensors), names (of the features), fit(options), plot(options)
--- @usage local p = mlp.playground "#dataset=spiral&networkShape=8,8"
function mlp.playground(settings) return require("mlp.playground").new(settings) end

--- The least value of a function of tensors. L-BFGS keeps `history_size` pairs of steps and
--- searches along lines until the strong Wolfe conditions hold; any other optimizer takes `steps`
--- steps.
--- Source: Nocedal & Wright, Numerical Optimization, 2nd ed. 2006, chapters 3 and 7.
--- @param f function|mlp.Model  of a tensor for each of x0, returns one number; or a compiled
---   model: then x0 is data, and its weights become those of the least loss over all rows
--- @param x0 mlp.Tensor|mlp.Tensor[]|mlp.Dataset  where to start; not changed
--- @param options? table  optimizer "lbfgs" (or the name or object of any other), steps 500, tol
---   1e-8 (ends where no element of the gradient is larger), history_size 10, line_steps 25,
---   on_step (step, value), path (false)
--- @return mlp.Minimum  x (as x0), value, gradient (its largest element), steps, evaluations,
---   converged, reason, values (one a step); with path: where it was, as lists of numbers, with
---   their values in path.loss, for mlp.plot.trajectories
--- @usage local r = mlp.minimize(function(x) return ((x - 3) ^ 2):sum() end, mlp.zeros(2))
function mlp.minimize(f, x0, options) return require("mlp.minimize").minimize(f, x0, options) end

--- Run f(seed) for the seeds 1 to n, in parallel where n_jobs says so: the median, an interval that
--- holds it with 95 %, and a paired test against another such run.
--- @param n integer
--- @param f fun(seed: integer): number
--- @param options? table  n_jobs 1, together 1: how many runs go side by side, their fits made by
---   mlp.fit_many
--- @return mlp.Repeats  values, median, low, high, compare(other)
function mlp.repeats(n, f, options) return require("mlp.tune.repeats").repeats(n, f, options) end

--- Train many small nets together, each with the bits of its own fit: model:fit(data, options)
--- alone, with the same seed, ends with the same model:hash(). Nets that are alike (equal layers,
--- shapes, losses, metrics, batch size; rates, optimizers, seeds, first values, data may differ) go
--- through their batches side by side, which for tiny nets takes a fraction of the time; others are
--- grouped. A net that stops early, or whose loss is not finite, drops out; the others go on.
--- Options are those of fit but for what looks at single batches (steps_per_epoch, limits of
--- training batches, resume, max_time, batch hooks), and:
---   seeds: a list, the run's seed for each fit (shuffling, splits), as after mlp.seed(n)
---   each: a list of tables, options of each net over those of all; seed is one of them
--- `callbacks` of all are copied for each net; those in `each` are used as they are.
--- @param list mlp.Model[]  compiled; no layer with weights is in two of them
--- @param data mlp.Dataset|table  of all, or a list with one for each: data as for fit, or
---   { train =, test = }, a fold, whose test is the validation data
--- @param options? table  as for model:fit; seeds, each
--- @return mlp.History[]  one a model
--- @usage local histories = mlp.fit_many(models, train, { epochs = 20, batch_size = 4 })
function mlp.fit_many(list, data, options)
  return require("mlp.fit_many").fit_many(list, data, options)
end

--- What a name means: a kind's formula, options, ranges and source; a function's arguments. Without
--- a name, a list of all.
--- @param name? string  "adam", "mlp.Adam", "Model:fit"
--- @return string
--- @usage print(mlp.help "adam")
function mlp.help(name) return require("mlp.help").help(name) end

--- Several models as one, each from weights of its own: they vote, or their outputs are averaged.
--- Source: Hansen & Salamon 1990, IEEE TPAMI 12(10); scikit-learn, VotingClassifier.
--- @param options table  n 5 and build (a function of { member = 1..n } that returns a compiled
---   model), or models (a list); voting "hard" | "soft" (of the mean probability)
--- @return mlp.EnsembleModel  fit, predict, predict_proba, spread, evaluate; models
--- @usage local five = mlp.Ensemble { n = 5, build = build }; five:fit(train, { epochs = 50 })
function mlp.Ensemble(options) return require("mlp.ensemble").new(options) end

-- The rest is loaded when first used.
local lazy = {
  linalg = "mlp.linalg",
  check = "mlp.diagnosis",
  model_selection = "mlp.model_selection", record = "mlp.record",
  plot = "mlp.plot", datasets = "mlp.datasets", data = "mlp.data", args = "mlp.args",
    stream = "mlp.stream", out = "mlp.out", monitor = "mlp.monitor", tune = "mlp.tune",
}

--- A table in which an unknown name is a mistake, and not nil; `where`: "; did you mean ...", for a
--- name that is elsewhere.
local function strict(name, module, others, where)
  return setmetatable(module, {
    __index = function(t, key)
      if others[key] then
        local value = require(others[key])
        if getmetatable(value) == nil and type(value) == "table" then
          strict("mlp." .. key, value, {}, check.hint)
        end
        rawset(t, key, value)
        return value
      end
      local known = check.sorted_keys(t)
      for other in pairs(others) do known[#known + 1] = other end
      table.sort(known)
      check.raise("argument", "%s: there is no '%s.%s'%s; mlp.help() lists all", name, name,
        tostring(key), where(key, known))
    end,
    __tostring = function(t) return name .. ": " .. table.concat(check.sorted_keys(t), " ") end,
  })
end

--- A name of one of the submodules: mlp.StandardScaler is mlp.data.StandardScaler.
local function in_submodule(key, known)
  for _, module in ipairs(known) do
    local value = mlp[module]
    local same = module == "activations" and key:find "^%u" -- PyTorch's Linear is a layer
    if type(value) == "table" and rawget(value, key) ~= nil and not same then
      return ("; did you mean 'mlp.%s.%s'?"):format(module, key)
    end
  end
  return check.hint(key, known)
end

strict("mlp", mlp, lazy, in_submodule)
getmetatable(mlp).lazy = lazy

local verify = os.getenv "MLPRUN_VERIFY" -- set by mlprun --verify
if verify and verify ~= "" then require("mlp.record").watch(verify, mlp) end

return mlp
