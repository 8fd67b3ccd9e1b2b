-- IDX files and the folders of MNIST.
local mlp = require "mlp"

local folder = os.tmpname()
os.remove(folder)
os.execute("mkdir " .. folder)

local function file(name, bytes)
  local path = folder .. "/" .. name
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
  return path
end

--- An IDX file: type code, sizes, elements as bytes.
local function idx(code, sizes, elements)
  local head = string.pack(">BBBB", 0, 0, code, #sizes)
  for _, n in ipairs(sizes) do head = head .. string.pack(">I4", n) end
  return head .. elements
end

local function refusal(bytes)
  local path = file("bad", bytes)
  local ok, e = pcall(mlp.datasets.idx, path)
  assert.is_false(ok, "expected an error")
  assert.truthy(tostring(e):find(path, 1, true))
  return tostring(e)
end

teardown(function() os.execute("rm -r " .. folder) end)

describe("idx #F55 #D07", function()
  it("reads all six element types, big-endian", function()
    for _, case in ipairs {
      { 0x08, ">BB", { 0, 255 }, "uint8" }, { 0x09, ">bb", { -1, 7 }, "int64" },
      { 0x0b, ">i2i2", { -2, 300 }, "int64" }, { 0x0c, ">i4i4", { -70000, 70000 }, "int64" },
      { 0x0d, ">ff", { 1.5, -0.25 }, "float32" }, { 0x0e, ">dd", { -1.1, 1e300 }, "float64" },
    } do
      local t = mlp.datasets.idx(file("t", idx(case[1], { 2 }, string.pack(case[2],
        table.unpack(case[3])))))
      assert.equal(case[4], t.dtype)
      assert.same(case[3], t:totable())
    end
  end)

  it("has the shape that the file says", function()
    local t = mlp.datasets.idx(file("t", idx(8, { 2, 1, 3 }, "\1\2\3\4\5\6")))
    assert.same({ { { 1, 2, 3 } }, { { 4, 5, 6 } } }, t:totable())
  end)

  it("refuses what is not one, with the offset", function()
    assert.truthy(refusal(""):find("offset 0", 1, true))
    assert.truthy(refusal("\1\0\8\1\0\0\0\0"):find("no IDX file", 1, true))
    assert.truthy(refusal("\0\0\10\1\0\0\0\0"):find("offset 2", 1, true))
    assert.truthy(refusal("\0\0\8\0"):find("1 to 8 dimensions", 1, true))
    assert.truthy(refusal("\0\0\8\200"):find("1 to 8 dimensions", 1, true))
    assert.truthy(refusal(idx(8, { 2 ^ 31, 2 ^ 31, 2 ^ 31 }, "x")):find("too large", 1, true))
    assert.truthy(refusal(idx(14, { 2 ^ 31 }, "x")):find("ends before its last element", 1, true))
    assert.truthy(refusal(idx(8, { 2 }, "abc")):find("offset 10: bytes behind", 1, true))
  end)

  it("refuses a file cut at any byte #D02", function()
    local whole = idx(0x0b, { 2, 2 }, "\0\1\0\2\0\3\0\4")
    for n = 0, #whole - 1 do refusal(whole:sub(1, n)) end
    assert.equal(4, mlp.datasets.idx(file("t", whole)):numel())
  end)

  it("reads gzip alike, and refuses one that is cut", function()
    local path = file("z", idx(8, { 3 }, "\1\2\3"))
    assert(os.execute("gzip -f " .. path))
    assert.same({ 1, 2, 3 }, mlp.datasets.idx(path .. ".gz"):totable())
    local f = assert(io.open(path .. ".gz", "rb"))
    local packed = f:read "a"
    f:close()
    for n = 2, #packed - 1 do refusal(packed:sub(1, n)) end
  end)

  it("gives an error or a tensor that fits the file, whatever byte is flipped #D03", function()
    local whole = idx(0x08, { 2, 2 }, "\1\2\3\4")
    for i = 1, #whole do
      for _, byte in ipairs { 0, 1, 2, 9, 14, 127, 255 } do
        local ok, t = pcall(mlp.datasets.idx,
          file("t", whole:sub(1, i - 1) .. string.char(byte) .. whole:sub(i + 1)))
        if ok then assert.is_true(t:numel() <= 4) end
      end
    end
  end)
end)

describe("mnist #F55 #S74", function()
  local images = idx(8, { 3, 2, 2 }, "\0\51\102\255" .. ("\0"):rep(8))
  local function put(labels)
    for _, part in ipairs { "train", "t10k" } do
      file(part .. "-images-idx3-ubyte", images)
      file(part .. "-labels-idx1-ubyte", labels)
    end
  end

  it("is train and test: pixels / 255, digit 0 as class 1 named 0", function()
    put(idx(8, { 3 }, "\0\9\5"))
    local train, test = mlp.datasets.mnist { dir = folder }
    assert.equal(3, #train)
    assert.equal(3, #test)
    assert.same({ 1, 10, 6 }, train.y:totable())
    assert.equal("9", train.class_names[10])
    local row = train.x:totable()[1]
    for i, v in ipairs { 0, 0.2, 0.4, 1 } do assert.near(v, row[i], 1e-7) end
    assert.equal("Ankle boot", mlp.datasets.fashion_mnist { dir = folder }.class_names[10])
  end)

  it("refuses labels beyond 9, files that do not belong together, an empty folder", function()
    put(idx(8, { 3 }, "\0\10\5"))
    local ok, e = pcall(mlp.datasets.mnist, { dir = folder })
    assert.is_false(ok)
    assert.truthy(tostring(e):find("offset 9: a label beyond the last class", 1, true))
    put(idx(8, { 2 }, "\0\1"))
    ok, e = pcall(mlp.datasets.mnist, { dir = folder })
    assert.is_false(ok)
    assert.truthy(tostring(e):find("expected 3 labels, got 2", 1, true))
    ok, e = pcall(mlp.datasets.mnist, { dir = "/nonexistent" })
    assert.is_false(ok)
    assert.truthy(tostring(e):find("train-images-idx3-ubyte", 1, true))
  end)

  -- Mean and deviation of MNIST's and Fashion-MNIST's pixels as published with the files.
  for name, case in pairs {
    mnist = { "mnist", 0.130660, 0.308108 },
    fashion_mnist = { "fashion-mnist", 0.286041, 0.353024 },
  } do
    it("reads the real files: " .. name, function()
      local dir = (os.getenv "MLPRUN_DATA" or "../shared/data") .. "/" .. case[1]
      local f = io.open(dir .. "/train-images-idx3-ubyte.gz")
      if not f then return pending("no data in " .. dir) end
      f:close()
      local train, test = mlp.datasets[name] { dir = dir }
      assert.equal(60000, #train)
      assert.equal(10000, #test)
      local scaler = mlp.data.StandardScaler():fit(train.x:reshape(60000 * 784, 1))
      assert.near(case[2], scaler.shift:item(), 1e-6)
      assert.near(case[3], scaler.scale:item(), 1e-6)
    end)
  end
end)
