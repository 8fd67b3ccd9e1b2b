local program = require "program"

local script = [[
  local core = require "mlp.core"
  local p <close> = require "mlp.progress".new { epochs = 2, steps = 100, verbose = VERBOSE }
  p:epoch_begin(1)
  for i = 1, 100 do
    p:step(i, { loss = 0.5, accuracy = 0.25 })
    local stop = core.clock() + 0.002
    while core.clock() < stop do end
  end
  p:epoch_end(1, { val_loss = 2e-4, loss = 0.00123456, accuracy = 1 }, 75)]]

local function text(verbose) return (script:gsub("VERBOSE", verbose or '"auto"')) end

describe("progress", function()
  it("is a line an epoch, on standard error, where there is no terminal #F87", function()
    local out, err = program.run { "-e", text() }
    assert.equal("", out)
    assert.equal("Epoch 1/2 - 1:15 - 750ms/step - loss: 0.0012 - accuracy: 1.0000 - "
      .. "val_loss: 2.0000e-04\n", err)
  end)

  it("puts no carriage returns or escapes into files, even when asked for a bar #F87", function()
    local _, err = program.run { "-e", text "1" }
    assert.is_nil(err:find "[\r\27]")
  end)

  it("is silent with --quiet or verbose = 0 #F87", function()
    assert.equal("", (select(2, program.run { "--quiet", "-e", text() })))
    assert.equal("", (select(2, program.run { "-e", text "0" })))
  end)

  it("is a bar on a terminal, redrawn at most every 50 ms, within its width #F87", function()
    local shown = program.at_terminal("", { "-e", text() }, "LC_ALL=C")
    assert.matches("Epoch 1/2\n", shown)
    assert.matches("\n?\r%d+/100 %[=+ *%] 0s %d+ms/step %- loss: 0.5000 %- accuracy", shown)
    assert.matches("100/100 1:15 - loss: 0.0012 - accuracy: 1.0000 - val_loss: 2.0000e-04\27",
      shown, 1, true)
    local _, drawings = shown:gsub("\27%[K", "")
    assert.is_true(drawings >= 2 and drawings <= 20) -- 0.2 s and more on a busy machine
    for line in shown:gmatch "([^\r\n]*)\27%[K" do assert.is_true(#line < 80) end
  end)

  it("draws the bar with lines in a UTF-8 locale", function()
    local shown = program.at_terminal("", { "-e", text() }, "LC_ALL=C.UTF-8")
    assert.matches("/100 " .. ("━"):rep(5), shown, 1, true)
  end)

  it("shows all numbers of an epoch, however narrow the terminal", function()
    local shown = program.at_terminal("", { "-e", (text():gsub("loss = 0.00123456",
      "loss = 1, a_long_name_of_a_metric = 2, another_long_name = 3")) }, "LC_ALL=C")
    assert.matches("another_long_name: 3.0000 - val_loss: 2.0000e-04\27", shown, 1, true)
  end)
end)

describe("mlp.out", function()
  it("is a path under --out, whose folder it makes", function()
    local folder = os.tmpname()
    os.remove(folder)
    local out, err = program.run { "--out", folder, "-e", [[
      local path = require "mlp.out" "a/b.png"
      print(path)
      assert(io.open(path, "w")):close()]] }
    assert.equal("", err)
    assert.equal(folder .. "/a/b.png\n", out)
    os.remove(folder .. "/a/b.png")
    os.remove(folder .. "/a")
    os.remove(folder)
  end)
end)
