local program = require "program"

local history = os.tmpname()

local function session(dialogue, library)
  os.remove(history)
  return program.at_terminal(dialogue .. "\nexpect >\\x20\nsend \\x04", {},
    ("MLPRUN_HISTORY=%s TERM=xterm %s"):format(
      history, library and "MLPRUN_READLINE=" .. library or ""))
end

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local basics = [[
expect >\x20
send 1 +\r
expect >>\x20
send 41, "text"\r
expect 42	text
expect >\x20
send _1 * 2, _\r
expect 84	42
expect >\x20
send { 1, name = "n", { 2 } }\r
expect { 1, { 2 }, name = "n" }
expect >\x20
send x = 7\r
expect >\x20
send x;\r
expect >\x20
send local y <const> = 1\r
expect >\x20
send local y, z = x + 1, {\r
expect >>\x20
send 9 }\r
expect >\x20
send y, z[1]\r
expect 8	9
expect >\x20
send local function f(n) return n == 0 and 1 or n * f(n - 1) end\r
expect >\x20
send f(5)\r
expect 120
expect >\x20
send mlp.help(3)\r
expect got 3
expect >\x20
send for i = 1, 2 do\r
expect >>\x20
send print("line", i) end\r
expect line	2
expect >\x20
send error("boom")\r
expect mlprun: stdin:1: boom
expect stdin:1: in main chunk
expect >\x20
send do local t = os.clock() while os.clock() < t + 0.2 do end end\r
expect 0.
expect  s
expect >\x20
send x = 1 while true do x = x + 1 end\r
pause 300
send \x03
expect interrupted
expect >\x20
send co = coroutine.wrap(function() while true do end end)\r
expect >\x20
send co()\r
pause 300
send \x03
expect interrupted
expect >\x20
send while true do pcall(function() while true do end end) end\r
pause 300
send \x03
pause 100
send \x03
expect interrupted
expect >\x20
send 20 + 3\r
expect 23]]

local completion = [[
expect >\x20
send st\t.gs\t == string.gsub\r
expect true
expect >\x20
send word = "abc"\r
expect >\x20
send word:upp\t()\r
expect ABC]]

local interrupted_line = [[
expect >\x20
send not a line\x03
expect >\x20
send for i = 1, 2 do\r
expect >>\x20
send \x03
expect >\x20
send 6 * 7\r
expect 42]]

describe("the prompt", function()
  local function with(library)
    local name = library == "" and "no line editor" or library
    local usable = library == "" or package.loadlib(library, "*")

    it("runs, prints, times, reports and is interrupted, with " .. name .. " #F88 #E07", function()
      if not usable then return pending "not installed" end
      local shown, code = session(basics, library)
      assert.is_nil(shown:match "missed: [^\n]*")
      assert.is_nil(shown:find("[C]", 1, true))
      assert.is_nil(shown:find("repl.lua", 1, true))
      assert.is_nil(shown:find("tail calls", 1, true))
      assert.equal(0, code)
    end)

    it("drops a line on Ctrl-C, with " .. name .. " #E07", function()
      if not usable then return pending "not installed" end
      local shown, code = session(interrupted_line, library)
      assert.is_nil(shown:match "missed: [^\n]*")
      assert.equal(0, code)
    end)

    if library == "" then return end -- nothing completes then
    it("completes names, fields and methods, with " .. name .. " #F88", function()
      if not usable then return pending "not installed" end
      local shown = session(completion, library)
      assert.is_nil(shown:match "missed: [^\n]*")
    end)
  end
  with "libreadline.so.8"
  with "libedit.so.2"
  with ""

  it("completes the names of files in strings, with libreadline #F88", function()
    if not package.loadlib("libreadline.so.8", "*") then return pending "not installed" end
    local shown = session("expect >\\x20\nsend #'Makef\\t\\r\nexpect 8", "libreadline.so.8")
    assert.is_nil(shown:match "missed: [^\n]*")
  end)

  it("helps and leaves as Python's does", function()
    local shown, code = session [[
expect >\x20
send help\r
expect Dataset: batches
send exit()\r]]
    assert.is_nil(shown:match "missed: [^\n]*")
    assert.equal(0, code)
  end)

  it("keeps a private history, each entry once #F88", function()
    session [[
expect >\x20
send 1 +\r
expect >>\x20
send 1\r
expect 2
send 'a\\n'\r
expect >\x20]]
    assert.equal("1 +\\n1\n'a\\\\n'\n", read(history))
    local listing = io.popen("ls -l " .. history)
    assert.matches("^%-rw%-%-%-%-%-%-%-", listing:read "a")
    listing:close()
  end)

  it("brings the history back after a restart #F88", function()
    if not package.loadlib("libreadline.so.8", "*") then return pending "not installed" end
    session "expect >\\x20\nsend 40 + 2\\r\nexpect 42"
    local shown = program.at_terminal(
      "expect >\\x20\nsend \\x10\\r\nexpect 42\nexpect >\\x20\nsend \\x04", {},
      ("MLPRUN_HISTORY=%s"):format(history))
    assert.is_nil(shown:match "missed: [^\n]*")
    assert.equal("40 + 2\n", read(history))
  end)

  it("writes no history where standard input is no terminal #F88", function()
    os.remove(history)
    local out = program.run({ "-i" }, "echo 6*7 | MLPRUN_HISTORY=" .. history)
    assert.matches("42", out)
    assert.is_nil(io.open(history))
  end)

  it("ends with 143 when it is terminated #E08", function()
    local _, code = program.at_terminal("expect >\\x20\nsignal 15", {}, "MLPRUN_HISTORY=")
    assert.equal(143, code)
  end)
end)

