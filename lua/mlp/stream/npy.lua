--- Windows of NumPy's files: rows by their offset.
--- Source: numpy.lib.format, versions 1.0 to 3.0.
local core = require "mlp.core"
local check = require "mlp.check"
local dataset = require("mlp.data").dataset

local M = {}

local Reader = {}
Reader.__index = Reader

local function refuse(path, fmt, ...)
  check.raise("format", "stream.npy: '%s': " .. fmt, path, ...)
end

-- Types that a tensor may have as they are in the file.
local MAPPED <const> = { ["<f4"] = true, ["<f8"] = true, ["<i8"] = true, ["|u1"] = true }

--- { file, rows, each (bytes of a row), type, shape (of a row, as text), offset, mapped (all) }
local function open_array(path)
  local file, why = io.open(path, "rb")
  if not file then check.raise("io", "stream.npy: cannot open '%s': %s", path, why) end
  local head = file:read(10) or ""
  if head:sub(1, 6) ~= "\x93NUMPY" then refuse(path, "expected an .npy file") end
  local size
  if head:byte(7) == 1 then
    size = ("<I2"):unpack(head, 9)
  else
    size = ("<I4"):unpack(head .. file:read(2), 9)
  end
  local text = file:read(size) or ""
  local kind, order = text:match "'descr': '([^']+)'", text:match "'fortran_order': (%a+)"
  local shape = text:match "'shape': %(([%d, ]*)%)"
  local rows, rest = (shape or ""):match "^(%d+),?%s*(.*)$"
  if not kind or not rows then refuse(path, "expected a header with type and shape") end
  if order ~= "False" then refuse(path, "expected rows one after the other, got columns") end
  local each = tonumber(kind:match "%d+$")
  for n in rest:gmatch "%d+" do each = each * tonumber(n) end
  local array = { path = path, file = file, rows = tonumber(rows), each = each, type = kind,
    shape = rest, offset = file:seek() }
  if file:seek "end" < array.offset + array.rows * each then
    refuse(path, "expected %d rows of %d bytes, got fewer", array.rows, each)
  end
  if MAPPED[kind] and array.rows > 0 then array.mapped = core.map_npy(path) end
  return array
end

--- Rows first..last as a tensor of its own: a script may write to it. Where they are converted:
--- from the bytes under a header of their own.
local function rows_of(a, first, last)
  if a.mapped then return a.mapped:slice(first, last):clone() end
  local n = last - first + 1
  a.file:seek("set", a.offset + (first - 1) * a.each)
  local text = ("{'descr': '%s', 'fortran_order': False, 'shape': (%d, %s), }"):format(a.type, n,
    a.shape)
  text = text .. (" "):rep(63 - (10 + #text) % 64) .. "\n"
  return core.npy(a.path, "\x93NUMPY\x01\x00" .. ("<I2"):pack(#text) .. text
    .. a.file:read(n * a.each))
end

local function flat(t)
  local n = t.shape[1]
  return t.ndim == 2 and t or t:reshape(n, t:numel() // math.max(n, 1))
end

--- The targets of rows: values, or classes from 1.
local function targets(self, first, last)
  local y = rows_of(self.y, first, last)
  if y.dtype:find "^float" then return flat(y) end
  y = y:long()
  if y.ndim == 2 and y.shape[2] == 1 then y = y:reshape(y.shape[1]) end
  return self.first_class == 1 and y or (y:double() + (1 - self.first_class)):long()
end

function Reader:read(i)
  local first = (i - 1) * self.window + 1
  local last = first + self.count[i] - 1
  local x = flat(rows_of(self.x, first, last))
  if not x.dtype:find "^float" then x = x:float() end
  return dataset { x = x, y = self.y and targets(self, first, last) or nil }
end

local function close(a)
  a.file:close()
  a.mapped = nil
end

function Reader:close()
  close(self.x)
  if self.y then close(self.y) end
end

--- @return table  a reader for mlp.stream
function M.open(path, o)
  local self = setmetatable({ path = path, window = o.window, count = {},
    first_class = o.first_class, x = open_array(path), y = o.y and open_array(o.y) }, Reader)
  if self.y and self.y.rows ~= self.x.rows then
    refuse(o.y, "expected as many rows as '%s' has, %d, got %d", path, self.x.rows, self.y.rows)
  end
  for first = 1, self.x.rows, o.window do
    self.count[#self.count + 1] = math.min(o.window, self.x.rows - first + 1)
  end
  return self
end

return M
