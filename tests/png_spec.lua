local mlp = require "mlp"
local datasets = mlp.datasets

-- Files by Python's zlib and struct: every kind and depth of ISO/IEC 15948.
local FILES <const> = {
  grey1 = "89504e470d0a1a0a0000000d4948445200000004000000010100000000d14732600000000a4944415478"
    .. "da63080000005200515aa9a33a0000000049454e44ae426082",
  grey2 = "89504e470d0a1a0a0000000d494844520000000400000001020000000096e748b00000000a4944415478"
    .. "da63900600001d001c237c8fac0000000049454e44ae426082",
  grey4 = "89504e470d0a1a0a0000000d494844520000000200000001040000000014b9cd570000000a4944415478"
    .. "da63e007000011001004e4396d0000000049454e44ae426082",
  grey8 = "89504e470d0a1a0a0000000d494844520000000200000002080000000057dd52f80000000e4944415478"
    .. "da6360306638f31f00036901ff1da7d16b0000000049454e44ae426082",
  grey16 = "89504e470d0a1a0a0000000d494844520000000200000001100000000081d9fc150000000d4944415478"
    .. "da636060fcff1f0003050200be03bd8f0000000049454e44ae426082",
  greya8 = "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478"
    .. "da63483306000102009a1b5d63ce0000000049454e44ae426082",
  greya16 = "89504e470d0a1a0a0000000d4948445200000001000000011004000000e58cd0410000000d4944415478"
    .. "da636064f8ff1f000306020065e35c200000000049454e44ae426082",
  rgb8 = "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478"
    .. "da63f8cf600c00033401335a1a143b0000000049454e44ae426082",
  rgb16 = "89504e470d0a1a0a0000000d4948445200000001000000011002000000c0e78f9d0000000f4944415478"
    .. "da63f8ff9f81818111000afd0200b29470860000000049454e44ae426082",
  rgba8 = "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478"
    .. "da63f8cf609c060004cd0199115f1b580000000049454e44ae426082",
  rgba16 = "89504e470d0a1a0a0000000d49484452000000010000000110060000004f8518ca000000114944415478"
    .. "da63f8ff9f818181918109000eff02021f19e4bf0000000049454e44ae426082",
  pal1 = "89504e470d0a1a0a0000000d4948445200000002000000010103000000ceecedc900000009504c5445ff"
    .. "000000ff000000ff2d4acd8a0000000a4944415478da637000000042004184bf8e620000000049454e44"
    .. "ae426082",
  pal2 = "89504e470d0a1a0a0000000d4948445200000003000000010203000000668efc2700000009504c5445ff"
    .. "000000ff000000ff2d4acd8a0000000a4944415478da63900000001a001980008ebb0000000049454e44"
    .. "ae426082",
  pal4 = "89504e470d0a1a0a0000000d4948445200000002000000010403000000060c62b900000009504c5445ff"
    .. "000000ff000000ff2d4acd8a0000000a4944415478da6360020000040003426c62690000000049454e44"
    .. "ae426082",
  pal8 = "89504e470d0a1a0a0000000d49484452000000030000000108030000002c3ee48600000009504c5445ff"
    .. "000000ff000000ff2d4acd8a0000000c4944415478da63606064020000080004081d630a000000004945"
    .. "4e44ae426082",
  palalpha = "89504e470d0a1a0a0000000d4948445200000002000000010803000000c3fc8fb800000009504c5445ff"
    .. "000000ff000000ff2d4acd8a0000000174524e5333ff36b9700000000b4944415478da63606004000004"
    .. "00022cde48ad0000000049454e44ae426082",
  interlaced16 = "89504e470d0a1a0a"
    .. "0000000d4948445200000002000000021000000001704abe2d000000134944415478"
    .. "da63606060303666484bfbff1f0008690331ab8573a30000000049454e44ae426082",
  huge = "89504e470d0a1a0a0000000d494844527fffffff000000010800000000855d6c010000000c4944415478"
    .. "9c6360a03d00000064000186643c350000000049454e44ae426082",
  million = "89504e470d0a1a0a0000000d4948445200004000000040001006000000f958ccc70000000c4944415478"
    .. "9c6360a03d00000064000186643c350000000049454e44ae426082",
  bomb = "89504e470d0a1a0a0000000d4948445200000fa000000fa00800000000cb14bcde0000000c4944415478"
    .. "9c6360a03d00000064000186643c350000000049454e44ae426082",
  badcrc = "89504e470d0a1a0a0000000d494844520000000200000002080000000057dd52f80000000e4944415478"
    .. "da6360316638f31f00036901ff1da7d16b0000000049454e44ae426082",
}

local function bytes(hex)
  return (hex:gsub("..", function(b) return string.char(tonumber(b, 16)) end))
end

local function write(path, content)
  local file <close> = assert(io.open(path, "wb"))
  file:write(content)
end

local function read(name, options)
  local path = os.tmpname()
  write(path, bytes(FILES[name]))
  local ok, t = pcall(datasets.png, path, options)
  os.remove(path)
  if not ok then error(t, 0) end
  return t
end

describe("a PNG for which there is no memory", function()
  it("is not called damaged, whichever allocation fails", function()
    local core = require "mlp.core"
    local n, done = 0, false
    while not done do
      n = n + 1
      core.fail_allocation(n, true)
      local ok, e = pcall(read, "palalpha")
      core.fail_allocation(0)
      if not ok then assert.matches("memory", tostring(e)) end
      done = ok
    end
    assert.truthy(n > 3)
  end)
end)

