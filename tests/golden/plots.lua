--- One picture of every chart, of data made by formulas. Run by mlprun it prints what the spec
--- compares: a name and the mean colours of 24 x 32 cells, in hexadecimal digits.
---   make plot-references      (then look at the pictures: make plot-references SHOW=folder)
local mlp = require "mlp"
local core = require "mlp.core"
local plot = mlp.plot

local M = { ROWS = 24, COLS = 32 }

local function list(n, f)
  local out = {}
  for i = 1, n do out[i] = f(i) end
  return out
end

local function matrix(rows, cols, f)
  return list(rows, function(r) return list(cols, function(c) return f(r, c) end) end)
end

--- Numbers that look random: the golden ratio's multiples.
local function scattered(n, offset)
  return list(n, function(i) return (i * 0.6180339887 + (offset or 0)) % 1 end)
end

local function history(n, scale)
  local h = require("mlp.history").new()
  for i = 1, n do
    local wave = 0.02 * math.sin(7 * i)
    h:append({
      loss = scale * math.exp(-i / 10) + 0.1, val_loss = scale * math.exp(-i / 12) + 0.2 + wave,
      accuracy = 1 - 0.5 * math.exp(-i / 8), val_accuracy = 0.9 - 0.4 * math.exp(-i / 8) - wave,
    }, { "loss", "accuracy", "val_loss", "val_accuracy" })
  end
  h.best_epoch = n - 5
  return h
end

local columns = { scattered(80), scattered(80, 0.3) }
local points = { x = core.tensor(list(80, function(i)
  return { 3 * columns[1][i] - 1.5, 3 * (columns[2][i] * 1.7 % 1) - 1.5 }
end)), n_classes = 2, class_names = { "no", "yes" } }
points.y = core.tensor(list(80, function(i)
  local row = points.x[i]:totable()
  return row[1] ^ 2 + row[2] ^ 2 < 1 and 2 or 1
end), { dtype = "int64" })

--- A model by formula: the probability of lying in the circle.
local circle = { predict_proba = function(_, x)
  return core.tensor(list(x.shape[1], function(i)
    local row = x[i]:totable()
    return { 1 / (1 + math.exp(4 * (row[1] ^ 2 + row[2] ^ 2 - 1))) }
  end))
end }
local thirds = { predict_proba = function(_, x)
  return core.tensor(list(x.shape[1], function(i)
    local row = x[i]:totable()
    local a, b, c = math.exp(2 * row[1]), math.exp(-2 * row[1]), math.exp(2 * row[2])
    return { a / (a + b + c), b / (a + b + c), c / (a + b + c) }
  end))
end }

local function weights(model)
  for k, w in ipairs(model:weights()) do
    local n = w.tensor:numel()
    core.no_grad(function()
      w.tensor:copy_(core.tensor(list(n, function(i) return 2 * math.sin(i * 1.7 + k) end))
        :reshape(w.tensor.shape))
    end)
  end
  return model
end

local function network()
  return weights(mlp.Sequential { input_shape = { 2 },
    mlp.Dense { units = 4, activation = "tanh", name = "first" },
    mlp.Dense { units = 3, activation = "relu", name = "second" },
    mlp.Dense { units = 1, activation = "sigmoid", name = "third" } })
end

local scores = scattered(200)
local truth = list(200, function(i)
  return scores[i] + 0.6 * (scores[i] * 31 % 1 - 0.5) > 0.5 and 1 or 0
end)
local wave = list(60, function(i) return math.sin(i / 8) end)
local near = list(60, function(i) return wave[i] + 0.3 * (columns[1][i] - 0.5) end)
local ramp = list(60, function(i) return i / 60 end)

--- A study of three hyper-parameters, one of them a choice, drawn at random; one that a Gaussian
--- process drives along one; and one with two objectives.
local studies = {}
local function study(name, settings, trials, objective)
  if not studies[name] then
    settings.seed = 1
    studies[name] = mlp.study(settings)
    studies[name]:optimize(objective, { n_trials = trials, verbose = 0 })
  end
  return studies[name]
end

local function search()
  return study("search", { sampler = "random", pruner = "none" }, 24, function(t)
    local rate = t:Float("rate", 1e-4, 1e-1, { sampling = "log" })
    local units = t:Int("units", 8, 64, { step = 8 })
    local kind = t:Choice("kind", { "relu", "tanh" })
    local loss = (math.log(rate, 10) + 2.5) ^ 2 + units / 64 + (kind == "tanh" and 0 or 0.3)
    for epoch = 1, 6 do
      t:report(loss + math.exp(-epoch), epoch)
      t:log(epoch, { val_loss = loss + math.exp(-epoch) })
    end
    return loss
  end)