describe("the history file", function()
  local repl = require "mlp.repl"

  it("is cut to the last 10,000 entries, the latest use of each", function()
    local lines = {}
    for i = 1, 12000 do lines[i] = "x" .. i end
    lines[#lines + 1] = "x11999"
    local path = program.file(table.concat(lines, "\n") .. "\n")
    local kept, changed = repl.read_history(path)
    os.remove(path)
    assert.is_true(changed)
    assert.equal(10000, #kept)
    assert.same({ "x2001", "x12000", "x11999" }, { kept[1], kept[9999], kept[10000] })
  end)
end)

describe("completion", function()
  local complete = require("mlp.repl").complete

  it("knows globals, keywords, fields and methods", function()
    assert.same({ "setmetatable" }, complete("setm", ""))
    assert.same({ "function" }, complete("func", ""))
    assert.same({ "string.format" }, complete("string.fo", ""))
    assert.same({ "io.stdout:seek", "io.stdout:setvbuf" }, complete("io.stdout:se", ""))
    assert.same({}, complete("nothing.here", ""))
    assert.is_nil(complete("dat", 'f("'))
    assert.is_table(complete("dat", 'f("a", '))
  end)

  it("follows __index, also where it is hidden", function()
    local base = setmetatable({ far = 1 }, { __metatable = false, __index = { farther = print } })
    rawset(_G, "_object", setmetatable({ fa = 1 }, { __index = base }))
    assert.same({ "_object.fa", "_object.far", "_object.farther" }, complete("_object.fa", ""))
    assert.same({ "_object:farther" }, complete("_object:fa", ""))
    rawset(_G, "_object", nil)
  end)
end)

describe("a statement at the prompt", function()
  it("that begins with local makes globals, unless it says more", function()
    local kept = require("mlp.repl").without_local
    for given, expected in pairs {
      ["local x = 1"] = "x = 1", ["  local a, b = f()"] = "a, b = f()",
      ["local x"] = "x = nil", ["local a, b"] = "a, b = nil",
      ["local function f() end"] = "function f() end",
      ["local x <const> = 1"] = "local x <const> = 1",
      ["local t <close> = f()"] = "local t <close> = f()",
      ["localize = 1"] = "localize = 1", ["x = 1"] = "x = 1",
      ["local x = 1; print(x)"] = "x = 1; print(x)", ["local x = {\n1 }"] = "x = {\n1 }",
    } do assert.equal(expected, kept(given)) end
  end)
end)
