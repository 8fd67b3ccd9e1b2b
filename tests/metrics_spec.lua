local mlp = require "mlp"
local core = require "mlp.core"
local keras = require "golden.keras"
local samples = require "samples"
local sklearn = require "golden.sklearn"

local DOUBLE <const> = { dtype = "float64" }

--- The metric of predictions p, added up over batches of three rows.
local function value(metric, y, p)
  local model = mlp.Sequential { mlp.Activation "linear" }
  model:compile { loss = function(_, q) return (q * 0):sum() end, metrics = { metric } }
  return model:evaluate({ x = p, y = y }, { batch_size = 3 })[metric.kind]
end

local function assert_near(expected, got, allowed)
  if type(expected) == "number" then
    return assert.is_true(expected == got or math.abs(expected - got) <= allowed,
      ("expected %.17g, got %.17g"):format(expected, got))
  end
  assert.equal(#expected, #got)
  for i, v in ipairs(expected) do assert_near(v, got[i], allowed) end
end

--- The classes of one-hot rows, or nil where they are none.
local function classes_of(y)
  local list = {}
  for i, row in ipairs(y) do
    local sum = 0
    for j, v in ipairs(row) do
      sum = sum + v
      if v == 1 then list[i] = #row == 1 and 2 or j elseif v ~= 0 then return nil end
    end
    if #row == 1 then list[i] = list[i] or 1 elseif sum ~= 1 then return nil end
  end
  return mlp.tensor(list, { dtype = "int64" })
end

describe("metric", function()
  for i, case in ipairs(keras.metric) do
    it(("%s is Keras's (case %d) #S8 #S9 #S10 #F31"):format(case.name, i), function()
      local metric = mlp.metrics[case.name](case.options)
      local p = mlp.tensor(case.p, DOUBLE)
      assert_near(case.value, value(metric, mlp.tensor(case.y, DOUBLE), p), 1e-12)
      local classes = classes_of(case.y)
      if classes then assert_near(case.value, value(metric, classes, p), 1e-12) end
    end)
  end

  -- DESIGN: "NaN is worst"; TensorFlow's in_top_k: what is not finite is no hit
  it("does not call a model that gives NaN perfect", function()
    local nan <const> = 0 / 0
    local y, p = mlp.tensor({ { 1, 0 } }, DOUBLE), mlp.tensor({ { nan, nan } }, DOUBLE)
    for _, name in ipairs { "mse", "mae", "mape", "msle", "rmse", "hinge", "squared_hinge",
      "categorical_hinge", "log_cosh", "bce", "cce", "kld", "poisson", "cosine_similarity" } do
      local got = value(mlp.metrics[name](), y, p)
      assert.is_true(got ~= got, ("%s: expected nan, got %s"):format(name, got))
    end
    for _, k in ipairs { 1, 5 } do
      assert.equal(0, value(mlp.metrics.top_k_categorical_accuracy { k = k }, y, p))
    end
  end)

  -- lecture, S10: TP 3, FP 1, FN 2, TN 4
  it("has the golden numbers of the confusion matrix #S10", function()
    local y = mlp.tensor({ 2, 2, 2, 2, 2, 1, 1, 1, 1, 1 }, { dtype = "int64" })
    local p = mlp.tensor({ { .9 }, { .8 }, { .6 }, { .3 }, { .1 }, { .7 }, { .5 }, { .2 }, { .1 },
      { .4 } }, DOUBLE)
    local M = mlp.metrics
    assert.equal(0.75, value(M.Precision(), y, p))
    assert.equal(0.6, value(M.Recall(), y, p))
    assert.near(2 / 3, value(M.F1Score(), y, p), 2e-7)
    assert.equal(0.7, value(M.Accuracy(), y, p))
    assert.equal(0.8, value(M.Specificity(), y, p))
    assert.same({ { 4, 1 }, { 2, 3 } }, M.confusion_matrix(y, p):totable())
  end)

  it("takes a probability above one half as the second class, one half as the first", function()
    local y = mlp.tensor({ 2, 1, 1, 2 }, { dtype = "int64" })
    local p = mlp.tensor({ { 0.5001 }, { 0.5 }, { 0.4999 }, { 0.5 } }, DOUBLE)
    for _, name in ipairs { "accuracy", "binary_accuracy" } do
      assert.equal(0.75, value(mlp.metrics[name](), y, p), name)
    end
  end)

  -- Keras 3.15.1 in float32: AUC(num_thresholds=11) of these is 1; 0.3f * 10 is a little above 3
  it("auc has a score on a threshold not above it, in float32 too", function()
    local y, p = mlp.tensor { { 0 }, { 1 } }, mlp.tensor { { 0.3 }, { 0.35 } }
    assert.equal("float32", p.dtype)
    assert.equal(1, value(mlp.metrics.AUC { num_thresholds = 11 }, y, p))
  end)

  for _, kind in ipairs(core.registry().metric) do
    it(kind.name .. " of no hits at all is a number: 0 / 0 is 0 #S10", function()
      local p, y = mlp.full({ 4, 2 }, 0.25), mlp.zeros(4, 2)
      local v = value(core.object("metric", kind.name, samples.options(kind)), y, p)
      assert.truthy(v == v and math.abs(v) < 1e9)
    end)
  end
end)

describe("mode auto of a monitor", function()
  local larger_is_better = require("mlp.direction").larger_is_better

  -- Keras 3.15.1, the _direction of each metric; specificity is no metric there, counts have none
  it("knows which metrics are better where larger", function()
    for name in ([[accuracy acc auc binary_accuracy concordance_correlation cosine_similarity
      f1_score fbeta_score mean_iou pearson_correlation precision precision_at_recall r2_score
      recall recall_at_precision sensitivity_at_specificity specificity_at_sensitivity
      top_k_categorical_accuracy specificity]]):gmatch "%S+" do
      assert.is_true(larger_is_better("val_" .. name), name)
    end
    for name in ([[loss binary_crossentropy categorical_crossentropy categorical_hinge hinge
      kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error
      mean_squared_logarithmic_error poisson root_mean_squared_error squared_hinge mse mae
      false_positives false_negatives]]):gmatch "%S+" do
      assert.is_false(larger_is_better("val_" .. name), name)
    end
  end)
end)

describe("predictions", function()
  local M, g = mlp.metrics, sklearn

  it("as a confusion matrix are scikit-learn's #F32 #S10", function()
    assert.same(g.confusion, M.confusion_matrix(g.y, g.predicted):totable())
    for _, how in ipairs { "true", "predicted", "all" } do
      assert_near(g["confusion_" .. how], M.confusion_matrix(g.y, g.predicted,
        { normalize = how }):totable(), 1e-15)
    end
    assert.same({ 4, 4 }, M.confusion_matrix(g.y, g.predicted, { classes = 4 }):size())
  end)

  it("as a report are scikit-learn's #F32 #S10", function()
    local r = M.classification_report(g.y, g.predicted, { class_names = { "a", "b", "c" } })
    local function same(expected, got)
      for key, v in pairs(expected) do assert_near(v, got[key], 1e-15) end
    end
    for c, row in ipairs(g.classes) do same(row, r[c]) end
    same(g.macro, r.macro)
    same(g.weighted, r.weighted)
    assert_near(g.accuracy, r.accuracy, 1e-15)
    assert.equal("b", r[2].name)
    assert.truthy(tostring(r):find("weighted", 1, true))
  end)

  it("take a dataset with the names of its classes in the place of targets", function()
    local data = mlp.dataset { x = mlp.zeros(3, 1), y = { 1, 2, 2 }, classes = true,
      class_names = { "no", "yes" } }
    local r = M.classification_report(data, { 1, 2, 1 })
    assert.same({ "no", "yes" }, { r[1].name, r[2].name })
    assert.same({ { 1, 0 }, { 1, 1 } }, M.confusion_matrix(data, { 1, 2, 1 }):totable())
    assert.error_matches(function()
      M.confusion_matrix(mlp.dataset { x = mlp.zeros(2, 1), y = { 0.5, 1.5 } }, { 1, 2 })
    end, "argument 'y': expected a dataset of classes, got one of values")
  end)

  it("as a ROC curve are scikit-learn's #F32", function()
    local curve = M.roc_curve(g.truth, g.scores)
    assert_near(g.fpr, curve.fpr, 1e-15)
    assert_near(g.tpr, curve.tpr, 1e-15)
    assert_near(g.thresholds, curve.thresholds, 0)
    assert_near(g.auc, curve.auc, 1e-15)
    local all = M.roc_curve(mlp.tensor(g.truth) + 0, mlp.tensor(g.scores, DOUBLE),
      { drop_intermediate = false })
    assert_near(g.all_fpr, all.fpr, 1e-15)
    assert_near(g.all_tpr, all.tpr, 1e-15)
    assert_near(g.all_thresholds, all.thresholds, 0)
  end)

  it("as a precision-recall curve are scikit-learn's #F32", function()
    local curve = M.precision_recall_curve(g.truth, g.scores)
    assert_near(g.precision, curve.precision, 1e-15)
    assert_near(g.recall, curve.recall, 1e-15)
    assert_near(g.cuts, curve.thresholds, 0)
    assert_near(g.average_precision, curve.average_precision, 1e-15)
  end)

  it("that do not fit are refused, naming what is wrong", function()
    assert.error_matches(function() M.confusion_matrix({ 1, 0 }, { 1, 1 }) end,
      "confusion_matrix: label 0 at row 2 of 'y': expected a class, 1..K")
    assert.error_matches(function() M.confusion_matrix({ 1 }, { 1, 1 }) end,
      "expected as many targets as predictions, got 1 and 2")
    assert.error_matches(function() M.roc_curve({ 0, 2 }, { 1, 1 }) end,
      "roc_curve: target 2 at row 2: expected 0 or 1")
    assert.error_matches(function() M.confusion_matrix({ 1 }, { 1 }, { normalise = "all" }) end,
      "did you mean 'normalize'")
  end)
end)
