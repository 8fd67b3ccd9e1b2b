local program = require "program"
local core = require "mlp.core"

describe("a picture", function()
  it("says which script made it, with what options #F99", function()
    local script = program.file [[
      local mlp = require "mlp"
      io.write(mlp.plot.line({ 1, 2 }, { 3, 4 }):png())
    ]]
    local png, err, code = program.run { script, "--lr", "0.1" }
    local file = assert(io.open(script, "rb"))
    local text = file:read "a"
    file:close()
    assert.equal(0, code, err)
    assert.truthy(png:find("options\0--lr 0.1", 1, true))
    assert.truthy(png:find("script sha256\0" .. core.sha256(text), 1, true))
    assert.truthy(png:find("script\0" .. script:match "[^/]*$", 1, true)) -- a name, not a path
    assert.is_nil(png:find(script, 1, true))
  end)

  it("tells mlprun where it comes from, in each of its formats", function()
    local script = program.file [[
      local mlp = require "mlp"
      mlp.seed(3) -- not the seed to run it with
      mlp.plot.line({ 1, 2 }, { 3, 4 }, { title = "a & b" }):save(arg[1])
    ]]
    for _, format in ipairs { ".png", ".svg", ".pdf" } do
      local path = os.tmpname() .. format
      local _, err, code = program.run { "--seed", "7", script, path, "two words" }
      assert.equal(0, code, err)
      local text = program.run { path }
      assert.truthy(text:find("seed           7", 1, true), text)
      assert.truthy(text:find("a & b", 1, true), text)
      assert.truthy(text:find("command        mlprun --seed 7 " .. script:match "[^/]*$", 1, true),
        text)
      assert.truthy(text:find(script:match "[^/]*$" .. " is not here", 1, true), text)
      os.remove(path)
    end
  end)

  it("cannot speak to the terminal nor name a program to run", function()
    local path = os.tmpname() .. ".png"
    local f = require("mlp").plot.line({ 1 }, { 1 }, { meta = { note = "a\27[31mred\7" } })
    f:save(path)
    local text = program.run { path }
    os.remove(path)
    assert.truthy(text:find("note     a [31mred", 1, true) or text:find("a [31mred", 1, true), text)
    assert.is_nil(text:find "[\7\27]")
  end)

  -- FIPS 180-4's example
  it("is named by a checksum that others compute too", function()
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      core.sha256 "abc")
  end)
end)
