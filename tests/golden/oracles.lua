--- Where the expected numbers of each registered kind come from: tests/oracle_spec.lua.
local M = {}

--- Tables under tests/golden/ that other programs filled: family -> { file, section }.
M.golden = {
  activation = { { "keras_kinds", "activations" } },
  initializer = { { "keras_kinds", "initializers" } },
  regularizer = { { "keras", "regularizer" } },
  constraint = { { "keras", "constraint" } },
  schedule = { { "keras_schedules" } },
  loss = { { "keras", "loss" }, { "keras_weights", "loss" }, { "keras_more", "loss" },
    { "torch_kinds", "losses" } },
  metric = { { "keras", "metric" }, { "keras_weights", "metric" }, { "keras_more", "metric" } },
  layer = { { "keras", "norm" }, { "keras", "merge" }, { "keras_more", "layer" },
    { "torch_kinds", "norms" } },
  optimizer = { { "keras_optimizers" }, { "torch_kinds", "optimizers" } },
  op = { { "torch_kinds", "ops" } },
}

--- A text in a spec, and where its numbers come from.
local function formula(spec, text, source) return { spec, text, source } end
local function values(name) return formula("op_values_test.c", name, "formula in long double") end
local function through(kind) return formula("golden/keras.lua", kind, "Keras 3, by way of that") end

