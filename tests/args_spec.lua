local mlp = require "mlp"
local program = require "program"

--- Run `mlp.args` with these presets (Lua text) on a command line; its options as Lua text.
local function args(presets, ...)
  local path = program.file(
    "print(require 'mlp.inspect'(require 'mlp.args' " .. presets .. "))")
  local out, err, code = program.run { path, ... }
  os.remove(path)
  return out, err, code
end

local presets = [[{
  lr = { 0.01, help = "step size" }, epochs = 10, name = "x", shuffle = true, quiet = false,
  sizes = { 16, 16 }, kinds = { "a" }, weight_decay = 0.0,
}]]

describe("a value as a line", function()
  it("shows tensors inside a table by their few numbers, or type and shape", function()
    local inspect = require "mlp.inspect"
    local few, many = mlp.tensor { 1, 2 }, mlp.zeros(3, 3)
    assert.equal("{ a = 1 2 [float32 (2,)], b = [float32 (3, 3)] }",
      (inspect { a = few, b = many }:gsub("(%d)%.0000", "%1")))
    assert.equal(tostring(many), inspect(many))
  end)
end)

describe("mlp.args", function()
  it("gives the presets where nothing is said #F89", function()
    assert.equal('{ epochs = 10, kinds = { "a" }, lr = 0.01, name = "x", quiet = false, '
      .. 'shuffle = true, sizes = { 16, 16 }, weight_decay = 0.0 }\n', (args(presets)))
  end)

  it("takes values by the presets' types #F89", function()
    assert.equal('{ epochs = 3, kinds = { "b", "c" }, lr = 0.5, name = "", quiet = true, '
      .. 'shuffle = false, sizes = { 32 }, weight_decay = 1.0 }\n',
      (args(presets, "--lr", "0.5", "--epochs=3", "--name=", "--quiet", "--no-shuffle",
        "--sizes", "32", "--kinds=b,c", "--weight-decay=1")))
    assert.matches("quiet = false", (args(presets, "--quiet=false")))
  end)

  it("refuses wrong values and words with exit code 2 #F89", function()
    for words, message in pairs {
      ["--epochs=2.5"] = "option '--epochs': expected a whole number, got '2.5'",
      ["--lr=fast"] = "option '--lr': expected a number, got 'fast'",
      ["--lr"] = "option '--lr': expected a number, got nothing",
      ["--sizes=1,x"] = "option '--sizes': expected a list such as 1,2,3, got '1,x'",
      ["--quiet=1"] = "option '--quiet': expected true or false, got '1'",
      ["--weight-decy=1"] = "unknown option '--weight-decy'; did you mean '--weight-decay'?",
      ["--no-epochs"] = "unknown option '--no-epochs'",
      ["data.csv"] = "expected an option --NAME, got 'data.csv'",
    } do
      local out, err, code = args(presets, words)
      assert.equal("", out)
      assert.matches("args: " .. message, err, 1, true)
      assert.equal(2, code)
    end
  end)

  it("lists the options for --help #F89", function()
    local out, err, code = args(presets, "--lr", "1", "--help")
    assert.matches("\n  %-%-lr FLOAT +step size %(0.01%)\n", out)
    assert.matches("\n  %-%-weight%-decay FLOAT +%(0.0%)\n", out)
    assert.matches("\n  %-%-quiet +%(false%)\n", out)
    assert.equal("", err)
    assert.equal(0, code)
  end)

  it("refuses presets without a type", function()
    local _, err, code = args "{ f = print }"
    assert.matches("args: preset 'f': expected a number, string, boolean or list", err)
    assert.equal(1, code)
  end)
end)
