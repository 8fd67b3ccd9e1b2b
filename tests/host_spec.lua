local program = require "program"

local function run(...) return program.run { ... } end

--- Run a script with that text and those arguments.
local function run_script(text, ...)
  local path = program.file(text)
  local out, err, code = program.run { path, ... }
  os.remove(path)
  local pattern = path:gsub("%p", "%%%0")
  return (out:gsub(pattern, "SCRIPT")), (err:gsub(pattern, "SCRIPT")), code
end

describe("mlprun's command line", function()
  it("runs statements and libraries in order", function()
    local out, _, code = run("-e", "x = 6", "-lt=table", "-e", "print(x * 7, t == table)")
    assert.equal("42\ttrue\n", out)
    assert.equal(0, code)
  end)

  it("gives the script its arguments, also those that look like options", function()
    local out = run_script("print(arg[0] ~= nil, #arg, ...)", "--seed", "-e")
    assert.equal("true\t2\t--seed\t-e\n", out)
  end)

  it("runs standard input as '-', and by itself", function()
    assert.equal("1\n", (program.run({ "-", "x" }, "echo 'print(#arg)' |")))
    assert.equal("0\n", (program.run({}, "echo 'print(#arg)' |")))
  end)

  it("refuses an unknown option with exit code 2 and the nearest name", function()
    local out, err, code = run("--sede=3")
    assert.equal("", out)
    assert.matches("unknown option '%-%-sede=3'; did you mean '%-%-seed'%?", err)
    assert.equal(2, code)
  end)

  it("refuses wrong values", function()
    for _, words in ipairs {
      { "--seed", "-1" }, { "--seed", "1.5" }, { "--seed=" }, { "--seed", "9223372036854775808" },
      { "--threads", "0" }, { "--color", "red" }, { "--isa", "v9" }, { "--out" }, { "-e" },
    } do
      local _, err, code = program.run(words)
      assert.equal(2, code)
      assert.matches("^mlprun: option '", err)
    end
  end)

  it("shows help and versions on standard output", function()
    local help, err, code = run "--help"
    assert.matches("%-%-seed N", help)
    assert.equal("", err)
    assert.equal(0, code)
    local version = run "--version"
    assert.matches("^mlprun %d+%.%d+%.%d+\nLua 5%.4", version)
    assert.matches("\ncairo %d", version)
  end)

  it("seeds math.random with the run's seed", function()
    local function draw(seed) return (run("--seed", seed, "-e", "print(math.random(1 << 40))")) end
    assert.equal(draw "7", draw "7")
    assert.not_equal(draw "7", draw "8")
    assert.equal(draw "0", (run("-e", "print(math.random(1 << 40))")))
  end)

  it("draws a seed that it tells", function()
    local out, err = run("--seed", "random", "-e", "print(math.random(1 << 40))")
    local seed = err:match "^mlprun: %-%-seed (%d+)\n$"
    assert.equal(out, (run("--seed", seed, "-e", "print(math.random(1 << 40))")))
  end)

  it("honours LUA_INIT and LUA_PATH_5_4, and -E ignores them", function()
    local before = "LUA_INIT='x = 1' LUA_PATH_5_4='here;;'"
    local code = "print(x, package.path:match '^here')"
    assert.equal("1\there\n", (program.run({ "-e", code }, before)))
    assert.equal("nil\tnil\n", (program.run({ "-E", "-e", code }, before)))
  end)

  it("finds modules beside the script first", function()
    local path = program.file "print(package.path:match '^[^;]*')"
    assert.equal(path:match "^(.*)/" .. "/?.lua\n", (program.run { path }))
    os.remove(path)
  end)
end)

describe("mlprun's errors", function()
  it("come with a traceback that has no lines of C", function()
    local out, err, code = run_script "local function f() error 'boo' end\nprint(pcall(f))\nf()"
    assert.equal("false\tSCRIPT:1: boo\n", out)
    assert.matches("^mlprun: SCRIPT:1: boo\nstack traceback:\n\tSCRIPT:1: in", err)
    assert.is_nil(err:find("[C]", 1, true))
    assert.equal(1, code)
  end)

  it("show the script's lines alone where the fault is the script's", function()
    local _, err = run_script "local mlp = require 'mlp'\nmlp.Dense { 8, 'rel' }"
    assert.matches("did you mean 'relu'%?\nstack traceback:\n\tSCRIPT:2: in main chunk\n$", err)
    _, err = run("study", "list", "no-such-file.db")
    assert.equal("mlprun study: cannot use 'no-such-file.db': No such file or directory\n", err)
  end)

  it("show the text of error objects", function()
    local _, err = run("-e", "error { message = 'a message', kind = 'shape' }")
    assert.matches("^mlprun: a message\n", err)
    _, err = run("-e", "error(setmetatable({}, { __tostring = function() return 'text' end }))")
    assert.matches("^mlprun: text\n", err)
    _, err = run("-e", "error {}")
    assert.matches("^mlprun: %(error object is a table value%)\n", err)
  end)

  it("survive an error in the error handling #B23", function()
    local _, err, code = run("-e", "error(setmetatable({}, { __tostring = error }))")
    assert.matches("^mlprun: %(the error object has no text", err)
    assert.equal(1, code)
    _, err, code = run("-e", "local t = {} while true do t = { t, ('x'):rep(1 << 62) } end")
    assert.matches("^mlprun: .*resulting string too large", err)
    assert.equal(1, code)
  end)

  it("survive the end of memory #B23", function()
    if program.path:find "asan" then return pending "the sanitizer needs the address space" end
    local _, err, code = program.run({ "-e", "s = 'x' while true do s = s .. s end" },
      "ulimit -v 400000;")
    assert.matches("^mlprun: not enough memory\n", err)
    assert.equal(1, code)
  end)

  it("are red on request only", function()
    local _, err = run("--color=always", "-e", "error('x', 0)")
    assert.matches("^\27%[31mmlprun: x\27%[0m\n", err)
    _, err = program.run({ "-e", "error('x', 0)" }, "FORCE_COLOR=1 NO_COLOR=1")
    assert.matches("^mlprun: x\n", err)
  end)
end)

