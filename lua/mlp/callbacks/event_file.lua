--- Event files, as TensorBoard reads them: records, each an Event in the encoding of protocol
--- buffers (tensorboard/compat/proto/event.proto and summary.proto), where what is 0 is left out.
local core = require "mlp.core"

local M = {}

local VARINT <const>, EIGHT <const>, BYTES <const>, FOUR <const> = 0, 1, 2, 5 -- kinds of fields

--- A whole number, seven bits a byte, the lowest first.
local function varint(n)
  local bytes = {}
  while n < 0 or n > 127 do
    bytes[#bytes + 1] = string.char(n & 127 | 128)
    n = n >> 7
  end
  return table.concat(bytes) .. string.char(n)
end

local function key(number, kind) return varint(number << 3 | kind) end

local function whole(number, n) return n == 0 and "" or key(number, VARINT) .. varint(n) end

local function double(number, v)
  return v == 0 and "" or key(number, EIGHT) .. ("<d"):pack(v)
end

local function float(number, v) return key(number, FOUR) .. ("<f"):pack(v) end

local function bytes(number, text) return key(number, BYTES) .. varint(#text) .. text end

local function doubles(number, list)
  local packed = {}
  for i, v in ipairs(list) do packed[i] = ("<d"):pack(v) end
  return bytes(number, table.concat(packed))
end

--- A value with that name: one of scalar, histogram, image.
function M.scalar(tag, v) return bytes(1, bytes(1, tag) .. float(2, v)) end

--- stats: what core.stats gives, with bins.
function M.histogram(tag, stats)
  local h, limits = stats.histogram, {}
  local same = stats.min == stats.max -- then the first bin has them all
  local width = same and 0 or (h.high - h.low) / #h.counts
  for i = 1, #h.counts do limits[i] = i == #h.counts and stats.max or h.low + width * i end
  return bytes(1, bytes(1, tag) .. bytes(5, double(1, stats.min) .. double(2, stats.max)
    .. double(3, stats.n) .. double(4, stats.mean * stats.n) .. double(5, stats.norm ^ 2)
    .. doubles(6, limits) .. doubles(7, h.counts)))
end

local COLOURS <const> = { [0] = 1, [2] = 3, [3] = 3, [4] = 2, [6] = 4 } -- by the type of a PNG's

function M.image(tag, png)
  local w, h, _, kind = (">I4I4BB"):unpack(png, 17)
  return bytes(1, bytes(1, tag) .. bytes(4, whole(1, h) .. whole(2, w) .. whole(3, COLOURS[kind])
    .. bytes(4, png)))
end

--- An event with those values, joined; nodes of a graph: { name =, op =, inputs = { names } }.
function M.summary(time, step, values)
  return double(1, time) .. whole(2, step) .. bytes(5, values)
end

function M.graph(time, nodes)
  local parts = {}
  for i, node in ipairs(nodes) do
    local inputs = {}
    for j, name in ipairs(node.inputs) do inputs[j] = bytes(3, name) end
    parts[i] = bytes(1, bytes(1, node.name) .. bytes(2, node.op) .. table.concat(inputs))
  end
  return double(1, time) .. bytes(4, table.concat(parts))
end

--- What a file begins with; writer: who made it.
function M.version(time, writer)
  return double(1, time) .. bytes(3, "brain.Event:2") .. bytes(10, bytes(1, writer))
end

local function checksum(text)
  local c = core.crc32c(text)
  return ("<I4"):pack(((c >> 15 | c << 17) + 0xa282ead8) & 0xffffffff)
end

--- The record of an event.
function M.record(event)
  local length = ("<I8"):pack(#event)
  return length .. checksum(length) .. event .. checksum(event)
end

return M
