-- Whatever a script hands to a public function, it gets an error of ours, with its own line.
local mlp = require "mlp"
local core = require "mlp.core"
local help = require "mlp.help"
local program = require "program"

local function message(f, ...)
  local _, e = mlp.try(f, ...)
  return tostring(e):gsub("^[^:]*:%d+: ", "")
end

describe("misuse", function()
  it("is told by the comment above the function", function()
    assert.equal("tril: argument 't': expected a tensor, got none", message(mlp.tril))
    assert.equal("history: argument 'history': expected a history, got none",
      message(function() mlp.plot.history(nil) end))
    assert.equal("roc: argument 'y': expected a table or a tensor, got true",
      message(function() mlp.plot.roc(true, {}) end))
  end)

  it("of a C function counts its arguments as the script does", function()
    local figure = mlp.plot.figure()
    assert.equal("panel: argument 'row': expected a whole number, got a string",
      message(function() figure:panel "a" end))
    assert.equal("panel: argument 'col': expected a whole number, got a table",
      message(function() figure.panel(figure, 1, {}) end))
    assert.equal("meta: argument 'key': expected a text, got a table",
      message(function() figure:meta {} end))
  end)

  it("is told of options that charts share", function()
    assert.equal("bars: option 'names': expected a list, got 3",
      message(mlp.plot.bars, { 1, 2 }, { names = 3 }))
    assert.equal("line: option 'panel': expected a panel, got -1",
      message(mlp.plot.line, { 1, 2 }, nil, { panel = -1 }))
  end)

  it("refuses file names that would be another's", function()
    local figure = mlp.plot.figure()
    for _, path in ipairs { "", "a\0b", -1 } do
      assert.matches("^save: argument 'path': expected a file name, got ",
        message(function() figure:save(path) end))
      assert.matches("^idx: argument 'path': expected a file name, got ",
        message(mlp.datasets.idx, path))
    end
    assert.matches("got 'a' with a zero byte behind it$", message(mlp.datasets.idx, "a\0b"))
  end)

  it("leaves the script's own errors alone", function()
    local own = {}
    assert.equal(own, select(2, mlp.try(error, own)))
    assert.matches("attempt to index a nil value", message(function() return own.x.y end))
    assert.matches("bad argument #1 to 'rep'", message(function() return string.rep() end))
    assert.matches("attempt to index a nil value", message(function()
      local model = mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse", optimizer = "sgd" }
      model:fit({ x = mlp.zeros(2, 1), y = mlp.zeros(2, 1) }, { verbose = 0,
        callbacks = { mlp.Lambda { on_epoch_end = function() return own.x.y end } } })
    end))
  end)

  it("has the script's line in the program", function()
    local script = program.file "local mlp = require 'mlp'\nmlp.tril(7)\n"
    local _, err, code = program.run { script }
    assert.equal(1, code)
    assert.matches("mlprun: [^\n]*:2: tril: argument 't': expected a tensor, got 7\n", err)
  end)
end)

-- Strange arguments for every function -------------------------------------------

local model = mlp.Sequential { mlp.Dense { 1, "sigmoid" } }
  :compile { loss = "binary_crossentropy", optimizer = "sgd" }
local data = mlp.datasets.moons { n = 8 }
local history = model:fit(data, { verbose = 0 })
local OF <const> = {
  Tensor = mlp.rand(3, 2), Model = model, Dataset = data, History = history, Layer = mlp.Dense(2),
  Figure = mlp.plot.figure(), Object = mlp.Adam(),
}
local STRANGE <const> = { "none", -1, "x\0y", { 1, "a", false }, mlp.zeros(0, 3), data, model,
  mlp.Input { 2 } }
local WITHOUT <const> = { -- they end the script, or change what other specs rely on
  ["mlp.args"] = true, ["mlp.seed"] = true, ["mlp.compat"] = true, ["mlp.out"] = true,
  ["Model:read_logs"] = true, -- fit's
  ["mlp.plot.show"] = true, ["mlp.plot.blocks"] = true, -- write to the terminal
}

--- Call one function with each strange value in the first two places; the first bad answer.
local function trouble(path, f)
  local class = path:match "^(%u%w*):"
  for i, value in ipairs(STRANGE) do
    local v = i > 1 and value or nil
    local first = class and OF[class]
    local ok, e
    local explain = core.explain
    if first then ok, e = xpcall(f, explain, first, v) else ok, e = xpcall(f, explain, v) end
    if not ok and (type(e) == "string" or tostring(e):find "attempt to") then
      return ("%s(%s): %s"):format(path, tostring(v), tostring(e))
    end
  end
end

describe("every public function", function()
  it("answers strange arguments with an error of ours", function()
    local paths, of = {}, {}
    help.each_public(function(path, f)
      local quiet = WITHOUT[path] or path:find "^mlp%.record" or path:find "BackupAndRestore"
      if not quiet then paths[#paths + 1], of[path] = path, f end
    end)
    table.sort(paths)
    local list = {}
    for _, path in ipairs(paths) do list[#list + 1] = trouble(path, of[path]) end
    assert.equal("", table.concat(list, "\n"))
  end)
end)
