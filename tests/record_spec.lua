-- The record of a run, and mlprun --verify.
local program = require "program"
local core = require "mlp.core"

local folder

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local SCRIPT <const> = [[
  local mlp = require "mlp"
  local data = mlp.datasets.moons { n = 100, noise = 0.2 }
  local model = mlp.Sequential { mlp.Dense { units = 1, activation = "sigmoid" } }
  model:compile { loss = "binary_crossentropy", metrics = { "acc" } }
  local history = model:fit(data, { epochs = 2, verbose = 0 })
  print(model:evaluate(data).acc)
  model:save(mlp.out "m.safetensors")
  io.open(mlp.out "loss.txt", "w"):write(history.loss[2]):close()
  mlp.record.note("tries", 3)
]]

local function script(text)
  local path = folder .. "/try.lua"
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  return path
end

describe("the record of a run #F99", function()
  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    core.make_folder(folder)
  end)
  after_each(function() os.execute("rm -r -- " .. folder) end)

  it("lies beside the output, without host, time or path", function()
    program.needed()
    local path, out = script(SCRIPT), folder .. "/out"
    local _, err, code = program.run { "--seed", "4", "--out", out, path, "--lr", "0.1" }
    assert.equal(0, code, err)
    local text = read(out .. "/try.run.json")
    local record = core.json_decode(text)
    assert.equal("try.lua", record.script)
    assert.equal(core.sha256(SCRIPT), record.sha256)
    assert.equal("--lr 0.1", record.options)
    assert.equal(4, record.seed)
    assert.equal(core.version, record.versions.mlprun)
    assert.truthy(record.isa and record.threads)
    assert.same({ "m.safetensors", "loss.txt" }, { record.files[1].name, record.files[2].name })
    assert.equal(core.sha256(read(out .. "/m.safetensors")), record.files[1].sha256)
    local fit, evaluation = record.results[1], record.results[2]
    assert.equal("fit", fit.what)
    assert.equal(2, fit.epochs)
    assert.equal(64, #fit.sha256)
    assert.truthy(fit.metrics.loss and fit.metrics.acc and evaluation.metrics.acc)
    assert.equal(3, record.notes.tries)
    assert.is_nil(record.machine)
    assert.is_nil(text:find(folder, 1, true))
    program.run { "--seed", "4", "--out", out, path, "--lr", "0.1" }
    assert.equal(text, read(out .. "/try.run.json"))
  end)

  it("names machine and time where it is asked to", function()
    program.needed()
    local path = script [[
      local record = require("mlp").record
      record.with { machine = true, time = true }
      record.write(arg[1])
    ]]
    local _, err = program.run { path, folder .. "/r.json" }
    local record = core.json_decode(read(folder .. "/r.json"))
    assert.truthy(record.machine.system, err)
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT", record.time[1])
  end)

  it("is not written where nothing goes to mlp.out", function()
    program.needed()
    program.run { "--out", folder .. "/out", script 'require "mlp"' }
    assert.is_nil(io.open(folder .. "/out/try.run.json"))
  end)

  it("refuses what is no number, string or boolean", function()
    assert.error_matches(function() require("mlp").record.note("x", {}) end,
      "note: expected a name and a number, string or boolean, got 'x' and a table")
  end)
end)

describe("mlprun --verify #F97", function()
  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    core.make_folder(folder)
  end)
  after_each(function() os.execute("rm -r -- " .. folder) end)

  local function verify(text, ...)
    return program.run { "--out", folder .. "/out", "--verify", script(text), ... }
  end

  it("finds two runs equal, with another number of threads", function()
    local out, err, code = verify(SCRIPT)
    assert.matches("^0%.%d+\n$", out)
    assert.equal("mlprun: verify: equal: 1 fits, 1 evaluations, 2 files, and the printed text\n",
      err)
    assert.equal(0, code)
    assert.truthy(io.open(folder .. "/out/m.safetensors"))
  end)

  it("says what differs first: a model", function()
    local _, err, code = verify((SCRIPT:gsub("local data", "mlp.seed("
      .. "require('mlp.core').threads())\n local data")))
    assert.matches("DIFFERENT: result 1 of 5, fit of sequential: sha256 %x+, then %x+", err)
    assert.equal(1, code)
  end)

  it("says what differs first: a file", function()
    local _, err, code = verify(
      [[local mlp = require "mlp" io.open(mlp.out "x.txt", "w"):write(os.tmpname()):close()]])
    assert.matches("DIFFERENT: result 1 of 1, file x.txt: sha256", err)
    assert.equal(1, code)
  end)

  it("only notes that the printed text differs", function()
    local _, err, code = verify "print(1) print(os.tmpname())"
    assert.matches("note: the printed text differs first in line 2", err)
    assert.equal(0, code)
  end)

  it("gives the exit code of a script that fails, and refuses to have none", function()
    local _, err, code = verify "error 'oh'"
    assert.matches("oh", err)
    assert.equal(1, code)
    _, err, code = program.run { "--verify" }
    assert.matches("option '%-%-verify': expected a script to run, got nothing", err)
    assert.equal(2, code)
  end)
end)
