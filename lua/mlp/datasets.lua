--- mlp.datasets: generators (one for each file of runtime/data/dataset/) and loaders of files.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

for _, kind in ipairs(core.registry().dataset) do
  M[kind.name] = function(options)
    return core.generate(core.object("dataset", kind.name, options))
  end
end

--- Call a generator with scikit-learn's names of its options, and its presets.
local function as_scikit(name, kind, presets, rename)
  return function(options)
    local given, o = check.options(name, check.first(options, "n_samples"), presets), {}
    for key, value in pairs(given) do o[rename[key] or key] = value end
    return M[kind](o)
  end
end

local none <const> = check.none
local RENAME <const> = {
  n_samples = "n", random_state = "seed", n_features = "features", n_informative = "informative",
  n_redundant = "redundant", n_repeated = "repeated", n_classes = "classes",
  n_clusters_per_class = "clusters",
}

--- mlp.datasets.moons under scikit-learn's name, with its presets. The rows are not scikit-learn's:
--- the random numbers are our own.
--- Source: scikit-learn, make_moons.
--- @param options? table  n_samples 100, noise 0, random_state (the run's seed), dtype "float32"
--- @return mlp.Dataset
M.make_moons = as_scikit("make_moons", "moons",
  { n_samples = 100, noise = 0, random_state = none, dtype = "float32" }, RENAME)

--- mlp.datasets.circles under scikit-learn's name, with its presets.
--- Source: scikit-learn, make_circles.
--- @param options? table  n_samples 100, noise 0, factor 0.8, random_state, dtype "float32"
--- @return mlp.Dataset
M.make_circles = as_scikit("make_circles", "circles",
  { n_samples = 100, noise = 0, factor = 0.8, random_state = none, dtype = "float32" }, RENAME)

--- mlp.datasets.blobs under scikit-learn's name, with its presets.
--- Source: scikit-learn, make_blobs.
--- @param options? table  n_samples 100, n_features 2, centers 3, cluster_std 1, center_box 10
---   (from -10 to 10), random_state, dtype "float32"
--- @return mlp.Dataset
M.make_blobs = as_scikit("make_blobs", "blobs", { n_samples = 100, n_features = 2, centers = 3,
  cluster_std = 1.0, center_box = 10, random_state = none, dtype = "float32" }, RENAME)

--- mlp.datasets.friedman under scikit-learn's name, with its presets.
--- Source: scikit-learn, make_friedman1.
--- @param options? table  n_samples 100, n_features 10, noise 0, random_state, dtype "float32"
--- @return mlp.Dataset
M.make_friedman1 = as_scikit("make_friedman1", "friedman", { n_samples = 100, n_features = 10,
  noise = 0, random_state = none, dtype = "float32" }, RENAME)

--- mlp.datasets.classification under scikit-learn's name, with its presets.
--- Source: scikit-learn, make_classification.
--- @param options? table  n_samples 100, n_features 20, n_informative 2, n_redundant 2, n_repeated
---   0, n_classes 2, n_clusters_per_class 2, weights (equal), flip_y 0.01, class_sep 1, hypercube
---   true, shift 0, scale 1, shuffle true (the columns; rows always are), random_state, dtype
---   "float32"
--- @return mlp.Dataset
M.make_classification = as_scikit("make_classification", "classification", { n_samples = 100,
  n_features = 20, n_informative = 2, n_redundant = 2, n_repeated = 0, n_classes = 2,
  n_clusters_per_class = 2, weights = none, flip_y = 0.01, class_sep = 1.0, hypercube = true,
  shift = 0.0, scale = 1.0, shuffle = true, random_state = none, dtype = "float32" }, RENAME)

--- mlp.datasets.regression under scikit-learn's name, with its presets.
--- Source: scikit-learn, make_regression.
--- @param options? table  n_samples 100, n_features 100, n_informative 10, bias 0, noise 0,
---   random_state, dtype "float32"
--- @return mlp.Dataset
M.make_regression = as_scikit("make_regression", "regression", { n_samples = 100,
  n_features = 100, n_informative = 10, bias = 0.0, noise = 0, random_state = none,
  dtype = "float32" }, RENAME)

--- A table of numbers from a CSV file.
---
--- target: the column that becomes y, by name or number (-1: the last; false: none). classes:
--- true makes classes of it, false values; by default texts and two whole numbers are classes.
--- missing: what an empty cell, NA, NaN, null or ? does: "error", "nan" (x gets NaN), "drop" (the
--- row goes). drop: columns left out. one_hot: columns of text that become one column for each
--- text. header: whether the first line holds names; by default it does where none of it is a
--- number and the next line has one. separator: one of , ; tab | by default. decimal: "." or ",".
--- @param path string
--- @param options? table
--- @return mlp.Dataset
--- @usage local iris = mlp.datasets.csv("iris.csv", { target = "species" })
function M.csv(path, options)
  if type(path) == "table" then
    options, path = path, path.path
  end
  options = check.options("csv", options, { path = none, separator = none, decimal = ".",
    header = none, target = none, classes = none, missing = "error", drop = none, one_hot = none,
    dtype = "float32" })
  if type(path) ~= "string" then
    check.raise("argument", "csv: option 'path': expected a file, got %s", type(path))
  end
  return core.csv(path, options)
end

--- The tensor in an IDX file, plain or gzip.
--- @param path string
--- @return mlp.Tensor
M.idx = core.idx

for _, part in ipairs { "numpy", "images", "tables", "proben1" } do
  for name, f in pairs((require("mlp.datasets." .. part))) do M[name] = f end
end

local function exists(path)
  local f = io.open(path, "rb")
  if f then f:close() end
  return f ~= nil
end

--- The path of one of MNIST's files in a folder, gzip or not.
local function find(who, dir, name)
  for _, path in ipairs { dir .. "/" .. name, dir .. "/" .. name .. ".gz" } do
    if exists(path) then return path end
  end
  check.raise("io", "%s: expected %s or %s.gz in '%s', got neither", who, name, name, dir)
end

--- The folder of a set's files, as said or below MLPRUN_DATA; nil: nobody has said.
local function folder_of(name, dir)
  if dir ~= nil and dir ~= "" then return dir end
  local root = os.getenv "MLPRUN_DATA"
  return root and root .. "/" .. name:gsub("_", "-")
end

--- The four files of MNIST, or of a set in its form, as train and test.
local function mnist_like(name, dir, class_names)
  if type(dir) ~= "string" then
    check.raise("argument", "%s: option 'dir': expected the folder of its files (or MLPRUN_DATA, "
      .. "the folder of that), got %s", name, check.what(dir))
  end
  local function part(prefix)
    return core.images(name, find(name, dir, prefix .. "-images-idx3-ubyte"),
      find(name, dir, prefix .. "-labels-idx1-ubyte"), class_names)
  end
  return part "train", part "t10k"
end

--- MNIST from the folder that holds its four files: train and test, x (n, 784) in 0..1, ten
--- classes named "0" to "9" (the digit 0 is class 1).
--- @param options? table  dir ($MLPRUN_DATA/mnist), drawn (where no folder is named: so many digits
---   drawn by rule, a sixth of them for the test, instead of an error)
--- @return mlp.Dataset train
--- @return mlp.Dataset test
--- @usage local train, test = mlp.datasets.mnist { dir = args.data, drawn = 12000 }
function M.mnist(options)
  local o = check.options("mnist", options, { dir = check.none, drawn = check.none })
  local dir = folder_of("mnist", o.dir)
  if not dir and o.drawn then
    local n = check.whole("mnist", "drawn", o.drawn, 60)
    return M.digits { n = n, seed = 1 }:split { test = 1 / 6, seed = 1 }
  end
  return mnist_like("mnist", dir, { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" })
end

--- Fashion-MNIST in the same form (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747).
--- @param options? table  dir ($MLPRUN_DATA/fashion-mnist)
--- @return mlp.Dataset train
--- @return mlp.Dataset test
function M.fashion_mnist(options)
  local o = check.options("fashion_mnist", options, { dir = check.none })
  return mnist_like("fashion_mnist", folder_of("fashion_mnist", o.dir), {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot" })
end

return M
