-- gallery.lua PROGRAM FOLDER [FOLDER|FILE...]: let PROGRAM run every script of these, draw into
-- the first one, and write README.md there: what each script shows, its pictures and its text.
-- gallery.lua PROGRAM FOLDER FILE: draw that script alone, and leave all else in the folder.
-- Pictures are small: 68 dots an inch, or $GALLERY_DPI. A script of the first folder is shown, of
-- another it is named.
local program, folder = arg[1], arg[2]
local MOST <const> = 3000000 -- bytes of all pictures of docs/gallery together

local function lines_of(command)
  local list, pipe = {}, assert(io.popen(command))
  for line in pipe:lines() do list[#list + 1] = line end
  assert(pipe:close(), command .. " failed")
  return list
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

--- The sentences of the comment that a script begins with, and the rest.
local function split(text)
  local words, rest = {}, text
  while true do
    local line, behind = rest:match "^%-%- ?([^\n]*)\n(.*)$"
    if not line then break end
    words[#words + 1], rest = line, behind
  end
  return table.concat(words, " "), rest
end

local DPI <const> = os.getenv "GALLERY_DPI" or "68"
local PRELUDE <const> = "require('mlp').plot.defaults.dpi = " .. DPI

--- Run a script, which draws into a folder of its own, and take its pictures over; their names, in
--- the order in which the script names them.
local function draw(path, text)
  local scratch = lines_of("mktemp -d")[1]
  local command = ("%s --quiet --out %s -e \"%s\" %s"):format(program, scratch, PRELUDE, path)
  assert(os.execute(command), path .. " failed")
  local names = lines_of(("cd %s && ls | grep '\\.png$' || true"):format(scratch))
  local function place(name) return text:find('"' .. name, 1, true) or #text end
  table.sort(names, function(a, b)
    if place(a) ~= place(b) then return place(a) < place(b) end
    return a < b
  end)
  for _, name in ipairs(names) do
    assert(os.execute(("cp %s/%s %s/"):format(scratch, name, folder)))
  end
  assert(os.execute("rm -r " .. scratch))
  return names
end

if #arg == 3 and arg[3]:find "%.lua$" then
  print(table.concat(draw(arg[3], read(arg[3])), " "))
  return
end

local page = #arg > 2 and {
  "# Gallery of the lecture", "",
  "What the scripts of the lecture draw; [lecture](../../lecture.md) maps slides to scripts.",
  "`mlprun lecture NAME` draws one anew, `make gallery` all of them.", "",
} or {
  "# Gallery", "",
  "Every figure of `mlp.plot` with the script that draws it. `make gallery` draws them anew; one",
  "script is run by `mlprun docs/gallery/NAME.lua` and writes to `out/`; `mlprun PICTURE.png` says",
  "which script drew a picture.", "",
}

os.execute(("rm -f %s/*.png"):format(folder))
for i = 2, #arg do
  local scripts = arg[i]:find "%.lua$" and { arg[i] }
    or lines_of(("ls %s/*.lua | LC_ALL=C sort"):format(arg[i]))
  for _, path in ipairs(scripts) do
    local text = read(path)
    local about, code = split(text)
    if text:find("mlp.out", 1, true) then
      local pictures = draw(path, text)
      page[#page + 1] = ("## %s\n\n%s\n"):format(path:match "([^/]+)%.lua$":gsub("_", " "), about)
      for _, name in ipairs(pictures) do
        page[#page + 1] = ("![%s](%s)"):format(name:gsub("%.png$", ""):gsub("_", " "), name)
      end
      if path:find(folder, 1, true) then
        page[#page + 1] = ("\n```lua\n%s```\n"):format(code:gsub("^\n+", ""))
      else
        page[#page + 1] = ("\n`%s`\n"):format(path)
      end
    end
  end
end
local total = 0
for _, size in ipairs(lines_of("find docs/gallery -name '*.png' -printf '%s\\n'")) do
  total = total + math.tointeger(size)
end
local last = #arg > 2 -- the lecture's
assert(not last or total <= MOST,
  ("the pictures take %d bytes, more than %d"):format(total, MOST))

local file <close> = assert(io.open(folder .. "/README.md", "w"))
file:write(table.concat(page, "\n"))
print(("%d bytes of pictures"):format(total))
