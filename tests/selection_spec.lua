-- Folds, cross-validation, curves, ensembles. Expected numbers: scikit-learn's, in
-- tests/golden/sklearn_selection.lua, where nothing else is said.
local mlp = require "mlp"
local golden = dofile "tests/golden/sklearn_selection.lua"
local scorers = require "mlp.selection.scorers"

local ms = mlp.model_selection

local function message(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "expected an error")
  return tostring(e)
end

local function assert_message(text, f, ...)
  local got = message(f, ...)
  assert.truthy(got:find(text, 1, true), got)
end

local function first(n, list) return table.move(list, 1, n, 1, {}) end

local function collect(cv, data, groups)
  local list = {}
  for train, test in cv:split(data, groups) do list[#list + 1] = { train, test } end
  return list
end

local function assert_all_near(expected, got, tolerance)
  assert.equal(#expected, #got)
  for i, v in ipairs(expected) do
    if type(v) == "table" then assert_all_near(v, got[i], tolerance)
    else assert.near(v, got[i], tolerance) end
  end
end

describe("the splitters #F57", function()
  for i, case in ipairs(golden) do
    it(("give scikit-learn's folds: %d, %s"):format(i, case.kind), function()
      local cv, n = ms[case.kind](case.options), case.rows
      local data = case.kind:find "Stratified" and first(n, golden.y) or n
      local groups = first(n, golden.groups)
      assert.same(case.folds, collect(cv, data, groups))
      assert.equal(#case.folds, cv:get_n_splits(data, groups))
    end)
  end

  -- semantics.md c.10, computed there by scikit-learn
  it("stratify the example of ten rows", function()
    local fold_of = {}
    for fold, rows in ipairs(collect(ms.StratifiedKFold { n_splits = 3 },
      { 0, 0, 1, 1, 1, 0, 1, 1, 0, 1 })) do
      for _, row in ipairs(rows[2]) do fold_of[row] = fold - 1 end
    end
    assert.equal("0000111222", table.concat(fold_of))
  end)

  it("take datasets, tensors and names of groups", function()
    local data = mlp.datasets.blobs { n = 30, seed = 1 }
    local n = 0
    for fold, train, test in ms.StratifiedKFold { n_splits = 3 }:folds(data) do
      n = n + 1
      assert.same({ n, 20, 10 }, { fold, #train, #test })
      assert.equal(3, test.n_classes)
    end
    assert.equal(3, n)
    assert.same({ { { 2, 3 }, { 1 } }, { { 1 }, { 2, 3 } } },
      collect(ms.LeaveOneGroupOut(), mlp.zeros(3, 2), { "a", "b", "b" }))
  end)

  it("follow the run's seed where random_state is not given", function()
    local cv = ms.KFold { shuffle = true }
    local a = collect(cv, 20)
    assert.same(a, collect(cv, 20))
    local before = mlp.seed(3)
    assert.same(collect(ms.KFold { shuffle = true, random_state = 3 }, 20), collect(cv, 20))
    mlp.seed(before)
  end)

  it("say what is wrong", function()
    assert_message("KFold: option 'n_splits': expected at least 2, got 1", ms.KFold,
      { n_splits = 1 })
    assert_message("KFold: option 'n_splits': expected at most the 3 rows, got 5",
      function() ms.KFold():split(3) end)
    assert_message("option 'random_state': it has no effect without shuffle = true", ms.KFold,
      { random_state = 1 })
    assert_message("expected rows with classes, got a tensor (4, 2)", function()
      ms.StratifiedKFold():split(mlp.zeros(4, 2))
    end)
    assert_message("argument 2 'groups': expected a group for each row, got none",
      function() ms.GroupKFold():split(6) end)
    assert_message("expected a list of 6, got 2", function() ms.GroupKFold():split(6, { 1, 2 }) end)
    assert_message("expected a share between 0 and 1, or fewer than the 5 rows, got 5",
      function() ms.ShuffleSplit { test_size = 5 }:split(5) end)
    assert_message("unknown option 'n_split'; did you mean 'n_splits'?", ms.KFold, { n_split = 3 })
  end)
end)

--- Least squares (with alpha > 0 ridge) by gradient descent, to the last digits but some.
local function linear(params)
  local penalty = params.alpha and mlp.regularizers.L2(params.alpha / 24) or nil
  local model = mlp.Sequential { mlp.Dense { units = 1, kernel_regularizer = penalty } }
  return model:compile { optimizer = mlp.SGD { learning_rate = 0.35, momentum = 0.5 }, loss = "mse",
    metrics = { "mae" } }
end

local rows = mlp.dataset { x = golden.x, y = golden.target, dtype = "float64" }
local to_the_end = { epochs = 300, batch_size = "all" }

describe("cross-validation #F57", function()
  it("scores a linear model as scikit-learn scores LinearRegression", function()
    local options = { fit = to_the_end }
    local scores = ms.cross_val_score(linear, rows, options)
    assert_all_near(golden.r2, scores, 1e-6)
    local sum = 0
    for _, v in ipairs(golden.r2) do sum = sum + v end
    assert.near(sum / 5, scores.mean, 1e-6)
    assert.matches("^0%.%d+ %+%- 0%.%d+ %(5 folds%)$", tostring(scores))
  end)

  it("gives several scores, times, models and rows", function()
    local result = ms.cross_validate(linear, rows, {
      fit = to_the_end, return_train_score = true, return_estimator = true, return_indices = true,
      scoring = { "neg_mean_squared_error", "neg_root_mean_squared_error",
        "neg_mean_absolute_error",
        "mae" },
    })
    assert_all_near(golden.mse, result.test_neg_mean_squared_error, 1e-6)
    assert_all_near(golden.rmse, result.test_neg_root_mean_squared_error, 1e-6)
    assert_all_near(golden.mae, result.test_neg_mean_absolute_error, 1e-6)
    assert.near(-golden.mae[1], result.test_mae[1], 1e-6)
    assert.equal(5, #result.estimator)
    assert.equal(5, #result.fit_time)
    assert.same({ 1, 2, 3, 4, 5, 6 }, result.indices.test[1])
    assert.truthy(result.train_mae)
    assert.near(result.mean.test_mae, -result.mean.test_neg_mean_absolute_error, 1e-12)
  end)

  it("predicts each row by a model that has not seen it", function()
    local predicted = ms.cross_val_predict(linear, rows, { fit = to_the_end })
    assert_all_near(golden.predicted, predicted:reshape(30):totable(), 1e-5)
  end)

  it("stratifies classes and scores them by accuracy", function()
    local data, seen = mlp.datasets.blobs { n = 31, seed = 2, cluster_std = 0.1 }, {}
    local function build()
      return mlp.Sequential { mlp.Dense { units = 3, activation = "softmax" } }:compile {
        optimizer = mlp.Adam { learning_rate = 0.1 }, loss = "sparse_categorical_crossentropy" }
    end
    local scores = ms.cross_val_score(build, data, { cv = 3, fit = { epochs = 40 },
      scoring = function(model, test)
        seen[#seen + 1] = #test
        return scorers.apply(scorers.read("x", nil, test)[1], model, test)
      end })
    assert.same({ 11, 10, 10 }, seen)
    assert.is_true(scores.mean > 0.8)
  end)

  it("counts a fold that fails as error_score, and raises where all fail", function()
    local calls = 0
    local function sometimes(params)
      calls = calls + 1
      if calls == 2 then error "out of luck" end
      return linear(params)
    end
    local scores = ms.cross_val_score(sometimes, rows, { fit = { epochs = 1 }, error_score = -1 })
    assert.equal(-1, scores[2])
    assert.is_true(scores[1] ~= -1)
    assert_message("out of luck", ms.cross_val_score, function() error "out of luck" end, rows)
    calls = 0
    assert_message("out of luck", ms.cross_val_score, sometimes, rows, { error_score = "raise" })
  end)

  it("says what is wrong", function()
    assert_message("argument 1 'build': expected a function that returns a compiled model, "
      .. "got a table",
      ms.cross_val_score, {}, rows)
    assert_message("each fold needs a model of its own", ms.cross_val_score, linear {}, rows)
    assert_message("argument 2 'data': expected a dataset", ms.cross_val_score, linear, 7)
    assert_message("expected it to return a compiled model, got none", ms.cross_val_score,
      function() end, rows)
    assert_message("scoring: unknown name 'acuracy'; did you mean 'accuracy'?", ms.cross_val_score,
      linear, rows, { scoring = "acuracy" })
    assert_message("option 'cv': expected a number of folds", ms.cross_val_score, linear, rows,
      { cv = "five" })
    assert_message("expected one scorer, got 2; use cross_validate", ms.cross_val_score, linear,
      rows,
      { scoring = { "r2", "mae" } })
    assert_message("expected each row in one test, got row 1 in none", ms.cross_val_predict, linear,
      rows, { cv = { { { 1, 2 }, { 3 } } } })
  end)
end)

describe("curves #F58", function()
  it("learning_curve equals scikit-learn's, in order and shuffled", function()
    local curve = ms.learning_curve(linear, rows,
      { fit = to_the_end, cv = ms.KFold(), train_sizes = { 0.35, 0.7, 1.0 } })
    assert.same(golden.sizes, curve.train_sizes)
    assert_all_near(golden.curve_train, curve.train_scores, 1e-4)
    assert_all_near(golden.curve_test, curve.test_scores, 1e-3)
    assert.equal(3, #curve.test_mean)
    curve = ms.learning_curve(linear, rows, { fit = to_the_end, train_sizes = { 18, 9 },
      shuffle = true, random_state = 4 })
    assert.same({ 9, 18 }, curve.train_sizes)
    assert_all_near(golden.shuffled_train, curve.train_scores, 1e-4)
    assert_all_near(golden.shuffled_test, curve.test_scores, 1e-3)
    assert.matches("9  %d", tostring(curve))
  end)

  it("validation_curve equals scikit-learn's of Ridge", function()
    local curve = ms.validation_curve(linear, rows, { fit = to_the_end, param_name = "alpha",
      param_range = golden.alphas })
    assert_all_near(golden.ridge_train, curve.train_scores, 1e-6)
    assert_all_near(golden.ridge_test, curve.test_scores, 1e-6)
  end)

  it("gives the parameter to fit, too, where that is a function", function()
    local seen = {}
    ms.validation_curve(linear, rows, { cv = 2, param_name = "epochs", param_range = { 1, 2 },
      fit = function(params)
        seen[#seen + 1] = params.epochs
        return { epochs = params.epochs }
      end })
    assert.same({ 1, 1, 2, 2 }, seen)
  end)

  it("say what is wrong", function()
    assert_message("option 'param_name': expected the name of a parameter, got none",
      ms.validation_curve, linear, rows, {})
    assert_message("option 'param_range': expected a list of values", ms.validation_curve, linear,
      rows, { param_name = "alpha" })
    assert_message("option 'train_sizes': expected shares", ms.learning_curve, linear, rows,
      { train_sizes = { 25 } })
  end)
end)

--- A model that gives these probabilities.
local function fixed(p)
  return {
    predict_proba = function() return mlp.tensor(p, { dtype = "float64" }) end,
    predict = function()
      local list = {}
      for i, row in ipairs(p) do
        list[i] = 1
        for c, v in ipairs(row) do if v > row[list[i]] then list[i] = c end end
      end
      return mlp.tensor(list, { dtype = "int64" })
    end,
  }
end

describe("scoring", function()
  for _, name in ipairs { "two", "three" } do
    it("equals scikit-learn's of classes: " .. name, function()
      local p, y = golden[name], golden[name .. "_y"]
      local data = mlp.dataset { x = p, y = y, classes = #p[1] }
      for scoring, expected in pairs(golden[name .. "_scores"]) do
        local s = scorers.read("x", { scoring }, data)[1]
        assert.near(expected, scorers.apply(s, fixed(p), data), 1e-12, scoring)
      end
    end)
  end
end)

describe("an ensemble #S50", function()
  local train, test = mlp.datasets.moons { n = 400, noise = 0.25, seed = 5 }
    :split { test = 0.5, seed = 1 }

  local function build()
    return mlp.Sequential {
      mlp.Dense { units = 6, activation = "tanh" }, mlp.Dense { units = 1, activation = "sigmoid" },
    }:compile { optimizer = mlp.Adam { learning_rate = 0.02 }, loss = "binary_crossentropy" }
  end

  it("of five nets votes no worse than the median of them", function()
    mlp.seed(2)
    local five = mlp.Ensemble { n = 5, build = build }
    assert.equal(5, #five:fit(train, { epochs = 30, verbose = 0 }))
    local result = five:evaluate(test)
    table.sort(result.members)
    assert.is_true(result.score >= result.members[3])
    assert.not_equal(five.models[1]:hash(), five.models[2]:hash())
  end)

  -- by hand: of three models, two say 2 with .6, one says 1 with .9
  it("counts votes, or averages probabilities", function()
    local models = {}
    for i, p in ipairs { 0.6, 0.6, 0.1 } do
      models[i] = build()
      models[i]:build { 2 }
      models[i]:set_weights { mlp.zeros(2, 6), mlp.zeros(6), mlp.zeros(6, 1),
        mlp.tensor { math.log(p / (1 - p)) } }
    end
    local x = mlp.zeros(3, 2)
    local hard, soft = mlp.Ensemble { models = models },
      mlp.Ensemble { models = models, voting = "soft" }
    assert.same({ 2, 2, 2 }, hard:predict(x):totable())
    assert.same({ 1, 1, 1 }, soft:predict(x):totable())
    assert.near(1.3 / 3, soft:predict_proba(x):totable()[3][1], 1e-6)
    local m = 1.3 / 3
    assert.near(math.sqrt((2 * (0.6 - m) ^ 2 + (0.1 - m) ^ 2) / 3),
      soft:spread(x):totable()[1][1], 1e-6)
    assert.same({ 1, 1, 1 }, -- of equal votes the lowest class
      mlp.Ensemble { models = { models[1], models[3] } }:predict(x):totable())
  end)

  it("averages values", function()
    local models = {}
    for i = 1, 2 do
      models[i] = mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse" }
      models[i]:build { 1 }
      models[i]:set_weights { mlp.tensor { { i } }, mlp.tensor { 0 } }
    end
    assert.same({ { 3 } }, mlp.Ensemble { models = models }:predict(mlp.tensor { { 2 } }):totable())
  end)

  it("says what is wrong", function()
    assert_message("Ensemble: option 'build': expected a function", mlp.Ensemble, {})
    assert_message("Ensemble: model 1: expected a model, got 7", mlp.Ensemble, { models = { 7 } })
    assert_message("expected 'hard' or 'soft', got 'loud'", mlp.Ensemble, { voting = "loud" })
  end)

  it("train_test_split is data:split, KFold(3) has three folds", function()
    local data = mlp.datasets.moons { n = 40 }
    local rest, part = mlp.model_selection.train_test_split(data, { test_size = 0.2,
      stratify = true, random_state = 3 })
    local same, other = data:split { test = 0.2, how = "stratified", seed = 3 }
    assert.is_true(rest.x == same.x and part.x == other.x)
    part = select(2, mlp.model_selection.train_test_split(data, { shuffle = false }))
    assert.is_true(part.x == data:rows(31, 40).x)
    assert.equal(3, mlp.model_selection.KFold(3):get_n_splits())
  end)
end)