--- Kinds for which no other program has a number: a named test with a formula, and its source.
M.named = {
  activation = { lecun_tanh = formula("kinds_spec.lua", "lecun_tanh", "LeCun et al. 1998") },
  initializer = {
    constant = formula("registry_spec.lua", "constant = function", "its definition"),
    ones = formula("registry_spec.lua", "ones = function", "its definition"),
    zeros = formula("registry_spec.lua", "zeros = function", "its definition"),
    identity = formula("layer_spec.lua", "identity passes its inputs on", "its definition"),
    torch_uniform = formula("custom_spec.lua", "as PyTorch's Linear does", "PyTorch, nn.Linear"),
  },
  loss = {
    root_mean_squared_error = formula("loss_spec.lua", "root_mean_squared_error is its closed form",
      "its definition"),
  },
  metric = {
    specificity = formula("metrics_spec.lua", "Specificity", "counts of the confusion matrix"),
    pearson_correlation = formula("custom_spec.lua", "logs.pearson", "Pearson 1895"),
    concordance_correlation = formula("custom_spec.lua", "logs.concordance", "Lin 1989"),
  },
  layer = {
    activation = formula("kinds_spec.lua", "mlp.Activation", "Keras 3, each activation"),
    activity_regularization = formula("layer_spec.lua", "ActivityRegularization divides",
      "Keras 3, source"),
    alpha_dropout = formula("layer_spec.lua", "alpha_dropout", "Klambauer et al. 2017"),
    gaussian_dropout = formula("layer_spec.lua", "gaussian_dropout", "Srivastava et al. 2014"),
    gaussian_noise = formula("layer_spec.lua", "gaussian_noise", "its definition"),
    dense = formula("golden/models.lua", "D {", "training runs of Keras 3 and PyTorch"),
    dropout = formula("kinds_spec.lua", "keras.dropout", "Keras 3"),
    embedding = formula("custom_spec.lua", "Embedding", "its definition"),
    flatten = formula("custom_spec.lua", "Flatten", "its definition"),
    maxout = formula("layer_spec.lua", "Maxout is the largest", "Goodfellow et al. 2013"),
    normalization = formula("custom_spec.lua", "golden.adapted", "Keras 3"),
    spectral_normalization = formula("golden/models.lua", "SpectralNormalization",
      "training runs of Keras 3"),
    spatial_dropout1d = formula("custom_spec.lua", "SpatialDropout1D", "Tompson et al. 2015"),
  },
  op = {
    activate = values "activate",
    argmode = formula("tensor_ops_spec.lua", "most frequent", "counted by hand"),
    cast = formula("tensor_spec.lua", ":double()", "its definition"),
    concat = formula("golden/keras.lua", '"concatenate"', "Keras 3, layers.Concatenate"),
    dense = formula("golden/models.lua", "D {", "training runs of Keras 3 and PyTorch"),
    copy = formula("loss_spec.lua", "y:clone()", "its definition"),
    dropout = formula("kinds_spec.lua", "keras.dropout", "Keras 3"),
    gather_rows = formula("golden/torch_kinds.lua", '"index_select"', "PyTorch"),
    mask_like = formula("kinds_spec.lua", "keras.dropout", "Keras 3, the share that dropout keeps"),
    moving_average = through '"batch_normalization"',
    normal_like = formula("layer_spec.lua", "gaussian_noise", "mean and variance"),
    one_hot = formula("dataset_spec.lua", "one_hot has a one at the class", "its definition"),
    power_iteration = formula("spectral_spec.lua", "divides by the length of w u",
      "Miyato et al. 2018"),
    pow_scalar = formula("tensor_spec.lua", "^", "powers of whole numbers"),
    probability_binary_cross_entropy = through '"binary_crossentropy"',
    probability_cross_entropy = through '"categorical_crossentropy"',
    probability_cross_entropy_dense = through '"categorical_crossentropy"',
    renorm = formula("renorm_spec.lua", "is the paper's, with its averages", "Ioffe 2017"),
    sigmoid_cross_entropy = values "sigmoid_cross_entropy",
    slice = formula("tensor_spec.lua", "slice", "its definition"),
    softmax_cross_entropy = values "softmax_cross_entropy",
    softmax_cross_entropy_dense = formula("golden/torch_kinds.lua", '"categorical_crossentropy"',
      "PyTorch, cross_entropy with label smoothing"),
    squared_error = through '"mean_squared_error"',
    standardize = through '"batch_normalization"',
    take_along = formula("golden/torch_kinds.lua", '"gather"', "PyTorch"),
    with_penalty = formula("layer_spec.lua", "golden.penalised", "Keras 3"),
  },
  optimizer = {
    lbfgs = formula("kinds_spec.lua", "L-BFGS without a line search", "PyTorch, optim.LBFGS"),
  },
  dataset = {
    blobs = formula("dataset_spec.lua", "gauss and blobs have the deviation", "its definition"),
    gauss = formula("dataset_spec.lua", "gauss and blobs have the deviation", "its definition"),
    bumps = formula("dataset_spec.lua", "bumps is the sum", "its definition"),
    circles = formula("dataset_spec.lua", "circles equals scikit-learn", "scikit-learn 1.9.1"),
    moons = formula("dataset_spec.lua", "moons equals scikit-learn", "scikit-learn 1.9.1"),
    classification = formula("dataset_spec.lua", "informative columns, sums of them",
      "Guyon 2003; scikit-learn, make_classification"),
    regression = formula("dataset_spec.lua", "is linear in some of the columns",
      "scikit-learn, make_regression"),
    digits = formula("dataset_spec.lua", "are images of 28 by 28", "its definition"),
    friedman = formula("dataset_spec.lua", "friedman is Friedman's function", "Friedman 1991"),
    plane = formula("dataset_spec.lua", "plane", "its definition"),
    spirals = formula("dataset_spec.lua", "spirals has arms of equal angle", "its definition"),
    xor = formula("dataset_spec.lua", "xor is the truth table", "its definition"),
    playground_bumps = formula("dataset_spec.lua", "the highest of six cones", "TF Playground"),
    playground_circle = formula("dataset_spec.lua", "circle: label 1 within 2.5", "TF Playground"),
    playground_gauss = formula("dataset_spec.lua", "gauss: variance .5", "TF Playground"),
    playground_plane = formula("dataset_spec.lua", "plane: (x1 + x2) / 10", "TF Playground"),
    playground_spiral = formula("dataset_spec.lua", "spiral: radius 5 i/n", "TF Playground"),
    playground_xor = formula("dataset_spec.lua", "xor: label 1 where the signs", "TF Playground"),
  },
}

return M
