--- Models in files: model:save, mlp.load, model:save_weights, model:load_weights, model:to_c.
--- A file is safetensors; what a model is made of stands in it as JSON (mlp/file/).
local core = require "mlp.core"
local check = require "mlp.check"
local describe = require "mlp.file.describe"
local layout = require "mlp.layout"
local models = require "mlp.model"
local restore = require "mlp.file.restore"

local M = {}

-- What other programs write under these endings is something else.
local FOREIGN <const> = { h5 = true, hdf5 = true, keras = true, pt = true, pth = true, t7 = true,
  onnx = true, npz = true, pkl = true, json = true }

local function warn_foreign(path)
  local ending = path:match "%.(%w+)$"
  if ending and FOREIGN[ending:lower()] then
    core.warn(("save: '%s' is written as a safetensors file, whatever its name"):format(path))
  end
end

--- Write the model to a file: layers, weights, what compile said, the optimizer's state and random
--- streams, so that training goes on from it as if it had not stopped. No code is in the file.
--- @param path string
--- @param options? table  optimizer true: keep the optimizer's state; false: it starts anew;
---   transform: what made the model's input (fitted, of mlp.data), to be kept with it
--- @usage model:save "moons.safetensors"
function M.save(model, path, options)
  check.path("save", path)
  local o = check.options("save", options, { optimizer = true, transform = check.none })
  if not model.built then
    check.raise("state", "save: expected a model that is built; call it, or fit it, first")
  end
  if o.transform ~= nil and not (type(o.transform) == "table" and o.transform.state) then
    check.raise("argument", "save: option 'transform': expected a fitted transform of mlp.data, "
      .. "got %s", check.what(o.transform))
  end
  warn_foreign(path)
  local state = o.optimizer and model.iterations > 0
  core.model_write("save", model, path, core.json_encode(describe(model, state, o.transform)),
    state)
end

--- Write the weights alone. Layouts "torch" and "keras" make what PyTorch and Keras read: names
--- like "dense.weight", (out, in), or "dense/kernel"; names can rename layers.
--- @param path string
--- @param options? table  layout "mlprun" | "torch" | "keras", names { dense = "fc1" }
function M.save_weights(model, path, options)
  local o = layout.options("save_weights", options)
  if o.layout ~= "mlprun" then return layout.save(model, check.path("save_weights", path), o) end
  core.model_write("save_weights", model, check.path("save_weights", path), nil, false)
end

--- The model that model:save wrote: the same outputs and hash, and training goes on bit for bit. A
--- loss that was a Lua function is not in the file: give it as an option, or compile again.
--- @param path string
--- @param options? table  loss: a function (y, p) in place of one that the file could not hold
--- @return mlp.Model
--- @return mlp.Transform?  what was saved with it
--- @usage local model, scaler = mlp.load "moons.safetensors"
function M.load(path, options)
  local o = check.options("load", options, { loss = check.none })
  if o.loss ~= nil and type(o.loss) ~= "function" then
    check.raise("argument", "load: option 'loss': expected a function, got %s", tostring(o.loss))
  end
  local file, text = core.model_file("load", check.path("load", path))
  if not text then
    restore.refuse(path, "it holds weights, but no model; make the model and call "
      .. "model:load_weights")
  end
  local d = restore.read(path, text)
  local model = restore.model(path, d)
  local compiled = d.training and restore.compile(path, model, d.training, o.loss)
  core.model_read("load", model, path, file, compiled and d.training.state)
  restore.set_streams(path, model, d)
  local note = models.note(model)
  note.name, note.class_names = d.name, d.class_names
  if compiled == false then
    core.warn(("load: the loss of '%s' was a function, which a file cannot hold: call "
      .. "model:compile before training, or mlp.load(path, { loss = f })"):format(path))
  end
  if not d.transform then return model end
  return model, require("mlp.data.transform").make(("load: cannot read '%s'"):format(path),
    d.transform)
end

--- Set the weights from a file: one of model:save, model:save_weights, or any safetensors file with
--- arrays of the same names, shapes and types. Layouts "torch" and "keras" read safetensors files
--- from PyTorch (a state_dict) and Keras: layers are matched by name, by `names`, else in order.
--- Where one does not fit, nothing has changed.
--- @param path string
--- @param options? table  layout "mlprun" | "torch" | "keras", names { dense = "fc1" }
--- @return mlp.Model  itself
--- @usage model:load_weights("mlp.safetensors", { layout = "torch" })
function M.load_weights(model, path, options)
  local o = layout.options("load_weights", options)
  if o.layout ~= "mlprun" then return layout.load(model, check.path("load_weights", path), o) end
  local file = core.model_file("load_weights", check.path("load_weights", path))
  core.model_read("load_weights", model, path, file, false)
  return model
end

--- Write the model as one C99 header without dependencies: `<name>_predict(x, y)` computes a row
--- and gives the bits of model(x), where the target's fma is exact. Layers: see docs/files.md; one
--- that C cannot be written for is refused by name, before a file is written.
--- @param path string
--- @param options? table  name "net": what names in C begin with
--- @usage model:to_c("moons.h", { name = "moons" })
function M.to_c(model, path, options)
  local o = check.options("to_c", options, { name = "net" })
  if not o.name:find "^%a[%w_]*$" then
    check.raise("argument", "to_c: option 'name': expected a C identifier, got '%s'", o.name)
  end
  check.path("to_c", path)
  core.write_file(path, core.plain(require("mlp.to_c").text, model, o.name))
end

core.extend("mlp.Model", {
  to_c = M.to_c,
  save = M.save, save_weights = M.save_weights, load_weights = M.load_weights,
})

return M
