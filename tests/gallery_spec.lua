-- runtime/tools/gallery.lua, which draws docs/gallery.
local program = require "program"

describe("the gallery", function()
  it("draws one script, and leaves the other pictures and the page", function()
    local folder = os.tmpname()
    os.remove(folder)
    os.execute("mkdir " .. folder)
    local function put(name, text)
      local file <close> = assert(io.open(folder .. "/" .. name, "w"))
      file:write(text)
    end
    put("other.png", "a picture")
    put("README.md", "a page")
    put("one.lua", [[
-- A line.
local mlp = require "mlp"
mlp.plot.line({ 1, 3, 2 }):save(mlp.out "one.png")
]])
    local out, err, code = program.run { "runtime/tools/gallery.lua", program.path, folder,
      folder .. "/one.lua" }
    assert.same({ "one.png\n", "", 0 }, { out, err, code })
    local text = {}
    for _, name in ipairs { "one.png", "other.png", "README.md" } do
      local file <close> = assert(io.open(folder .. "/" .. name, "rb"))
      text[#text + 1] = file:read(9)
    end
    os.execute("rm -r " .. folder)
    assert.same({ "\x89PNG\r\n\x1a\n\0", "a picture", "a page" }, text)
  end)
end)
