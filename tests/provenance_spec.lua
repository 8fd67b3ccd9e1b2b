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

  -- FIPS 180-4's example
  it("is named by a checksum that others compute too", function()
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      core.sha256 "abc")
  end)
end)
