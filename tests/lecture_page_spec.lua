-- docs/lecture.md maps every row of the lecture to a script that is there, in the lecture's order.
local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

-- Scripts that are no slide's.
local BESIDE <const> = { first = true, moons = true, mnist = true, published = true }

local page = read "docs/lecture.md"
local map = page:match "## From slide to script\n(.-)\n## "

--- The numbers of all ids of a family, "S2-S4, S7": { [2] = true, ... }.
local function ids(text, family)
  local set = {}
  for first, last in text:gmatch(family .. "(%d+)%-" .. family .. "(%d+)") do
    for n = first, last do set[math.tointeger(n)] = true end
  end
  for n in text:gmatch("%f[%w]" .. family .. "(%d+)") do set[math.tointeger(tonumber(n))] = true end
  return set
end

local function names_of(command)
  local list = {}
  for line in io.popen(command):lines() do list[#list + 1] = line:match "([^/]+)%.%w+$" end
  return list
end

describe("the lecture's page", function()
  it("has each of the 82 rows and 21 errata", function()
    local rows, errata = ids(map, "S"), ids(page, "T")
    for n = 1, 82 do assert.is_true(rows[n], "S" .. n) end
    for n = 1, 21 do assert.is_true(errata[n], "T" .. n) end
  end)

  it("follows the lecture's lines", function()
    local line, rows = 0, 0
    for first in map:gmatch "\n| (%d+)[-%d]* |" do
      assert.is_true(tonumber(first) > line, first)
      line, rows = tonumber(first), rows + 1
    end
    assert.is_true(rows > 30)
  end)

  it("names scripts that are there, and each of them but the first steps", function()
    local there, named = {}, {}
    for _, name in ipairs(names_of "ls experiments/*.lua") do there[name] = true end
    for row in map:gmatch "\n|[^\n]+" do
      for name in row:gmatch "`([%w_]+)`" do
        assert.is_true(there[name], name)
        named[name] = true
      end
    end
    for name in pairs(there) do
      assert.is_true(named[name] or BESIDE[name], name .. " is no slide's")
    end
  end)

  it("has a figure in the gallery for every picture that a script names", function()
    for _, name in ipairs(names_of "ls experiments/*.lua") do
      local text = not BESIDE[name] and read("experiments/" .. name .. ".lua") or ""
      for picture in text:gmatch 'mlp%.out%s*%(?%s*"([%w_-]+%.png)"' do
        local file <close> = assert(io.open("docs/gallery/lecture/" .. picture, "rb"))
        assert.equal("\137PNG", file:read(4))
      end
    end
  end)
end)
