--- Where a picture comes from, by what is written in it: `mlprun curve.png` prints this. Nothing
--- that a picture says is ever run.

local check = require "mlp.check"
local core = require "mlp.core"

local M = {}

local function read_file(path)
  local file, reason = io.open(path, "rb")
  if not file then
    check.raise("io", "read_meta: cannot read '%s': %s", path, tostring(reason):gsub("^.*: ", ""))
  end
  local bytes = file:read "a"
  file:close()
  return bytes
end

--- Pairs of key and text from the chunks of a PNG: tEXt, and iTXt that is not compressed.
local function of_png(bytes)
  local list, at = {}, 9
  while at + 11 <= #bytes do
    local n, name = (">I4c4"):unpack(bytes, at)
    if n > #bytes - at - 11 then break end
    local chunk = bytes:sub(at + 8, at + 7 + n)
    local key, value = chunk:match "^([^\0]+)\0(.*)$"
    if name == "iTXt" and value then value = value:match "^\0%z[^\0]*\0[^\0]*\0(.*)$" end
    if key and value and (name == "tEXt" or name == "iTXt") then
      list[#list + 1] = { key, value }
    end
    at = at + 12 + n
  end
  return list
end

--- Pairs from lines "key: value".
local function of_lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    local key, value = line:match "^([%w ]+): (.*)$"
    if key then list[#list + 1] = { key, value } end
  end
  return list
end

local function of_svg(bytes)
  local text = bytes:match "<desc>(Software: mlprun.-)</desc>"
  if not text then return {} end
  return of_lines((text:gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&amp;", "&")))
end

--- UTF-16, big end first, in hexadecimal digits.
local function of_utf16(hex)
  local out, high = {}, nil
  for unit in hex:gmatch "%x%x%x%x" do
    local c = tonumber(unit, 16)
    if c >= 0xD800 and c < 0xDC00 then
      high = c
    else
      if high and c >= 0xDC00 and c < 0xE000 then
        c = 0x10000 + (high - 0xD800 << 10) + c - 0xDC00
      end
      high, out[#out + 1] = nil, utf8.char(c)
    end
  end
  return table.concat(out)
end

--- Several lines are several units of UTF-16 in a PDF as cairo writes it.
local function of_pdf(bytes)
  local hex = bytes:match "/Keywords <FEFF(%x*)>"
  return hex and of_lines(of_utf16(hex)) or {}
end

--- What a picture file says of itself, in its order: { { key, text }, ... }, and by key.
--- @param path string of a .png, .svg or .pdf
--- @return table
--- @usage print(mlp.plot.read_meta("curve.png").seed)
function M.read_meta(path)
  local bytes = read_file(path)
  local list
  if bytes:sub(1, 8) == "\137PNG\r\n\26\n" then list = of_png(bytes)
  elseif bytes:sub(1, 5) == "%PDF-" then list = of_pdf(bytes)
  elseif bytes:find("<svg", 1, true) then list = of_svg(bytes)
  else
    check.raise("format", "read_meta: expected a PNG, SVG or PDF, got another file '%s'", path)
  end
  for _, pair in ipairs(list) do list[pair[1]] = list[pair[1]] or pair[2] end
  return list
end

--- Text of a stranger for a terminal: no control characters.
local function harmless(text) return (text:gsub("[%c\127]", " "):gsub("\194[\128-\159]", " ")) end

--- Is the script that is named still what it was?
local function script_state(meta)
  local path, wanted = meta.script, meta["script sha256"]
  if not path or not wanted or path:find "^/" or path:find "%.%." then return nil end
  local file = io.open(path, "rb")
  if not file then return "is not here" end
  local text = file:read "a"
  file:close()
  return core.sha256(text or "") == wanted and "is here, unchanged"
    or "is here, but was changed since"
end

local function quoted(word)
  if word:find "^[%w_./=,:@%%+-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- The command line that made it, to be read by a person.
local function command(meta)
  if not meta.script then return nil end
  local seed = meta.seed and meta.seed ~= "0" and "--seed " .. quoted(harmless(meta.seed)) .. " "
  local own = meta["mlprun options"] and harmless(meta["mlprun options"]) .. " "
  local script = meta.lecture and "lecture " .. quoted(harmless(meta.lecture))
    or quoted(harmless(meta.script))
  return ("mlprun %s%s%s%s"):format(seed or "", own or "", script,
    meta.options and " " .. harmless(meta.options) or "")
end

--- The text that `mlprun curve.png` prints.
--- @param path string
--- @return string
function M.origin(path)
  local meta, lines, widest = M.read_meta(path), {}, 7
  if #meta == 0 then return "nothing is written in this picture" end
  for _, pair in ipairs(meta) do widest = math.max(widest, #pair[1]) end
  for i, pair in ipairs(meta) do
    local key = harmless(pair[1])
    lines[i] = ("%s%s  %s"):format(key, (" "):rep(widest - #key), harmless(pair[2]))
  end
  local state, line = script_state(meta), command(meta)
  if line then lines[#lines + 1] = ("%-" .. widest .. "s  %s"):format("command", line) end
  if state then
    lines[#lines + 1] = ("%-" .. widest .. "s  %s %s"):format("", harmless(meta.script), state)
  end
  return table.concat(lines, "\n")
end

return M
