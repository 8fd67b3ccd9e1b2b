local program = require "program"

local training = [[
  local mlp = require "mlp"
  local x, y = mlp.rand { 512, 8 }, mlp.rand { 512, 1 }
  model = mlp.Sequential { mlp.Dense { units = 64 }, mlp.Dense { units = 1 } }
  model:compile { optimizer = "sgd", loss = "mse" }
  fit = function(how, callbacks)
    return model:fit({ x = x, y = y },
      { epochs = 1000000, on_interrupt = how, callbacks = callbacks, verbose = 0 })
  end
]]

local function interrupted(code)
  return program.at_terminal("expect ready\npause 200\nsend \\x03",
    { "-e", training .. "print 'ready'\n" .. code })
end

describe("Ctrl-C in fit", function()
  it("raises 'interrupted' with the history, and exit code 130 #E06 #F45", function()
    local shown, code = interrupted [[
      local ended
      local hook = mlp.Lambda { on_train_end = function() ended = true end }
      local ok, e = pcall(fit, "raise", { hook })
      print("after", ok, e.kind, #e.history > 0, e.history.stop_reason, ended)]]
    assert.matches("after\tfalse\tinterrupted\ttrue\tinterrupted\ttrue", shown)
    assert.equal(130, code)
  end)

  it("ends the script where nobody catches it #E06", function()
    local shown, code = interrupted "fit() print 'not reached'"
    assert.matches("mlprun: .*interrupted", shown)
    assert.is_nil(shown:find "not reached")
    assert.equal(130, code)
  end)

  it("returns the history on request, and the model goes on #E06 #F45", function()
    local shown, code = interrupted [[
      local history = fit "return"
      print("after", #history > 0, model:predict(x).shape[1])]]
    assert.matches("after\ttrue\t512", shown)
    assert.equal(130, code)
  end)

  it("reaches training in a coroutine #E07", function()
    local shown, code = interrupted [[
      coroutine.wrap(function() fit() end)()
      print 'not reached']]
    assert.is_nil(shown:find "not reached")
    assert.equal(130, code)
  end)

  it("at the prompt keeps session, model and what was learnt #E06 #F88", function()
    local path = program.file(training .. "train = fit net = model")
    local script = [[
expect >\x20
send dofile "]] .. path .. [["\r
expect >\x20
send history = train()\r
pause 500
send \x03
pause 100
send \r
expect >\x20
send #history > 0, history.stop_reason\r
expect true	interrupted
expect >\x20
send net.optimizer.learning_rate = 1e-9; train() print "again" train() print "not reached"\r
pause 500
send \x03
expect again
expect mlprun:\x20
expect interrupted
expect >\x20
send mlp.study {}:optimize(function() return train()[-1].loss end, { n_trials = 2, verbose = 0 })\r
pause 900
send \x03
expect interrupted
expect >\x20
send #net:predict(mlp.rand { 3, 8 })\r
expect 3]]
    local shown, code = program.at_terminal(script .. "\nexpect >\\x20\nsend \\x04", {},
      "MLPRUN_HISTORY=")
    os.remove(path)
    assert.is_nil(shown:match "missed: [^\n]*", shown)
    assert.equal(0, code)
  end)

  it("leaves a checkpoint of the last batch, and says where it goes on #E06 #F46", function()
    local folder = os.tmpname()
    os.remove(folder)
    local shown, code = interrupted(([[
      local backup = mlp.BackupAndRestore { backup_dir = "%s", save_freq = 1000000000 }
      model:fit({ x = x, y = y }, { epochs = 1000000, callbacks = { backup }, verbose = "auto" })
    ]]):format(folder))
    assert.equal(130, code)
    assert.matches("fit: interrupted at epoch %d+; the training is in '.*checkpoint.safetensors', "
      .. "and goes on from there", (shown:gsub("[\r\n]", "")))
    local file = assert(io.open(folder .. "/checkpoint.safetensors"))
    file:close()
    os.remove(folder .. "/checkpoint.safetensors")
    os.remove(folder)
  end)
end)
