-- What a beginner gets wrong, and what they are told: user-pains.md D8. Each message is golden,
-- less
-- the script's line, which stands in front of it.
local mlp = require "mlp"

local two, three = mlp.datasets.moons { n = 20 }, mlp.datasets.blobs { n = 20 }
local quiet = { verbose = 0 }

local function net(units, activation, loss, metrics)
  return mlp.Sequential {
    mlp.Dense { units = 4, activation = "relu" },
    mlp.Dense { units = units, activation = activation },
  }:compile { loss = loss, optimizer = "sgd", metrics = metrics }
end

local function fitted()
  local model = net(1, "sigmoid", "binary_crossentropy")
  model:fit(two, quiet)
  return model
end

local function rows(y, x) return { x = x or mlp.zeros(8, 2), y = y } end

local MISTAKES <const> = {
  { "other columns than the model was fitted on",
    function() fitted():predict(mlp.zeros(3, 5)) end,
    "model: expected rows of shape (2,), for which it was built, got x of shape (3, 5)" },
  { "other columns in evaluate",
    function() fitted():evaluate(rows(mlp.zeros(8, 1), mlp.zeros(8, 3))) end,
    "model: expected rows of shape (2,), for which it was built, got x of shape (8, 3)" },
  { "targets of the wrong shape",
    function() net(3, "softmax", "categorical_crossentropy"):fit(rows(mlp.zeros(8, 2)), quiet) end,
    "categorical_crossentropy: expected targets of the same shape for predictions of shape (8, 3), "
      .. "got float32 of shape (8, 2)" },
  { "fewer targets than rows",
    function() net(1, nil, "mse"):fit(rows(mlp.zeros(7, 1)), quiet) end,
    "fit: x and y differ in rows: x has 8, y has 7" },
  { "one-hot targets and a sparse loss",
    function()
      net(3, "softmax", "sparse_categorical_crossentropy"):fit(rows(mlp.zeros(8, 3)), quiet)
    end,
    "sparse_categorical_crossentropy: expected targets (n,) of classes (int64, 1..K) for "
      .. "predictions of shape (8, 3), got float32 of shape (8, 3); y:argmax(2) makes "
      .. "one-hot rows classes" },
  { "a column of numbers and a sparse loss",
    function()
      net(3, "softmax", "sparse_categorical_crossentropy"):fit(rows(mlp.ones(8, 1)), quiet)
    end,
    "sparse_categorical_crossentropy: expected targets (n,) of classes (int64, 1..K) for "
      .. "predictions of shape (8, 3), got float32 of shape (8, 1); classes = true, an option of "
      .. "mlp.dataset and mlp.datasets.csv, makes a column of whole numbers classes" },
  { "labels from 0",
    function() mlp.dataset { x = mlp.zeros(3, 2), y = { 0, 1, 2 }, classes = true } end,
    "dataset: label 0 at row 1; expected 1..2 (labels are 1-based; use y + 1)" },
  { "labels from 0, in fit",
    function()
      net(3, "softmax", "sparse_categorical_crossentropy"):fit(
        rows(mlp.tensor({ 0, 1, 2 }, { dtype = "int64" }), mlp.zeros(3, 2)), quiet)
    end,
    "sparse_categorical_crossentropy: label 0 at row 1: expected 1..3 (labels are 1-based; use "
      .. "y + 1)" },
  { "no compile", function() mlp.Sequential { mlp.Dense(1) }:fit(two, quiet) end,
    "fit: expected a compiled model; call model:compile{...} first" },
  { "no targets", function() net(1, nil, "mse"):fit(rows(nil), quiet) end,
    "fit: expected data with targets y, got none" },
  { "a tensor in place of data", function() net(1, nil, "mse"):fit(mlp.zeros(8, 2)) end,
    "fit: expected a dataset, or a table { x = tensor, y = tensor }, got a tensor (8, 2)" },
  { "x and y as Keras has them",
    function() net(1, nil, "mse"):fit(mlp.zeros(8, 2), mlp.zeros(8, 1)) end,
    "fit: expected a table of options, got a tensor (8, 1); x and y go together: fit({ x = x, "
      .. "y = y }, { epochs = 10 })" },
  { "no rows", function() net(1, "sigmoid", "binary_crossentropy"):fit(two:rows(5, 4), quiet) end,
    "fit: expected rows, got none" },
  { "an optimizer misspelt",
    function() mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse", optimizer = "adma" } end,
    "optimizer: expected one of adadelta, adafactor, ", "got 'adma'; did you mean 'adam'?" },
  { "an activation misspelt", function() mlp.Dense { units = 3, activation = "rleu" } end,
    "activation: expected one of celu, elu, ", "; got 'rleu'; did you mean 'relu'?" },
  { "a metric misspelt", function() net(1, nil, "mse", { "acuracy" }) end,
    "metric: expected one of accuracy, auc, ", "; got 'acuracy'; did you mean 'accuracy'?" },
  { "an unknown initializer", function() mlp.Dense { units = 2, kernel_initializer = "he" } end,
    "initializer: expected one of constant, glorot_normal, ",
    "; got 'he'; did you mean 'he_normal'?" },
  { "half a name", function() net(1, nil, "sparse_categorical", {}) end,
    "loss: expected one of binary_crossentropy, ",
    "; got 'sparse_categorical'; did you mean 'sparse_categorical_crossentropy'?" },
  { "an option misspelt", function() mlp.Dense { units = 3, activaton = "relu" } end,
    "dense: unknown option 'activaton'; did you mean 'activation'?; known options: units " },
  { "an option of fit misspelt", function() net(1, nil, "mse"):fit(two, { epoch = 3 }) end,
    "fit: unknown option 'epoch'; did you mean 'epochs'?; known options: batch_size, callbacks, " },
  { "no units", function() mlp.Dense { activation = "relu" } end,
    "dense: option 'units': expected a value (width of the output), got none" },
  { "units = 0", function() mlp.Dense { units = 0 } end,
    "dense: option 'units': expected a whole number from 1 to 1e+09, got 0" },
  { "a number as text", function() mlp.Dense { units = "10" } end,
    "dense: option 'units': expected a number, got '10'" },
  { "a learning rate below 0", function() mlp.SGD { learning_rate = -1 } end,
    "sgd: option 'learning_rate': expected a number from 0 to 1000, got -1" },
  { "classes as floats",
    function()
      net(3, "softmax", "sparse_categorical_crossentropy"):fit(rows(mlp.tensor { 1, 2, 3 },
        mlp.zeros(3, 2)), quiet)
    end,
    "sparse_categorical_crossentropy: expected targets (n,) of classes (int64, 1..K) for "
      .. "predictions of shape (3, 3), got float32 of shape (3,); y:long() makes whole numbers "
      .. "classes" },
  { "texts as targets",
    function() net(1, nil, "mse"):fit(rows({ "a", "b" }, mlp.zeros(2, 2)), quiet) end,
    "fit: option 'y': expected numbers, got texts; mlp.dataset { x = x, y = y } makes classes of "
      .. "them" },
  { "x and y without their names", function() mlp.dataset({ { 1, 2 } }, { 1 }) end,
    "dataset: expected x and y by name, mlp.dataset { x = x, y = y }, got a table" },
  { "a row too short", function() mlp.dataset { x = { { 1, 2 }, { 3 } }, y = { 1, 2 } } end,
    "tensor: expected nested lists of equal lengths, got a ragged one: row 2 has a list of 1 where "
      .. "the first has a list of 2" },
  { "options as arguments", function() mlp.Dense(4, "relu") end,
    "dense: expected the options in one table, Dense { 4, \"relu\" }, got 2 arguments" },
  { "L-BFGS, by hand", function()
    local model = mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse", optimizer = "lbfgs" }
    local x = mlp.ones(2, 1)
    model:loss(x, model(x)):backward()
    model:step()
  end, "step: expected an optimizer that takes a step from a gradient, got lbfgs",
    "use model:fit or mlp.minimize" },
  { "options as arguments, of an optimizer", function() mlp.Adam(0.1, 0.9) end,
    "adam: expected the options in one table, Adam { 0.1, 0.9 }, got 2 arguments" },
  { "a loss of two tensors, as PyTorch's functional",
    function() mlp.losses.mse(mlp.zeros(2, 1), mlp.zeros(2, 1)) end,
    "mean_squared_error: expected options, got a tensor (2, 1); made first, then called: local "
      .. "loss = mlp.losses.MeanSquaredError(); loss(y, p)" },
  { "an optimizer of weights, as PyTorch's",
    function() mlp.Adam({ mlp.zeros(2) }, 0.1) end,
    "adam: expected options, got a table; it is told of the weights later: local optimizer = "
      .. "mlp.optimizers.Adam(0.01); optimizer:step(model)" },
  { "options of fit for cross-validation",
    function() mlp.model_selection.cross_val_score(net, three, { epochs = 40 }) end,
    "cross_val_score: unknown option 'epochs'; did you mean 'fit = { epochs = 10 }'?; known "
      .. "options: cv, error_score, fit, groups, scoring, transform" },
  { "layers in a residual block", function() mlp.Residual { mlp.Dense(16) } end,
    "residual: expected options, { units = 16 }, got a layer; with layers of your own: "
      .. "y = mlp.Add {} { x, layer(x) } in a mlp.Model" },
  { "PyTorch's name for the seed", function() mlp.manual_seed(1) end,
    "mlp: there is no 'mlp.manual_seed'; did you mean 'seed'?; mlp.help() lists all" },
  { "whole numbers from high to low", function() mlp.randint(6, 1, 10) end,
    "randint: expected low <= high, less than 2^52 apart, got 6 and 1" },
  { "whole numbers without an end", function() mlp.randint(6) end,
    "randint: argument 2 'high': expected a whole number, got none" },
  { "t.sum() for t:sum()", function()
    local t = mlp.zeros(3)
    t.sum()
  end, "sum: argument 1: expected a tensor, got none; a method is called with ':'" },
  { "model.fit() for model:fit()", function()
    local model = net(1, nil, "mse")
    model.fit(two)
  end, "fit: expected it to be called as model:fit(...), with a colon; got a dataset in front" },
  { "a method misspelt", function() local _ = mlp.zeros(2).summ end,
    "tensor: no field or method 'summ'; did you mean 'sum'?" },
  { "a name of mlp misspelt", function() mlp.Dens(3) end,
    "mlp: there is no 'mlp.Dens'; did you mean 'Dense'?; mlp.help() lists all" },
  { "batch_size = 0", function() net(1, nil, "mse"):fit(two, { batch_size = 0 }) end,
    "fit: option 'batch_size': expected at least 1, got 0" },
  { "epochs = 0", function() net(1, nil, "mse"):fit(two, { epochs = 0 }) end,
    "fit: option 'epochs': expected at least 1, got 0" },
  { "validation_split = 1", function() net(1, nil, "mse"):fit(two, { validation_split = 1 }) end,
    "fit: option 'validation_split': expected less than 1, got 1" },
  { "validation_split in percent",
    function() net(1, nil, "mse"):fit(two, { validation_split = 20 }) end,
    "fit: option 'validation_split': expected a number from 0 to 1, got 20" },
  { "a monitor of validation without any #S38", function()
    net(1, "sigmoid", "binary_crossentropy", { "accuracy" }):fit(two,
      { verbose = 0, callbacks = { mlp.EarlyStopping { monitor = "val_acc" } } })
  end, "EarlyStopping: option 'monitor': nothing named 'val_acc' is logged; there is no validation "
    .. "data: pass validation_split or validation_data; logged are: loss, accuracy" },
  { "a monitor misspelt", function()
    net(1, "sigmoid", "binary_crossentropy"):fit(two, { verbose = 0, validation_split = 0.2,
      callbacks = { mlp.EarlyStopping { monitor = "val_los" } } })
  end, "EarlyStopping: option 'monitor': nothing named 'val_los' is logged; did you mean "
    .. "'val_loss'?; logged are: loss, val_loss" },
  { "a callback that is none",
    function() net(1, nil, "mse"):fit(two, { callbacks = { "EarlyStopping" } }) end,
    "fit: callback 1: expected a callback, such as mlp.EarlyStopping { patience = 3 }, got "
      .. "'EarlyStopping'" },
  { "a callback that was not made",
    function() net(1, nil, "mse"):fit(two, { callbacks = { mlp.EarlyStopping } }) end,
    "fit: callback 1: expected a callback, such as mlp.EarlyStopping { patience = 3 }, got a "
      .. "function" },
  { "a callback outside of a list",
    function() net(1, nil, "mse"):fit(two, { callbacks = mlp.EarlyStopping {} }) end,
    "fit: option 'callbacks': expected a list of callbacks, got one that is in no list; write "
      .. "callbacks = { callback }" },
  { "layers outside of a list", function() mlp.Sequential(mlp.Dense(1), mlp.Dense(1)) end,
    "Sequential: expected a list of layers, { a, b }, got a layer" },
  { "a layer that was not made", function() mlp.Sequential { mlp.Dense } end,
    "Sequential: element 1: expected a layer, such as mlp.Dense(4), got a function" },
  { "a layer by name", function() mlp.Sequential { "dense" } end,
    "Sequential: element 1: expected a layer, such as mlp.Dense(4), got 'dense'" },
  { "a model saved before it is built",
    function() mlp.Sequential { mlp.Dense(1) }:save "never-written" end,
    "save: expected a model that is built; call it, or fit it, first" },
  { "float32 with float64",
    function() return mlp.zeros(2) + mlp.zeros({ 2 }, { dtype = "float64" }) end,
    "add: argument 2 'b': expected float32, got float64; use :float() or :double() "
      .. "on one of them" },
  { "float64 for a model of float32",
    function() fitted():predict(mlp.zeros({ 3, 2 }, { dtype = "float64" })) end,
    "model: expected x of float32, got float64" },
  { "whole numbers as x", function()
    net(1, nil, "mse"):fit(rows(mlp.zeros(8, 1), mlp.zeros({ 8, 2 }, { dtype = "int64" })), quiet)
  end, "model: expected x of float32 or float64, got int64; use x:float()" },
  { "values for classes", function() net(3, "softmax", "mse"):fit(three, quiet) end,
    "mean_squared_error: expected targets that are values (floats), got classes; use a "
      .. "cross-entropy, or y:one_hot(K)" },
  { "three classes for one output",
    function()
      net(1, "sigmoid", "binary_crossentropy"):fit(
        rows(mlp.tensor({ 1, 3 }, { dtype = "int64" }), mlp.zeros(2, 2)), quiet)
    end, "binary_crossentropy: label 3 at row 2: expected 1..2" },
  { "argmax of predicted classes", function()
    local model = net(3, "softmax", "sparse_categorical_crossentropy")
    model:fit(three, quiet)
    model:predict(three):argmax(2)
  end, "argmax: expected scores or probabilities (floats), got int64; of predicted classes use "
    .. "predict_proba instead" },
  { "a dropout in percent #S61", function() mlp.Dropout(50) end,
    "dropout: option 'rate': expected a number from 0 to 1, got 50" },
  { "an index of 0", function() return mlp.zeros(3)[0] end,
    "index 0 is out of range [1, 3] of dimension 1 (indices are 1-based)" },
  { "matrices that do not fit", function() mlp.zeros(2, 3):matmul(mlp.zeros(2, 3)) end,
    "matmul: inner dimensions differ: a is (2, 3), b is (2, 3)" },
  { "a file that is not there", function() mlp.load "nosuch.safetensors" end,
    "load: cannot read 'nosuch.safetensors': no such file or folder" },
  -- Names of Keras, PyTorch, scikit-learn and matplotlib.
  { "stratify", function() two:split { stratify = true } end,
    "split: unknown option 'stratify'; did you mean 'how = \"stratified\"'?; known options: test "
      .. "how seed" },
  { "test_size", function() two:split { test_size = 0.2 } end,
    "split: unknown option 'test_size'; did you mean 'test'?; known options: test how seed" },
  { "n_samples", function() mlp.datasets.moons { n_samples = 9 } end,
    "moons: unknown option 'n_samples'; did you mean 'n'?; known options: n seed dtype noise" },
  { "lr", function() mlp.Adam { lr = 0.1 } end,
    "adam: unknown option 'lr'; did you mean 'learning_rate'?; known options: learning_rate " },
  { "the class of an optimizer",
    function() mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse", optimizer = mlp.Adam } end,
    "compile: option 'optimizer': expected a name or an object, got the function that makes one; "
      .. "write mlp.optimizers.Adam()" },
  { "the class of a loss",
    function() mlp.Sequential { mlp.Dense(1) }:compile { loss = mlp.losses.Huber } end,
    "compile: option 'loss': expected a name or an object, got the function that makes one; write "
      .. "mlp.losses.Huber()" },
  { "a function as an activation", function() mlp.Dense { 3, activation = print } end,
    "dense: option 'activation': expected a name or an object of mlp.activations, got a function" },
  { "the maker of an activation", function() mlp.Dense { 3, activation = mlp.activations.relu } end,
    "dense: option 'activation': expected a name or an object, got the function that makes one; "
      .. "write mlp.activations.ReLU()" },
  { "the maker of a regularizer",
    function() mlp.Dense { 3, kernel_regularizer = mlp.regularizers.L2 } end,
    "dense: option 'kernel_regularizer': expected a name or an object, got the function that makes "
      .. "one; write mlp.regularizers.L2()" },
  { "a field that a monitor does not have", function()
    local watch = mlp.monitor.weights { every = 1 }
    net(1, "sigmoid", "binary_crossentropy"):fit(two, { verbose = 0, callbacks = { watch } })
    watch:series "nrm"
  end, "monitor.weights.series: expected a field, got 'nrm'; did you mean 'norm'?; known fields: "
    .. "epoch, max, mean, min, n, nonfinite, norm, sd, step, zero" },
  { "p of a dropout", function() mlp.Dropout { p = 0.5 } end,
    "dropout: unknown option 'p'; did you mean 'rate'?; known options: rate " },
  { "an initializer that is called", function() mlp.initializers.HeNormal()(3) end,
    "he_normal: expected a loss, an activation or a schedule to be called, got he_normal of "
      .. "mlp.initializers" },
  { "lr in compile",
    function() mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse", lr = 0.1 } end,
    "compile: unknown option 'lr'; did you mean 'optimizer = mlp.Adam { learning_rate = 0.01 }'?; "
      .. "known options: compat, loss, loss_weights, metrics, optimizer, weighted_metrics" },
  { "input_shape of a layer", function() mlp.Dense { 4, input_shape = { 2 } } end,
    "dense: unknown option 'input_shape'; a layer takes as many inputs as come, the model may be "
      .. "told: Sequential { input_shape = { 2 }, ... }, or mlp.Input { 2 } in front" },
  { "predict of nothing", function() fitted():predict(nil) end,
    "predict: expected a dataset, a tensor or a table of rows, got none" },
  { "help of a thing", function() mlp.help(print) end,
    "help: expected a name, such as \"Dense\", got a function" },
  { "train_test_split of x and y",
    function() mlp.model_selection.train_test_split(two.x, two.y) end,
    "train_test_split: expected a dataset and options, got a tensor (20, 2) and a tensor (20); "
      .. "make one of x and y by mlp.dataset { x = x, y = y }" },
  { "head", function() two:head() end,
    "dataset: no field or method 'head'; did you mean 'rows'?" },
  { "predict_classes", function() fitted():predict_classes(two) end,
    "model: no field or method 'predict_classes'; did you mean 'predict'?" },
  { "savefig", function() mlp.plot.line({ 1 }, { 2 }):savefig "x.png" end,
    "figure: no field or method 'savefig'; did you mean 'save'?" },
  { "imshow", function() mlp.plot.imshow(mlp.zeros(2, 2)) end,
    "mlp.plot: there is no 'mlp.plot.imshow'; did you mean 'image'?; mlp.help() lists all" },
  { "a name of a submodule", function() mlp.StandardScaler() end,
    "mlp: there is no 'mlp.StandardScaler'; did you mean 'mlp.data.StandardScaler'?; mlp.help() "
      .. "lists all" },
  { "a layer of PyTorch", function() mlp.Linear(3) end,
    "mlp: there is no 'mlp.Linear'; did you mean 'Dense'?; mlp.help() lists all" },
  { "a metric as a function", function() mlp.metrics.accuracy(two.y, two.y) end,
    "accuracy: expected options, got a tensor (20); a metric is computed by compile { metrics = "
      .. "{ \"accuracy\" } } and model:evaluate(data), numbers of predictions by "
      .. "mlp.metrics.classification_report(y, p) and roc_curve(y, p)" },
  { "options of a table for a dimension", function() mlp.zeros(2):sort { descending = true } end,
    "sort: argument 'dim': expected a dimension (1 is the first, -1 the last), got a table" },
  { "texts in a tensor", function() mlp.tensor { "1" } end,
    "tensor: expected a number at element 1, got '1'" },
  { "names of classes that nobody gave", function()
    local model = net(3, "softmax", "sparse_categorical_crossentropy")
    model:fit({ x = three.x, y = three.y }, quiet)
    model:predict_names(three)
  end, "predict_names: expected a model that was fitted on a dataset with class names" },
  { "a model called with nothing", function()
    local model = net(1, nil, "mse")
    model()
  end, "model: expected a tensor (rows, features), got none" },
  { "a layer called with nothing", function()
    local layer = mlp.Dense(2)
    layer()
  end, "dense: expected a tensor (rows, features), got none" },
  { "predictions of a layer", function()
    local model = net(1, nil, "mse")
    model:predict(mlp.Dense(1))
  end, "predict: expected a dataset, a tensor or a table of rows, got a layer" },
  { "a method without its argument", function()
    local a = mlp.ones(2, 2)
    a:matmul()
  end, "matmul: argument 1: expected a tensor, got none" },
}

