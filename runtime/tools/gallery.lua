-- gallery.lua PROGRAM FOLDER [FOLDER|FILE...]: let PROGRAM run every script of these, draw into
-- the first one, and write README.md there: what each script shows, its pictures and its text.
-- Pictures are small: 68 dots an inch, or $GALLERY_DPI. A script of the first folder is shown, of
-- another it is named.
local program, folder = arg[1], arg[2]
local MOST <const> = 3000000 -- bytes of all pictures together

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

--- The names of the pictures that a script writes: all that it passes to mlp.out.
local function pictures_of(text)
  local list = {}
  for name in text:gmatch 'mlp%.out%s*%(?%s*"([%w_-]+%.png)"' do
    if not list[name] then list[#list + 1] = name end
    list[name] = true
  end
  return list
end

local DPI <const> = os.getenv "GALLERY_DPI" or "68"
local PRELUDE <const> = "require('mlp').plot.defaults.dpi = " .. DPI

local function draw(path)
  local command = ("%s --quiet --out %s -e \"%s\" %s"):format(program, folder, PRELUDE, path)
  assert(os.execute(command), path .. " failed")
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

local total = 0
for i = 2, #arg do
  local scripts = arg[i]:find "%.lua$" and { arg[i] }
    or lines_of(("ls %s/*.lua | LC_ALL=C sort"):format(arg[i]))
  for _, path in ipairs(scripts) do
    local text = read(path)
    local about, code = split(text)
    local pictures = pictures_of(text)
    if #pictures > 0 then
      draw(path)
      os.remove(folder .. "/" .. path:match "([^/]+)%.lua$" .. ".run.json")
      page[#page + 1] = ("## %s\n\n%s\n"):format(path:match "([^/]+)%.lua$":gsub("_", " "), about)
      for _, name in ipairs(pictures) do
        total = total + #read(folder .. "/" .. name)
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
assert(total <= MOST, ("the pictures take %d bytes, more than %d"):format(total, MOST))

local file <close> = assert(io.open(folder .. "/README.md", "w"))
file:write(table.concat(page, "\n"))
print(("%d bytes of pictures"):format(total))
