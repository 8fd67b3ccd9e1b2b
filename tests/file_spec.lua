local mlp = require "mlp"
local core = require "mlp.core"
local samples = require "samples"

local folder

local function path(name) return folder .. "/" .. (name or "m.safetensors") end

local function read(name)
  local file <close> = assert(io.open(path(name), "rb"))
  return file:read "a"
end

local function write(bytes, name)
  local file <close> = assert(io.open(path(name), "wb"))
  file:write(bytes)
end

--- The bytes of a model file with its header changed by f, its length and checksum (by sha256sum)
--- made right again.
local function forge(bytes, f)
  local length = string.unpack("<I8", bytes)
  local header = f(bytes:sub(9, 8 + length)):gsub("%s+$", "")
  header = header .. (" "):rep(-#header % 8)
  local zeroed = header:gsub('("mlprun.sha256":")%x+', "%1" .. ("0"):rep(64))
  local rest = bytes:sub(9 + length)
  write(string.pack("<I8", #zeroed) .. zeroed .. rest, "forged")
  local pipe <close> = io.popen("sha256sum " .. path "forged")
  local digits = pipe:read(64)
  local signed = zeroed:gsub('("mlprun.sha256":")%x+', "%1" .. digits)
  write(string.pack("<I8", #signed) .. signed .. rest, "forged")
end

--- Save, load, save again: the second file has the bytes of the first. The loaded model.
local function round_trip(model)
  model:save(path())
  local loaded = mlp.load(path())
  loaded:save(path "again")
  assert.equal(read(), read "again")
  assert.equal(model:hash(), loaded:hash())
  return loaded
end

local data

local function classifier(optimizer)
  mlp.seed(5)
  local model = mlp.Sequential {
    mlp.Dense { units = 8, activation = "tanh" }, mlp.Dropout(0.3),
    mlp.Dense { units = 2, activation = "softmax" },
  }
  model:compile {
    optimizer = optimizer or mlp.Adam { learning_rate = 0.01 },
    loss = "sparse_categorical_crossentropy", metrics = { "acc" },
  }
  return model
end

local function train(model, from, to)
  model:fit(data, { initial_epoch = from, epochs = to, batch_size = 16, verbose = 0 })
  return model
end

--- The text of the error that f raises, which must be of that kind.
local function raised(kind, f, ...)
  local _, e = mlp.try(f, ...)
  assert.is_table(e, tostring(e))
  assert.equal(kind, e.kind, e.message)
  return e.message
end

describe("model files", function()
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    core.make_folder(folder)
    data = mlp.datasets.moons { n = 60, seed = 1 }
  end)
  teardown(function() os.execute("rm -rf " .. folder) end)

  it("under another program's ending is written, with a word about it", function()
    local model = mlp.Sequential { mlp.Dense(1), input_shape = { 2 } }
    local warn, said = core.warn, nil
    core.warn = function(text) said = text end
    model:save(path "m.h5")
    core.warn = warn
    assert.matches("m%.h5' is written as a safetensors file", said)
    assert.equal(model:hash(), mlp.load(path "m.h5"):hash())
  end)

  it("give a model with the same outputs, hash and description", function()
    local model = train(classifier(), 0, 2)
    local loaded = round_trip(model)
    assert.same(model:predict_proba(data.x):totable(), loaded:predict_proba(data.x):totable())
    assert.same(model:evaluate(data), loaded:evaluate(data)) -- "acc", as it was typed
    assert.equal(model:summary(), loaded:summary())
  end)

  it("training goes on from a file bit for bit, dropout and all #E03 #H08", function()
    local optimizers = {
      function() return mlp.SGD {} end,
      function() return mlp.SGD { momentum = 0.9, nesterov = true } end,
      function() return mlp.Adam { learning_rate = 0.01 } end,
    }
    for _, optimizer in ipairs(optimizers) do
      local straight = train(classifier(optimizer()), 0, 6)
      train(classifier(optimizer()), 0, 3):save(path())
      mlp.Dense(3)(mlp.ones(1, 2)) -- another random layer in between
      local resumed = train(mlp.load(path()), 3, 6)
      assert.equal(straight:hash(), resumed:hash())
      assert.equal(straight.iterations, resumed.iterations)
    end
  end)

  it("training by hand goes on bit for bit too", function()
    local x, y = data.x, data.y
    local function steps(model, n)
      for _ = 1, n do
        local loss = model:loss(y, model(x, { training = true }))
        model:zero_grad()
        loss:backward()
        model:step()
      end
      return model
    end
    local straight = steps(classifier(), 6)
    steps(classifier(), 3):save(path())
    assert.equal(straight:hash(), steps(mlp.load(path()), 3):hash())
  end)

  it("optimizer = false: the state stays behind and starts anew", function()
    local model = train(classifier(), 0, 2)
    model:save(path(), { optimizer = false })
    assert.is_nil(read():find("optimizer/", 1, true))
    local loaded = mlp.load(path())
    assert.equal(0, loaded.iterations)
    assert.equal(model:hash(), loaded:hash())
    train(loaded, 2, 3)
  end)

  it("keep graphs, shared and frozen layers, float64 and changed options", function()
    local shared = mlp.Dense { units = 3, activation = "tanh", name = "zweimal" }
    local x = mlp.Input { 3 }
    local h = shared(shared(x)) + x
    local frozen = mlp.Dense { units = 1, trainable = false }
    local model = mlp.Model { inputs = x, outputs = frozen(h), name = "graph" }
    model:compile { optimizer = mlp.Adam { learning_rate = 1 / 3 }, loss = "mse" }
    model.optimizer.learning_rate = 0.1 + 0.2
    local loaded = round_trip(model)
    assert.equal(0.1 + 0.2, loaded.optimizer.learning_rate)
    assert.equal(model:count(true), loaded:count(true))
    assert.equal(model:count(), loaded:count())
    local double = mlp.Sequential { mlp.Dense(2) }
    double:build({ 3 }, "float64")
    assert.equal("float64", round_trip(double).dtype)
  end)

  it("keep every bit of an option, and infinity", function()
    for _, max in ipairs { math.huge, 0.1, 5e-324, 1.7976931348623157e308 } do
      local relu = mlp.activations.ReLU { max_value = max }
      local model = mlp.Sequential { mlp.Activation(relu), input_shape = { 1 } }
      assert.equal(max, round_trip(model).layers[1].activation.max_value)
    end
  end)

  it("keep class names", function()
    local model = mlp.Sequential { mlp.Dense { units = 2, activation = "softmax" } }
    model:compile { loss = "sparse_categorical_crossentropy" }
    local named = core.dataset(mlp.randn(4, 2), mlp.tensor({ 1, 2, 1, 2 }, { dtype = "int64" }), 2,
      { class_names = { "ja", "nein \"ü\"" } })
    model:fit(named, { verbose = 0 })
    local loaded = round_trip(model)
    assert.same(model:predict_names(named.x), loaded:predict_names(named.x))
  end)

  -- Whatever is registered can be saved and comes back.
  samples.each("layer", function(kind)
    it("keep the layer " .. kind.name, function()
      local model, row = samples.model(kind)
      local loaded = round_trip(model)
      local x = kind.integers and samples.inputs(kind, row, 3)
        or mlp.randn({ 3, table.unpack(row) })
      assert.same(model(x):totable(), loaded(x):totable())
      assert.equal(tostring(model.layers[1]), tostring(loaded.layers[1]))
    end)
  end)

  local dense_option = {
    activation = "activation", initializer = "kernel_initializer",
    regularizer = "kernel_regularizer",
  }
  for family, option in pairs(dense_option) do
    samples.each(family, function(kind)
      it(("keep the %s %s"):format(family, kind.name), function()
        local object = core.object(family, kind.name, samples.options(kind))
        local layer = mlp.Dense { units = 4, [option] = object }
        local model = mlp.Sequential { layer, input_shape = { 4 } }
        local loaded = round_trip(model)
        assert.equal(tostring(object), tostring(loaded.layers[1][option]))
        local x = mlp.randn(3, 4)
        assert.same(model(x):totable(), loaded(x):totable())
      end)
    end)
  end

  samples.each("optimizer", function(kind)
    it("keep the optimizer " .. kind.name .. " and its state", function()
      local function make() return core.object("optimizer", kind.name, samples.options(kind)) end
      local straight = train(classifier(make()), 0, 2)
      local loaded = round_trip(train(classifier(make()), 0, 1))
      assert.equal(straight:hash(), train(loaded, 1, 2):hash())
    end)
  end)

  samples.each("loss", function(kind)
    it("keep the loss " .. kind.name .. ", and every metric", function()
      local model, metrics = mlp.Sequential { mlp.Dense(2), input_shape = { 2 } }, {}
      samples.each("metric", function(m)
        metrics[#metrics % 16 + 1] = core.object("metric", m.name, samples.options(m))
      end)
      local loss = core.object("loss", kind.name, samples.options(kind))
      model:compile { loss = loss, metrics = metrics }
      assert.same(model:metric_names(), round_trip(model):metric_names())
    end)
  end)

  it("a loss written in Lua must be given again", function()
    local function loss(y, p) return (p - y):square():mean() end
    local function make()
      mlp.seed(1)
      local model = mlp.Sequential { mlp.Dense(1), input_shape = { 2 } }
      model:compile { loss = loss }
      return model
    end
    local x = mlp.randn(8, 2)
    local y = x:sum(2):reshape(8, 1)
    local function fit(model, from, to)
      model:fit({ x = x, y = y }, { initial_epoch = from, epochs = to, verbose = 0 })
      return model
    end
    local straight = fit(make(), 0, 4)
    fit(make(), 0, 2):save(path())
    local said
    local warn = core.warn
    core.warn = function(text) said = text end -- luacheck: ignore (the module's own table)
    local loaded = mlp.load(path())
    core.warn = warn -- luacheck: ignore
    assert.matches("was a function, which a file cannot hold: call model:compile", said)
    assert.same(loaded(x):totable(), mlp.load(path(), { loss = loss })(x):totable())
    assert.error_matches(function() fit(loaded, 2, 3) end, "call model:compile")
    assert.equal(straight:hash(), fit(mlp.load(path(), { loss = loss }), 2, 4):hash())
    assert.matches("option 'loss': expected a function, got mse",
      raised("argument", mlp.load, path(), { loss = "mse" }))
  end)
end)

describe("weights in files", function()
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    core.make_folder(folder)
  end)
  teardown(function() os.execute("rm -rf " .. folder) end)

  local function model(units)
    return mlp.Sequential { mlp.Dense(units), mlp.Dense(1), input_shape = { 2 } }
  end

  it("go from one model to another", function()
    local from, to = model(3), model(3)
    from:save_weights(path())
    assert.not_equal(from:hash(), to:hash())
    assert.equal(to, to:load_weights(path()))
    assert.equal(from:hash(), to:hash())
    from:save(path())
    assert.equal(from:hash(), model(3):load_weights(path()):hash())
    from:save_weights(path())
    assert.matches("holds weights, but no model", raised("format", mlp.load, path()))
  end)

  it("are read from a file of another program", function()
    -- by hand after the format's description: 8 bytes of length, header, payload
    local header = '{"dense_1.kernel":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},'
      .. '"dense_1.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    write(string.pack("<I8", #header) .. header .. string.pack("<fff", 0.5, 2, -3))
    local m = mlp.Sequential { mlp.Dense(1), input_shape = { 2 } }
    m:load_weights(path())
    assert.same({ { 0.5 + 2 * 10 - 3 * 100 } }, m(mlp.tensor { { 10, 100 } }):totable())
  end)

  it("that do not fit are listed, and change nothing #D10", function()
    local other = mlp.Sequential {
      mlp.Dense(4), mlp.Dense { units = 1, use_bias = false },
      mlp.Dense { units = 1, name = "more" }, input_shape = { 2 },
    }
    other:save_weights(path())
    local m = model(3)
    local before = m:hash()
    local text = raised("argument", m.load_weights, m, path())
    for _, part in ipairs {
      "load_weights: expected the model's 4 arrays", "1 missing: 'dense_2.bias'",
      "2 unexpected: 'more.kernel', 'more.bias'",
      "3 different: 'dense_1.kernel' float32 (2, 4), expected float32 (2, 3)",
    } do
      assert.truthy(text:find(part, 1, true), text)
    end
    assert.equal(before, m:hash())
    local double = mlp.Sequential { mlp.Dense(3), mlp.Dense(1) }
    double:build({ 2 }, "float64")
    double:save_weights(path())
    assert.matches("expected float32 %(2, 3%)", raised("argument", m.load_weights, m, path()))
    assert.equal(before, m:hash())
  end)

  it("of many layers: the first ten and the count #D10", function()
    local layers = { input_shape = { 1 } }
    for i = 1, 12 do layers[i] = mlp.Dense(1) end
    mlp.Sequential(layers):save_weights(path())
    local one = mlp.Sequential { mlp.Dense { units = 1, name = "n" }, input_shape = { 1 } }
    local text = raised("argument", one.load_weights, one, path())
    assert.matches("24 unexpected: 'dense_1.kernel', .*'dense_5.bias'%.%.%.", text)
    assert.is_nil(text:find("dense_6", 1, true))
  end)

  it("need a model that is built", function()
    local m = mlp.Sequential { mlp.Dense(1) }
    model(1):save_weights(path())
    for _, method in ipairs { "save", "save_weights", "load_weights" } do
      local text = raised("state", m[method], m, path())
      assert.matches(method .. ": expected a model that is built", text)
    end
  end)
end)

describe("a model file that is not right", function()
  local good

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    core.make_folder(folder)
    data = mlp.datasets.moons { n = 60, seed = 1 }
    train(classifier(), 0, 1):save(path())
    good = read()
  end)
  teardown(function() os.execute("rm -rf " .. folder) end)

  it("is refused when cut at any byte #D02", function()
    local before = core.memory()
    for n = 0, #good - 1, 37 do
      write(good:sub(1, n), "cut")
      assert.matches("cut'", raised("format", mlp.load, path "cut"))
    end
    write(good .. "x", "cut")
    raised("format", mlp.load, path "cut")
    collectgarbage()
    assert.truthy(core.memory() <= before + 1000)
  end)

  it("is refused when any byte is flipped #D03", function()
    for i = 1, #good, 23 do
      local byte = good:byte(i) ~ (1 << i % 8)
      write(good:sub(1, i - 1) .. string.char(byte) .. good:sub(i + 1), "bad")
      assert.matches("bad'", raised("format", mlp.load, path "bad"))
      if i % 5 == 0 then
        local m = classifier():build { 2 }
        local before = m:hash()
        raised("format", m.load_weights, m, path "bad")
        assert.equal(before, m:hash())
      end
    end
  end)

  it("is refused where a program removed or renamed the checksum", function()
    local key = good:find('"mlprun.sha256"', 1, true)
    write(good:sub(1, key + 7) .. "SHA" .. good:sub(key + 11), "bad")
    assert.matches("expected the checksum of a file of mlprun, got none",
      raised("format", mlp.load, path "bad"))
  end)

  it("of a newer format is named #D12", function()
    for _, format in ipairs { "3", "0", "-1", "1x", "" } do
      forge(good, function(h) return (h:gsub('("mlprun.format":")1"', "%1" .. format .. '"')) end)
      local text = raised("format", mlp.load, path "forged")
      local expected = ("made by format '%s'; this mlprun reads up to 1"):format(format)
      assert.truthy(text:find(expected, 1, true), text)
    end
    forge(good, function(h) return h end)
    mlp.load(path "forged") -- the forger knows its trade
  end)

  --- Load the good file with its description changed; what is refused.
  local function changed(from, to)
    forge(good, function(h)
      from, to = from:gsub('"', '\\"'), to:gsub('"', '\\"')
      local at, last = h:find(from, 1, true)
      assert(at, from .. " is not in the file")
      return h:sub(1, at - 1) .. to .. h:sub(last + 1)
    end)
    return (raised("format", mlp.load, path "forged"):gsub("^.-: load: cannot read '[^']*': ", ""))
  end

  it("with unknown layers or activations lists them #D11", function()
    assert.equal("it needs what is not registered here: activation 'swirl'",
      changed('{"kind":"tanh"}', '{"kind":"swirl"}'))
    forge(good, function(h)
      return (h:gsub('{\\"kind\\":\\"dropout\\"', '{\\"kind\\":\\"conv9\\"')
        :gsub("sparse_categorical_crossentropy", "luck"))
    end)
    assert.matches("it needs what is not registered here: layer 'conv9', loss 'luck'$",
      raised("format", mlp.load, path "forged"))
  end)

  it("with anything that it should not have is refused #D11", function()
    local json = "its description: json_decode: expected "
    local deep, deeper = ("["):rep(100) .. ("]"):rep(100), ("["):rep(3000) .. ("]"):rep(3000)
    local cases = {
      { '"units":8', '"units":8,"code":"os.exit(1)"', "layer 1: dense: unknown option 'code'" },
      { '"units":8', '"units":"load"', "layer 1: dense: option 'units': expected a number" },
      { '"units":8', '"units":-1', "layer 1: dense: option 'units'" },
      { '"units":8', '"units":8.5', "layer 1: dense: option 'units'" },
      { '"kind":"dense"', '"kind":7', "layer 1: expected a string 'kind', got 7" },
      { '"name":"sequential"', '"name":"sequential","lua":"x"', "the model: unknown field 'lua'" },
      { '"uses":[', '"uses":7,"x":[', "the model: " },
      { '"inputs":[0]', '"inputs":[2]', "use 1: model: input 1 of dense: expected 0" },
      { '"inputs":[0]', '"inputs":[-1]', "use 1: model: input 1 of dense: expected 0" },
      { '"inputs":[0]', '"inputs":["0x"]', "use 1: " },
      { '"inputs":[0],"layer":1', '"inputs":[0],"layer":9', "use 1: there is no layer 9" },
      { '"input":{', '"input":[],"x":{', "the model: unknown field 'x'" },
      { '"dtype":"float32"', '"dtype":"complex"', "input: load: expected a dtype" },
      { '"shape":[2]', '"shape":[]', "input: layer 1 'dense_1': dense: expected" },
      { '"shape":[2]', '"shape":{"a":1}', "" },
      { '"shape":[2]', '"shape":[1,1,1,1,1,1,1,1,1,1]', "" },
      { '"training":{', '"training":[{', "its description" },
      { '"state":true', '"state":null', json .. "a value, got null" },
      { '"state":true', '"state":true,"state":true', json .. "JSON" },
      { '"state":true', '"state":' .. deeper, json .. "JSON" },
      { '"state":true', '"state":' .. deep, json .. "values nested less than 64 deep" },
      { '"learning_rate":0.01', '"learning_rate":1e999', "its description" },
      { '"learning_rate":0.01', '"learning_rate":-1', "optimizer: adam: option 'learning_rate'" },
    }
    for _, case in ipairs(cases) do
      local text = changed(case[1], case[2])
      assert.equal(case[3], text:sub(1, #case[3]), case[2] .. ": " .. text)
      assert.is_nil(text:find "%.c:" or text:find "0x%x%x%x", text)
    end
  end)

  it("of random damage to the description is refused, or loads #D11", function()
    local m = train(classifier(), 0, 1)
    m:save(path "whole")
    local _, text = core.model_file("load", path "whole")
    local words = {
      "0", "-1", "1e308", "9223372036854775807", "null", "true", "[]", "{}", '"x"', '"dense"',
      '"relu"', "0.5", "16", "[[1,2],[3]]", '"inf"', '"custom"', "2",
    }
    local random, loaded = mlp.randperm(2000):totable(), 0
    for round = 1, 400 do
      local a, b = random[3 * round], random[3 * round + 1]
      local values = {}
      for at, last in text:gmatch '()[%w.+-]+()' do values[#values + 1] = { at, last - 1 } end
      local v = values[a % #values + 1]
      local from, to = v[1], v[2]
      if text:sub(from - 1, from - 1) == '"' then
        from, to = from - 1, text:find('"', from, true)
      end
      if b % 7 == 0 then from, to = a % #text + 1, a % #text + b % 20 end
      local bad = text:sub(1, from - 1) .. words[b % #words + 1] .. text:sub(to + 1)
      core.model_write("save", m, path "random", bad, true)
      local model, e = mlp.try(mlp.load, path "random")
      if model then
        loaded = loaded + 1
        mlp.try(model.predict, model, data.x)
        mlp.try(model.fit, model, data, { verbose = 0 })
      else
        assert.is_table(e, bad)
        assert.truthy(e.kind == "format" or e.kind == "argument", e.message)
      end
    end
    assert.truthy(loaded > 0 and loaded < 400)
  end)

  it("that claims more than it has takes no memory for it #D04", function()
    local _, peak = core.memory()
    local cases = {
      { '"units":8', '"units":1000000000' }, { '"shape":[2]', '"shape":[4611686018427387904]' },
    }
    for _, case in ipairs(cases) do
      forge(good, function(h)
        return (h:gsub(case[1]:gsub('"', '\\"'):gsub("%p", "%%%0"), (case[2]:gsub('"', '\\"'))))
      end)
      local _, e = mlp.try(mlp.load, path "forged")
      assert.is_table(e)
    end
    local _, now = core.memory()
    assert.truthy(not now or now - peak < 10e6)
  end)

  it("leaves model and memory as they were when memory runs out", function()
    local m = classifier():build { 2 }
    local before = m:hash()
    local function memory()
      collectgarbage()
      collectgarbage()
      return (core.memory())
    end
    local function attempt(f, n, forever)
      local held = memory()
      core.fail_allocation(n, forever)
      local ok, e = pcall(f)
      local left = core.fail_allocation(0)
      assert.equal(held, memory())
      if not ok then assert.truthy(tostring(e):find "memory", tostring(e)) end
      return left > 1 -- all its allocations went before
    end
    for _, forever in ipairs { false, true } do
      for _, f in ipairs {
        function() m:save(path "new") end, function() mlp.load(path()) end,
        function() m:load_weights(path()) end,
      } do
        local n = 1
        while not attempt(f, n, forever) do
          if n % 10 == 0 then assert.equal(before, m:hash()) end
          n = n + 1
        end
        assert.truthy(n > 5)
      end
      m:set_weights(classifier():build({ 2 }):get_weights())
    end
    assert.equal(good, read())
  end)

  it("cannot be written where that is impossible, and says so #D15", function()
    local m = classifier():build { 2 }
    assert.matches("no/such/m'", raised("io", m.save, m, path "no/such/m"))
    raised("io", m.save, m, folder)
    assert.matches("expected a file name, got 7", raised("argument", m.save, m, 7))
    assert.matches("unknown option 'optimiser'; did you mean 'optimizer'?",
      raised("argument", m.save, m, path(), { optimiser = false }))
    assert.matches("absent'", raised("io", mlp.load, path "absent"))
    assert.equal(good, read())
  end)
end)

describe("core.json", function()
  it("keeps integers, doubles, strings and order", function()
    local text = '{"a":[1,-9223372036854775808,9223372036854775807,0.1,1e+300,5e-324,true,'
      .. '"\\u0001ü\\""],"b":{"c":[]}}'
    local value = core.json_decode(text)
    assert.equal("integer", math.type(value.a[1]))
    assert.equal(math.mininteger, value.a[2])
    assert.equal(0.1, value.a[4])
    assert.same(value, core.json_decode(core.json_encode(value)))
    assert.equal('{"a":1,"b":[1.0,"x"],"c":{"d":false}}',
      core.json_encode { c = { d = false }, b = { 1.0, "x" }, a = 1 })
  end)

  it("writes numbers with the fewest digits that read back, and leaves texts alone", function()
    assert.equal('{"a":[0.05,-0.1,1e-07,5.0,0.30000000000000004,-0.0],'
      .. '"b":"0.10000000000000001\\" 1.50"}',
      core.json_encode { a = { 0.05, -0.1, 1e-7, 5.0, 0.1 + 0.2, -0.0 },
        b = '0.10000000000000001" 1.50' })
    for i = 1, 500 do
      local x = math.sin(i) * 10 ^ (i - 250)
      assert.equal(x, core.json_decode(core.json_encode(x)))
    end
  end)

  it("refuses what JSON cannot say", function()
    local loop = {}
    loop[1] = loop
    local values = {
      0 / 0, math.huge, print, { [1.5] = 1 }, { [true] = 1 }, "\xff", "a\0b", { ["\xff"] = 1 },
      loop,
    }
    for _, bad in ipairs(values) do raised("argument", core.json_encode, bad) end
    local texts = {
      "", "{", "[1,]", "nul", "null", "[1] x", '"\xff"', "99999999999999999999", "NaN",
    }
    for _, bad in ipairs(texts) do
      raised("format", core.json_decode, bad)
    end
  end)
end)
