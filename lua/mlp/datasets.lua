--- mlp.datasets: generators (one for each file of runtime/data/dataset/) and loaders of files.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

for _, kind in ipairs(core.registry().dataset) do
  M[kind.name] = function(options)
    return core.generate(core.object("dataset", kind.name, options))
  end
end

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
  local none = check.none
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

--- The four files of MNIST, or of a set in its form, as train and test.
local function mnist_like(name, options, class_names)
  local dir = check.options(name, options, { dir = check.none }).dir
  if type(dir) ~= "string" then
    check.raise("argument", "%s: option 'dir': expected the folder of its files", name)
  end
  local function part(prefix)
    return core.images(name, find(name, dir, prefix .. "-images-idx3-ubyte"),
      find(name, dir, prefix .. "-labels-idx1-ubyte"), class_names)
  end
  return part "train", part "t10k"
end

--- MNIST from the folder that holds its four files: train and test, x (n, 784) in 0..1, ten
--- classes named "0" to "9" (the digit 0 is class 1).
--- @param options { dir: string }
--- @return mlp.Dataset train
--- @return mlp.Dataset test
function M.mnist(options)
  return mnist_like("mnist", options, { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" })
end

--- Fashion-MNIST in the same form (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747).
--- @param options { dir: string }
--- @return mlp.Dataset train
--- @return mlp.Dataset test
function M.fashion_mnist(options)
  return mnist_like("fashion_mnist", options, { "T-shirt/top", "Trouser", "Pullover", "Dress",
    "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot" })
end

return M