local function is(name, shape, values, most, options)
  local t = read(name, options)
  assert.same(shape, t.shape, name)
  for i, v in ipairs(t:reshape(-1):totable()) do
    assert.near(values[i] / most, v, 1e-7, ("%s, sample %d"):format(name, i))
  end
end

describe("png", function()
  it("reads all fifteen kinds, to the value #D09", function()
    is("grey1", { 1, 4, 1 }, { 0, 1, 0, 1 }, 1)
    is("grey2", { 1, 4, 1 }, { 0, 1, 2, 3 }, 3)
    is("grey4", { 1, 2, 1 }, { 0, 15 }, 15)
    is("grey8", { 2, 2, 1 }, { 0, 51, 204, 255 }, 255)
    is("grey16", { 1, 2, 1 }, { 1, 65535 }, 65535)
    is("greya8", { 1, 1, 2 }, { 102, 51 }, 255)
    is("greya16", { 1, 1, 2 }, { 256, 65535 }, 65535)
    is("rgb8", { 1, 1, 3 }, { 255, 0, 51 }, 255)
    is("rgb16", { 1, 1, 3 }, { 65535, 0, 1 }, 65535)
    is("rgba8", { 1, 1, 4 }, { 255, 0, 51, 102 }, 255)
    is("rgba16", { 1, 1, 4 }, { 65535, 0, 1, 2 }, 65535)
    local red, green, blue = { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }
    local function palette(name, ...)
      local values = {}
      for _, colour in ipairs { ... } do table.move(colour, 1, 3, #values + 1, values) end
      is(name, { 1, select("#", ...), 3 }, values, 1)
    end
    palette("pal1", red, green)
    palette("pal2", red, green, blue)
    palette("pal4", red, blue)
    palette("pal8", red, green, blue)
    is("palalpha", { 1, 2, 4 }, { 1, 0, 0, 0.2, 0, 1, 0, 1 }, 1)
    is("interlaced16", { 2, 2, 1 }, { 0, 13107, 26214, 65535 }, 65535)
  end)

  it("makes grey or RGB of them", function()
    is("rgba8", { 1, 1, 1 }, { 0.299 * 255 + 0.114 * 51 }, 255, { channels = "grey" })
    is("greya8", { 1, 1, 3 }, { 102, 102, 102 }, 255, { channels = "rgb" })
    is("rgba8", { 1, 1, 3 }, { 255, 0, 51 }, 255, { channels = "rgb" })
  end)

  it("refuses damage and bombs #D09", function()
    local function refused(text, name)
      assert.error_matches(function() read(name) end, "png: .*" .. text)
    end
    refused("Invalid IHDR data", "huge")
    refused("256 MiB", "million")
    refused("more pixels than a file of its size can hold", "bomb")
    refused("incorrect data check", "badcrc") -- as zlib puts it
    FILES.short, FILES.text = FILES.grey8:sub(1, 100), ("68"):rep(20)
    refused("ends too early", "short")
    refused("Not a PNG file", "text")
    assert.error_matches(function() read("grey8", { channels = "cmyk" }) end,
      "expected 'file', 'grey' or 'rgb', got 'cmyk'")
  end)

  it("writes what it reads", function()
    local path = os.tmpname()
    for _, shape in ipairs { { 3, 5 }, { 3, 5, 1 }, { 2, 3, 2 }, { 4, 2, 3 }, { 1, 1, 4 } } do
      local image = (mlp.rand(shape) * 255):byte()
      datasets.save_png(path, image)
      local back = datasets.png(path)
      assert.same(image:reshape(-1):totable(), (back * 255 + 0.5):byte():reshape(-1):totable())
      datasets.save_png(path, back)
      assert.equal(back, datasets.png(path))
    end
    assert.error_matches(function() datasets.save_png(path, mlp.zeros(3)) end,
      "save_png: expected %(height, width%).* got float32 %(3,%)")
    os.remove(path)
  end)
end)

describe("png_folder", function()
  it("is a dataset: a class for each folder", function()
    local base = os.tmpname()
    os.remove(base)
    os.execute(("mkdir -p %s/cat %s/ape"):format(base, base))
    for i, name in ipairs { "cat/b", "cat/a", "ape/x" } do
      datasets.save_png(("%s/%s.png"):format(base, name), mlp.full({ 2, 2 }, i / 5))
    end
    write(base .. "/cat/readme.txt", "no image")
    local data = datasets.png_folder(base)
    assert.equal(3, #data)
    assert.same({ "ape", "cat" }, data.class_names)
    assert.same({ 1, 2, 2 }, data.y:totable())
    assert.same({ 3, 4 }, data.x.shape)
    for row, v in ipairs { 3 / 5, 2 / 5, 1 / 5 } do
      assert.near(v, data.x[row][1]:item(), 1e-6)
    end
    assert.same({ 3, 2, 2, 3 },
      datasets.png_folder(base, { channels = "rgb", flatten = false }).x.shape)
    datasets.save_png(base .. "/cat/c.png", mlp.zeros(2, 3))
    assert.error_matches(function() datasets.png_folder(base) end,
      "cat/c.png': expected an image of shape %(2, 2, 1%) as '.*ape/x.png' is, got %(2, 3, 1%)")
    os.execute(("mkdir %s/dog"):format(base))
    assert.error_matches(function() datasets.png_folder(base) end, "dog': expected images")
    assert.error_matches(function() datasets.png_folder(base .. "/cat") end, "one folder for each")
    os.execute("rm -r " .. base)
  end)
end)
