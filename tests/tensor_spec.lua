local mlp = require "mlp"
local core = require "mlp.core"
local program = require "program"

local function m234() return mlp.arange(1, 24):reshape(2, 3, 4) end

describe("tensor", function()
  it("has a shape that prints, joins texts and equals any list of the same sizes", function()
    local shape = mlp.zeros(200, 3).shape
    assert.equal("(200, 3)", tostring(shape))
    assert.equal("x: (200, 3)", "x: " .. shape)
    assert.is_true(shape == mlp.ones(200, 3).shape and shape == { 200, 3 })
    assert.is_false(shape == mlp.zeros(200).shape or shape == { 3, 200 })
    assert.equal("()", tostring(mlp.tensor(1).shape))
  end)

  it("is made from numbers, tables and sizes #F1", function()
    assert.same({ { 1.0, 2.0 }, { 3.0, 4.0 } }, mlp.tensor({ { 1, 2 }, { 3, 4 } }):totable())
    assert.same({ 2, 3 }, mlp.zeros(2, 3).shape)
    assert.same({ 2, 3 }, mlp.ones({ 2, 3 }).shape)
    assert.equal("float32", mlp.zeros(1).dtype)
    for _, dtype in ipairs { "float32", "float64", "int64", "uint8" } do
      assert.equal(dtype, mlp.zeros({ 2 }, { dtype = dtype }).dtype)
    end
    assert.same({ 1.0, 1.5, 2.0 }, mlp.arange(1, 2, 0.5):totable())
    assert.same({ 0.0, 0.5, 1.0 }, mlp.linspace(0, 1, 3):totable())
    assert.same({ { 1.0, 0.0 }, { 0.0, 1.0 } }, mlp.eye(2):totable())
    assert.equal(7, mlp.tensor(7):item())
  end)

  it("is looked at without copies #F2", function()
    local t = m234()
    assert.same({ 3, 4 }, t[2].shape)
    assert.equal(13, t[{ 2, 1, 1 }]:item())
    assert.same({ 2, 2, 4 }, t[{ {}, { 2, 3 }, {} }].shape)
    assert.same({ 2, 1, 4 }, t[{ {}, { -1, -1 } }].shape)
    assert.same({ 4, 3, 2 }, t:permute(3, 2, 1).shape)
    assert.same({ 3, 2, 4 }, t:transpose(1, 2).shape)
    assert.equal(t[{ 1, 2, 3 }]:item(), t:permute(3, 1, 2)[{ 3, 1, 2 }]:item())
    assert.same({ 6, 4 }, t:reshape(6, -1).shape)
    local row = t[1][1]
    row:fill_(0)
    assert.equal(0, t[{ 1, 1, 4 }]:item())
  end)

  it("is filled wholly, in any size and type, and no more than it", function()
    for _, dtype in ipairs { "float32", "float64", "int64", "uint8" } do
      for n = 0, 33 do
        local list, t = {}, mlp.zeros(n + 2, { dtype = dtype })
        for i = 1, n + 2 do list[i] = i > 1 and i < n + 2 and 7 or 0 end
        t:slice(2, n + 1):fill_(7)
        assert.same(list, t:totable())
        assert.equal(7 * n, mlp.full({ n }, 7, { dtype = dtype }):double():sum():item())
      end
    end
    local t = mlp.zeros(3, 4)
    t:t()[{ { 2, 3 }, {} }]:fill_(-0.5)
    assert.same({ 0, -0.5, -0.5, 0 }, t[3]:totable())
    assert.equal(-math.huge, 1 / mlp.full({ 3 }, -0.0)[3]:item())
  end)

  it("is assigned to by index, range and mask #F2", function()
    local t = mlp.zeros(3, 3)
    t[2] = 5
    t[{ 1, { 2, 3 } }] = mlp.tensor { 7, 8 }
    t[{ 3, 3 }] = 1
    assert.same({ { 0.0, 7.0, 8.0 }, { 5.0, 5.0, 5.0 }, { 0.0, 0.0, 1.0 } }, t:totable())
    t[t:eq(5)] = -1
    assert.same({ -1.0, -1.0, -1.0 }, t[2]:totable())
    assert.same({ 7.0, 8.0, 1.0 }, t[t:gt(0)]:totable())
  end)

  it("an overlapping write in place is right #A19", function()
    local t = mlp.arange(1, 6)
    t[{ { 2, 6 } }] = t[{ { 1, 5 } }]
    assert.same({ 1.0, 1.0, 2.0, 3.0, 4.0, 5.0 }, t:totable())
    local u = mlp.arange(1, 6)
    u[{ { 1, 5 } }]:add_(u[{ { 2, 6 } }])
    assert.same({ 3.0, 5.0, 7.0, 9.0, 11.0, 6.0 }, u:totable())
  end)

  it("broadcasts as NumPy does; numbers take the tensor's type #F6", function()
    local a, b = mlp.tensor { { 1 }, { 2 } }, mlp.tensor { 10, 20 }
    assert.same({ { 11.0, 21.0 }, { 12.0, 22.0 } }, (a + b):totable())
    assert.equal("float64", (mlp.ones({ 2 }, { dtype = "float64" }) * 2).dtype)
    assert.same({ 0.5, 0.25 }, (1 / mlp.tensor { 2, 4 }):totable())
    assert.same({ 1.0, 4.0 }, (mlp.tensor { 1, 2 } ^ 2):totable())
    assert.same({ 1.0, 8.0 }, (mlp.tensor { 1, 2 } ^ 3):totable())
  end)

  it("prints type and shape, and large ones in part", function()
    assert.matches("%[float32 %(2, 2%)%]$", tostring(mlp.eye(2)))
    local text = tostring(mlp.zeros(1000, 1000))
    assert.truthy(#text < 1000)
    assert.matches("%.%.%.", text)
    assert.matches("int64", tostring(mlp.randperm(5)))
  end)

  it("compares by value with ==", function()
    assert.is_true(mlp.eye(2) == mlp.eye(2))
    assert.is_false(mlp.eye(2) == mlp.ones(2, 2))
    assert.is_false(mlp.eye(2) == mlp.eye(2):double())
  end)
end)

describe("randint", function()
  it("draws every number of its range, both ends included, and no other", function()
    local t = mlp.randint(-1, 2, { 400 })
    local seen = {}
    for _, v in ipairs(t:totable()) do seen[v] = (seen[v] or 0) + 1 end
    assert.equal("int64", t.dtype)
    for v = -1, 2 do assert.truthy(seen[v] > 50, v) end -- 100 expected, sd 8.7
    assert.equal(-1, t:min():item())
    assert.equal(2, t:max():item())
  end)
end)

describe("whole numbers", function()
  it("are shown exactly above 2^53, too", function()
    local t = mlp.tensor({ math.maxinteger, 2 ^ 53 | 1 }, { dtype = "int64" })
    assert.equal(" 9223372036854775807    9007199254740993\n[int64 (2,)]", tostring(t))
  end)

  local y = mlp.tensor({ 1, 3, 3 }, { dtype = "int64" })

  it("are added, multiplied, summed up, and stay whole", function()
    assert.same({ 2, 4, 4 }, (y + 1):totable())
    assert.same({ -1, -3, -3 }, (0 - y):totable())
    assert.same({ 2, 6, 6 }, (y * mlp.tensor({ 2 }, { dtype = "int64" })):totable())
    assert.equal("int64", (y + y).dtype)
    assert.same({ 7, 3, 1 }, { y:sum():item(), y:max():item(), y:min():item() })
  end)
  it("of masks count what is right", function()
    local right = y:eq(mlp.tensor({ 1, 2, 3 }, { dtype = "int64" }))
    assert.equal(2, right:sum():item())
    assert.near(2 / 3, right:mean():item(), 1e-7)
  end)
  it("beyond 2^53 are refused", function()
    assert.error_matches(function() return mlp.tensor({ 1 << 60 }, { dtype = "int64" }) + 1 end,
      "add: expected whole numbers to 2%^53, got larger ones; use :double%(%)")
  end)
  it("choose rows", function()
    local t = mlp.arange(6):reshape(3, 2)
    assert.same({ { 1, 2 }, { 5, 6 }, { 5, 6 } }, t[y]:totable())
    assert.same(t[y]:totable(), t:index_select(1, { 1, 3, 3 }):totable())
    assert.same({ { 3, 4 }, { 5, 6 } }, t[y:eq(3)]:long():totable())
    local square = mlp.zeros(3, 3)
    square[y:eq(3)] = 1
    assert.same({ { 0, 0, 0 }, { 1, 1, 1 }, { 1, 1, 1 } }, square:long():totable())
    assert.same(t[y]:totable(), t:gather_rows(y):totable())
  end)
end)

describe("short forms", function()
  it("arange(n), true and false, transpose(), %, //, ..", function()
    assert.same({ 1.0, 2.0, 3.0 }, mlp.arange(3):totable())
    assert.same({ "uint8", { 1, 0 } }, { mlp.tensor({ true, false }).dtype,
      mlp.tensor({ true, false }):totable() })
    assert.same({ 3, 2 }, { table.unpack(mlp.zeros(2, 3):transpose().shape) })
    assert.same({ 2.0, 1.0 }, (mlp.tensor { 5, -5 } % 3):totable()) -- as Lua's %
    assert.same({ 2.0, -3.0 }, (mlp.tensor { 5, -5 } // 2):totable())
    assert.equal("loss 3 [float32 ()]", "loss " .. mlp.tensor(3))
    assert.same({ 0.0, 2.0 }, mlp.tensor({ -1, 2 }):clamp(0):totable())
    local t = mlp.zeros(2, 2)
    t[1] = { 3, 4 }
    assert.same({ { 3.0, 4.0 }, { 0.0, 0.0 } }, t:totable())
  end)
  it("a vector is printed in lines of 80 columns, NaN without a sign", function()
    local lines = 0
    for line in tostring(mlp.arange(200)):gmatch "[^\n]+" do
      assert.is_true(#line <= 80)
      lines = lines + 1
    end
    assert.equal(11, lines)
    assert.equal(" nan   1\n[float32 (2,)]", tostring(mlp.tensor { -(0 / 0), 1 }))
  end)
end)

describe("a mistake with tensors", function()
  local function fails(f, pattern) assert.error_matches(f, pattern) end
  local a = mlp.zeros(32, 784)

  it("#A01 matmul names both shapes", function()
    fails(function() a:matmul(mlp.zeros(785, 10)) end,
      "tensor_spec.lua:%d+: matmul: inner dimensions differ: a is %(32, 784%), b is %(785, 10%)")
  end)
  it("#A02 add names the dimension", function()
    fails(function() return mlp.zeros(3, 4) + mlp.zeros(2, 4) end,
      "add: shapes %(3, 4%) and %(2, 4%) do not broadcast: 3 and 2 in dimension 1")
  end)
  it("#A03 reshape counts the elements", function()
    fails(function() mlp.zeros(6, 4):reshape(5, 5) end, "24 elements cannot become %(5, 5%) = 25")
  end)
  it("#A04 sizes: each bad one is named with its position", function()
    for _, bad in ipairs { -5, 2.5, "3", 0 / 0, 1 / 0, 2 ^ 63, {} } do
      fails(function()
        mlp.zeros { 2, bad }
      end, "zeros: shape: expected a whole number >= 0 at position 2")
    end
    fails(function() a:reshape(-1, -1) end, "at most one %-1")
    fails(function() mlp.zeros(3, nil, 4) end, "zeros: shape: .* at position 2, got none")
    fails(function() mlp.ones(3, { 4 }) end, "ones: expected sizes as numbers or as one list")
    assert.same({ 3 }, mlp.zeros(3.0).shape)
    assert.same({ 0, 3 }, mlp.zeros(0, 3).shape)
  end)
  it("#A05 too many elements are refused before anything is allocated", function()
    fails(function() mlp.zeros(2 ^ 32 | 0, 2 ^ 32 | 0) end, "too many elements")
    fails(function() mlp.zeros(4194305, 4194305, 211106198978564) end, "too many elements")
  end)
  it("#A06 more than the limit is refused with both sizes", function()
    core.memory_limit(1e9 // 1 | 0)
    local ok, e = pcall(mlp.zeros, 1000000, 1000000)
    core.memory_limit(0)
    assert.is_false(ok)
    assert.matches("needs 4.0 TB, the limit is 1.0 GB of which", tostring(e))
    assert.equal(4, mlp.ones(2, 2):sum():item())
  end)
  it("#A07 too many dimensions: the limit is named", function()
    local sizes = {}
    for i = 1, 33 do sizes[i] = 1 end
    fails(function() mlp.zeros(sizes) end, "expected at most 8 dimensions, got 33")
  end)
  it("#A08 an index out of range shows the range", function()
    for _, bad in ipairs { 0, 785, -785, 2 ^ 32 } do
      fails(function() return a[{ 1, bad }] end, "out of range %[1, 784%]")
    end
    fails(function() return a[1.5] end, "expected a whole number, got 1.5")
    fails(function() return a[{ 1, true }] end, "expected a whole number, got true")
    fails(function() return a[nil] end, "index: expected a number, a table .* got none")
  end)
  it("#A09 empty and reversed ranges, bad steps", function()
    fails(function() return a[{ { 5, 3 } }] end, "expected first <= last")
    assert.same({ 0, 784 }, a:slice(5, 4).shape)
    fails(function() a:slice(1, 5, 1, 0) end, "step")
    fails(function() a:slice(1, 5, 1, -1) end, "step")
  end)
  it("#A10 empty tensors: the sum is 0, the mean NaN, a maximum an error", function()
    local e = mlp.zeros(0, 3)
    assert.equal(0, e:sum():item())
    local mean = e:mean():item()
    assert.is_true(mean ~= mean)
    assert.is_false((pcall(e.max, e)))
  end)
  it("#A14 a method called with '.' is told about ':'", function()
    fails(function()
      a.sum()
    end, "sum: argument 1: expected a tensor, got none; a method is called with ':'")
  end)
  -- Torch7's x:add(k, y), r:add(a, b), t:sub(1, 2): elsewhere, or for other arguments, an addition
  it("takes no more arguments than it reads", function()
    local b = mlp.ones(2, 2)
    fails(function() b:add(2, b) end, "add: expected 1 argument after the tensor, got 2; k times "
      .. "another is a:add%(b %* k%), and where the result goes is said last: { out = r }")
    fails(function() b:add_(2, b) end, "add: expected 1 argument after the tensor, got 2")
    fails(function() b:add(b, b, { out = b }) end, "add: expected 1 argument")
    fails(function() b:sub(1, 2) end, "sub: expected 1 argument after the tensor, got 2; it "
      .. "subtracts: a part of t is t%[{ { 1, 2 }, {} }%]")
    fails(function() b:exp(2) end, "exp: expected 0 arguments after the tensor, got 1")
    fails(function() b:sum(1, true, 0, 1) end, "sum: expected at most 3 arguments")
    fails(function() b:addcmul(2, b, b) end, "addcmul: argument 1: expected a tensor, got a number")
    fails(function() b:clamp_ "a" end, "clamp_: argument 'low': expected a number, got 'a'")
    fails(function() b:histc(1.5) end, "histc: argument 'bins': expected a whole number, got 1.5")
  end)
  it("says which row of a ragged table is the odd one", function()
    fails(function() mlp.tensor { { 1, 2 }, { 3, 4 }, { 5 } } end,
      "got a ragged one: row 3 has a list of 1 where the first has a list of 2")
    fails(function() mlp.tensor { { 1, 2 }, 3 } end, "row 2 has 3 where the first has a list of 2")
    fails(function() mlp.tensor { 1, { 2 } } end,
      "row 2 has a list of 1 where the first has a number")
    fails(function() mlp.tensor { { { 1 } }, { { 1, 2 } } } end,
      "row 2 has a list of 2 where the first has a list of 1")
  end)
  it("a method that is not there is met with the nearest", function()
    fails(function() a:symeig() end, "no field or method 'symeig'; did you mean 'eigh'%?")
    fails(function() a:matmull(a) end, "no field or method 'matmull'; did you mean 'matmul'%?")
  end)
  it("#A15 the wrong kind of thing is named", function()
    fails(function() a:add(io.stdout) end, "expected a tensor, got a file%*")
    fails(function() a:add(mlp.Adam {}) end, "expected a tensor, got an object")
    fails(function() a:add {} end, "expected a tensor, got a table")
  end)
  it("#A16 a freed tensor says so", function()
    local t = mlp.zeros(2)
    t:free()
    local freed = "sum: argument 1: expected a tensor, got one that was freed at "
      .. "[^:]*tensor_spec.lua:" .. debug.getinfo(1, "l").currentline - 2
    fails(function() t:sum() end, freed)
    assert.equal("tensor: freed", tostring(t))
    local u <close> = mlp.zeros(2)
    u:free()
    fails(function() return mlp.ones(2) + u end, "expected a tensor, got one that was freed at ")
  end)
  it("#A20 an unknown option is listed with the nearest", function()
    fails(function()
      mlp.zeros({ 2 }, { dtyp = "float64" })
    end, "unknown option 'dtyp'; did you mean 'dtype'%?")
  end)
  it("#A22 #A23 types do not mix in silence", function()
    fails(function()
      return mlp.zeros(2) + mlp.zeros({ 2 }, { dtype = "float64" })
    end, "float32.*float64")
    fails(function() return mlp.zeros({ 2 }, { dtype = "int64" }) + 0.5 end, "int64")
    fails(function() return mlp.zeros({ 2 }, { dtype = "int64" }) + mlp.zeros(2) end, "int64")
    fails(function() mlp.tensor({ 1 }, "int64") end,
      "tensor: expected options, such as { dtype = \"int64\" }, got 'int64'")
    fails(function() mlp.tensor({ 1 }, { dtype = "double" }) end, "did you mean 'float64'%?")
    assert.equal(2 ^ 53 + 0.0, mlp.tensor(2 ^ 53 | 0, { dtype = "float64" }):item())
    assert.equal(9007199254740993, mlp.tensor({ 9007199254740993 },
      { dtype = "int64" }):totable()[1])
  end)
  it("arguments as PyTorch names them are not passed over", function()
    fails(function() a:sum { dim = 1 } end,
      "sum: argument 'dims': expected a dimension or a list of them, got a table with 'dim'; write "
      .. "t:sum%(1%)")
    fails(function() return a[{ { 1, 3, 2 } }] end, "expected a range { first, last } in dimension "
      .. "1, got 3 numbers")
    fails(function() return a[mlp.tensor { 1, 3 }] end, "expected a mask %(uint8%), or numbers of "
      .. "rows %(int64, one dimension%), got float32 of 1 dimensions")
    fails(function() mlp.zeros(2, 3, 4):transpose() end, "expected the two dimensions")
    fails(function() return mlp.zeros(2) > 1 end, "elements are compared by a:lt%(b%)")
    fails(function() mlp.concat(a, a) end, "expected a list of tensors, { a, b }, got a tensor "
      .. "%(32, 784%)")
    fails(function() a:slice() end, "slice: argument 'first': expected a whole number, got none")
    fails(function() a[1] = "a" end, "assignment: expected a number, a tensor or a table, got 'a'")
  end)
  it("#B13 a method on another userdata is refused", function()
    fails(function() getmetatable("").__index.rep(a, 2) end, "string expected")
    assert.equal("mlp.Tensor", getmetatable(a)) -- #B12: locked
    fails(function() setmetatable(a, {}) end, ".")
  end)
end)

describe("memory", function()
  it("a loop of 20,000 temporaries of 400 kB stays flat without collectgarbage #B16", function()
    collectgarbage()
    local before = core.memory()
    local keep, most = mlp.zeros(100000), 0
    for _ = 1, 20000 do
      local t = mlp.zeros(100000) -- luacheck: ignore
      most = math.max(most, (core.memory()))
    end
    assert.equal(100000, keep:numel())
    assert.truthy(most - before < 64e6, most - before)
  end)

  it("fails at every allocation in turn: an error or success, nothing lost #B24", function()
    local out, err, code = program.run { "tests/allocations.lua" }
    assert.equal(0, code, err)
    assert.equal("nothing lost\n", out)
  end)
end)