end

local function along_x()
  return study("along_x", {}, 14, function(t)
    local x = t:Float("x", 0, 1)
    return (x - 0.3) ^ 2 + 0.1 * math.sin(12 * x)
  end)
end

local function two_objectives()
  return study("two", { sampler = "random", directions = { "minimize", "maximize" } }, 24,
    function(t)
      local a, b = t:Float("a", 0, 1), t:Float("b", 0, 1)
      return { a * a + b, 1 - (a - 1) ^ 2 + 0.3 * b }
    end)
end

local function of_search(kind, more)
  return { "study_" .. kind, function(o)
    for name, value in pairs(more or {}) do o[name] = value end
    return search():plot(kind, o)
  end }
end

--- Name and function of each, in order.
M.cases = {
  { "line", function(o) return plot.line(nil, { wave, ramp }, o) end },
  { "scatter", function(o)
    o.values = columns[1]
    return plot.scatter(columns[1], columns[2], o)
  end },
  { "bars", function(o)
    o.names = { "adam", "sgd", "rmsprop" }
    return plot.bars({ 3, 1, 2 }, o)
  end },
  { "hist", function(o) return plot.hist(wave, o) end },
  { "image", function(o) return plot.image(matrix(8, 8, function(r, c) return r * c end), o) end },
  { "heatmap", function(o)
    o.annotate = true
    return plot.heatmap(matrix(4, 5, function(r, c) return r - c end), o)
  end },
  { "contour", function(o)
    return plot.contour(matrix(20, 20, function(r, c) return (r - 10) ^ 2 + (c - 8) ^ 2 end), o)
  end },
  { "grid_images", function(o)
    return plot.grid_images(list(6, function(k)
      return matrix(5, 5, function(r, c) return math.sin(k * r + c) end)
    end), o)
  end },
  { "table", function(o)
    o.header = { "name", "score" }
    return plot.table({ { "adam", 0.93 }, { "sgd", 0.88 } }, o)
  end },
  { "history", function(o) return plot.history(history(40, 1), o) end },
  { "runs", function(o)
    o.labels, o.band, o.log = { "a", "a", "b", "b" }, true, true
    return plot.runs({ history(30, 1), history(30, 1.4), history(30, 3), history(30, 4) }, o)
  end },
  { "batches", function(o)
    return plot.batches(list(300, function(i)
      return math.exp(-i / 90) + 0.3 * (i * 0.618 % 1)
    end), o)
  end },
  { "gradient_norms", function(o)
    return plot.gradient_norms({ list(12, function(i) return 4.0 ^ (i - 12) end),
                                 list(12, function() return 1 end) }, o)
  end },
  { "gradient_heatmap", function(o)
    local norms = matrix(6, 20, function(r, c) return 10 ^ (-r / 2 - c / 20) end)
    return plot.gradient_heatmap(norms, o)
  end },
  { "update_ratio", function(o)
    local ratios = matrix(3, 20, function(r, c) return 10 ^ (-2 - r / 3 - c / 30) end)
    return plot.update_ratio(ratios, o)
  end },
  { "activations", function(o)
    return plot.activations({ wave, columns[1], list(50, function(i) return i * i end) }, o)
  end },
  { "gradients", function(o) return plot.gradients({ wave, columns[1] }, o) end },
  { "weight_ridge", function(o)
    return plot.weight_ridge(list(8, function(e)
      return list(200, function(i) return (scores[i] + scores[i] * 7 % 1 - 1) * (1 + e / 4) end)
    end), o)
  end },
  { "weights", function(o)
    return plot.weights(core.tensor(matrix(6, 4, function(r, c) return math.sin(r * c) end)), o)
  end },
  { "decision_boundary", function(o)
    o.resolution = 50
    return plot.decision_boundary(circle, points, o)
  end },
  { "three_classes", function(o)
    o.resolution = 50
    return plot.decision_boundary(thirds, { x = points.x, y = points.y, n_classes = 3 }, o)
  end },
  { "confusion", function(o)
    return plot.confusion({ { 8, 2 }, { 1, 9 } }, { "no", "yes" }, o)
  end },
  { "roc", function(o) return plot.roc(truth, scores, o) end },
  { "precision_recall", function(o) return plot.precision_recall(truth, scores, o) end },
  { "calibration", function(o) return plot.calibration(truth, scores, o) end },
  { "thresholds", function(o) return plot.thresholds(truth, scores, o) end },
  { "regression", function(o)
    local model = { predict = function(_, x) return x:sin() end }
    local x = core.tensor(list(60, function(i) return { i / 10 } end))
    return plot.regression(model, { x = x, y = wave }, o)
  end },
  { "predicted", function(o) return plot.predicted(wave, near, o) end },
  { "residuals", function(o) return plot.residuals(wave, near, o) end },
  { "activation_functions", function(o)
    return plot.activation_functions({ "sigmoid", "tanh", "relu" }, o)
  end },
  { "slope_bound", function(o) return plot.slope_bound(o) end },
  { "schedule", function(o)
    return plot.schedule(function(step) return 0.1 * 0.5 ^ (step // 200) end, o)
  end },
  { "lr_find", function(o)
    return plot.lr_find({ learning_rate = list(60, function(i) return 10 ^ (i / 12 - 5) end),
                          loss = list(60, function(i) return 1 + ((i - 40) / 20) ^ 2 end),
                          suggestion = 1e-3 }, o)
  end },
  { "trajectories", function(o)
    return plot.trajectories(function(x, y) return x * x + 8 * y * y end,
      { list(12, function(i) return { 2 * 0.8 ^ i, (-0.6) ^ i } end) }, o)
  end },
  { "landscape", function(o)
    o.resolution = 7
    local model = network()
    model:compile { loss = "binary_crossentropy" }
    return plot.landscape(model, { x = points.x, y = points.y }, o)
  end },
  { "learning_curve", function(o)
    return plot.learning_curve({
      train_sizes = { 20, 40, 80 }, train = { 1, 0.95, 0.93 }, test = { 0.6, 0.8, 0.88 },
      train_sd = { 0.01, 0.02, 0.02 }, test_sd = { 0.1, 0.05, 0.03 },
    }, o)
  end },
  { "validation_curve", function(o)
    return plot.validation_curve({ param_name = "units", param_range = { 1, 4, 16, 64 },
      train = { 0.6, 0.8, 0.95, 1 }, test = { 0.6, 0.78, 0.9, 0.85 } }, o)
  end },
  { "folds", function(o)
    return plot.folds(list(4, function(k)
      local train, test = {}, {}
      for i = 1, 40 do
        local part = (i - 1) // 10 == k - 1 and test or train
        part[#part + 1] = i
      end
      return { train, test }
    end), nil, o)
  end },
  { "fold_scores", function(o)
    return plot.fold_scores({ { 0.8, 0.9, 0.85 }, { 0.7, 0.95, 0.9 } }, o)
  end },
  { "samples", function(o)
    o.n = 4
    return plot.samples({ x = core.tensor(matrix(4, 16, function(r, c) return r * c % 5 end)),
                          y = core.tensor({ 1, 2, 1, 2 }, { dtype = "int64" }) }, o)
  end },
  { "misclassified", function(o)
    return plot.misclassified({ predict_proba = function()
      return core.tensor { { 0.9, 0.1 }, { 0.2, 0.8 } }
    end }, { x = core.tensor(matrix(2, 16, function(r, c) return r * c % 5 end)),
             y = core.tensor({ 2, 1 }, { dtype = "int64" }) }, o)
  end },
  { "model_graph", function(o) return plot.model_graph(network(), o) end },
  { "contact_sheet", function(o)
    o.cols = 2
    local function case(title, model, scale)
      return { title = title, model = model, data = points, history = history(40, scale),
        gradients = list(5, function(i) return scale * 10.0 ^ (i - 5) end) }
    end
    return plot.contact_sheet({ case("circle", circle, 1), case("same", circle, 2),
      case("third", circle, 0.5) }, o)
  end },
  { "playground", function(o)
    o.resolution, o.extent = 20, { -2, 2, -2, 2 }
    return plot.playground(network(), points, o)
  end },
  of_search "history",
  of_search "parallel_coordinate",
  of_search "param_importances",
  of_search("contour", { params = { "units", "rate" } }),
  of_search "slice",
  of_search "intermediate_values",
  of_search "curves",
  of_search "edf",
  of_search("rank", { params = { "kind", "rate" } }),
  { "study_pareto_front", function(o) return two_objectives():plot("pareto_front", o) end },
  { "study_surrogate", function(o)
    o.steps = { 10, 13 }
    return along_x():plot("surrogate", o)
  end },
}

--- The figure of a case, small enough to be drawn in milliseconds.
function M.figure(case) return case[2] { dpi = case.dpi or 50 } end

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

if arg and arg[0] and arg[0]:find "golden/plots%.lua$" then
  for _, case in ipairs(M.cases) do
    local figure = M.figure(case)
    if arg[1] then figure:save(("%s/%s.png"):format(arg[1], case[1])) end
    print(case[1], hex(core.plot.thumbnail(figure, M.ROWS, M.COLS)))
  end
end

return M
