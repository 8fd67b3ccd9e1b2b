-- Tables and arrays that are written: the bytes that the format asks for, and reading them back.
local mlp = require "mlp"

local datasets = mlp.datasets
local path = os.tmpname()

local function text_of(data, options)
  datasets.save_csv(path, data, options)
  local f <close> = assert(io.open(path, "rb"))
  return f:read "a"
end

local function hex_of(tensor)
  datasets.save_idx(path, tensor)
  local f <close> = assert(io.open(path, "rb"))
  return (f:read "a":gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

teardown(function() os.remove(path) end)

describe("save_csv #F55", function()
  -- RFC 4180, section 2
  it("puts into quotes what would not come back otherwise", function()
    local data = mlp.dataset { x = { { 1, 2 }, { 3, 4 }, { 5, 6 } },
      y = { "a,b", 'say "no"', " c" }, feature_names = { "one", "two;three" } }
    assert.equal('one,two;three,y\n1,2,"a,b"\n3,4,"say ""no"""\n5,6," c"\n', text_of(data))
    assert.equal('one;"two;three";y\n1;2;a,b\n3;4;"say ""no"""\n5;6;" c"\n',
      text_of(data, { separator = ";" }))
    local back = datasets.csv(path, { separator = ";" })
    assert.same(data.class_names, back.class_names)
    assert.same(data.feature_names, back.feature_names)
    assert.same(data.y:totable(), back.y:totable())
  end)

  -- the digits of numpy 2.4: str(numpy.float32(v)), str(v)
  it("has as many digits as it takes", function()
    local x = mlp.tensor { 0.1, 1 / 3, 16777216, 3.4028234663852886e38, -0.0 }
    assert.equal("x\n0.1\n0.33333334\n16777216\n3.4028235e+38\n-0\n", text_of(x))
    assert.equal("x1,x2\n0.1,0.3333333333333333\n",
      text_of(mlp.tensor({ { 0.1, 1 / 3 } }, { dtype = "float64" })))
  end)

  for _, dtype in ipairs { "float32", "float64" } do
    it("comes back to the bit in " .. dtype, function()
      mlp.seed(5)
      local x = mlp.randn(200, 3, { dtype = dtype }) * mlp.randn(200, 3, { dtype = dtype }):exp()
      datasets.save_csv(path, x)
      assert.equal(x:hash(), datasets.csv(path, { target = false, dtype = dtype }).x:hash())
    end)
  end

  it("leaves a cell empty for NaN, also where it is alone", function()
    assert.equal("1,\n,2\n", text_of(mlp.tensor { { 1, 0 / 0 }, { 0 / 0, 2 } }, { header = false }))
    assert.equal("x\n1\n\"\"\n", text_of(mlp.tensor { 1, 0 / 0 }))
    assert.equal(2, #datasets.csv(path, { target = false, missing = "nan" }))
    assert.equal("\"\"\n1\n", text_of(mlp.tensor { 0 / 0, 1 }, { header = false }))
  end)

  it("writes values of y, images in rows, and names of the caller's", function()
    local data = mlp.dataset { x = mlp.ones(2, 1, 2), y = { { 0.5, 1 }, { 2, 3 } } }
    assert.equal("x1,x2,y1,y2\n1,1,0.5,1\n1,1,2,3\n", text_of(data))
    assert.equal("a\tb\tc\td\n1\t1\t0.5\t1\n1\t1\t2\t3\n",
      text_of(data, { names = { "a", "b", "c", "d" }, separator = "\t" }))
  end)

  it("refuses what it cannot write, and leaves the file as it was", function()
    local before = text_of(mlp.ones(1))
    for expected, f in pairs {
      ["row 2, column 1: expected a finite number"] = function()
        datasets.save_csv(path, mlp.tensor { 1, 1 / 0 })
      end,
      ["argument 2: expected a dataset or a tensor, got a table"] = function()
        datasets.save_csv(path, { 1 })
      end,
      ["option 'separator': expected one of , ; tab |, got '::'"] = function()
        datasets.save_csv(path, mlp.ones(2), { separator = "::" })
      end,
      ["option 'names': expected a name for each of the 2 columns, got 1"] = function()
        datasets.save_csv(path, mlp.ones(2, 2), { names = { "a" } })
      end,
      ["option 'names': expected texts, got 3 at 2"] = function()
        datasets.save_csv(path, mlp.ones(2, 2), { names = { "a", 3 } })
      end,
    } do
      local ok, e = pcall(f)
      assert.is_false(ok)
      assert.truthy(tostring(e):find(expected, 1, true), tostring(e))
    end
    local f <close> = assert(io.open(path, "rb"))
    assert.equal(before, f:read "a")
    assert.error_matches(function() datasets.save_csv("/nonexistent/x.csv", mlp.ones(2)) end,
      "/nonexistent")
  end)
end)

describe("save_idx #F55", function()
  -- The MNIST database, file formats: 0, 0, type, dimensions; sizes and elements big-endian
  it("writes the bytes of the format", function()
    local bytes = mlp.tensor({ { 1, 2 }, { 3, 255 } }, { dtype = "uint8" })
    assert.equal("00000802" .. "00000002" .. "00000002" .. "010203ff", hex_of(bytes))
    assert.equal("00000c01" .. "00000002" .. "00000001" .. "fffffffe",
      hex_of(mlp.tensor({ 1, -2 }, { dtype = "int64" })))
    assert.equal("00000d01" .. "00000001" .. "3fc00000", hex_of(mlp.tensor { 1.5 }))
    assert.equal("00000e01" .. "00000001" .. "bff8000000000000",
      hex_of(mlp.tensor({ -1.5 }, { dtype = "float64" })))
  end)

  it("reads back, views too, and refuses what does not fit", function()
    local x = mlp.arange(12):reshape(3, 4)
    datasets.save_idx(path, x:t())
    assert.same(x:t():totable(), datasets.idx(path):totable())
    assert.error_matches(function()
      datasets.save_idx(path, mlp.tensor({ 1, 2 ^ 31 }, { dtype = "int64" }))
    end, "element 2: expected a whole number of 32 bits")
    assert.same(x:t():totable(), datasets.idx(path):totable())
    assert.error_matches(function() datasets.save_idx(path, 3) end, "expected a tensor, got 3")
  end)
end)

describe("save_png_folder #F55", function()
  it("writes what png_folder reads", function()
    local folder = os.tmpname()
    os.remove(folder)
    local data = mlp.dataset { x = { { 0, 1, 0.2 }, { 0.4, 0.6, 1 }, { 1, 0, 0 } },
      y = { "b", "a", "b" } }
    datasets.save_png_folder(folder, data, { shape = { 1, 3 } })
    local back = datasets.png_folder(folder)
    assert.same({ "a", "b" }, back.class_names)
    assert.same({ 1, 2, 2 }, back.y:totable()) -- in order of the names
    for row, from in ipairs { 2, 1, 3 } do
      assert.near(0, (back.x[row] - data.x[from]):abs():max():item(), 1e-6)
    end
    assert.error_matches(function() datasets.save_png_folder(folder, data) end,
      "option 'shape': expected the height and width of an image of 3 numbers")
    os.execute("rm -r " .. folder)
  end)
end)
