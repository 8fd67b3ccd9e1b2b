-- Batches from files: the rows are those of mlp.datasets.csv and npy, which csv_spec and numpy_spec
-- hold against their formats.
local mlp = require "mlp"

local path, other = os.tmpname(), os.tmpname()

local function write(text)
  local f <close> = assert(io.open(path, "wb"))
  f:write(text)
end

teardown(function()
  os.remove(path)
  os.remove(other)
end)

local NAMES <const> = { "red", '"a ""green"", or so"', '"two\nlines"' }

--- 300 rows of three classes; quoted texts over two lines, empty lines, CRLF.
local function table_of(header, mark)
  local lines = { header or nil }
  for i = 1, 300 do
    local label = mark == nil and NAMES[(i * 7) % 3 + 1] or tostring(i % 2)
    lines[#lines + 1] = ("%d%s%.3f%s%s"):format(i, mark or ",", i / 8, mark or ",", label)
    if i % 50 == 0 then lines[#lines + 1] = "" end
  end
  return table.concat(lines, "\r\n") .. "\r\n"
end

--- All rows of an epoch, one after the other.
local function epoch_of(stream, epoch)
  local x, y = {}, {}
  for batch = 1, stream.batches do
    local b = stream(epoch, batch)
    x[#x + 1], y[#y + 1] = b.x, b.y
  end
  assert.is_nil(stream(epoch, stream.batches + 1))
  return mlp.concat(x, 1), y[1] and mlp.concat(y, 1)
end

local function first_column(x) return x:select(2, 1):totable() end

describe("stream.csv #F55 #F40", function()
  it("has the rows, classes and names of mlp.datasets.csv", function()
    for _, case in ipairs {
      { table_of "n,v,kind", {} }, { table_of(nil, ";"), { header = false } },
      { table_of(nil, "\t"), { classes = false } },
      { table_of "n,v,kind", { target = "v", drop = "kind" } },
    } do
      write(case[1])
      local whole = mlp.datasets.csv(path, case[2])
      local o = { window = 64, batch_size = 16, shuffle = false }
      for k, v in pairs(case[2]) do o[k] = v end
      local stream = mlp.stream.csv(path, o)
      local x, y = epoch_of(stream, 1)
      assert.equal(whole.x:hash(), x:hash())
      assert.equal(whole.y:hash(), y:hash())
      assert.same(whole.class_names, stream.class_names)
      assert.same(whole.feature_names, stream.feature_names)
      assert.same({ 300, 5, 19 }, { #stream, stream.windows, stream.batches })
    end
  end)

  it("shuffles windows and rows anew each epoch, and repeats itself", function()
    write(table_of "n,v,kind")
    local function make() return mlp.stream.csv(path, { window = 64, batch_size = 16 }) end
    local stream, seen = make(), {}
    local one, two = first_column((epoch_of(stream, 1))), first_column((epoch_of(stream, 2)))
    assert.same(one, first_column((epoch_of(make(), 1))))
    for _, v in ipairs(one) do seen[v] = true end
    for i = 1, 300 do assert.is_true(seen[i]) end
    local same = 0
    for i, v in ipairs(one) do same = same + (v == two[i] and 1 or 0) end
    assert.truthy(same < 30)
    assert.equal(make()(2, 7).x:hash(), stream(2, 7).x:hash()) -- any batch, alone
  end)

  it("names the line of what is wrong before the first step", function()
    write(("1,2\n"):rep(100) .. "3,oops\n" .. ("1,2\n"):rep(50))
    assert.error_matches(function() mlp.stream.csv(path, { window = 32, classes = false }) end,
      "line 101: column 2: expected a finite number, got 'oops'")
    write("a,b\n" .. ("1,2\n"):rep(100) .. "3\n")
    assert.error_matches(function() mlp.stream.csv(path, { window = 32 }) end, "line 102: ")
    write ""
    assert.error_matches(function() mlp.stream.csv(path) end, "the file is empty")
    write "\x1f\x8b\8\0" -- how gzip's files begin, RFC 1952
    assert.error_matches(function() mlp.stream.csv(path) end,
      "'" .. path .. "' is packed, .*first: gunzip %-k")
    assert.error_matches(function() mlp.stream.csv "no/such/file" end, "cannot open 'no/such/file'")
  end)

  it("is closed with its scope", function()
    write(table_of "n,v,kind")
    local kept
    do
      local stream <close> = mlp.stream.csv(path)
      kept = stream
    end
    assert.equal("closed file", io.type(kept.reader.file))
    assert.error_matches(function() kept(1, 1) end, "got a closed one")
  end)

  it("leaves rows out where a cell is missing", function()
    write("a,b\n" .. ("1,2\n?,3\n4,5\n"):rep(40))
    local stream = mlp.stream.csv(path, { window = 30, batch_size = 10, missing = "drop" })
    assert.same({ 80, 4 }, { #stream, stream.windows })
    assert.equal(80, (epoch_of(stream, 3)).shape[1])
  end)

  it("trains, validates, and goes on from a checkpoint with the same bits #F46", function()
    write(table_of "n,v,kind")
    local folder = os.tmpname()
    os.remove(folder)
    local function backup()
      return mlp.BackupAndRestore { backup_dir = folder, save_freq = 5 }
    end
    local function fit(callbacks)
      mlp.seed(5)
      local scaler = mlp.data.StandardScaler()
      scaler:fit(mlp.stream.csv(path):window(1))
      local stream = mlp.stream.csv(path, { window = 64, batch_size = 16, map = function(d)
        return scaler:transform(d)
      end })
      local model = mlp.Sequential { mlp.Dense { 4, activation = "tanh" },
        mlp.Dense { 3, activation = "softmax" } }:compile { loss = "scce" }
      local history = model:fit(stream, { epochs = 3, verbose = 0, callbacks = callbacks,
        validation_data = stream })
      return model, history
    end
    local whole, history = fit {}
    assert.equal(3, #history.val_loss)
    local n = 0
    local ok = pcall(fit, { backup(),
      mlp.Lambda { on_batch_end = function()
        n = n + 1
        if n == 33 then error "lights out" end
      end } })
    assert.is_false(ok)
    assert.equal(whole:hash(), (fit { backup() }):hash())
  end)

  it("keeps one window in memory", function()
    local f <close> = assert(io.open(path, "wb"))
    for i = 1, 20000 do f:write(("%d,1,2,3,4,5,6,7,8\n"):format(i % 10)) end
    f:close()
    local stream = mlp.stream.csv(path, { window = 1000, classes = false })
    collectgarbage()
    local before, most = require("mlp.core").memory(), 0
    for batch = 1, stream.batches do
      stream(1, batch)
      if batch % 20 == 0 then
        collectgarbage()
        most = math.max(most, (require("mlp.core").memory()) - before)
      end
    end
    assert.truthy(most < 4 * 1000 * 9 * 4, most) -- the whole is 720,000 bytes
  end)
end)

describe("stream.npy #F55", function()
  local x = mlp.arange(1, 600, 1, { dtype = "float64" }):reshape(100, 2, 3)
  local y = mlp.tensor({ 1, 2, 3, 4 }, { dtype = "int64" }):tile(25)

  it("has the rows of the files", function()
    mlp.datasets.save_npy(path, x)
    mlp.datasets.save_npy(other, y)
    local stream = mlp.stream.npy(path, { y = other, window = 30, batch_size = 8, shuffle = false })
    local rows, labels = epoch_of(stream, 1)
    assert.equal(x:reshape(100, 6):hash(), rows:hash())
    assert.equal(y:hash(), labels:hash())
    local sum = 0
    for _, v in ipairs(first_column((epoch_of(mlp.stream.npy(path, { window = 30 }), 1)))) do
      sum = sum + v
    end
    assert.equal((1 + 595) * 50, sum)
    local from_zero = mlp.stream.npy(path, { y = other, first_class = 0, shuffle = false })
    assert.same({ 2, 3, 4 }, from_zero(1, 1).y:slice(1, 3):totable())
  end)

  it("refuses what it cannot read", function()
    mlp.datasets.save_npy(path, x)
    mlp.datasets.save_npy(other, y:slice(1, 40))
    assert.error_matches(function() mlp.stream.npy(path, { y = other }) end,
      "expected as many rows as .* has, 100, got 40")
    write "PK"
    assert.error_matches(function() mlp.stream.npy(path) end, "expected an %.npy file")
    assert.error_matches(function() mlp.stream.npy(other, { batch_size = 0 }) end, "batch_size")
  end)
end)
