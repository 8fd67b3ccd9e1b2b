-- Published results of plain networks, tried again: MNIST and Fashion-MNIST, regression on three
-- UCI tables with the fixed splits of Hernandez-Lobato & Adams 2015, ten problems of PROBEN1
-- (Prechelt 1994). One table: what was published, what came out, and whether it is as good.
--   mlprun experiments/published.lua --data DIR [--only uci] [--seeds 3]
-- DIR holds mnist/, fashion-mnist/, tables/, splits/ and proben1/.
local mlp = require "mlp"
local args = mlp.args { data = os.getenv "MLPRUN_DATA" or "", only = "", seeds = 3 }
local rows = {}

local function report(name, measured, sign, bar, source)
  local good = sign == ">=" and measured >= bar or sign == "<=" and measured <= bar
  rows[#rows + 1] = { name, good }
  print(("%-34s %8.4f   %s %.4f   %-4s %s"):format(name, measured, sign, bar,
    good and "ok" or "no", source))
  io.stdout:flush()
end

local function dense(units, activation)
  return mlp.Dense { units = units, activation = activation, kernel_initializer = "he_uniform" }
end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

--
-- Images: the recipe of Keras's mnist_mlp.py; and one hidden layer of 300.
--

local function images()
  local function accuracy(folder, layers, optimizer, seed)
    mlp.seed(seed)
    local train, test = mlp.datasets.mnist { dir = args.data .. "/" .. folder }
    local model = mlp.Sequential(layers)
    model:compile { optimizer = optimizer, loss = "sparse_categorical_crossentropy",
      metrics = { "accuracy" } }
    model:fit(train, { epochs = 20, batch_size = 128, verbose = 0 })
    return model:evaluate(test).accuracy
  end
  report("MNIST 784-512-512-10, dropout", accuracy("mnist", {
    dense(512, "relu"), mlp.Dropout(0.2), dense(512, "relu"), mlp.Dropout(0.2),
    dense(10, "softmax"),
  }, "rmsprop", 0), ">=", 0.983, "Keras, mnist_mlp.py: .984")
  report("Fashion-MNIST 784-300-10", accuracy("fashion-mnist", {
    dense(300, "relu"), dense(10, "softmax"),
  }, "adam", 0), ">=", 0.88, "Fashion-MNIST's README: .8833")
end

--
-- Regression: 50 hidden units; columns and target standardised on the training rows, a cosine
-- decay of Adam's rate, a little L2. RMSE in units of the target, mean over the 20 splits.
--

local function read_splits(name)
  local splits = {}
  for line in io.lines(("%s/splits/%s.test-rows.csv"):format(args.data, name)) do
    local test = {}
    for row in line:gmatch "%d+" do test[#test + 1] = tonumber(row) + 1 end -- zero-based there
    splits[#splits + 1] = test
  end
  return splits
end

local function regression_error(data, test_rows, epochs)
  local held, train_rows = {}, {}
  for _, row in ipairs(test_rows) do held[row] = true end
  for row = 1, #data do
    if not held[row] then train_rows[#train_rows + 1] = row end
  end
  local train, test = data:take(train_rows), data:take(test_rows)
  local scaler, target = mlp.data.StandardScaler(), mlp.data.StandardScaler()
  local x, y = scaler:fit_transform(train.x), target:fit_transform(train.y)
  local model = mlp.Sequential {
    mlp.Dense { units = 50, activation = "relu", kernel_initializer = "he_uniform",
      kernel_regularizer = mlp.regularizers.l2(1e-4) },
    mlp.Dense { units = 1, kernel_regularizer = mlp.regularizers.l2(1e-4) },
  }
  local steps = epochs * math.ceil(#train / 32)
  model:compile { loss = "mse", optimizer = mlp.Adam {
    learning_rate = mlp.schedules.cosine_decay { initial_learning_rate = 0.01,
      decay_steps = steps } } }
  model:fit({ x = x, y = y }, { epochs = epochs, verbose = 0 })
  local said = target:inverse_transform(model:predict(scaler:transform(test.x)))
  return ((said - test.y) ^ 2):mean():sqrt():item()
end

local function uci()
  for _, set in ipairs {
    { "boston_housing", 2.97, 0.85, 80 }, { "concrete", 5.23, 0.53, 200 },
    { "winequality_red", 0.62, 0.04, 20 },
  } do
    local name, published, spread, epochs = table.unpack(set)
    local data = mlp.datasets.csv(("%s/tables/%s.csv"):format(args.data, name),
      { classes = false })
    local total, splits = 0, read_splits(name)
    for i, test_rows in ipairs(splits) do
      mlp.seed(i)
      total = total + regression_error(data, test_rows, epochs)
    end
    report(("%s, %d epochs, RMSE"):format(name, epochs), total / #splits, "<=", published + spread,
      ("Gal & Ghahramani 2016: %.2f +- %.2f"):format(published, spread))
  end
end

--
-- PROBEN1: one hidden layer of 32, early stopping on the validation rows, percent of the test rows
-- that are wrong, median over the seeds.
--

local function proben1_error(name, seed)
  local train, validation, test = mlp.datasets.proben1(("%s/proben1/%s.dt"):format(args.data, name))
  mlp.seed(seed)
  local model = mlp.Sequential { dense(32, "tanh"), dense(train.n_classes, "softmax") }
  model:compile { optimizer = mlp.Adam(0.003), loss = "sparse_categorical_crossentropy",
    metrics = { "accuracy" } }
  model:fit(train, { epochs = 400, validation_data = validation, verbose = 0,
    callbacks = { mlp.EarlyStopping { patience = 30 } } })
  return 100 * (1 - model:evaluate(test).accuracy)
end

local function proben1()
  local good, problems = 0, {
    { "cancer1", 1.38, 0.49 }, { "card1", 14.05, 1.03 }, { "diabetes1", 24.10, 1.91 },
    { "gene1", 16.67, 3.75 }, { "glass1", 32.70, 5.34 }, { "heart1", 19.72, 0.96 },
    { "heartc1", 20.82, 1.47 }, { "horse1", 29.19, 2.62 }, { "soybean1", 29.40, 2.50 },
    { "thyroid1", 2.38, 0.35 },
  }
  for _, problem in ipairs(problems) do
    local name, published, sd = table.unpack(problem)
    local errors = {}
    for seed = 1, args.seeds do errors[seed] = proben1_error(name, seed) end
    report(name .. ", % wrong", median(errors), "<=", published + sd,
      ("Prechelt 1994, no shortcuts: %.2f +- %.2f"):format(published, sd))
    if rows[#rows][2] then good = good + 1 end
  end
  report("PROBEN1 problems as good", good, ">=", 8, "of 10")
end

for _, part in ipairs { { "uci", uci }, { "proben1", proben1 }, { "images", images } } do
  if args.only == "" or args.only == part[1] then part[2]() end
end
