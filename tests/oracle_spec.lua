-- Every registered kind has numbers from elsewhere: a case in a table that Keras, PyTorch or
-- scikit-learn filled, or a named test with a formula and its source (tests/golden/oracles.lua).
local core = require "mlp.core"
local families = require "mlp.families"
local oracles = require "golden.oracles"

local function read(path)
  local f <close> = assert(io.open("tests/" .. path))
  return f:read "a"
end

--- The names of the cases in the tables of a family.
local function in_golden(family)
  local names = {}
  for _, place in ipairs(oracles.golden[family] or {}) do
    local cases = require("golden." .. place[1])
    if place[2] then cases = cases[place[2]] end
    for _, case in ipairs(cases) do names[case.name or case[1]] = true end
  end
  return names
end

local function is_named(family, name)
  local entry = (oracles.named[family] or {})[name]
  if not entry then return false end
  local file, text, source = table.unpack(entry)
  assert.truthy(#source > 5, name)
  assert.truthy(read(file):find(text, 1, true), ("%s: no %q in tests/%s"):format(name, text, file))
  return true
end

describe("an oracle", function()
  for family, kinds in pairs(core.registry()) do
    it(("is there for every %s"):format(family), function()
      local golden, missing = in_golden(family), {}
      for _, kind in ipairs(kinds) do
        local found = golden[kind.name] or golden[families.camel(kind.name)]
        if not found and not is_named(family, kind.name) then missing[#missing + 1] = kind.name end
      end
      assert.same({}, missing)
    end)
  end

  it("is not listed for a kind that there is not", function()
    for family, entries in pairs(oracles.named) do
      local known = {}
      for _, kind in ipairs(core.registry()[family]) do known[kind.name] = true end
      for name in pairs(entries) do assert.truthy(known[name], family .. " " .. name) end
    end
  end)

  it("names the program, its version and the script that made the table", function()
    local seen = {}
    for _, places in pairs(oracles.golden) do
      for _, place in ipairs(places) do seen[place[1]] = true end
    end
    for _, name in ipairs { "keras_runs", "torch_runs", "keras_plateau" } do seen[name] = true end
    for name in pairs(seen) do
      local head = read("golden/" .. name .. ".lua"):sub(1, 600)
      assert.truthy(head:find "Keras %d" or head:find "PyTorch %d" or head:find "scikit%-learn %d",
        name)
      local script = head:match "([%l_]+%.py)"
      assert.truthy(script, name)
      read("golden/" .. script)
    end
  end)
end)
