-- CSV files: what they become, and what is said about those that are broken.
local mlp = require "mlp"

local path = os.tmpname()

local function write(text)
  local f = assert(io.open(path, "wb"))
  f:write(text)
  f:close()
end

local function load(text, options)
  write(text)
  return mlp.datasets.csv(path, options)
end

local function message(text, options)
  local ok, e = pcall(load, text, options)
  assert.is_false(ok, "expected an error")
  return tostring(e)
end

local function says(part, text, options)
  local got = message(text, options)
  assert.is_true(got:find(part, 1, true) ~= nil, got)
end

teardown(function() os.remove(path) end)

describe("csv #F55 #D08", function()
  it("takes the last column as target, texts as classes in order", function()
    local ds = load "a,b,kind\n1,2.5,yes\n3,-4e1,no\n"
    assert.same({ { 1, 2.5 }, { 3, -40 } }, ds.x:totable())
    assert.same({ 2, 1 }, ds.y:totable())
    assert.same({ "no", "yes" }, ds.class_names)
    assert.same({ "a", "b" }, ds.feature_names)
    assert.equal(path:match "[^/]+$", ds.name)
  end)

  it("makes classes of two whole numbers, values of others", function()
    assert.same({ "-1", "1" }, load("1,1\n2,-1\n3,1\n").class_names)
    assert.equal(0, load("1,1\n2,2\n3,3\n").n_classes)
    assert.equal(0, load("1,0.5\n2,1\n3,1\n").n_classes)
    assert.equal(0, load("1,0\n2,1\n", { classes = false }).n_classes)
    assert.same({ "-1", "9", "10" }, load("1,10\n2,9\n3,-1\n", { classes = true }).class_names)
  end)

  it("reads any line end, with or without a byte order mark", function()
    for _, text in ipairs { "a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4",
      "\xef\xbb\xbfa,b\n1,2\n3,4", "a,b\n\n1,2\n\n\n3,4\n\n", " a , b \n 1 ,2\n3, 4 \n" } do
      local ds = load(text)
      assert.same({ { 1 }, { 3 } }, ds.x:totable())
      assert.same({ "a" }, ds.feature_names)
    end
  end)

  it("reads quoted cells: separators, line ends and quotes inside", function()
    local ds = load('"a ""q""",b\n1,"x, y"\n"2","line\nbreak"\n')
    assert.same({ 'a "q"' }, ds.feature_names)
    assert.same({ "line\nbreak", "x, y" }, ds.class_names)
    assert.same({ { 1 }, { 2 } }, ds.x:totable())
  end)

  it("guesses the separator, reads decimal commas when told", function()
    for _, separator in ipairs { ",", ";", "\t", "|" } do
      local text = ("a,b,c\n1,2,3\n"):gsub(",", separator)
      assert.same({ { 1, 2 } }, load(text).x:totable())
    end
    local ds = load("a;b\n1,5;2,25\n-3;1\n", { decimal = "," })
    assert.same({ { 1.5 }, { -3 } }, ds.x:totable())
    says([[expected a finite number, got '1,5'; decimal = ","]], "a;b\n1,5;2\n3;4\n")
  end)

  it("finds the header, or is told", function()
    assert.is_nil(load("1,2\n3,4\n").feature_names)
    assert.same({ "a" }, load("a,b\n1,2\n").feature_names)
    assert.equal(2, #load("x,no\ny,yes\n", { one_hot = { 1 } }))
    assert.equal(1, #load("x,no\ny,yes\n", { one_hot = { 1 }, header = true }))
    says("got 'a'", "a,b\n1,2\n", { header = false, classes = true })
  end)

  it("takes the target by name or number, or none", function()
    local text = "a,b,c\n1,5,3\n2,6,4\n3,7,5\n"
    assert.same({ { 1 }, { 2 }, { 3 } }, load(text, { target = "a" }).y:totable())
    assert.same({ { 5 }, { 6 }, { 7 } }, load(text, { target = 2 }).y:totable())
    assert.is_nil(load(text, { target = false }).y)
    assert.same({ "b", "c" }, load(text, { target = "a" }).feature_names)
    says("no column is named 'd'; there are 'a', 'b', 'c'", text, { target = "d" })
    says("a column from 1 to 3, got 4", text, { target = 4 })
    says("the file has no header", "1,2\n", { target = "a" })
  end)

  it("leaves columns out, spreads text columns", function()
    local ds = load("id,sex,age,y\nq,m,3,1.5\nr,f,4,2\ns,m,5,1\n",
      { drop = { "id" }, one_hot = { "sex" } })
    assert.same({ { 0, 1, 3 }, { 1, 0, 4 }, { 0, 1, 5 } }, ds.x:totable())
    assert.same({ "sex=f", "sex=m", "age" }, ds.feature_names)
    says("line 2: column 1 'sex': expected a finite number, got 'm'; name the column in "
      .. "one_hot = {...} or drop = {...}", "sex,y\nm,1\n")
  end)

  it("treats missing values as told: error, nan or drop", function()
    for _, word in ipairs { "", "?", "NA", "N/A", "nan", "NaN", "null", "NULL" } do
      local text = "a,b,y\n1,2,3\n4," .. word .. ",6\n7,8,9\n"
      says("line 3: column 2 'b': expected a value", text)
      assert.equal(2, #load(text, { missing = "drop" }))
      local x = load(text, { missing = "nan" }).x:totable()
      assert.is_true(x[2][2] ~= x[2][2])
    end
    says("for it is the target", "a,y\n1,NA\n2,3\n", { missing = "nan" })
    says("every row has a missing value", "a,y\nNA,1\n", { missing = "drop" })
    says("expected error, nan or drop, got 'skip'", "a,y\n1,2\n", { missing = "skip" })
  end)

  it("names line and column of what is no number", function()
    for _, cell in ipairs { "1e400", "0x10", "inf", "-inf", "1.2.3", "--1", "1e", "1 2", "١" } do
      says("line 3: column 2 'b': expected a finite number, got ", "a,b,y\n1,2,3\n4," .. cell
        .. ",6\n7,8,9\n")
    end
    says("column 2 'y': expected a number, as above, got 'x'", "a,y\n1,2\n3,x\n")
    says("expected a text, as above, got '3'", "a,y\n1,x\n3,3\n")
  end)

  it("reads numbers whatever the locale", function()
    local old = os.setlocale(nil, "numeric")
    for _, name in ipairs { "de_DE.UTF-8", "fr_FR.UTF-8" } do
      os.setlocale(name, "numeric")
      local ok, ds = pcall(load, "a,b\n1.5,2.25\n3,1\n4,5\n")
      os.setlocale(old, "numeric")
      assert.is_true(ok)
      assert.same({ { 1.5 }, { 3 }, { 4 } }, ds.x:totable())
    end
  end)

  it("refuses broken files", function()
    says("the file is empty", "")
    says("no rows of data", "a,b\n")
    says("no rows of data", "\n\n")
    says("line 3: expected 2 cells as in the first line, got 1", "a,b\n1,2\n3\n4,5\n")
    says("line 2: expected 2 cells as in the first line, got 3", "a,b\n1,2,3\n")
    says("line 2: a quote opens here and never closes", 'a,b\n1,"2\n3,4\n')
    says("expected a separator behind the closing quote, got 'x'", 'a,b\n1,"2"x\n')
    says("expected a separator behind the closing quote, got 'é'", 'a,b\n1,"2"é\n')
    says("expected a number, as above, got 'xxxxxxxxxxxxxxxxxxxxxxx'...",
      "a,y\n1,2\n3," .. ("x"):rep(23) .. "é\n") -- not half of a character
    says("put the cell in quotes and double the quote", 'a,b\n1,2"x\n')
    says("column 2: another column is named 'a' too", "a,a\n1,2\n")
    says("got UTF-16", "\xff\xfea\0,\0b\0")
    says("a zero byte at offset 5", "a,b\n1\0,2\n")
    says("more than 100000 columns", ("1,"):rep(100000) .. "1\n")
    says("at most 10000 different entries", (function()
      local lines = {}
      for i = 1, 10001 do lines[i] = "1,t" .. i end
      return table.concat(lines, "\n")
    end)())
  end)

  it("refuses what is no file, without waiting #D01", function()
    for _, bad in ipairs { "/", "/dev/zero", "/nonexistent/x.csv" } do
      local ok, e = pcall(mlp.datasets.csv, bad)
      assert.is_false(ok)
      assert.truthy(tostring(e):find(bad, 1, true))
    end
  end)

  it("refuses options it does not have", function()
    says("unknown option 'taget'; did you mean 'target'?", "a,b\n1,2\n", { taget = 1 })
    says("expected columns by name or number", "a,b\n1,2\n", { drop = { true } })
    says("one character", "a,b\n1,2\n", { separator = "::" })
  end)

  it("never takes part of a quoted or ragged file for the whole #D02 #D03", function()
    local text = 'id,sex,age,y\nq,"m""\n",3,1\r\nr,f,4,2.5\ns,m,1,1\n'
    local options = { drop = { "id" }, one_hot = { "sex" } }
    for n = 0, #text - 1 do
      local ok, ds = pcall(load, text:sub(1, n), options)
      -- a prefix that ends a record, or a number early, cannot be told from a shorter file
      if ok then assert.is_true(#ds < 3 or text:sub(1, n):find("s,m,1,", 1, true) ~= nil) end
    end
    for i = 1, #text do
      for _, byte in ipairs { 0, 34, 44, 10, 255 } do
        local changed = text:sub(1, i - 1) .. string.char(byte) .. text:sub(i + 1)
        local ok, ds = pcall(load, changed, options)
        if ok then assert.is_true(#ds <= 3) end
      end
    end
  end)
end)
