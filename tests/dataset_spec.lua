-- Datasets: every generator of the registry, rows, splits, batches, columns.
local mlp = require "mlp"
local core = require "mlp.core"

local generators = core.registry().dataset

local function has_option(kind, name)
  for _, option in ipairs(kind.options) do
    if option.name == name then return option end
  end
end

local function make(name, options) return mlp.datasets[name](options) end

local function same(a, b) return a.x:hash() == b.x:hash() and a.y:hash() == b.y:hash() end

local function counts(ds)
  local n = {}
  for _, class in ipairs(ds.y:totable()) do n[class] = (n[class] or 0) + 1 end
  return n
end

--- Rows { x1, x2, class } in an order that does not depend on the shuffle.
local function sorted_rows(ds)
  local rows, y = ds.x:totable(), ds.y:totable()
  for i, row in ipairs(rows) do row[#row + 1] = type(y[i]) == "table" and y[i][1] or y[i] end
  table.sort(rows, function(a, b)
    for k = #a, 1, -1 do
      if math.abs(a[k] - b[k]) > 1e-9 then return a[k] < b[k] end
    end
    return false
  end)
  return rows
end

local function assert_rows(expected, ds, tolerance)
  local rows = sorted_rows(ds)
  assert.equal(#expected, #rows)
  table.sort(expected, function(a, b)
    for k = #a, 1, -1 do
      if math.abs(a[k] - b[k]) > 1e-9 then return a[k] < b[k] end
    end
    return false
  end)
  for i, row in ipairs(expected) do
    for k, v in ipairs(row) do assert.near(v, rows[i][k], tolerance) end
  end
end

local function message(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "expected an error")
  return tostring(e)
end

describe("every generator #F52 #F53", function()
  it("is among moons, circles, spirals, blobs, xor, digits and the Playground's six", function()
    local names = {}
    for _, kind in ipairs(generators) do names[kind.name] = true end
    for name in ("moons circles spirals blobs gauss xor plane bumps friedman digits "
      .. "playground_circle playground_xor playground_gauss playground_spiral "
      .. "playground_plane playground_bumps"):gmatch "%S+" do
      assert.is_true(names[name], name)
    end
  end)

  for _, kind in ipairs(generators) do
    local name, small = kind.name, { n = 60 }

    it("gives the rows it was asked for: " .. name, function()
      local ds = make(name, small)
      assert.equal(60, #ds)
      assert.equal(60, ds.x.shape[1])
      assert.equal("float32", ds.x.dtype)
      assert.equal(name, ds.name)
      assert.truthy(kind.cite)
    end)

    it("gives classes 1..K, or values: " .. name, function()
      local ds = make(name, small)
      if ds.n_classes == 0 then
        assert.same({ 60, 1 }, { ds.y.shape[1], ds.y.shape[2] })
        return
      end
      for class in pairs(counts(ds)) do
        assert.is_true(class >= 1 and class <= ds.n_classes)
      end
      if ds.class_names then assert.equal(ds.n_classes, #ds.class_names) end
    end)

    it("takes its seed from the option, else from the run: " .. name, function()
      local ds = make(name, { n = 60, seed = 3 })
      assert.is_true(same(ds, make(name, { n = 60, seed = 3 })))
      assert.is_false(same(ds, make(name, { n = 60, seed = 4 })))
      mlp.seed(3)
      assert.is_true(same(ds, make(name, small)))
      mlp.seed(0)
      assert.is_true(same(make(name, { n = 60, seed = 0 }), make(name, small)))
    end)

    it("refuses an option it does not have, with the nearest: " .. name, function()
      local text = message(make, name, { sede = 1 })
      assert.truthy(text:find("sede", 1, true))
      assert.truthy(text:find("'seed'", 1, true))
    end)

    it("refuses rows that are no number: " .. name, function()
      for _, n in ipairs { 0, -1, 2.5, 0 / 0, "60" } do
        assert.truthy(message(make, name, { n = n }):find("'n'", 1, true))
      end
    end)

    if has_option(kind, "dtype") then
      it("is the same in float64, before rounding: " .. name, function()
        local a, b = make(name, small).x:totable(), make(name, { n = 60, dtype = "float64" }).x
        assert.equal("float64", b.dtype)
        for i, row in ipairs(b:totable()) do
          for j, v in ipairs(row) do
            assert.equal(string.unpack("f", string.pack("f", v)), a[i][j])
          end
        end
        assert.truthy(message(make, name, { dtype = "int64" }):find("float32 float64", 1, true))
      end)
    end
  end

  it("deals rows to classes evenly, the first ones getting what is left #F53", function()
    for _, name in ipairs { "moons", "circles", "spirals", "blobs", "gauss", "digits" } do
      local ds = make(name, { n = 101 })
      local n, least, most = counts(ds), math.huge, 0
      for c = 1, ds.n_classes do least, most = math.min(least, n[c]), math.max(most, n[c]) end
      assert.is_true(most - least <= 1, name)
    end
  end)
end)

describe("generators without noise", function()
  local exact = { dtype = "float64", n = 7 }

  it("moons equals scikit-learn 1.9.1, make_moons(7) #F53", function()
    assert_rows({ { 1, 0, 1 }, { 6.123233995736766e-17, 1, 1 }, { -1, 1.2246467991473532e-16, 1 },
      { 0, 0.5, 2 }, { 0.49999999999999989, -0.3660254037844386, 2 },
      { 1.4999999999999998, -0.36602540378443871, 2 }, { 2, 0.49999999999999989, 2 } },
      make("moons", exact), 5e-16)
  end)

  it("circles equals scikit-learn 1.9.1, make_circles(7, factor=.5) #F53", function()
    assert_rows({ { 1, 0, 1 }, { -0.49999999999999978, 0.86602540378443871, 1 },
      { -0.50000000000000044, -0.86602540378443837, 1 }, { 0.5, 0, 2 },
      { 3.061616997868383e-17, 0.5, 2 }, { -0.5, 6.123233995736766e-17, 2 },
      { -9.1848509936051484e-17, -0.5, 2 } }, make("circles", exact), 1e-15)
  end)

  it("friedman is Friedman's function of 1991 #F53", function()
    local ds = make("friedman", { n = 200, dtype = "float64" })
    local y = ds.y:totable()
    for i, x in ipairs(ds.x:totable()) do
      assert.near(10 * math.sin(math.pi * x[1] * x[2]) + 20 * (x[3] - 0.5) ^ 2 + 10 * x[4]
        + 5 * x[5], y[i][1], 1e-13)
    end
  end)

  it("bumps is the sum of six normal bumps", function()
    local ds = make("bumps", { n = 300, dtype = "float64" })
    local y = ds.y:totable()
    for i, x in ipairs(ds.x:totable()) do
      local sum, sign = 0, 1
      for _, b in ipairs { 2.5, -2.5 } do
        for _, a in ipairs { -4, 0, 4 } do
          sum = sum + sign * math.exp(-((x[1] - a) ^ 2 + (x[2] - b) ^ 2) / 2)
          sign = -sign
        end
      end
      assert.near(sum, y[i][1], 1e-15)
    end
  end)

  it("xor is the truth table at the corners", function()
    assert_rows({ { -1, -1, 1 }, { 1, 1, 1 }, { -1, 1, 2 }, { 1, -1, 2 } },
      make("xor", { n = 4, corners = true }), 0)
  end)

  it("spirals has arms of equal angle from the origin to radius 1", function()
    local ds = make("spirals", { n = 90, classes = 3, dtype = "float64" })
    local y = ds.y:totable()
    for i, x in ipairs(ds.x:totable()) do
      local r = math.sqrt(x[1] ^ 2 + x[2] ^ 2)
      local angle = 2 * math.pi * (1.75 * r + (y[i] - 1) / 3)
      assert.near(r * math.sin(angle), x[1], 1e-13)
      assert.near(r * math.cos(angle), x[2], 1e-13)
      assert.near(0, (r * 30) % 1 * (1 - (r * 30) % 1), 1e-12) -- a multiple of 1/30
    end
  end)

  it("gauss and blobs have the deviation they were asked for", function()
    local ds = make("gauss", { n = 20000, noise = 0.5, seed = 1 })
    local sum, squares = 0, 0
    local y = ds.y:totable()
    for i, x in ipairs(ds.x:totable()) do
      local v = x[1] - (y[i] == 2 and 2 or -2)
      sum, squares = sum + v, squares + v * v
    end
    assert.near(0, sum / 20000, 4 * 0.5 / math.sqrt(20000)) -- four standard errors
    assert.near(0.25, squares / 20000, 4 * 0.25 * math.sqrt(2 / 20000))
  end)
end)

describe("classification #F53", function()
  local function columns(t, list) -- rank, roughly: is a column a sum of the others?
    return t:index_select(2, core.tensor(list, { dtype = "int64" }))
  end

  it("has informative columns, sums of them, copies and noise, in that order if asked", function()
    local ds = make("classification", { n = 200, features = 7, informative = 3, redundant = 1,
      repeated = 1, shuffle = false, dtype = "float64", seed = 2 })
    local x = ds.x:totable()
    local a = columns(ds.x, { 1, 2, 3 })
    -- least squares of column 4 on the first three: x (200, 3), normal equations by elimination
    local m, b = a:t():matmul(a):totable(), a:t():matmul(columns(ds.x, { 4 })):totable()
    for i = 1, 3 do
      for k = i + 1, 3 do
        local q = m[k][i] / m[i][i]
        for j = i, 3 do m[k][j] = m[k][j] - q * m[i][j] end
        b[k][1] = b[k][1] - q * b[i][1]
      end
    end
    local slope = {}
    for i = 3, 1, -1 do
      slope[i] = b[i][1]
      for j = i + 1, 3 do slope[i] = slope[i] - m[i][j] * slope[j] end
      slope[i] = slope[i] / m[i][i]
      assert.is_true(math.abs(slope[i]) <= 1 + 1e-9)
    end
    local copied
    for _, row in ipairs(x) do
      assert.near(slope[1] * row[1] + slope[2] * row[2] + slope[3] * row[3], row[4], 1e-9)
      for c = 1, 4 do if row[5] == row[c] then copied = c end end
      assert.equal(row[copied], row[5])
    end
  end)

  it("puts clusters at corners of a cube, and flips some labels", function()
    local ds = make("classification", { n = 4000, features = 2, informative = 2, redundant = 0,
      classes = 4, clusters = 1, class_sep = 10, flip_y = 0, shuffle = false })
    local sums = {}
    local y = ds.y:totable()
    for i, row in ipairs(ds.x:totable()) do
      local s = sums[y[i]] or { 0, 0, 0 }
      sums[y[i]] = { s[1] + row[1], s[2] + row[2], s[3] + 1 }
    end
    local corners = {}
    for c = 1, 4 do
      local s = sums[c]
      for j = 1, 2 do assert.near(10, math.abs(s[j] / s[3]), 4 * 1.5 / math.sqrt(1000)) end
      corners[(s[1] > 0 and "+" or "-") .. (s[2] > 0 and "+" or "-")] = true
    end
    assert.truthy(corners["++"] and corners["+-"] and corners["-+"] and corners["--"])
    local flipped, wrong = make("classification", { n = 4000, features = 2, redundant = 0,
      clusters = 1, class_sep = 1000, flip_y = 0.5, shuffle = false, seed = 1 }), {}
    y = flipped.y:totable()
    for i, row in ipairs(flipped.x:totable()) do
      local key = (row[1] > 0 and 2 or 0) + (row[2] > 0 and 1 or 0)
      wrong[key] = (wrong[key] or 0) + (y[i] == 1 and 1 or 0)
    end
    for _, n in pairs(wrong) do -- a quarter, or three, of 2000: four standard errors
      assert.near(500, math.min(n, 2000 - n), 4 * math.sqrt(2000 * 0.25 * 0.75))
    end
  end)

  it("gives classes their weights, and says what does not fit", function()
    local ds = make("classification", { n = 100, weights = { 0.9, 0.1 }, flip_y = 0 })
    assert.same({ 90, 10 }, counts(ds))
    for text, options in pairs {
      ["informative + redundant + repeated = 4, got 3"] = { features = 3 },
      ["expected enough for 6 clusters (classes * clusters), got 2: 2^2"] = { classes = 3 },
      ["expected one for each of 2 classes, got 1"] = { weights = { 1 } },
    } do
      assert.truthy(message(make, "classification", options):find(text, 1, true), text)
    end
  end)
end)

describe("regression #F53", function()
  it("is linear in some of the columns", function()
    local ds = make("regression", { n = 400, features = 4, informative = 2, bias = 3,
      dtype = "float64" })
    local model = mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse",
      optimizer = mlp.SGD { learning_rate = 0.3 } }
    model:fit(ds, { epochs = 200, batch_size = "all", verbose = 0 })
    local slopes, used = model:get_weights()[1]:totable(), 0
    for _, slope in ipairs(slopes) do
      assert.is_true(slope[1] > -1e-6 and slope[1] < 100)
      if math.abs(slope[1]) > 1e-6 then used = used + 1 end
    end
    assert.equal(2, used)
    assert.near(3, model:get_weights()[2]:totable()[1], 1e-6)
    assert.is_true(model:evaluate(ds).loss < 1e-9)
  end)
end)

describe("scikit-learn's names #F53", function()
  it("have its presets and are the generators of ours", function()
    local function same_as(name, options, other, ours)
      assert.is_true(same(mlp.datasets[name](options), make(other, ours)), name)
    end
    same_as("make_moons", { random_state = 1, noise = 0.1 }, "moons",
      { n = 100, seed = 1, noise = 0.1 })
    same_as("make_circles", { random_state = 1 }, "circles", { n = 100, seed = 1, factor = 0.8 })
    same_as("make_blobs", { n_features = 3 }, "blobs", { n = 100, features = 3 })
    same_as("make_friedman1", { n_samples = 30 }, "friedman", { n = 30 })
    same_as("make_classification", { n_clusters_per_class = 1 }, "classification",
      { n = 100, clusters = 1 })
    same_as("make_regression", nil, "regression", nil)
    assert.truthy(message(mlp.datasets.make_moons, { n_sample = 3 }):find(
      "make_moons: unknown option 'n_sample'; did you mean 'n_samples'?", 1, true))
  end)
end)

describe("the Playground's datasets #F52", function()
  local function each(name, options, check)
    options.dtype = "float64"
    local ds = make("playground_" .. name, options)
    local y = ds.y:totable()
    for i, x in ipairs(ds.x:totable()) do
      check(x[1], x[2], type(y[i]) == "table" and y[i][1] or ds.class_names[y[i]])
    end
    return ds
  end

  it("has 500 points to classify, 1200 for regression", function()
    for name, n in pairs { circle = 500, xor = 500, gauss = 500, spiral = 500, plane = 1200,
      bumps = 1200 } do
      assert.equal(n, #make("playground_" .. name))
    end
  end)

  it("circle: label 1 within 2.5, label -1 from 3.5 to 5", function()
    each("circle", {}, function(a, b, label)
      local r = math.sqrt(a * a + b * b)
      if label == "1" then assert.is_true(r < 2.5)
      else assert.is_true(r >= 3.5 - 1e-9 and r <= 5 + 1e-9) end
    end)
  end)

  it("xor: label 1 where the signs agree, a gap of .3 along the axes", function()
    each("xor", {}, function(a, b, label)
      assert.equal(a * b >= 0 and "1" or "-1", label)
      for _, v in ipairs { a, b } do
        assert.is_true(math.abs(v) >= 0.3 and math.abs(v) <= 5.3)
      end
    end)
  end)

  it("plane: (x1 + x2) / 10 on -6..6", function()
    each("plane", {}, function(a, b, label)
      assert.near((a + b) / 10, label, 1e-15)
      assert.is_true(math.abs(a) <= 6 and math.abs(b) <= 6)
    end)
  end)

  it("bumps: the highest of six cones of radius 2", function()
    each("bumps", {}, function(a, b, label)
      local best = 0
      for _, g in ipairs { { -4, 2.5, 1 }, { 0, 2.5, -1 }, { 4, 2.5, 1 }, { -4, -2.5, -1 },
        { 0, -2.5, 1 }, { 4, -2.5, -1 } } do
        local far = math.sqrt((a - g[1]) ^ 2 + (b - g[2]) ^ 2)
        local v = g[3] * math.max(0, 1 - far / 2)
        if math.abs(v) > math.abs(best) then best = v end
      end
      assert.near(best, label, 1e-14)
    end)
  end)

  it("spiral: radius 5 i/n, angle 1.75 turns of i/n, opposite arms", function()
    local ds = each("spiral", {}, function(a, b, label)
      local r = math.sqrt(a * a + b * b)
      local t = 1.75 * r / 5 * 2 * math.pi + (label == "1" and 0 or math.pi)
      assert.near(r * math.sin(t), a, 1e-12)
      assert.near(r * math.cos(t), b, 1e-12)
    end)
    assert.same({ 250, 250 }, counts(ds))
  end)

  it("gauss: variance .5 without noise, 4 at 50 percent", function()
    for noise, variance in pairs { [0] = 0.5, [50] = 4 } do
      local sum, n = 0, 0
      each("gauss", { n = 20000, noise = noise }, function(a, b, label)
        local center = label == "1" and 2 or -2
        sum, n = sum + (a - center) ^ 2 + (b - center) ^ 2, n + 2
      end)
      assert.near(variance, sum / n, 4 * variance * math.sqrt(2 / n)) -- four standard errors
    end
  end)

  it("noise moves where labels are read, not the points", function()
    local clean = make("playground_plane", { seed = 1, noise = 0 })
    local noisy = make("playground_plane", { seed = 1, noise = 50 })
    assert.equal(clean.x:hash(), noisy.x:hash())
    local most, y = 0, noisy.y:totable()
    for i, v in ipairs(clean.y:totable()) do
      most = math.max(most, math.abs(v[1] - y[i][1]))
    end
    assert.is_true(most > 0.3 and most <= 0.6) -- at most (6 + 6) / 2 / 10
    assert.truthy(message(make, "playground_plane", { noise = 51 }):find("from 0 to 50", 1, true))
  end)
end)

describe("digits", function()
  it("are images of 28 by 28 in 0..1, class 1 named 0", function()
    local ds = make("digits", { n = 50 })
    assert.same({ 50, 784 }, { ds.x.shape[1], ds.x.shape[2] })
    assert.equal("0", ds.class_names[1])
    local low, high = 1, 0
    for _, row in ipairs(ds.x:totable()) do
      local ink = 0
      for _, v in ipairs(row) do
        low, high, ink = math.min(low, v), math.max(high, v), ink + v
      end
      assert.is_true(ink > 15 and ink < 300)
    end
    assert.equal(0, low)
    assert.is_true(high > 0.7 and high <= 1)
  end)
end)

describe("a dataset", function()
  local ds = make("moons", { n = 100 })

  it("tells its rows, classes and names", function()
    assert.equal(100, #ds)
    assert.equal(2, ds.n_classes)
    assert.is_nil(ds.class_names)
    assert.equal("moons: 100 rows, x (100, 2) float32, 2 classes: 1 (50), 2 (50)", tostring(ds))
    assert.equal("plane: 10 rows, x (10, 2) float32, y (10, 1)",
      tostring(make("plane", { n = 10 })))
  end)

  it("gives rows from..to, negative ones from the end", function()
    local part = ds:rows(3, 5)
    assert.equal(3, #part)
    assert.same(ds.x:totable()[4], part.x:totable()[2])
    assert.equal(2, #ds:rows(-2, -1))
    assert.equal(0, #ds:rows(5, 4))
    for _, i in ipairs { 0, 101, -101, 1.5 } do
      assert.truthy(message(ds.rows, ds, i):find("rows: expected", 1, true))
    end
  end)

  it("takes rows by their numbers, in that order", function()
    local part = ds:take { 7, 1, 7 }
    local x = ds.x:totable()
    assert.same({ x[7], x[1], x[7] }, part.x:totable())
    assert.truthy(message(ds.take, ds, { 1, 101 }):find("1 to 100, got 101", 1, true))
  end)

  it("takes rows of an x that is no block of memory", function()
    local x = core.tensor { { 1, 2, 3 }, { 4, 5, 6 } }:t()
    local part = mlp.dataset { x = x }:take { 3, 1 }
    assert.same({ { 3, 6 }, { 1, 4 } }, part.x:totable())
  end)

  it("maps x and keeps the rest", function()
    local other = ds:map_x(function(x) return x * 2 end)
    assert.equal(ds.y:hash(), other.y:hash())
    assert.equal(2 * ds.x:totable()[1][1], other.x:totable()[1][1])
    assert.truthy(message(ds.map_x, ds, function() return 3 end):find(
      "map_x: expected the function to return a tensor, got 3", 1, true))
    assert.truthy(message(ds.map_x, ds, function(x) return x:slice(1, 5) end):find("rows", 1, true))
  end)

  it("is made from tables: lists of numbers are values, texts classes", function()
    local a = mlp.dataset { x = { { 0, 0 }, { 0, 1 }, { 1, 0 } }, y = { 0, 1, 1 } }
    assert.equal(0, a.n_classes)
    assert.same({ { 0 }, { 1 }, { 1 } }, a.y:totable())
    local b = mlp.dataset { x = { { 0 }, { 1 }, { 2 } }, y = { "no", "yes", "no" } }
    assert.same({ "no", "yes" }, b.class_names)
    assert.same({ 1, 2, 1 }, b.y:totable())
    local c = mlp.dataset { x = { { 0 }, { 1 } }, y = { 1, 3.0 }, classes = true }
    assert.equal(3, c.n_classes)
    assert.is_nil(mlp.dataset { x = { { 1 } } }.y)
  end)

  it("refuses labels out of range, and says how to mend it #A12", function()
    local function labelled(y)
      return message(mlp.dataset, { x = { { 0 }, { 1 } }, y = y, class_names = { "a", "b" } })
    end
    assert.truthy(labelled({ 1, 0 }):find(
      "label 0 at row 2; expected 1..2 (labels are 1-based; use y + 1)", 1, true))
    assert.truthy(labelled({ 3, 1 }):find("label 3 at row 1; expected 1..2", 1, true))
  end)

  it("refuses labels that are no whole numbers #A13", function()
    local function labelled(y)
      return message(mlp.dataset, { x = { { 0 }, { 1 } }, y = y, classes = true })
    end
    assert.truthy(labelled({ 1, 3.5 }):find("got 3.5 at row 2", 1, true))
    assert.truthy(labelled({ 0 / 0, 1 }):find("nan at row 1", 1, true))
    assert.truthy(labelled({ 1, true }):find("boolean at row 2", 1, true))
  end)

  it("refuses parts that do not fit", function()
    assert.truthy(message(mlp.dataset, { x = { { 1 }, { 2 } }, y = { 1 } }):find(
      "as many rows of y as of x (2), got 1", 1, true))
    assert.truthy(message(mlp.dataset, { x = { { 1 } }, z = 1 }):find("option 'z'", 1, true))
    assert.truthy(message(mlp.dataset, { x = { { 1 } }, y = { 1 }, class_names = { "a" },
      feature_names = { "p", "q" } }):find("1 feature names, got 2", 1, true))
  end)
end)

describe("split #F56", function()
  --- A dataset whose x is the row number.
  local function numbered(n, y)
    local x = {}
    for i = 1, n do x[i] = { i } end
    return mlp.dataset { x = x, y = y, classes = y and true }
  end

  local function numbers(ds)
    local list = {}
    for i, row in ipairs(ds.x:totable()) do list[i] = row[1] end
    return list
  end

  it("cuts floor(n share + 1e-9) rows", function()
    for _, case in ipairs { { 10, 0.9, 9 }, { 10, 0.3, 3 }, { 10, 0.25, 2 }, { 100, 0.29, 29 },
      { 1000, 0.001, 1 }, { 7, 0.5, 3 }, { 3, 1 / 3, 1 } } do
      local rest, cut = numbered(case[1]):split(case[2])
      assert.equal(case[3], #cut)
      assert.equal(case[1] - case[3], #rest)
    end
  end)

  it("gives each row to one part, in its old order", function()
    for _, how in ipairs { "shuffle", "tail" } do
      local a, b = numbered(50):split { test = 0.3, how = how, seed = 5 }
      local seen = {}
      for _, part in ipairs { numbers(a), numbers(b) } do
        for i, v in ipairs(part) do
          assert.is_nil(seen[v])
          seen[v] = true
          assert.is_true(i == 1 or part[i - 1] < v)
        end
      end
      assert.equal(50, #seen)
    end
  end)

  it("is a function of the seed, the run's by default", function()
    local ds = numbered(50)
    local function cut(seed)
      local _, part = ds:split { test = 0.3, seed = seed }
      return numbers(part)
    end
    assert.same(cut(1), cut(1))
    assert.not_same(cut(1), cut(2))
    assert.same(cut(0), cut())
  end)

  it("tail cuts the last rows", function()
    local _, cut = numbered(10):split { test = 0.3, how = "tail" }
    assert.same({ 8, 9, 10 }, numbers(cut))
  end)

  it("stratified keeps the shares of classes, by largest remainder", function()
    local y = {}
    for i = 1, 100 do y[i] = i <= 50 and 1 or i <= 83 and 2 or 3 end -- 50, 33, 17
    local rest, cut = numbered(100, y):split(0.25)
    -- 12.5, 8.25, 4.25: one more row goes to the remainder .5
    assert.same({ 13, 8, 4 }, counts(cut))
    assert.same({ 37, 25, 13 }, counts(rest))
  end)

  it("refuses shares that leave a part empty, and unknown ways", function()
    local ds = numbered(5)
    for _, share in ipairs { 0, 1, -0.5, 1.5, 0 / 0, 0.1 } do
      assert.truthy(message(ds.split, ds, share):find("share", 1, true))
    end
    assert.truthy(message(ds.split, ds, { how = "head" }):find("shuffle or tail", 1, true))
    assert.truthy(message(ds.split, ds, { how = "stratified" }):find("shuffle", 1, true))
    assert.truthy(message(ds.split, ds, { tset = 0.2 }):find("'test'", 1, true))
  end)
end)

describe("batches", function()
  local ds = make("blobs", { n = 50 })

  local function indices(options)
    local list, sizes = {}, {}
    for batch in ds:batches(options) do
      sizes[#sizes + 1] = batch.x.shape[1]
      for _, i in ipairs(batch.index:totable()) do list[#list + 1] = i end
    end
    return list, sizes
  end

  it("cover all rows once, the last one smaller", function()
    local list, sizes = indices { batch_size = 16 }
    assert.same({ 16, 16, 16, 2 }, sizes)
    table.sort(list)
    for i = 1, 50 do assert.equal(i, list[i]) end
    assert.same({ 16, 16, 16 }, select(2, indices { batch_size = 16, drop_last = true }))
  end)

  it("hold the rows that their index tells", function()
    local x, y = ds.x:totable(), ds.y:totable()
    for batch in ds:batches { batch_size = 7, epoch = 3 } do
      local bx, by = batch.x:totable(), batch.y:totable()
      for k, i in ipairs(batch.index:totable()) do
        assert.same(x[i], bx[k])
        assert.equal(y[i], by[k])
      end
    end
  end)

  it("have an order that depends on the epoch and the run's seed alone", function()
    assert.same(indices { epoch = 2 }, indices { epoch = 2 })
    assert.not_same(indices { epoch = 1 }, indices { epoch = 2 })
    assert.same(indices(), indices { epoch = 1 })
    local first = indices()
    mlp.seed(1)
    local second = indices()
    mlp.seed(0)
    assert.not_same(first, second)
    local order = indices { shuffle = false }
    for i = 1, 50 do assert.equal(i, order[i]) end
  end)

  it("are copies", function()
    local before = ds.x:hash()
    for batch in ds:batches { shuffle = false } do batch.x:fill_(0) end
    assert.equal(before, ds.x:hash())
  end)

  it("refuse sizes below 1", function()
    assert.truthy(message(ds.batches, ds, { batch_size = 0 }):find("'batch_size'", 1, true))
    assert.truthy(message(ds.batches, ds, { epoch = 0 }):find("'epoch'", 1, true))
    assert.truthy(message(ds.batches, ds, { size = 3 }):find("unknown option", 1, true))
  end)
end)

describe("columns #F54 #F56", function()
  local x = core.tensor({ { 1, 10, 5 }, { 2, 20, 5 }, { 4, 60, 5 } }, { dtype = "float64" })

  local function assert_near(expected, got, tolerance)
    for i, row in ipairs(got:totable()) do
      for j, v in ipairs(row) do assert.near(expected[i][j], v, tolerance) end
    end
  end

  it("StandardScaler equals scikit-learn 1.9.1, a constant column included", function()
    local scaler = mlp.data.StandardScaler():fit(x)
    assert.same({ 2.3333333333333335, 30, 5 }, scaler.shift:totable())
    assert_near({ { -1.0690449676496978, -0.9258200997725515, 0 },
      { -0.2672612419124245, -0.46291004988627577, 0 },
      { 1.3363062095621219, 1.3887301496588271, 0 } }, scaler:transform(x), 1e-15)
    assert_near(x:totable(), scaler:inverse(scaler:transform(x)), 1e-14)
  end)

  it("MinMaxScaler equals scikit-learn 1.9.1", function()
    local scaler = mlp.data.MinMaxScaler { feature_range = { -1, 1 } }
    assert_near({ { -1, -1, -1 }, { -0.33333333333333326, -0.6, -1 }, { 1, 1, -1 } },
      scaler:fit(x):transform(x), 1e-15)
  end)

  it("scalers learn from one set and apply to another", function()
    local train, test = make("blobs", { n = 200 }):split(0.5)
    local scaler = mlp.data.StandardScaler():fit(train)
    local scaled = scaler:transform(test)
    assert.equal(test.y:hash(), scaled.y:hash())
    local row, first = scaled.x:totable()[1], test.x:totable()[1]
    local shift, scale = scaler.shift:totable(), scaler.scale:totable()
    assert.near((first[1] - shift[1]) / scale[1], row[1], 1e-6)
  end)

  it("a scaler says when it is not fitted, or to other columns", function()
    local scaler = mlp.data.StandardScaler()
    assert.truthy(message(scaler.transform, scaler, x):find("fit", 1, true))
    scaler:fit(x)
    assert.truthy(message(scaler.transform, scaler, make("moons").x):find("the 3 columns", 1, true))
  end)

  it("one_hot has a one at the class #S4", function()
    local expected = { { 0, 1, 0 }, { 1, 0, 0 }, { 0, 0, 1 } }
    assert.same(expected, mlp.data.one_hot({ 2, 1, 3 }, 3):totable())
    assert.same(expected, mlp.data.one_hot(core.tensor({ 2, 1, 3 }, { dtype = "int64" })):totable())
    assert.truthy(message(mlp.data.one_hot, { 0, 1 }, 2):find("use y + 1", 1, true))
  end)

  it("features are the Playground's: squares, products, sines", function()
    local ds = mlp.dataset { x = { { 2, 3 }, { -1, 0.5 } }, dtype = "float64" }
    local made = mlp.data.features(ds,
      { "x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)" })
    assert_near({ { 2, 3, 4, 9, 6, math.sin(2), math.sin(3) },
      { -1, 0.5, 1, 0.25, -0.5, math.sin(-1), math.sin(0.5) } }, made.x, 2e-16)
    assert.equal("x1*x2", made.feature_names[5])
    assert.truthy(message(mlp.data.features, ds, { "x3" }):find("columns 1 to 2, got 3", 1, true))
    assert.truthy(message(mlp.data.features, ds, { "tan(x1)" }):find("tan(x1)", 1, true))
  end)
end)
