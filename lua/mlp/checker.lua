--- Checking claims: each script runs in a process of its own, some at a time, and tells on its
--- standard output what was measured.
local claim = require "mlp.claim"
local core = require "mlp.core"
local provenance = require "mlp.provenance"
local settings = require "mlp.settings"

local M = {}

local MARK <const>, FIELD <const> = "\30", "\31" -- of a line for the parent, between its fields

--- The words of a command line: { seeds, jobs, one }, and the others; nil where one is wrong.
--- @param words string[]
function M.read_words(words)
  local options, others, i = {}, {}, 1
  while i <= #words do
    local name, value = words[i]:match "^%-%-(%l+)=?(.*)$"
    if name == "seeds" or name == "jobs" or name == "one" then
      if not words[i]:find("=", 1, true) then
        i = i + 1
        value = words[i]
      end
      options[name] = name == "one" and value or math.tointeger(tonumber(value))
      if not options[name] then return options, nil end
    elseif name then
      return options, nil
    else
      others[#others + 1] = words[i]
    end
    i = i + 1
  end
  return options, others
end

--- The scripts that are meant: files, and those of folders.
--- @param paths string[]
--- @return string[]
function M.find_scripts(paths)
  local scripts = {}
  for _, path in ipairs(paths) do
    if path:find "%.lua$" then
      scripts[#scripts + 1] = path
    else
      for _, name in ipairs(core.list_folder(path)) do
        if name:find "%.lua$" then scripts[#scripts + 1] = (path:gsub("/$", "")) .. "/" .. name end
      end
    end
  end
  return scripts
end

-- The child. ----------------------------------------------------------------------------

--- A line for the parent; the script may have left one unfinished.
local function tell(...) io.write("\n", MARK, table.concat({ ... }, FIELD), "\n"):flush() end

local function one_line(e)
  local text = type(e) == "table" and e.message or tostring(e)
  return (text:gsub("\n", " | "):gsub("%c", " "))
end

--- `arg` of a script: its path at 0, behind it its words, before it the rest of the command line.
local function arguments(path, words)
  local list = table.move(words, 1, #words, 1, { [0] = path })
  local i, to = #_G.arg - #words, -1
  while _G.arg[i] do
    list[to] = _G.arg[i]
    i, to = i - 1, to - 1
  end
  return list
end

--- Run the text of a script as `mlprun PATH WORDS...` would.
--- @param path string
--- @param text string
--- @param words string[]  of the command line, its last
--- @param lesson? string  a script of the lecture, which is no file
function M.run_text(path, text, words, lesson)
  local folder = path:match "^(.*)/" or "."
  _G.arg = arguments(path, words)
  package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(folder, folder, package.path)
  provenance.is(path, text, lesson)
  local f, message = load(text, "@" .. path, "t")
  if not f then error(message, 0) end
  f(table.unpack(words))
end

--- The path and text of a script: a file, or "lecture:NAME".
local function open_script(name)
  local lesson = name:match "^lecture:(.*)$"
  if lesson then return ("experiments/%s.lua"):format(lesson), core.lecture()[lesson] end
  local file <close>, why = io.open(name, "rb")
  if not file then error("cannot read " .. why, 0) end
  return name, file:read "a"
end

--- Measure the claims of one script and tell the parent; always 0.
--- @param name string
--- @param seeds? integer  at most
function M.run_one(name, seeds)
  claim.seeds = seeds or math.huge
  claim.report = function(r)
    tell(name, "claim", r.text, r.slide or "", r.expected, claim.measured_text(r),
      r.holds and "1" or "0")
  end
  local ok, e = pcall(function()
    local path, text = open_script(name)
    M.run_text(path, text, {})
  end)
  tell(name, "end", ok and "" or one_line(e), ("%.2f"):format(os.clock()))
  return 0
end

-- The parent. ------------------------------------------------------------------------------

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

--- How this program was called.
local function program()
  local i = 0
  while _G.arg[i - 1] do i = i - 1 end
  return quote(_G.arg[i])
end

--- The shell's words that run all scripts, `jobs` at a time.
local function command(scripts, options)
  local names = {}
  for i, script in ipairs(scripts) do names[i] = quote(script) end
  return ("printf '%%s\\0' %s | MLPRUN_OUT=%s xargs -0 -n 1 -P %d %s --quiet --threads 1 "
    .. "check %s --one 2>/dev/null"):format(table.concat(names, " "), quote(settings.out),
    options.jobs or core.threads(), program(),
    options.seeds and "--seeds=" .. options.seeds or "")
end

--- Text in a column; a longer one pushes the rest to the right.
local function pad(text, width)
  return text .. (" "):rep(width - (utf8.len(text) or #text))
end

local function print_block(name, block)
  print(("%s (%.1f s)"):format(name:gsub("^lecture:", ""), block.seconds))
  for _, c in ipairs(block) do
    print(("  %-5s %s %s %s %s"):format(c.holds and "holds" or "FAILS", pad(c.slide, 8),
      pad(c.text, 62), pad(c.expected, 14), c.measured))
  end
  if #block == 0 and block.error == "" then print "  (no claim)" end
  if block.error ~= "" then print("  ERROR " .. block.error) end
  io.stdout:flush()
end

--- Fill in `blocks` from a child's line; the script's name where it was its last.
local function take_line(line, blocks)
  local fields = {}
  for field in (line:sub(2) .. FIELD):gmatch("([^" .. FIELD .. "]*)" .. FIELD) do
    fields[#fields + 1] = field
  end
  local name, what = fields[1], fields[2]
  blocks[name] = blocks[name] or {}
  local block = blocks[name]
  if what == "claim" then
    block[#block + 1] = { text = fields[3], slide = fields[4], expected = fields[5],
      measured = fields[6], holds = fields[7] == "1" }
  elseif what == "end" then
    block.error, block.seconds = fields[3], tonumber(fields[4])
  end
end

--- How it came out: a line, and the exit code.
local function summary(scripts, blocks, elapsed)
  local claims, failed, errors, seconds = 0, 0, 0, 0
  for _, name in ipairs(scripts) do
    local block = blocks[name]
    for _, c in ipairs(block) do failed = failed + (c.holds and 0 or 1) end
    claims, seconds = claims + #block, seconds + block.seconds
    errors = errors + (block.error ~= "" and 1 or 0)
  end
  local text = "%d claims in %d scripts: %d hold, %d fail, %d errors; %.0f s, %.0f s of computing"
  print(text:format(claims, #scripts, claims - failed, failed, errors, elapsed, seconds))
  return failed + errors == 0 and 0 or 1
end

--- Run the scripts and print the table of their claims.
--- @param scripts string[]
--- @param options { seeds?: integer, jobs?: integer }
--- @return integer  the exit code
function M.check(scripts, options)
  local blocks, shown, started = {}, 0, core.clock()
  local pipe <close> = assert(io.popen(command(scripts, options)))
  local function show_ready()
    while scripts[shown + 1] and (blocks[scripts[shown + 1]] or {}).error do
      shown = shown + 1
      print_block(scripts[shown], blocks[scripts[shown]])
    end
  end
  for line in pipe:lines() do
    if line:sub(1, 1) == MARK then
      take_line(line, blocks)
      show_ready()
    end
  end
  for i = shown + 1, #scripts do -- those that were killed
    local block = blocks[scripts[i]] or {}
    blocks[scripts[i]] = block
    block.error, block.seconds = block.error or "the script ended its process", block.seconds or 0
    print_block(scripts[i], block)
  end
  return summary(scripts, blocks, core.clock() - started)
end

return M
