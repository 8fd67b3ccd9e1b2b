local mlp = require "mlp"

--- A safetensors file by hand: the header in the order given, float32 numbers.
local function file_of(entries)
  local path, header, data = os.tmpname(), {}, {}
  local at = 0
  for _, e in ipairs(entries) do
    for _, v in ipairs(e.values) do data[#data + 1] = string.pack("<f", v) end
    header[#header + 1] = ('"%s":{"dtype":"F32","shape":[%s],"data_offsets":[%d,%d]}'):format(e[1],
      table.concat(e.shape, ","), at, at + 4 * #e.values)
    at = at + 4 * #e.values
  end
  local text = "{" .. table.concat(header, ",") .. "}"
  text = text .. (" "):rep(-#text % 8)
  local file <close> = assert(io.open(path, "wb"))
  file:write(string.pack("<I8", #text), text, table.concat(data))
  return path
end

local function entry(name, shape, values) return { name, shape = shape, values = values } end

local function net()
  local model = mlp.Sequential { mlp.Dense { units = 2, activation = "relu" },
    mlp.BatchNormalization(), mlp.Dense { units = 1 } }
  return model:build { 3 }
end

--- nn.Sequential(Linear(3, 2), ReLU(), BatchNorm1d(2), Linear(2, 1)).state_dict() by name.
local function torch_entries(extra)
  local list = {
    entry("3.bias", { 1 }, { 0.5 }), entry("0.bias", { 2 }, { 10, 20 }),
    entry("0.weight", { 2, 3 }, { 1, 2, 3, 4, 5, 6 }), entry("2.weight", { 2 }, { 1.5, 2.5 }),
    entry("2.bias", { 2 }, { 0.25, 0.75 }), entry("2.running_mean", { 2 }, { 7, 8 }),
    entry("2.running_var", { 2 }, { 9, 16 }), entry("3.weight", { 1, 2 }, { -1, -2 }),
  }
  for _, e in ipairs(extra or {}) do list[#list + 1] = e end
  return list
end

local function weight(model, layer, name)
  for _, w in ipairs(model.layers[layer]:weights()) do
    if w.name == name then return w.tensor end
  end
end

describe("weights in PyTorch's layout", function()
  it("are transposed and matched in natural order", function()
    local model, path = net(), file_of(torch_entries())
    model:load_weights(path, { layout = "torch" })
    os.remove(path)
    assert.same({ { 1.0, 4.0 }, { 2.0, 5.0 }, { 3.0, 6.0 } }, weight(model, 1, "kernel"):totable())
    assert.same({ 10.0, 20.0 }, weight(model, 1, "bias"):totable())
    assert.same({ 1.5, 2.5 }, weight(model, 2, "gamma"):totable())
    assert.same({ 7.0, 8.0 }, weight(model, 2, "moving_mean"):totable())
    assert.same({ 9.0, 16.0 }, weight(model, 2, "moving_variance"):totable())
    assert.same({ { -1.0 }, { -2.0 } }, weight(model, 3, "kernel"):totable())
    -- x W^T + b = {1 + 2 + 3 + 10, 4 + 5 + 6 + 20} = {16, 35}
    local h = model.layers[1](mlp.ones(1, 3)):totable()
    assert.same({ { 16.0, 35.0 } }, h)
  end)

  it("go there and back, and to Keras and back", function()
    for _, layout in ipairs { "torch", "keras" } do
      local a, b, path = net(), net(), os.tmpname()
      a:save_weights(path, { layout = layout })
      local arrays = require("mlp.core").safetensors(path)
      local name = a.layers[1].name
      if layout == "torch" then
        assert.same({ 2, 3 }, arrays[name .. ".weight"].shape)
      else
        assert.same({ 3, 2 }, arrays[name .. "/kernel"].shape)
      end
      assert.are_not.equal(a:hash(), b:hash())
      b:load_weights(path, { layout = layout })
      assert.equal(a:hash(), b:hash())
      os.remove(path)
    end
  end)

  it("take other names", function()
    local path = os.tmpname()
    local model = mlp.Sequential { mlp.Dense { units = 1, name = "d" } }:build { 2 }
    model:save_weights(path, { layout = "torch", names = { d = "fc.1" } })
    local arrays = require("mlp.core").safetensors(path)
    assert.same({ 1, 2 }, arrays["fc.1.weight"].shape)
    model:load_weights(path, { layout = "torch", names = { d = "fc.1" } })
    os.remove(path)
  end)

  it("that do not fit are refused, and nothing has changed", function()
    local function refused(text, entries, options)
      local model, path = net(), file_of(entries)
      local before = model:hash()
      assert.error_matches(function()
        model:load_weights(path, options or { layout = "torch" })
      end, text)
      assert.equal(before, model:hash())
      os.remove(path)
    end
    local few = torch_entries()
    table.remove(few)
    refused("expected '3.weight' for kernel, got none", few)
    few[#few + 1] = entry("3.weight", { 2, 1 }, { 1, 2 })
    refused("'3.weight': expected shape %(2, 1%), got %(1, 2%), after transposing", few)
    refused("expected weights of 3 layers, got 4: 0, 2, 3, 9",
      torch_entries { entry("9.weight", { 1 }, { 1 }) })
    refused("'2.other' has no place in layer", torch_entries { entry("2.other", { 1 }, { 1 }) })
    refused("expected names like 'layer.weight', got 'x'",
      torch_entries { entry("x", { 1 }, { 1 }) })
    refused("option 'layout': expected 'mlprun', 'torch' or 'keras', got 'tf'", {},
      { layout = "tf" })
  end)
end)
