-- Scalers, encoders, imputers, features, pipelines. Expected numbers: scikit-learn's, in
-- tests/golden/sklearn_transforms.lua, where nothing else is said.
local mlp = require "mlp"
local golden = dofile "tests/golden/sklearn_transforms.lua"

local function wide(rows) return mlp.tensor(rows, { dtype = "float64" }) end

local function assert_near(expected, t, tolerance)
  assert.same({ #expected, #expected[1] }, t.shape)
  for i, row in ipairs(t:totable()) do
    for c, v in ipairs(row) do
      assert.near(expected[i][c], v, tolerance or 1e-12, ("row %d, column %d"):format(i, c))
    end
  end
end

local function assert_message(text, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "expected an error")
  assert.truthy(tostring(e):find(text, 1, true), tostring(e))
end

describe("a transform's first option", function()
  it("may be given alone, or without its name", function()
    assert.equal(3, mlp.data.PolynomialFeatures(3).options.degree)
    local imputer = mlp.data.SimpleImputer { "median", add_indicator = true }
    assert.equal("median", imputer.options.strategy)
    assert.equal(7, #mlp.datasets.make_moons(7))
  end)
end)

describe("a transform #F56", function()
  for i, case in ipairs(golden) do
    it(("gives scikit-learn's columns: %d, %s"):format(i, case.kind), function()
      local x = wide(golden.x)
      local t = mlp.data[case.kind](case.options)
      local out = t:fit_transform(x)
      assert_near(case.out, out)
      assert.same(case.names, t:get_feature_names_out())
      if case.kind:find "Scaler" then assert_near(golden.x, t:inverse_transform(out), 1e-12) end
    end)
  end

  it("scales the columns that are named, and no others", function()
    local t = mlp.data.MinMaxScaler { columns = { 1, 4 } }
    local out = t:fit_transform(wide(golden.x)):totable()
    assert.same({ 0, -20, 5, 0.5 }, { out[1][1], out[1][2], out[1][3], out[1][4] })
    assert_message("option 'columns': expected numbers from 1 to 4, got 5", function()
      mlp.data.MaxAbsScaler { columns = { 5 } }:fit(wide(golden.x))
    end)
  end)

  it("clips what lies outside where it is told to", function()
    local t = mlp.data.MinMaxScaler { clip = true }:fit(wide { { 0 }, { 10 } })
    assert_near({ { 0 }, { 0.5 }, { 1 } }, t:transform(wide { { -3 }, { 5 }, { 30 } }))
  end)

  it("keeps dataset, classes and names", function()
    local data = mlp.datasets.moons { n = 20 }
    local out = mlp.data.PolynomialFeatures { include_bias = false }:fit_transform(data)
    assert.same({ "x1", "x2", "x1^2", "x1 x2", "x2^2" }, out.feature_names)
    assert.equal(data.y:hash(), out.y:hash())
    assert.equal("moons", out.name)
  end)

  it("says that it is not fitted, or to other columns", function()
    local t = mlp.data.RobustScaler()
    assert_message("RobustScaler.transform: it is not fitted; call :fit(train) first", t.transform,
      t,
      wide { { 1 } })
    t:fit(wide(golden.x))
    assert_message("expected the 4 columns that it was fitted to, got 1", t.transform, t,
      wide { { 1 } })
    assert_message("RobustScaler.fit: expected a dataset, a tensor of rows or a table of rows, "
      .. "got 7",
      t.fit, t, 7)
    assert_message("option 'quantile_range'", mlp.data.RobustScaler, { quantile_range = { 75,
      25 } })
    assert_message("unknown option 'with_men'; did you mean 'with_mean'?", mlp.data.StandardScaler,
      { with_men = false })
  end)
end)

describe("the Playground's features #F54", function()
  it("are its seven where no terms are given, also in a pipeline", function()
    local data = mlp.dataset { x = { { 2, 3 } }, dtype = "float64" }
    local expected = { { 2, 3, 4, 9, 6, math.sin(2), math.sin(3) } }
    assert_near(expected, mlp.data.features(data).x, 1e-15)
    assert_near(expected, mlp.data.Pipeline { mlp.data.Features() }:fit_transform(data).x, 1e-15)
  end)
end)

describe("SimpleImputer", function()
  for _, case in ipairs(golden.imputers) do
    it("fills in what scikit-learn does: " .. case.options.strategy, function()
      local t = mlp.data.SimpleImputer(case.options):fit(wide(golden.holes))
      assert_near(case.out, t:transform(wide(golden.holes)))
      assert_near(case.other, t:transform(wide(golden.other)))
    end)
  end

  it("names the indicators", function()
    local t = mlp.data.SimpleImputer { add_indicator = true }:fit(wide(golden.holes))
    assert.same({ "a", "b", "c", "a missing", "b missing" },
      t:get_feature_names_out { "a", "b", "c" })
  end)

  it("refuses a column without a number", function()
    assert_message("column 2 has no number to take the mean of", function()
      mlp.data.SimpleImputer():fit(wide { { 1, 0 / 0 }, { 2, 0 / 0 } })
    end)
    assert_message("option 'strategy': expected one of mean, median, most_frequent, constant, got "
      .. "'avg'", mlp.data.SimpleImputer, { strategy = "avg" })
  end)
end)

describe("encoders #F56", function()
  it("OneHotEncoder has scikit-learn's columns", function()
    local t = mlp.data.OneHotEncoder()
    assert_near(golden.one_hot, t:fit_transform(golden.words))
    assert.same(golden.one_hot_names, t:get_feature_names_out { "colour", "n" })
    t = mlp.data.OneHotEncoder { drop = "first" }
    assert_near(golden.one_hot_first, t:fit_transform(golden.words))
    assert.same(golden.one_hot_first_names, t:get_feature_names_out { "colour", "n" })
  end)

  it("OneHotEncoder lets other columns pass, and unknown texts where it may", function()
    local t = mlp.data.OneHotEncoder { columns = { 1 }, handle_unknown = "ignore" }
    t:fit(golden.words)
    assert_near({ { 0, 0, 0, 5 }, { 0, 0, 1, 6 } }, t:transform { { "pink", 5 }, { "red", 6 } })
    local strict = mlp.data.OneHotEncoder():fit(golden.words)
    assert_message("row 1, column 1: 'pink' was not among the categories of fit: blue, green, red",
      strict.transform, strict, { { "pink", 3 } })
    assert_message("row 1, column 2: expected a number in a column that is not encoded, got 'x'",
      t.transform, t, { { "red", "x" } })
  end)

  it("OneHotEncoder takes columns of a dataset", function()
    local data = mlp.dataset { x = { { 3, 0.5 }, { 1, 0.25 } }, y = { "a", "b" } }
    local out = mlp.data.OneHotEncoder { columns = { 1 } }:fit_transform(data)
    assert.same({ { 0, 1, 0.5 }, { 1, 0, 0.25 } }, out.x:totable())
    assert.same({ "x1_1", "x1_3", "x2" }, out.feature_names)
    assert.same({ "a", "b" }, out.class_names)
  end)

  it("OrdinalEncoder has scikit-learn's numbers, and goes back", function()
    local t = mlp.data.OrdinalEncoder()
    local out = t:fit_transform(golden.words)
    assert_near(golden.ordinal, out)
    assert.same(golden.words, t:inverse(out))
    t = mlp.data.OrdinalEncoder { handle_unknown = "use_encoded_value", unknown_value = -1 }
    assert_near({ { -1, 1 } }, t:fit(golden.words):transform { { "pink", 2 } })
  end)

  it("LabelEncoder makes classes from 1", function()
    local t = mlp.data.LabelEncoder()
    assert.same({ 1, 2, 1 }, t:fit_transform({ "no", "yes", "no" }):totable())
    assert.same({ "yes", "no" }, t:inverse { 2, 1 })
    assert_message("'maybe' was not among the categories of fit: no, yes", t.transform, t,
      { "maybe" })
  end)
end)

describe("a pipeline", function()
  local path

  before_each(function() path = os.tmpname() end)
  after_each(function() os.remove(path) end)

  local function prepare()
    return mlp.data.Pipeline { mlp.data.SimpleImputer(), mlp.data.StandardScaler() }
  end

  it("fits each part on what those before make", function()
    local t = prepare():fit(wide(golden.holes))
    assert_near(golden.pipeline, t:transform(wide(golden.holes)))
    assert_near(golden.pipeline_other, t:transform(wide(golden.other)))
  end)

  it("goes to a file and comes back, bit for bit", function()
    local t = prepare():fit(wide(golden.holes))
    t:save(path)
    local other = wide(golden.other)
    assert.equal(t:transform(other):hash(), mlp.data.load(path):transform(other):hash())
    local encoder = mlp.data.OneHotEncoder():fit(golden.words)
    encoder:save(path)
    assert.equal(encoder:transform(golden.words):hash(),
      mlp.data.load(path):transform(golden.words):hash())
    assert_message("expected a transform that mlprun saved", function()
      mlp.data.load "tests/run.lua"
    end)
    assert_message("cannot read 'no/such.json'", mlp.data.load, "no/such.json")
    local unfitted = prepare()
    assert_message("it is not fitted", unfitted.save, unfitted, path)
  end)

  it("is kept with a model", function()
    local t = prepare():fit(wide(golden.holes))
    local model = mlp.Sequential { mlp.Dense(1) }
    model:build({ 3 }, "float64")
    model:save(path, { transform = t })
    local loaded, with_it = mlp.load(path)
    local x = wide(golden.other)
    assert.equal(model(t:transform(x)):hash(), loaded(with_it:transform(x)):hash())
    assert_message("save: option 'transform': expected a fitted transform of mlp.data", model.save,
      model, path, { transform = prepare() })
  end)

  it("is made anew, unfitted, by clone", function()
    local t = prepare():fit(wide(golden.holes))
    local copy = t:clone()
    assert.is_nil(copy.state)
    assert.is_nil(copy.steps[1].state)
    assert_near(golden.pipeline, copy:fit_transform(wide(golden.holes)))
  end)

  it("sees only the training rows of a fold", function()
    local sizes, data = {}, mlp.datasets.moons { n = 40, seed = 1 }
    local watch = mlp.data.StandardScaler()
    local build = function()
      return mlp.Sequential { mlp.Dense { units = 1, activation = "sigmoid" } }:compile {
        loss = "binary_crossentropy" }
    end
    local result = mlp.model_selection.cross_validate(build, data, { cv = 4, transform = watch,
      return_estimator = true, return_indices = true, fit = { epochs = 1 } })
    for f, t in ipairs(result.transform) do
      local rows = data:take(result.indices.train[f])
      sizes[f] = #rows
      assert.equal(mlp.data.StandardScaler():fit(rows).shift:hash(), t.shift:hash())
    end
    assert.same({ 30, 30, 30, 30 }, sizes)
    assert.is_nil(watch.state)
  end)

  it("says what is wrong", function()
    assert_message("Pipeline: expected a list of transforms, got none", mlp.data.Pipeline)
    assert_message("Pipeline: step 2: expected a transform of mlp.data, got a function",
      mlp.data.Pipeline, { mlp.data.MaxAbsScaler(), print })
  end)
end)

describe("a fitted StandardScaler", function()
  it("has scikit-learn's names for what it learnt", function()
    local scaler = mlp.data.StandardScaler():fit { { 1, 2 }, { 3, 6 } }
    assert.same({ { 2.0, 4.0 }, { 1.0, 2.0 } }, { scaler.mean_:totable(), scaler.scale_:totable() })
  end)
end)
