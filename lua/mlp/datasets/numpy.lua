--- NumPy's files: mlp.datasets.npy, npz, save_npy, save_npz.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

--- The array in an .npy file: bool and uint8 as uint8, other whole numbers as int64, float16 and
--- float32 as float32, float64; either byte order and order of axes. What a file claims is checked
--- before memory is taken; pickled objects are not read. With map = true nothing is read yet: the
--- tensor is the file, whose pages come when they are used and go when memory is short, so that it
--- may be larger than memory. Rows must lie one after the other, of <f4, <f8, <i8 or u1. Writing to
--- the tensor does not reach the file, which must not be cut short meanwhile.
--- Source: numpy.lib.format, versions 1.0 to 3.0.
--- @param path string
--- @param options? table  map false
--- @return mlp.Tensor
--- @usage local x = mlp.datasets.npy "x.npy"
--- @usage local d = mlp.dataset { x = mlp.datasets.npy("x.npy", { map = true }) }
function M.npy(path, options)
  check.path("npy", path)
  local o = check.options("npy", options, { map = false })
  return o.map and core.map_npy(path) or core.npy(path)
end

--- Write a tensor as an .npy file, whole or not at all.
--- @param path string
--- @param tensor mlp.Tensor
function M.save_npy(path, tensor)
  check.path("save_npy", path)
  return core.save_npy(path, tensor)
end

--- The arrays in an .npz file, by name; types as in npy. Sizes come from the directory and are
--- checked against the file (at most 1000 times its size), checksums are compared.
--- @param path string
--- @return table<string, mlp.Tensor>
--- @usage local mnist = mlp.datasets.npz "mnist.npz"; print(mnist.x_train)
function M.npz(path)
  check.path("npz", path)
  return core.npz(path)
end

--- Write tensors as an .npz file, whole or not at all; equal arguments give equal bytes.
--- @param path string
--- @param tensors table<string, mlp.Tensor>
--- @param options? table  compressed false
function M.save_npz(path, tensors, options)
  check.path("save_npz", path)
  local o = check.options("save_npz", options, { compressed = false })
  if type(tensors) ~= "table" then
    check.raise("argument", "save_npz: argument 2: expected a table of tensors by name, got %s",
      tostring(tensors))
  end
  local names, list = {}, {}
  for name, t in pairs(tensors) do
    if type(name) ~= "string" or name == "" or name:find "\0" or not utf8.len(name)
      or not core.is_tensor(t) then
      check.raise("argument", "save_npz: argument 2: expected tensors by name, got %s = %s",
        tostring(name), tostring(t))
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do list[i] = tensors[name] end
  return core.save_npz(path, names, list, o.compressed)
end

return M
