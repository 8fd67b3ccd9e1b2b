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
    has(mlp.help(), "mlp.optimizers: Adadelta Adagrad Adam", "Model: advise build",
      "mlp: Activation")
  end)

  it("suggests the nearest name", function()
    assert.error_matches(function() mlp.help "adm" end,
      "nothing is known of 'adm'; did you mean 'adam'%? mlp.help%(%) lists all")
    assert.error_matches(function() mlp.help "Model:fitt" end, "did you mean 'fit'%?")
    assert.error_matches(function() mlp.help(7) end, "expected a name, got 7")
  end)

  it("answers the prompt's question mark", function()
    local out, err = program.run({ "-i" }, "printf '? adam\\n? adm\\n' | MLPRUN_HISTORY=")
    has(out, "Adaptive moment estimation")
    has(out .. err, "did you mean 'adam'?")
  end)
end)
