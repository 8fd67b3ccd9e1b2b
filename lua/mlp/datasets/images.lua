--- Images in PNG files: mlp.datasets.png, save_png, png_folder, save_png_folder.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local CHANNELS <const> = { file = 0, grey = 1, gray = 1, rgb = 3 }

local function channels_of(who, name)
  return CHANNELS[name] or check.raise("argument",
    "%s: option 'channels': expected 'file', 'grey' or 'rgb', got '%s'", who, name)
end

--- A PNG image as numbers in 0..1: (height, width, channels), float32, each the file's value
--- divided by the largest of its depth. Any depth, palette, alpha, interlaced. At most 16,384
--- pixels a side and 256 MiB.
--- @param path string
--- @param options? table  channels "file" (palettes are RGB) | "grey" (0.299 R + 0.587 G + 0.114 B)
---   | "rgb"; the last two drop alpha
--- @return mlp.Tensor
function M.png(path, options)
  check.path("png", path)
  local o = check.options("png", options, { channels = "file" })
  return core.png(path, channels_of("png", o.channels))
end

--- Write an image: (height, width) or (height, width, 1 to 4), floats in 0..1 or uint8, at 8 bits.
--- @param path string
--- @param image mlp.Tensor
function M.save_png(path, image)
  check.path("save_png", path)
  core.save_png(path, image)
end

local function sorted(list)
  table.sort(list)
  return list
end

--- Every image below a folder, and its class: the folders in order of their names.
local function find(path)
  local names, found = sorted((core.folder(path))), {}
  if #names == 0 then
    check.raise("format", "png_folder: '%s': expected one folder for each class, got none", path)
  end
  for class, name in ipairs(names) do
    local _, files = core.folder(path .. "/" .. name)
    local before = #found
    for _, file in ipairs(sorted(files)) do
      if file:lower():find "%.png$" then
        found[#found + 1] = { path = ("%s/%s/%s"):format(path, name, file), class = class }
      end
    end
    if #found == before then
      check.raise("format", "png_folder: '%s/%s': expected images, got no .png file", path, name)
    end
  end
  return found, names
end

--- Images in folders as a dataset: one folder for each class, named by it, with PNG files of one
--- size. Classes and rows are in order of the names.
--- @param path string
--- @param options? table  channels "grey" | "rgb" | "file"; flatten true (a row of numbers for each
---   image, else height, width, channels); dtype "float32"
--- @return mlp.Dataset
--- @usage local data = mlp.datasets.png_folder("digits", { channels = "grey" })
function M.png_folder(path, options)
  check.path("png_folder", path)
  local o = check.options("png_folder", options, {
    channels = "grey", flatten = true, dtype = "float32",
  })
  local channels = channels_of("png_folder", o.channels)
  local found, names = find(path)
  local x, shape, classes = nil, nil, {}
  for i, image in ipairs(found) do
    local t = core.png(image.path, channels)
    shape = shape or t.shape
    if table.concat(t.shape, ", ") ~= table.concat(shape, ", ") then
      check.raise("format",
        "png_folder: '%s': expected an image of shape (%s) as '%s' is, got (%s)", image.path,
        table.concat(shape, ", "), found[1].path, table.concat(t.shape, ", "))
    end
    x = x or core.zeros({ #found, t:numel() }, { dtype = o.dtype })
    x[i] = t:reshape(-1)
    classes[i] = image.class
  end
  if not o.flatten then x = x:reshape(#found, table.unpack(shape)) end
  return require("mlp.data").dataset {
    x = x, y = core.tensor(classes, { dtype = "int64" }), class_names = names,
    name = path:match "([^/]+)/*$",
  }
end

--- The rows of a dataset as images (height, width, channels).
local function images_of(data, shape)
  local x = data.x
  if shape == nil and x.ndim > 2 then return x end
  local size = 1
  for _, n in ipairs(type(shape) == "table" and shape or {}) do size = size * n end
  if type(shape) ~= "table" or #shape < 2 or size ~= x:numel() // x.shape[1] then
    check.raise("argument", "save_png_folder: option 'shape': expected the height and width of an "
      .. "image of %d numbers, { 28, 28 }, got %s", x:numel() // x.shape[1],
      type(shape) == "table" and "{ " .. table.concat(shape, ", ") .. " }" or check.what(shape))
  end
  return x:reshape(x.shape[1], table.unpack(shape))
end

--- Write a dataset of images in classes as png_folder reads it: a folder for each class, named by
--- it, with one PNG file a row, "00001.png" and so on. Each file is written whole or not at all.
--- @param path string  made where it is not there
--- @param data mlp.Dataset  x in 0..1 or uint8
--- @param options? table  shape (of an image: height, width and perhaps channels; by default that
---   of x)
--- @usage mlp.datasets.save_png_folder("digits", digits, { shape = { 28, 28 } })
function M.save_png_folder(path, data, options)
  check.path("save_png_folder", path)
  local o = check.options("save_png_folder", options, { shape = check.none })
  if core.type(data) ~= "mlp.Dataset" or not data.class_names then
    check.raise("argument", "save_png_folder: argument 2: expected a dataset with class names, got "
      .. "%s", check.what(data))
  end
  for _, name in ipairs(data.class_names) do
    if name:find "[/%z]" or name == "." or name == ".." or name == "" then
      check.raise("argument", "save_png_folder: expected classes whose names can be those of "
        .. "folders, got '%s'", name)
    end
  end
  local images = images_of(data, o.shape)
  for _, name in ipairs(data.class_names) do core.make_folder(path .. "/" .. name) end
  for i = 1, #data do
    core.save_png(("%s/%s/%05d.png"):format(path, data.class_names[data.y[i]:item()], i), images[i])
  end
end

return M
