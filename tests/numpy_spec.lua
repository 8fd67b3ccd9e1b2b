local mlp = require "mlp"
local core = require "mlp.core"
local datasets = mlp.datasets

local function bytes(hex)
  return (hex:gsub("..", function(b) return string.char(tonumber(b, 16)) end))
end

local function with_file(content, f)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  local ok, e = pcall(f, path)
  os.remove(path)
  if not ok then error(e, 0) end
  return e
end

--- An .npy as NumPy 2.4.6 writes it: the header with blanks up to 128 bytes.
local function npy(header, hex)
  header = header .. (" "):rep(128 - 10 - 1 - #header) .. "\n"
  return "\x93NUMPY\1\0" .. string.pack("<I2", #header) .. header .. bytes(hex or "")
end

local function dict(descr, order, shape)
  return ("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }"):format(descr, order, shape)
end

local function read(content) return with_file(content, datasets.npy) end

-- np.savez_compressed(f, x=np.arange(3, dtype='<f4'), y=np.array([1, 2])), NumPy 2.4.6
local NPZ <const> = bytes(
  "504b03042d000000080000002100b68c8653ffffffffffffffff05001400782e6e7079010010008c0000000000"
  .. "00004b000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498"
  .. "179f5f94920a12774bcc294e058a17672416a402f91ac63a9a3a0ab50a14002e063068b007120e00504b03042d"
  .. "0000000800000021000cfc1ce9ffffffffffffffff05001400792e6e70790100100090000000000000004a0000"
  .. "00000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a1aea3a09e965f54529498179f5f9492"
  .. "0a12774bcc294e058a17672416a402f91a463a9a3a0ab50a14002e4606086082d200504b01022d032d00000008"
  .. "0000002100b68c86534b0000008c000000050000000000000000000000800100000000782e6e7079504b01022d"
  .. "032d0000000800000021000cfc1ce94a00000090000000050000000000000000000000800182000000792e6e70"
  .. "79504b0506000000000200020066000000030100000000")

describe("npy", function()
  -- 8 bytes a number, read to where it stays; float16 becomes float32, 4 bytes, on the way
  it("takes the memory of its tensor and little more", function()
    local n <const> = 100000
    for descr, each in pairs { ["<f8"] = 8, ["<i2"] = 8, ["<f2"] = 4 } do
      local size = n * tonumber(descr:sub(-1))
      local content = npy(dict(descr, "True", "(4, 25000)")) .. ("\1"):rep(size)
      with_file(content, function(path)
        collectgarbage()
        core.memory_limit(core.memory() + each * n + 150000)
        local ok, t = pcall(datasets.npy, path)
        core.memory_limit(0)
        assert.is_true(ok, t)
        assert.equal(n, t:numel())
      end)
    end
  end)

  it("may stay in its file: the same numbers, fit with the same bits #F55", function()
    local path = os.tmpname()
    local x = mlp.randn(200, 5)
    datasets.save_npy(path, x)
    local mapped = datasets.npy(path, { map = true })
    assert.equal(x:hash(), mapped:hash())
    local function weights(rows)
      mlp.seed(3)
      local model = mlp.Sequential { mlp.Dense { units = 3, activation = "tanh" }, mlp.Dense(1) }
      model:compile { loss = "mean_squared_error", optimizer = "adam" }
      model:fit(mlp.dataset { x = rows, y = x:slice(1, 200):sum(2) }, { epochs = 2, verbose = 0 })
      return model:hash()
    end
    assert.equal(weights(x), weights(mapped))
    mapped:fill_(7) -- stays private
    assert.equal(x:hash(), datasets.npy(path):hash())
    assert.equal(7, mapped[1][1]:item())
    os.remove(path)
    assert.equal(7, mapped[200][5]:item())
  end)

  it("says why a file cannot be mapped", function()
    local function refuses(why, header, hex)
      assert.error_matches(function()
        with_file(npy(header, hex), function(path) datasets.npy(path, { map = true }) end)
      end, why)
    end
    refuses("got columns; load it", dict("<f4", "True", "(1, 2)"), "0000803f00002040")
    for _, descr in ipairs { ">f4", "<i4", "<u4" } do
      refuses("expected elements of <f4, <f8, <i8 or u1; load it", dict(descr, "False", "(1,)"),
        "0000803f")
    end
    refuses("ends before its last element", dict("<f4", "False", "(2,)"), "0000803f")
    assert.error_matches(function() datasets.npy("no/such.npy", { map = true }) end,
      "npy: cannot map 'no/such.npy': No such file")
    assert.error_matches(function() with_file("", function(path)
      datasets.npy(path, { map = true })
    end) end, "the file is empty")
    assert.error_matches(function() datasets.npy("/", { map = true }) end, "not a regular file")
  end)

  it("reads what NumPy wrote: types, byte orders, orders of axes #D05", function()
    assert.same({ { 1.0, 2.5, -3.0 }, { 4.0, 5.0, 6.0 } },
      read(npy(dict("<f4", "False", "(2, 3)"),
        "0000803f00002040000040c0000080400000a0400000c040")):totable())
    local t = read(npy(dict(">f8", "False", "(2,)"), "3ff0000000000000c004000000000000"))
    assert.same({ 1.0, -2.5 }, t:totable())
    assert.equal("float64", t.dtype)
    assert.same({ 1.0, -0.5, 65504.0, 2.0 ^ -24, math.huge },
      read(npy(dict("<f2", "False", "(5,)"), "003c00b8ff7b0100007c")):totable())
    t = read(npy(dict("<i2", "True", "(2, 3)"), "0100fcff0200050003000600"))
    assert.same({ { 1, 2, 3 }, { -4, 5, 6 } }, t:totable())
    assert.equal("int64", t.dtype)
    assert.same({ 1, 4294967295 },
      read(npy(dict(">u4", "False", "(2,)"), "00000001ffffffff")):totable())
    t = read(npy(dict("|b1", "False", "(2,)"), "0100"))
    assert.same({ 1, 0 }, t:totable())
    assert.equal("uint8", t.dtype)
    assert.equal(7, read(npy(dict("|u1", "False", "()"), "07")):item())
    assert.same({ 0, 3 }, read(npy(dict("<f4", "False", "(0, 3)"))).shape)
    assert.equal(5, read(npy("{'shape':(1,),'descr':\"<i8\",'fortran_order':False}",
      "0500000000000000")):item())
  end)

  it("refuses what it cannot trust, before it takes memory #D05", function()
    local function refused(text, header, hex)
      assert.error_matches(function() read(npy(header, hex)) end, text)
    end
    refused("ends before its last element", dict("<f4", "False", "(65536, 65536)"), "00")
    refused("sizes are too large", dict("<f8", "False", "(4294967296, 4294967296)"))
    refused("fits in memory", dict("<f8", "False", "(99999999999999999999,)"))
    refused("bytes behind the last element", dict("<f4", "False", "(1,)"), "0000000000")
    refused("pickled data is not loaded", dict("|O", "False", "(1,)"), "00")
    refused("expected elements of f2", dict("<c8", "False", "(1,)"), "0000000000000000")
    refused("expected elements of f2", dict("<f3", "False", "(1,)"), "000000")
    refused("expected elements of f2", dict("", "False", "(1,)"), "00000000")
    refused("structured arrays are not read",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "00000000")
    refused("expected a whole number", dict("<f4", "False", "(-1,)"))
    refused("comma or '%)'", dict("<f4", "False", "(1.5,)"))
    refused("at most 8 dimensions", dict("<f4", "False", "(1,1,1,1,1,1,1,1,1)"), "00000000")
    refused("True or False", dict("<f4", "Maybe", "(1,)"), "00000000")
    refused("keys 'descr', 'fortran_order'",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", "00000000")
    refused("expected the keys", "{'descr': '<f4', 'shape': (1,)}", "00000000")
    refused("appears twice", "{'descr': '<f4', 'descr': '<f4'}", "00000000")
    refused("above 2%^63", dict("<u8", "False", "(1,)"), "ffffffffffffffff")
    assert.error_matches(function() read "\x93NUMPY\9\0\0\0{}" end, "version 1.0, 2.0 or 3.0")
    assert.error_matches(function() read "\x93NUMPY\1\0\255\255{}" end, "ends in its header")
    assert.error_matches(function() read "\x93NUMPY\2\0\255\255\255\255{}" end, "than 64 KiB")
    assert.error_matches(function() read "hello" end, "this is no npy file")
    assert.error_matches(function() datasets.npy "/nonexistent/x.npy" end, "npy: .*nonexistent")
  end)

  it("writes what it reads, with the bytes of NumPy", function()
    local t = mlp.tensor({ { 1, 2.5, -3 }, { 4, 5, 6 } }):t()
    local path = os.tmpname()
    for _, dtype in ipairs { "float32", "float64", "int64", "uint8" } do
      datasets.save_npy(path, t:to(dtype))
      local back = datasets.npy(path)
      assert.equal(t:to(dtype), back)
      assert.equal(dtype, back.dtype)
    end
    datasets.save_npy(path, mlp.tensor { 1 })
    local file <close> = io.open(path, "rb")
    assert.equal(npy(dict("<f4", "False", "(1,)"), "0000803f"), file:read "a")
    os.remove(path)
  end)
end)

local function crc32(s) -- ISO/IEC 15948, annex D
  local crc = 0xffffffff
  for i = 1, #s do
    crc = crc ~ s:byte(i)
    for _ = 1, 8 do crc = crc >> 1 ~ (crc & 1) * 0xedb88320 end
  end
  return crc ~ 0xffffffff
end

--- A zip file of stored members: APPNOTE.TXT, 4.3.
local function zip(names, content)
  local out, central, at = {}, {}, 0
  local sums = string.pack("<I4I4I4", crc32(content), #content, #content)
  for i, name in ipairs(names) do
    out[i] = string.pack("<I4I2I2I2I2I2", 0x04034b50, 20, 0, 0, 0, 0) .. sums
      .. string.pack("<I2I2", #name, 0) .. name .. content
    central[i] = string.pack("<I4I2I2I2I2I2I2", 0x02014b50, 20, 20, 0, 0, 0, 0) .. sums
      .. string.pack("<I2I2I2I2I2I4I4", #name, 0, 0, 0, 0, 0, at) .. name
    at = at + #out[i]
  end
  local list = table.concat(central)
  return table.concat(out) .. list .. string.pack("<I4I2I2I2I2I4I4I2", 0x06054b50, 0, 0, #names,
    #names, #list, at, 0)
end

describe("npz", function()
  it("refuses two arrays of one name, among how many there may be", function()
    local path, names = os.tmpname(), {}
    datasets.save_npy(path, mlp.ones(1))
    local file <close> = assert(io.open(path, "rb"))
    local content = file:read "a"
    for i = 1, 1100 do names[i] = ("a%d.npy"):format(i) end
    assert.equal(1, with_file(zip(names, content), datasets.npz).a1100:item())
    names[1101] = "a7" -- a7.npy without its ending
    assert.error_matches(function() with_file(zip(names, content), datasets.npz) end,
      "npz: two arrays have the name 'a7'")
    os.remove(path)
  end)

  it("reads what NumPy wrote, zip64 sizes included #D06", function()
    local t = with_file(NPZ, datasets.npz)
    assert.same({ 0.0, 1.0, 2.0 }, t.x:totable())
    assert.same({ 1, 2 }, t.y:totable())
  end)

  it("comes back, stored or deflated, and is the same bytes every time", function()
    local path = os.tmpname()
    local a, b = mlp.rand(20, 3), mlp.randperm(7)
    local sizes = {}
    for _, compressed in ipairs { false, true } do
      local content
      for _ = 1, 2 do
        datasets.save_npz(path, { a = a, b = b, ["lay/er.0"] = a * 0 }, { compressed = compressed })
        local file <close> = io.open(path, "rb")
        local now = file:read "a"
        assert.truthy(content == nil or content == now)
        content = now
      end
      sizes[#sizes + 1] = #content
      local t = datasets.npz(path)
      assert.equal(a, t.a)
      assert.equal(b, t.b)
      assert.equal(0, t["lay/er.0"]:sum():item())
    end
    assert.truthy(sizes[2] < sizes[1])
    os.remove(path)
  end)

  it("refuses damage, bombs and lies #D06", function()
    local function refused(text, content)
      assert.error_matches(function() with_file(content, datasets.npz) end, text)
    end
    local function patch(at, value) return NPZ:sub(1, at) .. value .. NPZ:sub(at + #value + 1) end
    local central = NPZ:find("PK\1\2", 1, true) - 1
    local ending = NPZ:find("PK\5\6", 1, true) - 1
    refused("no zip file", "hello")
    refused("no end of a zip file", ("x"):rep(100))
    refused("no end of a zip file", NPZ:sub(1, -2))
    refused("checksum is wrong", patch(central + 16, "\0\0\0\0"))
    refused("is encrypted", patch(central + 8, "\1"))
    refused("stored or deflated", patch(central + 10, "\12"))
    refused("1000 times its size", patch(central + 24, "\0\0\0\1"))
    refused("does not inflate to its size", patch(central + 24, "\x8d"))
    refused("does not inflate to its size", patch(70, "\255\255\255\255"))
    refused("lies outside of the file", patch(central + 20, "\0\0\0\1"))
    refused("header of a member", patch(central + 42, "\5"))
    refused("two members have the same name", patch(central + 46 + 51, "x"))
    refused("name of 1 to 1000 bytes without NUL", patch(central + 46, "\0"))
    refused("outside of the file", patch(ending + 16, "\0\0\0\1"))
    refused("more members than", patch(ending + 10, "\255\1"))
    refused("a size is missing", patch(ending + 10, "\255\255"))
    refused("one part of several", patch(ending + 4, "\1"))
  end)

  it("a name in it is a name, never a path", function()
    local path = os.tmpname()
    datasets.save_npz(path, { ["../../x"] = mlp.ones(1) })
    assert.equal(1, datasets.npz(path)["../../x"]:item())
    assert.error_matches(function() datasets.save_npz(path, { 1 }) end, "expected tensors by name")
    os.remove(path)
  end)
end)
