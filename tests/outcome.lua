-- outcome.lua: how the tests report. Failures in full, as they happen; nothing for what passes;
-- the skipped by name and reason; then the C tests, and the totals. Each test's verdict goes to
-- $MLPRUN_VERDICTS (a Lua file) for `make rows`.
return function()
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()

  local function where(element, trace)
    trace = trace or element.trace
    if not trace or not trace.currentline then return "while loading" end
    return ("%s:%d"):format(trace.short_src, trace.currentline)
  end

  local function text_of(message)
    if type(message) == "string" then return message end
    if type(message) == "table" and message.message then return tostring(message.message) end
    return tostring(message)
  end

  local verdicts = {}

  local function failed(element, _, message, trace)
    local name = handler.getFullName(element)
    io.write(("FAILED %s (%s)\n  %s\n"):format(
      name, where(element, trace), text_of(message):gsub("\n", "\n  ")))
    if element.descriptor ~= "it" then -- a file or block that did not even start
      verdicts[#verdicts + 1] = { name = name, verdict = "failed" }
    end
    return nil, true
  end

  local function ended(element, _, status)
    local verdict = ({ success = "passed", pending = "skipped" })[status] or "failed"
    verdicts[#verdicts + 1] = { name = handler.getFullName(element), verdict = verdict }
    return nil, true
  end

  local function skipped(element, _, message)
    local reason = type(message) == "string" and ": " .. message:gsub("^[^:]*:%d+: ", "") or ""
    io.write(("skipped %s%s\n"):format(handler.getFullName(element), reason))
    return nil, true
  end

  --- The ids of rows ("#D01") in the sources of a C test, for its name in the verdicts.
  local function ids_of(name)
    local pipe = io.popen(("cat tests/%s[_.]* tests/*_%s_test.c 2>/dev/null"):format(name, name))
    local ids, seen = {}, {}
    for id in pipe:read("a"):gmatch "#%u%d+" do
      if not seen[id] then ids[#ids + 1] = " " .. id end
      seen[id] = true
    end
    pipe:close()
    table.sort(ids)
    return table.concat(ids)
  end

  --- A C test prints its failures and ends with "name: N passed, N failed[, N skipped...]".
  local function run_c_test(command, total)
    local pipe = io.popen(command .. " 2>&1")
    local output = pipe:read "a"
    local ok = pipe:close()
    local name = output:match "(%w+): %d+ passed[^\n]*\n$" or command:match "[%w_]+$"
    local passes, failures, rest = output:match "(%d+) passed, (%d+) failed([^\n]*)\n$"
    passes, failures = tonumber(passes) or 0, tonumber(failures) or 0
    total.skipped = total.skipped + (tonumber((rest or ""):match "%d+") or 0)
    if not ok and failures == 0 then failures = 1 end
    if failures > 0 then io.write("FAILED ", name, "\n", output) end
    total.passed, total.failed = total.passed + passes, total.failed + failures
    local verdict = failures > 0 and "failed" or "passed"
    verdicts[#verdicts + 1] = { name = name .. ids_of(name), verdict = verdict }
  end

  local function save_verdicts()
    local path = os.getenv "MLPRUN_VERDICTS"
    if not path then return end
    local file <close> = assert(io.open(path, "w"))
    file:write "return {\n"
    for _, v in ipairs(verdicts) do
      file:write(("  { name = %q, verdict = %q },\n"):format(v.name, v.verdict))
    end
    file:write "}\n"
  end

  local function finish()
    local total = { passed = 0, failed = 0, skipped = 0 }
    for _, v in ipairs(verdicts) do total[v.verdict] = total[v.verdict] + 1 end
    local commands = os.getenv "MLPRUN_CTESTS" or ""
    for command in commands:gmatch "[^;]+" do run_c_test(command, total) end
    save_verdicts()
    io.write(("%d passed, %d failed%s\n"):format(total.passed, total.failed,
      total.skipped > 0 and (", %d skipped"):format(total.skipped) or ""))
    io.stdout:flush()
    os.exit(total.failed == 0 and total.passed > 0, true)
  end

  function handler.subscribe(self, options)
    require "busted.languages.en"
    self.options = options
    busted.subscribe({ "test", "end" }, ended)
    busted.subscribe({ "pending" }, skipped)
    busted.subscribe({ "failure" }, failed)
    busted.subscribe({ "error" }, failed)
    busted.subscribe({ "exit" }, finish)
  end

  return handler
end
