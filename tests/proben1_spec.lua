--- Files of PROBEN1. The form is that of its report (Prechelt 1994, section 4).
local mlp = require "mlp"
local program = require "program"

local HEADER <const> = "bool_in=%d\nreal_in=%d\nbool_out=%d\nreal_out=%d\ntraining_examples=2\n"
  .. "validation_examples=1\ntest_examples=1\n"

--- The parts of a file with that text.
local function read(text)
  local path = program.file(text)
  local result = table.pack(pcall(mlp.datasets.proben1, path))
  os.remove(path)
  if not result[1] then error(result[2], 0) end
  return table.unpack(result, 2)
end

describe("mlp.datasets.proben1", function()
  it("gives training, validation and test rows, outputs of yes and no as classes", function()
    local train, validation, test = read(HEADER:format(1, 1, 2, 0)
      .. "0 0.5 1 0\n1 0.25 0 1\n1 0 0 1\n0 1 1 0\n")
    assert.same({ { 0, 0.5 }, { 1, 0.25 } }, train.x:totable())
    assert.same({ { 1, 2 }, { 2 }, { 1 } },
      { train.y:totable(), validation.y:totable(), test.y:totable() })
    assert.same({ 2, 2, 2 }, { train.n_classes, validation.n_classes, test.n_classes })
  end)

  it("gives outputs that are numbers as values", function()
    local train, _, test = read(HEADER:format(0, 1, 0, 2)
      .. "1 0.5 0.25\n2 0 1\n3 0 0\n4 0.125 1\n")
    assert.equal(0, train.n_classes)
    assert.same({ { 0.5, 0.25 }, { 0, 1 } }, train.y:totable())
    assert.same({ { 4 } }, test.x:totable())
  end)

  it("names what is wrong in a file", function()
    local head = HEADER:format(0, 1, 0, 1)
    for text, message in pairs {
      [head .. "1 2\n1 2\n"] = "expected 4 rows, as its header says, got 2",
      [head .. "1 2\n1\n"] = "line 9: expected 2 numbers, got 1",
      [head .. "1 x\n"] = "line 8: expected numbers, got 'x'",
      ["bool_in=1\n1 2\n"] = "line 2: expected 'real_in=' before the rows",
      [""] = "expected 0 rows, as its header says, got 0",
    } do
      assert.error_matches(function() read(text) end, "proben1: .*" .. message)
    end
    assert.error_matches(function() mlp.datasets.proben1 "/none/x.dt" end, "proben1: cannot open")
    assert.error_matches(function() mlp.datasets.proben1 {} end, "proben1: expected the path")
  end)
end)
