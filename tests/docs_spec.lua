-- Every Lua block of the pages runs as it is printed, given the names that pages take for granted:
-- a model, data, a history. Longer trainings are cut down.
local program = require "program"

-- What a page takes for granted.
local GIVEN <const> = [==[
local mlp = require "mlp"
local given = setmetatable({ mlp = mlp }, { __index = _G })
do
local train, test = mlp.datasets.moons { n = 200, noise = 0.2 }:split { test = 0.25 }
given.train, given.test, given.data, given.some = train, test, train, test
given.x, given.y = train:rows(1, 8).x, train:rows(1, 8).y
given.build = function()
  return mlp.Sequential { mlp.Dense { 8, "tanh" }, mlp.Dense { 1, "sigmoid" } }
    :compile { optimizer = "adam", loss = "binary_crossentropy", metrics = { "accuracy" } }
end
given.model = given.build()
given.history = given.model:fit(train, { epochs = 3, verbose = 0, validation_split = 0.2 })
given.losses, given.least, given.most = { 3, 2, 1 }, { 2, 1, 0.5 }, { 4, 3, 2 }
given.a, given.b, given.c, given.rates = { 1, 2 }, { 3, 4 }, { 1, 2 }, { 0.1, 0.01 }
given.es = mlp.EarlyStopping { patience = 3 }
end
]==]

-- Names that one page takes for granted, and others do not.
local OF_PAGE <const> = {
  training = [==[
do
  local age, text = mlp.Input { 1 }, mlp.Input { 3 }
  local h = mlp.Concatenate() { mlp.Dense(2)(age), mlp.Dense(2)(text) }
  given.age, given.text = age, text
  given.p, given.k = mlp.Dense(1)(h), mlp.Dense { 3, "softmax" }(h)
  given.ages, given.texts, given.prices = mlp.rand(6, 1), mlp.rand(6, 3), mlp.rand(6, 1)
  for _, name in ipairs { "big.csv", "held_out.csv" } do
    local file <close> = assert(io.open(name, "w"))
    file:write("x1,x2,label\n")
    for i = 1, 40 do file:write(("%d,%d,%s\n"):format(i, 40 - i, i > 20 and "b" or "a")) end
  end
  given.kinds = mlp.tensor({ 1, 2, 3, 1, 2, 3 }, { dtype = "int64" })
end
]==],
  lecture = [==[given.train = function() return { accuracy = 0.5 } end
]==],
  tuning = [==[given.seeds = mlp.arange(64):long():totable()
given.build = function(hp) -- of a trial, or a rate
  local units = type(hp) == "number" and 4 or hp:Int("units", 2, 4)
  return mlp.Sequential { mlp.Dense { units, "tanh" }, mlp.Dense { 1, "sigmoid" } }
    :compile { optimizer = "adam", loss = "binary_crossentropy", metrics = { "accuracy" } }
end
]==],
}

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

--- A block, with less to do.
local function short(block)
  return (block:gsub("epochs = %d+", "epochs = 2"):gsub("n_trials = %d+", "n_trials = 3")
    :gsub("n_jobs = %d+", "n_jobs = 1"):gsub("steps_per_epoch = %d+", "steps_per_epoch = 2")
    :gsub("seeds = %d+", "seeds = 1"))
end

--- All blocks of a page as one script.
local function script(page)
  local parts = { GIVEN, OF_PAGE[page] or "" }
  for block in read("docs/" .. page .. ".md"):gmatch "```lua\n(.-)```" do
    parts[#parts + 1] = "do local _ENV = setmetatable({}, { __index = given })\n"
      .. short(block) .. "end\n"
  end
  return table.concat(parts), #parts - 2
end

local PAGES <const> = {}
for name in io.popen("ls docs/*.md"):lines() do
  PAGES[#PAGES + 1] = name:match "([^/]+)%.md$"
end

describe("the Lua of the pages", function()
  for _, page in ipairs(PAGES) do
    local text, blocks = script(page)
    if blocks > 0 then
      it("runs: " .. page, function()
        program.needed()
        local folder = os.tmpname()
        os.remove(folder)
        os.execute("mkdir " .. folder)
        local path = program.file(text)
        local here = program.path:find "^/" and "" or io.popen("pwd"):read "l" .. "/"
        local pipe = io.popen(("cd %s && '%s%s' --quiet %s 2>&1"):format(folder, here, program.path,
          path))
        local shown = pipe:read "a"
        local ok = pipe:close()
        os.remove(path)
        os.execute("rm -r " .. folder)
        assert.is_true(ok or false, shown)
      end)
    end
  end
end)
