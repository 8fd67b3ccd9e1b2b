--- Windows of a CSV file: where each begins, and its rows as a dataset.
local core = require "mlp.core"
local check = require "mlp.check"
local dataset = require("mlp.data").dataset

local M = {}

local PIECE <const> = 1 << 20 -- bytes read at a time

local Reader = {}
Reader.__index = Reader

local function quotes(text) return select(2, text:gsub('"', "")) end

--- Calls f(offset, line) for each record of a file that is not empty. A record ends at a line's
--- end outside of quotes.
local function each_record(file, f)
  local offset, line, open = 0, 1, false
  while true do
    local text = file:read(PIECE)
    if not text then break end
    text = text .. (file:read "L" or "")
    local quoted = text:find('"', 1, true) ~= nil
    for at, content, stop in text:gmatch "()([^\n]*)\n?()" do
      if stop > at then
        if not open and content ~= "" and content ~= "\r" then f(offset + at - 1, line) end
        if quoted and quotes(content) % 2 == 1 then open = not open end
        if text:byte(stop - 1) == 10 then line = line + 1 end
      end
    end
    offset = offset + #text
  end
  return offset
end

--- The separator that the first line has most of, as mlp.datasets.csv guesses it.
local function guess_separator(line)
  local best, most = ",", -1
  line = line:gsub('"[^"]*"', "")
  for _, mark in ipairs { ",", ";", "\t", "|" } do
    local n = select(2, line:gsub(mark, ""))
    if n > most then best, most = mark, n end
  end
  return best
end

--- Where windows begin, as { offset, line }, and behind the last one the end of the file.
local function index(self, rows_each, header)
  local n = 0
  self.start = {}
  local size = each_record(self.file, function(offset, line)
    n = n + 1
    local row = header and n - 1 or n
    if row > 0 and (row - 1) % rows_each == 0 then
      self.start[#self.start + 1] = { offset, line }
    end
  end)
  self.start[#self.start + 1] = { size, 0 }
end

local function text_of(self, first, stop)
  self.file:seek("set", first)
  local text = stop > first and self.file:read(stop - first) or ""
  if #(text or "") ~= stop - first then
    check.raise("io", "stream.csv: '%s' has changed while it was read", self.path)
  end
  return text
end

--- A window's rows as the file has them, with classes numbered within the window.
local function parse(self, i)
  local first, last = self.start[i], self.start[i + 1]
  local text, line = text_of(self, first[1], last[1]), first[2]
  if self.header then text, line = self.header .. text, line - self.header_lines end
  return core.csv(self.path, self.options, text, line)
end

--- A window as a dataset, with classes numbered as in the whole file.
function Reader:read(i)
  local d = parse(self, i)
  if not self.class_names then return d end
  local number = {}
  for k, name in ipairs(d.class_names) do number[k] = self.class_number[name] end
  local y = core.tensor(number, { dtype = "int64" }):gather_rows(d.y)
  return dataset { x = d.x, y = y, class_names = self.class_names,
    feature_names = self.feature_names }
end

function Reader:close() self.file:close() end

--- Texts in order, numbers by their size: as mlp.datasets.csv sorts classes.
local function sort_names(names)
  local numbers = true
  for _, name in ipairs(names) do numbers = numbers and tonumber(name) ~= nil end
  table.sort(names, numbers and function(a, b) return tonumber(a) < tonumber(b) end or nil)
end

--- Read all windows once: rows, classes, mistakes.
local function survey(self)
  local names, seen = {}, {}
  for i = 1, #self.start - 1 do
    local d = parse(self, i)
    if i == 1 then
      self.options.classes = d.class_names ~= nil
      self.feature_names, self.width = d.feature_names, d.x.shape[2]
    end
    self.count[i] = #d
    for _, name in ipairs(d.class_names or {}) do
      if not seen[name] then names[#names + 1] = name end
      seen[name] = true
    end
  end
  if not self.options.classes then return end
  sort_names(names)
  self.class_names, self.class_number = names, {}
  for k, name in ipairs(names) do self.class_number[name] = k end
end

--- Does the first record hold names? As the option says, or as mlp.datasets.csv sees it.
local function find_header(self, o)
  local records = {}
  each_record(self.file, function(offset, line)
    if #records < 3 then records[#records + 1] = { offset, line } end
  end)
  if #records == 0 then check.raise("format", "csv: '%s', line 1: the file is empty", self.path) end
  local first = records[1][1]
  local behind = records[2] or { self.file:seek "end", records[1][2] + 1 }
  local stop = records[3] and records[3][1] or self.file:seek "end"
  local head = text_of(self, first, behind[1])
  o.separator = o.separator or guess_separator(head:match "[^\r\n]*")
  if o.header == nil then
    o.header = core.csv(self.path, o, text_of(self, first, stop), records[1][2]).feature_names
      ~= nil
  end
  if o.header then self.header, self.header_lines = head, behind[2] - records[1][2] end
end

--- Windows are looked up by where they begin, which a packed file does not say.
local function refuse_packed(file, path)
  local first = file:read(2)
  file:seek "set"
  if first ~= "\x1f\x8b" then return end
  file:close()
  check.raise("format", "stream.csv: '%s' is packed, and cannot be read from the middle; unpack it "
    .. "first: gunzip -k '%s'", path, path)
end

--- @return table  a reader for mlp.stream
function M.open(path, o)
  if type(path) ~= "string" then
    check.raise("argument", "stream.csv: argument 'path': expected a file, got %s",
      check.what(path))
  end
  local file, why = io.open(path, "rb")
  if not file then check.raise("io", "stream.csv: cannot open '%s': %s", path, why) end
  refuse_packed(file, path)
  local self = setmetatable({ path = path, file = file, count = {}, options = {
    decimal = o.decimal, missing = o.missing, dtype = o.dtype, target = o.target,
    classes = o.classes, drop = o.drop, header = o.header, separator = o.separator } }, Reader)
  find_header(self, self.options)
  file:seek "set"
  index(self, o.window, self.header ~= nil)
  survey(self)
  return self
end

return M
