local mlp = require "mlp"
local help = require "mlp.help"
local samples = require "samples"
local program = require "program"

local function has(text, ...)
  for _, part in ipairs { ... } do
    assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text)
  end
end

--- Is there a text for just this path? mlp.x may be explained where it comes from.
local function documented(path)
  for _, entry in ipairs(help.find(path) or {}) do
    if entry.path == path or (path:find "^mlp%." and entry.path:find "^mlp%.") then
      return (entry.kind and #entry.kind.doc or #table.concat(entry.lines)) > 0
    end
  end
  return false
end

describe("mlp.help", function()
  it("has a text for every public function and method", function()
    local missing = {}
    help.each_public(function(path)
      if not documented(path) then missing[#missing + 1] = path end
    end)
    table.sort(missing)
    assert.equal("", table.concat(missing, " "))
  end)

  it("has a text for every kind, under each of its names", function()
    samples.each(nil, function(kind, family)
      for name in (kind.name .. " " .. (kind.alias or "")):gmatch "%S+" do
        local text = mlp.help(name)
        has(text, kind.doc, "(" .. family .. ")")
        for _, option in ipairs(kind.options) do has(text, option.name, option.doc) end
      end
    end)
  end)

  -- Methods of Lua's classes are found in no table of core.methods().
  it("has a text for every method of the classes that scripts meet", function()
    local public, missing = {}, {}
    for class in ("Model History Transform Splitter Ensemble Report Scores CrossValidation "
      .. "LearningCurve ValidationCurve"):gmatch "%a+" do
      public[class] = 0
    end
    for _, text in pairs(require("mlp.core").sources()) do
      local before = ""
      for line in (text .. "\n"):gmatch "([^\n]*)\n" do
        local class, name = line:match "^function (%u%w*)[.:](%a[%w_]*)%("
        if public[class] then
          public[class] = public[class] + 1
          if not before:find "^%-%-%-" then missing[#missing + 1] = class .. ":" .. name end
        end
        before = line
      end
    end
    table.sort(missing)
    assert.equal("", table.concat(missing, " "))
    assert.is_true(public.Model > 10 and public.Transform >= 8 and public.History >= 4)
  end)

  it("says of every option of every kind what it is", function()
    samples.each(nil, function(kind, family)
      for _, option in ipairs(kind.options) do
        assert.is_true(#option.doc > 3, ("%s %s: %s"):format(family, kind.name, option.name))
      end
    end)
  end)

  it("is the manual, too, and the stubs of an editor", function()
    local folder = os.tmpname()
    os.remove(folder)
    local _, err, code = program.run { "runtime/tools/manual.lua", folder }
    assert.equal(0, code, err)
    local function read(name)
      local file <close> = assert(io.open(folder .. "/" .. name))
      return file:read "a"
    end
    local stubs = read "mlp.lua"
    assert(load(stubs, "=stubs", "t"))
    has(stubs, "function mlp.optimizers.Adam(options) end", "--- @field learning_rate? "
      .. "number  step",
      "function Model:fit(data, options) end", "function mlp.model_selection.KFold(options) end")
    has(read "index.md", "[mlp.losses](mlp.losses.md)", "[Tensor](Tensor.md)")
    has(read "mlp.losses.md", "## mlp.losses.MeanSquaredError")
    for _, entry in ipairs(help.entries()) do
      assert.truthy(stubs:find("function " .. entry.path .. "(", 1, true), entry.path)
    end
    os.execute("rm -r -- " .. folder)
  end)

  it("explains a kind: options with presets, ranges and source", function()
    local text = mlp.help "adam"
    has(text, "mlp.optimizers.Adam (optimizer)", "Kingma & Ba 2015", "learning_rate        0.001",
      "step size (number 0..1000)")
    assert.equal(text, mlp.help "mlp.Adam")
    assert.equal(text, mlp.help(mlp.Adam()))
    has(mlp.help "dense", "units                required", "activation           linear")
    has(mlp.help "mse", "mlp.losses.MeanSquaredError (loss)",
      "mlp.metrics.MeanSquaredError (metric)")
    assert.is_nil(mlp.help("mlp.losses.mse"):find("metric)", 1, true))
  end)

  it("explains a function by the comment above it", function()
    has(mlp.help "seed", "mlp.seed(n)", "every random number follows from it", "n? integer")
    has(mlp.help "Model:fit", "Model:fit(data, options)", "returns mlp.History", "example: local")
    has(mlp.help "model.fit", "Model:fit(data, options)")
    has(mlp.help "out", "mlp.out(name)")
    has(mlp.help "item", "Tensor:item()", "of one element")
  end)

  it("lists all without a name", function()
    has(mlp.help(), "mlp.optimizers: Adadelta Adafactor Adagrad Adam", "Model: add advise build",
      "mlp: Activation")
  end)

  it("lists a module or a class, each name with its first sentence", function()
    has(mlp.help "losses", "mlp.losses: ", "MeanSquaredError", "The mean of (y - p)^2.")
    assert.equal(mlp.help "losses", mlp.help "mlp.losses")
    has(mlp.help "Model", "mlp.Model(options, outputs)", "Model: ", "evaluate")
    has(mlp.help "tensor", "Tensor: ", " cumsum ")
    for line in mlp.help("callbacks"):gmatch "[^\n]+" do assert.truthy(#line <= 100, line) end
  end)

  it("suggests the nearest name", function()
    assert.error_matches(function() mlp.help "adm" end,
      "nothing is known of 'adm'; did you mean 'adam'%? mlp.help%(%) lists all")
    assert.error_matches(function() mlp.help "Model:fitt" end, "did you mean 'fit'%?")
    assert.error_matches(function() mlp.help "schedulles" end, "did you mean 'schedules'%?")
    assert.error_matches(function() mlp.help(7) end, "expected a name, such as \"Dense\", got 7")
  end)

  it("answers the prompt's question mark", function()
    local out, err = program.run({ "-i" }, "printf '? adam\\n? adm\\n' | MLPRUN_HISTORY=")
    has(out, "Adaptive moment estimation")
    has(out .. err, "did you mean 'adam'?")
  end)
end)