describe("precompiled chunks", function()
  local chunk = string.dump(function() return 1 end)
  local refused = "precompiled chunks are not accepted"

  it("are refused by load, loadfile, dofile and require #B21", function()
    local path = program.file(chunk)
    local out, err = run_script([[
      local path = ...
      print((select(2, load(string.dump(function() end), "x", "b"))))
      print((select(2, loadfile(path, "b"))))
      print((select(2, pcall(dofile, path))))
      package.path = path
      print((select(2, pcall(require, "some.chunk"))))]], path)
    os.remove(path)
    assert.equal("", err)
    assert.equal(refused .. "\n" .. path .. ": " .. refused .. "\n" .. path .. ": " .. refused
      .. "\nerror loading module 'some.chunk' from file '" .. path .. "':\n\t" .. path .. ": "
      .. refused .. "\n", out)
  end)

  it("are refused as a script and on standard input #B21", function()
    local _, err, code = run_script(chunk)
    assert.matches("^mlprun: SCRIPT: " .. refused, err)
    assert.equal(1, code)
    local path = program.file(chunk)
    _, err = program.run({ "-" }, "cat " .. path .. " |")
    assert.matches(refused, err)
    os.remove(path)
  end)

  it("leave load, loadfile and dofile as Lua has them for text", function()
    local path = program.file "x = 3 return x, ..."
    local env = {}
    assert.same({ 3, 4 }, { load("x = 3 return x, ...", "name", "t", env)(4) })
    assert.same({ 3, 5 }, { loadfile(path, "t", env)(5) })
    assert.equal(3, env.x)
    assert.is_false(pcall(load("return x", "=x", "t", nil))) -- no environment at all
    assert.is_nil((load "x ="))
    assert.is_nil((loadfile "/nowhere"))
    env = dofile(path)
    assert.equal(3, env)
    rawset(_G, "x", nil)
    os.remove(path)
  end)
end)

describe("coroutines", function()
  it("pass values, errors and yields as Lua's do", function()
    program.needed()
    local co = coroutine.create(function(a)
      local b = coroutine.yield(a + 1)
      error { b }
    end)
    assert.same({ true, 2 }, { coroutine.resume(co, 1) })
    local ok, err = coroutine.resume(co, 5)
    assert.is_false(ok)
    assert.same({ 5 }, err)
    assert.same({ false, "cannot resume dead coroutine" }, { coroutine.resume(co) })
    local f = coroutine.wrap(function() for i = 1, 2 do coroutine.yield(i) end end)
    assert.same({ 1, 2 }, { f(), f() })
    assert.error_matches(coroutine.resume, "coroutine expected")
  end)

  it("can be closed within each other, deeply #B22", function()
    local _, err, code = run("-e", [[
      local function nest()
        return coroutine.wrap(function()
          local guard <close> = setmetatable({}, { __close = function() nest()() end })
        end)
      end
      print(pcall(nest()))]])
    assert.equal("", err)
    assert.equal(0, code)
  end)
end)

describe("signals", function()
  it("stop a script, with exit code 128 + signal #E08", function()
    for signal, name in pairs { [2] = "INT", [15] = "TERM", [1] = "HUP" } do
      local shown, code = program.at_terminal(
        "expect ready\nsignal " .. signal, { "-e", "print 'ready' while true do end" })
      assert.equal(128 + signal, code)
      assert.matches("interrupted", shown, 1, true)
      assert.is_string(name)
    end
  end)

  it("reach a coroutine, and the error does not end where it was resumed #E07", function()
    local shown, code = program.at_terminal("expect ready\nsend \\x03", { "-e", [[
      local co = coroutine.create(function() print 'ready' while true do end end)
      while true do coroutine.resume(co) end]] })
    assert.equal(130, code)
    assert.matches("interrupted", shown, 1, true)
  end)

  it("come as an error that can be caught, once", function()
    local shown, code = program.at_terminal("expect ready\nsend \\x03\nexpect after", { "-e", [[
      local ok, e = pcall(function() print 'ready' while true do end end)
      print('after', ok, e.kind)]] })
    assert.matches("after\tfalse\tinterrupted", shown)
    assert.equal(130, code)
  end)

  it("end the process at once when they come twice #E07", function()
    local _, code = program.at_terminal("expect ready\nsend \\x03\npause 200\nsend \\x03", {
      "-e", "print 'ready' while true do pcall(function() while true do end end) end" })
    assert.equal(130, code)
  end)

  it("wait behind a shield, whose code answers itself", function()
    local shown, code = program.at_terminal("expect ready\nsend \\x03\nexpect done", { "-e", [[
      local core = require 'mlp.core'
      do
        local guard <close> = core.shield()
        print 'ready'
        while not core.interrupted() do end
        for i = 1, 1000 do tostring(i) end
        core.clear_interrupt()
      end
      print 'done']] })
    assert.matches("done", shown)
    assert.equal(130, code)
  end)

  it("of a closed standard output do not stop a script #E08", function()
    local path = program.file "for i = 1, 1e5 do print(i) end io.stderr:write 'trained'"
    local err = os.tmpname()
    os.execute(("%s %s 2>%s | head -n 1 >/dev/null"):format(program.path, path, err))
    local file <close> = io.open(err)
    assert.equal("trained", file:read "a")
    os.remove(path)
    os.remove(err)
  end)
end)