describe("a beginner's mistake:", function()
  for _, case in ipairs(MISTAKES) do
    it(case[1], function()
      local ok, e = pcall(case[2])
      assert.is_false(ok, "expected an error")
      local line, message = tostring(e):match "^tests/mistakes_spec%.lua:(%d+): (.*)$"
      assert.truthy(line, tostring(e))
      local at = debug.getinfo(case[2], "S")
      assert.is_true(tonumber(line) >= 10 and tonumber(line) <= at.lastlinedefined)
      if #case[3] == #message or not case[4] and not case[3]:find "[ ,]$" then
        assert.equal(case[3], message)
      else -- what lies between is a list that grows
        assert.equal(case[3], message:sub(1, #case[3]))
        assert.equal(case[4] or "", message:sub(-#(case[4] or "")):sub(1, #(case[4] or "")))
      end
    end)
  end

  it("weights of another architecture", function()
    local path = os.tmpname()
    fitted():save_weights(path)
    local other = net(2, "softmax", "sparse_categorical_crossentropy")
    other:fit(two, quiet)
    local before = other:hash()
    local ok, e = pcall(other.load_weights, other, path)
    os.remove(path)
    assert.is_false(ok)
    assert.truthy(tostring(e):find("expected the model's 4 arrays in '" .. path .. "', got others; "
      .. "2 different: 'dense_2.kernel' float32 (4, 1), expected float32 (4, 2), 'dense_2.bias' "
      .. "float32 (1,), expected float32 (2,)", 1, true), tostring(e))
    assert.equal(before, other:hash())
  end)
end)
