--- the lecture's scripts: lecture [NAME [its options] | --check [NAME...] | --copy NAME]
local check = require "mlp.check"
local checker = require "mlp.checker"
local core = require "mlp.core"

--- The claims of a script as it is written: text, expectation, slide.
local function claims_of(text)
  local list = {}
  for start in text:gmatch "claim ?()[({]" do
    local call = text:match("^%b()", start) or text:match("^%b{}", start) or ""
    local c = { expected = call:match "expect = (%w+)" }
    for literal in call:gmatch '"(.-)"' do
      if literal:find "^[ST]%d" then c.slide = literal
      elseif not c.text then c.text = literal
      elseif literal:find "^[<>=]" or literal:find "%+%-" or literal:find "^in %[" then
        c.expected = literal
      end
    end
    c.expected = c.expected or call:match ", (%l+)%s*[,})]" -- true, false
    if c.text then list[#list + 1] = c end
  end
  return list
end

--- What the comment at the top says, up to its first full stop.
local function title_of(text)
  local words = {}
  for line in text:gmatch "[^\n]*" do
    local comment = line:match "^%-%- ?(.*)$"
    if not comment then break end
    words[#words + 1] = comment
  end
  local all = table.concat(words, " ")
  return all:match "^(.-%.)%f[%s\0]" or all
end

local function list_all(lessons)
  for _, name in ipairs(check.sorted_keys(lessons)) do
    print(("%s: %s"):format(name, title_of(lessons[name])))
    for _, c in ipairs(claims_of(lessons[name])) do
      print(("    %-8s %s (%s)"):format(c.slide or "", c.text or "?", c.expected or "?"))
    end
  end
  print "mlprun lecture NAME runs one; --check measures the claims; --copy NAME writes the script."
  return 0
end

--- The text of a script; nil after telling that there is none.
local function find(lessons, name)
  local text = lessons[name or ""]
  if not text then
    io.stderr:write(("lecture: there is no script '%s'%s; mlprun lecture lists them\n"):format(
      tostring(name), check.hint(tostring(name), check.sorted_keys(lessons))))
  end
  return text
end

local function check_all(lessons, words)
  local options, names = checker.read_words(words)
  if not names then
    io.stderr:write "usage: mlprun lecture --check [--seeds N] [--jobs N] [NAME...]\n"
    return 2
  end
  for _, name in ipairs(#names == 0 and check.sorted_keys(lessons) or {}) do
    if #claims_of(lessons[name]) > 0 then names[#names + 1] = name end
  end
  for i, name in ipairs(names) do
    if not find(lessons, name) then return 2 end
    names[i] = "lecture:" .. name
  end
  return checker.check(names, options)
end

--- Write a script into this folder, to be changed; never over another file.
local function copy(lessons, name)
  local text = find(lessons, name)
  if not text then return 2 end
  local path = name .. ".lua"
  if io.open(path, "rb") then
    io.stderr:write(("lecture: '%s' is already here\n"):format(path))
    return 1
  end
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
  print(("wrote %s; change it, and run mlprun %s"):format(path, path))
  return 0
end

--- mlprun lecture: list, run, check or copy the scripts of the lecture; the exit code.
return function(word, ...)
  local lessons = core.lecture()
  if word == nil then return list_all(lessons) end
  if word == "--check" then return check_all(lessons, { ... }) end
  if word == "--copy" then return copy(lessons, (...)) end
  local text = find(lessons, word)
  if not text then return 2 end
  checker.run_text(("experiments/%s.lua"):format(word), text, { ... }, word)
  return 0
end
