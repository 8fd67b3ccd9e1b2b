--- Every chart of mlp.plot: what its scene holds for data whose picture is known.
local mlp = require "mlp"
local core = require "mlp.core"
local plot = mlp.plot
local scene_of = require "scene"
local tidy = scene_of.assert_tidy

local function list(n, f)
  local out = {}
  for i = 1, n do out[i] = f(i) end
  return out
end

--- The texts of one role, in order.
local function texts(scene, role)
  local out = {}
  for _, t in ipairs(scene.texts) do
    if t.role == role then out[#out + 1] = t.text end
  end
  return out
end

--- The labels of all series of a panel that have one.
local function labels(panel)
  local out = {}
  for _, s in ipairs(panel.series) do
    if s.label then out[#out + 1] = s.label end
  end
  return out
end

local function kinds(panel)
  local out = {}
  for i, s in ipairs(panel.series) do out[i] = s.kind end
  return out
end

local data = mlp.datasets.moons { n = 60, noise = 0.1, seed = 3 }

local function small_model(output)
  local model = mlp.Sequential { mlp.Dense { units = 4, activation = "tanh" },
                                 mlp.Dense { units = 3, activation = "relu" },
                                 output or mlp.Dense { units = 1, activation = "sigmoid" } }
  model:compile { loss = "binary_crossentropy" }
  return model:build { 2 } or model
end

describe("a contact sheet", function()
  local history = require("mlp.history").new()
  for _, v in ipairs { 0.7, 0.5, 0.4 } do history:append({ loss = v }, { "loss" }) end

  it("has a column for each network: boundary, loss, gradients, on one scale #S21", function()
    local model = small_model()
    local cases = {}
    for i = 1, 3 do
      cases[i] = { title = "net " .. i, model = model, data = data, history = history,
        gradients = { 10.0 ^ -i, 1 } }
    end
    local scene = tidy(plot.contact_sheet(cases, { cols = 2 }))
    assert.equal(12, #scene.panels) -- of which three are empty
    assert.same({ "net 1", "net 2", "net 3" }, texts(scene, "title"))
    for _, p in ipairs(scene.panels) do
      if p.y.low > 0 then assert.near(1e-3 / 3, p.y.low, 1e-9) end
    end
  end)

  it("leaves out what no network has, and names what it does not know", function()
    local scene = tidy(plot.contact_sheet { { title = "a", history = history } })
    assert.equal(1, #scene.panels)
    assert.same({ "a" }, texts(scene, "title"))
    assert.error_matches(function() plot.contact_sheet { { histry = history } } end,
      "contact_sheet: unknown option 'histry'; did you mean 'history'")
    assert.error_matches(function() plot.contact_sheet {} end,
      "contact_sheet: argument 1 'cases': expected a list")
  end)
end)

describe("charts", function()
  it("say how many points a side they can look at", function()
    local model = small_model()
    assert.error_matches(function() plot.landscape(model, data, { resolution = 100000 }) end,
      "landscape: option 'resolution': expected 2 to 200 points a side, got 100000")
    assert.error_matches(function() plot.trajectories(math.max, {}, { resolution = 1e5 // 1 }) end,
      "trajectories: option 'resolution': expected 2 to 2000 points a side")
  end)

  it("count what is counted in whole numbers", function()
    local curve = { train_sizes = { 2, 3, 4 }, param_range = { 2, 3, 4 }, param_name = "units",
      train = { 1, 0.9, 0.8 }, test = { 0.5, 0.6, 0.7 } }
    local function falling(step) return 1 / (1 + step) end
    assert.same({ "0", "1", "2" }, texts(tidy(plot.schedule(falling, { steps = 3 })), "xtick"))
    assert.same({ "1", "2", "3" }, texts(tidy(plot.batches { 3, 2, 1 }), "xtick"))
    assert.same({ "2", "3", "4" }, texts(tidy(plot.learning_curve(curve)), "xtick"))
    assert.same({ "2", "3", "4" }, texts(tidy(plot.validation_curve(curve)), "xtick"))
    curve.param_range = { 0.1, 0.15, 0.2 }
    assert.is_true(#texts(tidy(plot.validation_curve(curve)), "xtick") > 2)
  end)

  it("tell who gives a path how a figure is written", function()
    assert.error_matches(function() plot.hist({ 1, 2 }, "x.png") end,
      'hist: expected a table of options, got \'x.png\'; .*figure:save "x.png"')
  end)

  it("tell who gives a monitor which of them draw it", function()
    for _, name in ipairs { "gradients", "activations" } do
      assert.error_matches(function() plot[name](mlp.monitor.gradients {}) end,
        name .. ": .*got a monitor; gradient_norms")
    end
  end)

  it("count what a model confuses, by the names of its data", function()
    local model = small_model()
    local scene = tidy(plot.confusion(model, data))
    local matrix = mlp.metrics.confusion_matrix(data.y, model:predict(data)):totable()
    assert.equal(60, matrix[1][1] + matrix[1][2] + matrix[2][1] + matrix[2][2])
    assert.same({ tostring(matrix[1][1]), tostring(matrix[1][2]) },
      { texts(scene, "note")[1], texts(scene, "note")[2] })
    assert.error_matches(function() plot.confusion(model) end,
      "confusion: argument 2 'data': expected the dataset")
  end)
end)

describe("charts of layers", function()
  it("show the gradient norm of each layer on a logarithmic axis #F84", function()
    local scene = tidy(plot.gradient_norms({ { 1e-6, 1e-3, 1 }, { 1, 1, 1 } },
      { labels = { "sigmoid", "relu" } }))
    local p = scene.panels[1]
    assert.same({ "sigmoid", "relu" }, labels(p))
    assert.same({ "1", "2", "3" }, texts(scene, "xtick"))
    assert.is_true(p.y.low < 1e-6 and p.y.high > 1)
    -- six decades of y between the first and the last point of the first curve
    local s = p.series[1]
    local decades = math.log(p.y.high / p.y.low, 10)
    assert.near(6 / decades, (s.y1 - s.y0) / (p.y1 - p.y0), 1e-6)
  end)

  it("take gradients from a model, which keeps its weights and gets no gradient", function()
    local model = small_model()
    local before = model:hash()
    local scene = tidy(plot.gradient_norms(model, data))
    assert.equal(3, #texts(scene, "xtick"))
    assert.equal(before, model:hash())
    local names, gradients = plot.layer_gradients(model, data)
    assert.equal(3, #names)
    assert.same({ 2, 4 }, gradients[1].shape)
  end)

  it("show layer x epoch with the first layer at the top", function()
    local scene = tidy(plot.gradient_heatmap({ { 1, 0.1 }, { 10, 100 } }, { names = { "a", "b" } }))
    local ticks = {}
    for _, t in ipairs(scene.texts) do
      if t.role == "ytick" then ticks[t.text] = t.y0 end
    end
    assert.is_true(ticks.a < ticks.b)
    assert.truthy(scene.panels[1].colorbar)
  end)

  it("count what is saturated and what is dead", function()
    -- the identity before tanh: 2 of 4 beyond 0.97 (atanh 0.97 = 2.09); 1 of 2 relu units is 0
    local function seen(activation, rows)
      local model = mlp.Sequential { input_shape = { 2 }, mlp.Dense { units = 2,
        kernel_initializer = "identity", activation = activation } }
      return require("mlp.plot.probe").outputs(model, mlp.tensor(rows))[1]
    end
    local tanh = seen("tanh", { { 2.2, -3 }, { 0.1, 2 } })
    assert.near(0.5, tanh.saturated, 1e-9)
    assert.matches(": tanh$", tanh.title)
    local relu = seen("relu", { { -1, 1 }, { -2, 3 } })
    assert.near(0.5, relu.dead, 1e-9)
    assert.is_nil(relu.saturated)
  end)

  it("draw a histogram for each layer, of outputs and of gradients", function()
    local scene = tidy(plot.activations(small_model(), data))
    assert.equal(3, #texts(scene, "title"))
    assert.matches("saturated", texts(scene, "note")[1])
    assert.matches("dead", texts(scene, "note")[2])
    assert.equal(3, #texts(tidy(plot.gradients(small_model(), data)), "note"))
    tidy(plot.activations({ { 1, 2, 3 }, { 0 / 0 } }, { names = { "a", "b" } }))
  end)

  it("stack the distributions of epochs, the first highest", function()
    local scene = tidy(plot.weight_ridge({ { 1, 2, 2, 3 }, { 2, 2, 3 }, { 1, 1 } }))
    local y = {}
    for _, t in ipairs(scene.texts) do
      if t.role == "ytick" then y[t.text] = t.y0 end
    end
    assert.is_true(y["1"] < y["2"] and y["2"] < y["3"])
    assert.equal(6, #scene.panels[1].series) -- a filled curve and its outline each
  end)

  it("mark the usual size of a step", function()
    local p = tidy(plot.update_ratio({ { 1e-2, 1e-3 }, { 1e-4, 1e-3 } })).panels[1]
    assert.same({ "1", "2", "target 0.001" }, labels(p))
  end)

  it("show weights as pictures of a unit's inputs, or as a matrix", function()
    local drawn = 0
    for _, p in ipairs(tidy(plot.weights(mlp.randn(25, 4))).panels) do drawn = drawn + #p.series end
    assert.equal(4, drawn)
    assert.same({ "image" }, kinds(tidy(plot.weights(mlp.randn(3, 4))).panels[1]))
    assert.error_matches(function() plot.weights(small_model(), { layer = 9 }) end,
      "weights: option 'layer': expected 1 to 3, got 9")
  end)

  it("come from monitors", function()
    local gradients, updates = mlp.monitor.gradients { every = "epoch" },
      mlp.monitor.updates { every = 1 }
    local weights = mlp.monitor.weights { every = "epoch", bins = 10 }
    assert.error_matches(function() plot.gradient_norms(gradients) end,
      "gradient_norms: expected a monitor that has seen a fit, got one without samples")
    local callbacks = { gradients, updates, weights }
    small_model():fit(data, { epochs = 3, verbose = 0, callbacks = callbacks })
    assert.equal(3, #texts(tidy(plot.gradient_norms(gradients)), "xtick"))
    assert.same({ "epoch" }, texts(tidy(plot.gradient_heatmap(gradients)), "xlabel"))
    assert.same({ "step" }, texts(tidy(plot.update_ratio(updates)), "xlabel"))
    assert.same({ "3", "2", "1" }, texts(tidy(plot.weight_ridge(weights, { layer = 2 })), "ytick"))
    assert.error_matches(function() plot.update_ratio(gradients) end,
      "update_ratio: expected a monitor of updates, got one of gradients")
  end)
end)

describe("charts of scores", function()
  local y, scores = { 0, 0, 1, 1 }, { 0.1, 0.4, 0.35, 0.8 }

  it("name the area under the curve", function()
    -- scikit-learn's documentation of roc_auc_score and average_precision_score: 0.75, 0.83
    assert.same({ "AUC 0.750" }, labels(tidy(plot.roc(y, scores)).panels[1]))
    assert.same({ "AP 0.833" }, labels(tidy(plot.precision_recall(y, scores)).panels[1]))
  end)

  it("take classes, and set each of several against the rest", function()
    local classes = mlp.tensor({ 1, 1, 2, 2 }, { dtype = "int64" })
    assert.same({ "AUC 0.750" }, labels(tidy(plot.roc(classes, mlp.tensor(scores))).panels[1]))
    local p = { { 0.8, 0.1, 0.1 }, { 0.2, 0.7, 0.1 }, { 0.1, 0.2, 0.7 }, { 0.5, 0.2, 0.3 } }
    local p3 = tidy(plot.roc({ 1, 2, 3, 3 }, p, { names = { "a", "b", "c" } })).panels[1]
    assert.same({ "a: AUC 1.000", "b: AUC 1.000", "c: AUC 1.000" }, labels(p3))
    local long = ("long "):rep(9)
    assert.same({ "long long lon\u{2026}: AUC 0.750" }, labels(tidy(plot.roc {
      { label = long, y = y, scores = scores } }).panels[1]))
    assert.same({ "x: AUC 0.750", "z: AUC 1.000" }, labels(tidy(plot.roc {
      { label = "x", y = y, scores = scores }, { label = "z", y = y, scores = y } }).panels[1]))
  end)

  it("say so where there is one class only", function()
    assert.same({ "AUC undefined" }, labels(tidy(plot.roc({ 2, 2 }, { 0.1, 0.4 })).panels[1]))
    assert.same({ "AP undefined" },
      labels(tidy(plot.precision_recall({ 0, 0 }, { 0.1, 0.4 })).panels[1]))
  end)

  it("compare scores with what happened", function()
    -- mean scores 0.3 and 0.8, shares 1/3 and 1: error 3/4 * 1/30 + 1/4 * 0.2
    local scene = tidy(plot.calibration(y, { 0.1, 0.4, 0.4, 0.8 }, { bins = 2 }))
    assert.same({ "ECE 0.075" }, labels(scene.panels[1]))
    assert.equal(2, #scene.panels)
  end)

  it("mark the threshold of the best F1", function()
    local p = tidy(plot.thresholds(y, scores)).panels[1]
    assert.same({ "precision", "recall", "F1", "best F1 0.800 at 0.35" }, labels(p))
  end)

  it("refuse what does not fit", function()
    assert.error_matches(function() plot.roc({ 0, 1 }, { 1 }) end,
      "roc: expected as many targets as scores, got 2 and 1")
    assert.error_matches(function() plot.roc({ 0, 5 }, { 1, 2 }) end,
      "roc: argument 1 'y': expected classes 1 and 2, or 0 and 1, got values from 0.0 to 5.0")
  end)
end)

describe("charts of values", function()
  it("say how well predictions fit", function()
    -- R^2 = 1 - 1/2, RMSE = sqrt(1/3)
    local scene = tidy(plot.predicted({ 1, 2, 3 }, { 1, 2, 2 }))
    assert.same({ "R² 0.500\nRMSE 0.577" }, texts(scene, "note"))
    assert.same({ "RMSE 1" }, texts(tidy(plot.predicted({ 1, 1 }, { 2, 2 })), "note"))
    assert.equal(2, #tidy(plot.residuals({ 1, 2, 3 }, { 1, 2, 2 })).panels)
    assert.error_matches(function() plot.residuals({ 1 }, {}) end, "got 1 and 0")
  end)

  it("draw a model's curve beyond the data's ends", function()
    local model = { predict = function(_, x) return x * 2 end }
    local p = tidy(plot.regression(model, { x = mlp.tensor { { 0 }, { 10 } }, y = { 0, 20 } }))
      .panels[1]
    assert.same({ "data", "model" }, labels(p))
    assert.near(-0.5 - 0.55, p.x.low, 1e-9) -- 5 % beyond, then 5 % margin
  end)
end)

describe("charts of functions", function()
  it("draw activations with their derivatives", function()
    local scene = tidy(plot.activation_functions { "sigmoid", "tanh" })
    assert.same({ "sigmoid", "tanh" }, labels(scene.panels[1]))
    local slope = scene.panels[2].y
    assert.is_true(slope.high > 1 and slope.high < 1.1) -- tanh'(0) = 1
  end)

  it("bound the gradient by the largest slope", function()
    local p = tidy(plot.slope_bound { depth = 5 }).panels[1]
    assert.same({ "sigmoid: 0.25 per layer", "tanh: 1 per layer", "relu: 1 per layer" }, labels(p))
    assert.is_true(p.y.low < 0.25 ^ 5)
  end)

  it("draw schedules step by step", function()
    local half = mlp.schedules.ExponentialDecay { initial_learning_rate = 1, decay_steps = 10,
                                                  decay_rate = 0.5 }
    local p = tidy(plot.schedule({ half, function(step) return 1 - step / 21 end },
      { steps = 21, labels = { "half", "line" } })).panels[1]
    assert.same({ "half", "line" }, labels(p))
    assert.near(1.05 - 1 / 21 * 0.05, p.y.high, 1e-6)
  end)

  it("mark the suggested rate", function()
    local found = { learning_rate = { 1e-3, 1e-2, 1e-1 }, loss = { 3, 1, 2 }, suggestion = 1e-2 }
    assert.same({ "suggestion: 0.01" }, labels(tidy(plot.lr_find(found)).panels[1]))
  end)
end)

describe("charts of descent", function()
  local function bowl(x, y) return x * x + 4 * y * y end
  local path = { { 2, 2 }, { 1, 0.5 }, { 0.2, 0 } }

  it("draw paths over contours, the loss in an inset", function()
    local scene = tidy(plot.trajectories(bowl, { path, { x = { 2, 0 }, y = { 2, 0 } } },
      { labels = { "a", "b" }, minimum = { 0, 0 } }))
    assert.same({ "a", "start", "b", "minimum" }, (function()
      local l = labels(scene.panels[1])
      return { l[1], l[3], l[2], l[4] }
    end)())
    assert.equal(2, #scene.panels)
    assert.equal("loss", texts(scene, "title")[1])
    assert.equal("image", scene.panels[1].series[1].kind)
  end)

  it("show the loss around the weights and put them back", function()
    local model = small_model()
    local before = model:hash()
    tidy(plot.landscape(model, data, { resolution = 5 }))
    assert.equal(before, model:hash())
  end)
end)

describe("charts of validation", function()
  it("show training and validation scores with their spread", function()
    local curve = { train_sizes = { 10, 20 }, train_mean = { 1, 0.9 }, train_sd = { 0, 0.05 },
                    test_mean = { 0.6, 0.8 }, test_sd = { 0.1, 0.1 } }
    local p = tidy(plot.learning_curve(curve)).panels[1]
    assert.same({ "training", "validation" }, labels(p))
    assert.near(0.5 - 0.05 * 0.5, p.y.low, 1e-9) -- 0.6 - 0.1 less 5 % of 0.5..1
    assert.error_matches(function() plot.learning_curve {} end,
      "learning_curve: argument 1 'curve': expected what mlp.model_selection.learning_curve")
  end)

  it("mark the best value of a parameter, on a log axis where it grows by factors", function()
    local curve = { param_name = "units", param_range = { 1, 10, 100 }, train = { 0.5, 0.8, 1 },
                    test = { 0.5, 0.7, 0.6 } }
    local scene = tidy(plot.validation_curve(curve))
    assert.same({ "training", "validation", "best: 10" }, labels(scene.panels[1]))
    local p = scene.panels[1]
    local middle = (p.series[3].x0 - p.x0) / (p.x1 - p.x0)
    assert.near(0.5, middle, 0.01)
    curve.param_range = { "relu", "tanh", "elu" }
    assert.same({ "relu", "tanh", "elu" }, texts(tidy(plot.validation_curve(curve)), "xtick"))
  end)

  it("show which rows each fold tests on", function()
    local scene = tidy(plot.folds { { { 3, 4 }, { 1, 2 } }, { { 1, 2 }, { 3, 4 } } })
    assert.same({ "train", "test" }, labels(scene.panels[1]))
    assert.same({ "fold 1", "fold 2" }, texts(scene, "ytick"))
    tidy(plot.folds(mlp.model_selection.KFold { n_splits = 3 }, data))
    local two = { { { 3, 4 }, { 1, 2 } } } -- the middles of its halves, as colours
    for _, theme in ipairs { "light", "dark", "tab10" } do
      local f = plot.folds(two, nil, { theme = theme, legend = false })
      local p = f:scene().panels[1]
      local cells = core.plot.thumbnail(f, 11, 32)
      local function at(share)
        local x = (p.x0 + share * (p.x1 - p.x0)) / f:scene().width
        local k = 3 * (5 * 32 + math.floor(32 * x))
        return { cells:byte(k + 1, k + 3) }
      end
      local a, b, apart = at(0.25), at(0.75), 0
      for k = 1, 3 do apart = math.max(apart, math.abs(a[k] - b[k])) end
      assert.is_true(apart > 80, theme)
    end
  end)

  it("show each fold's score, mean and deviation", function()
    local scene = tidy(plot.fold_scores({ { 0.5, 0.7 }, { 0.9, 0.9 } }, { names = { "a", "b" } }))
    assert.same({ "a\n0.600 ± 0.100", "b\n0.900 ± 0.000" }, texts(scene, "xtick"))
    local many = list(12, function(i) return { i, i + 1 } end)
    tidy(plot.fold_scores(many, { names = list(12, function(i) -- slanted, in two lines
      return "network of " .. i .. " units"
    end) }))
  end)
end)

describe("pictures of samples", function()
  local images = { x = mlp.rand(6, 9), y = mlp.tensor({ 1, 2, 1, 2, 1, 2 }, { dtype = "int64" }),
                   class_names = { "a", "b" } }

  it("are captioned with their classes", function()
    local scene = tidy(plot.samples(images, { n = 4 }))
    assert.same({ "a", "b", "a", "b" }, texts(scene, "title"))
    assert.equal(4, #scene.panels) -- two rows of two, no place left empty
  end)

  it("are those that the model got wrong, the surest first", function()
    local model = { predict_proba = function()
      return mlp.tensor { { 0.9, 0.1 }, { 0.8, 0.2 }, { 0.3, 0.7 }, { 0.1, 0.9 }, { 0.9, 0.1 },
                          { 0.4, 0.6 } }
    end }
    local scene = tidy(plot.misclassified(model, images))
    assert.same({ "b → a\n80 %", "a → b\n70 %" }, texts(scene, "title"))
    local right = { predict_proba = function()
      return mlp.tensor(list(6, function(i) return { i % 2, 1 - i % 2 } end))
    end }
    assert.error_matches(function() plot.misclassified(right, images) end,
      "misclassified: the model is right on all 6 rows")
  end)

  it("need a shape where rows are no square", function()
    assert.error_matches(function() plot.samples { x = mlp.rand(2, 7) } end,
      "samples: expected option 'shape' = { height, width } for rows of 7 values")
  end)
end)

describe("a model as a graph", function()
  it("has a box a layer with its shape and weights", function()
    local scene = tidy(plot.model_graph(small_model()))
    local notes = texts(scene, "note")
    assert.equal("input", notes[1])
    assert.matches("dense_%d+ · tanh", notes[3])
    assert.equal("(4)   12 weights", notes[4]) -- 2 * 4 + 4
  end)

  it("shows the edges of its boxes whole", function()
    local p = tidy(plot.model_graph(small_model(), { dpi = 72 })).panels[1]
    local most = 0.4 -- dots: half of an edge of 0.8 points lies outside of its box
    for _, box in ipairs(p.series) do
      assert.is_true(box.kind ~= "boxes" or box.x0 - p.x0 >= most and p.x1 - box.x1 >= most
        and box.y0 - p.y0 >= most and p.y1 - box.y1 >= most)
    end
  end)

  it("leads what skips a layer around the others", function()
    local x = mlp.Input { 2 }
    local a = mlp.Dense { units = 4 }(x)
    local b = mlp.Dense { units = 4 }(a)
    local model = mlp.Model { inputs = x, outputs = a + b }
    local p = tidy(plot.model_graph(model)).panels[1]
    local lines = 0
    for _, kind in ipairs(kinds(p)) do lines = lines + (kind == "line" and 1 or 0) end
    assert.equal(1, lines)
  end)

  it("is a network of pictures in the Playground's figure", function()
    local scene = tidy(plot.playground(small_model(), data, { extent = { -2, 2, -2, 2 } }))
    local images = 0
    for _, kind in ipairs(kinds(scene.panels[1])) do
      images = images + (kind == "image" and 1 or 0)
    end
    assert.equal(2 + 4 + 3 + 1, images)
    assert.same({ "x₁", "x₂", "features" }, list(3, function(i) return texts(scene, "note")[i] end))
  end)
end)

describe("a table", function()
  it("puts numbers on the right, below each other", function()
    local rows = { { "adam", 0.5 }, { "sgd", 0.25 }, { "rest", -1e-9 }, { "all", 1e12 } }
    local scene = tidy(plot.table(rows, { header = { "", "score" } }))
    local at = {}
    for _, t in ipairs(scene.texts) do at[t.text] = t end
    assert.near(at["0.5"].x1, at["0.25"].x1, 2)
    assert.truthy(at["\u{2212}1e\u{2212}9"] and at["1e12"])
    assert.near(at.adam.x0, at.sgd.x0, 2)
    assert.error_matches(function() plot.table {} end, "expected a list of rows, got none")
  end)
end)

describe("what moves", function()
  it("is a list of figures or a function of the number", function()
    local function frame(i) return plot.line(nil, { 0, i }, { dpi = 30 }) end
    local movie = plot.animate(3, { f = frame, hold = 0.2 })
    assert.equal(3, #movie.frames)
    assert.equal("\137PNG", movie:png():sub(1, 4))
    assert.equal(movie:png(), plot.animate({ frame(1), frame(2), frame(3) }, { hold = 0.2 }):png())
    assert.error_matches(function() plot.animate {} end, "expected at least one picture")
    assert.error_matches(function() plot.animate { 5 } end, "expected figures, got number")
  end)

  it("is drawn anew every epoch, to the same file", function()
    local path = os.tmpname()
    local live = plot.live(path, { every = 2, keep = true })
    small_model():fit(data, { epochs = 5, verbose = 0, callbacks = { live } })
    assert.equal(3, #live.frames) -- epochs 2 and 4, and the end
    local file = assert(io.open(path, "rb"))
    assert.is_true(file:read "a" == live.frames[3])
    file:close()
    os.remove(path)
    assert.equal(3, #live:animation().frames)
  end)
end)

describe("a run of batches", function()
  it("is pale under its average, and tells epochs", function()
    local p = tidy(plot.batches({ 3, 1, 2, 1 }, { steps = 2 })).panels[1]
    assert.same({ "each batch", "moving average" }, labels(p))
    assert.near(0.5 - 0.075, p.x.low, 1e-9)
  end)
end)

describe("text_size", function()
  it("is the width that the scene has", function()
    local f = plot.figure()
    f:panel():text(0.5, 0.5, "measured", { size = 20 })
    local t = f:scene().texts
    local width = core.plot.text_size("measured", 20)
    assert.near(width * 160 / 72, t[#t].x1 - t[#t].x0, 12) -- advance against ink
  end)
end)
