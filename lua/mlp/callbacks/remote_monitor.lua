local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local class = base.class

--- Send each epoch's numbers to a server, by HTTP's POST: {"epoch": 1, "loss": 0.5, ...} in the
--- field of a form, or as JSON. A server that does not answer is a warning, once, and the training
--- goes on. Plain HTTP alone: behind https a proxy has to stand. Numbers that are not finite are
--- the texts "nan", "inf", "-inf".
--- Options as in Keras: root "http://localhost:9000" (may be given alone), path
--- "/publish/epoch/end/", field "data", headers { name = text }, send_as_json false; and timeout 5,
--- the seconds that an epoch waits at most.
--- Source: Keras 3, callbacks.RemoteMonitor.
--- @class mlp.RemoteMonitor
--- @usage mlp.RemoteMonitor { root = "http://localhost:9000", send_as_json = true }
local RemoteMonitor = class("RemoteMonitor", {
  root = "http://localhost:9000", path = "/publish/epoch/end/", field = "data",
  headers = check.none, send_as_json = false, timeout = 5,
}, nil, "root")
RemoteMonitor.writes = true

local function refuse(option, wanted, got)
  check.raise("argument", "RemoteMonitor: option '%s': expected %s, got %s", option, wanted,
    check.what(got))
end

--- Host, port and target of the request: what is behind them.
local function parse(root, path)
  local address, rest = root:match "^[Hh][Tt][Tt][Pp]://([^/?#]+)(.*)$"
  if not address or address:find("@", 1, true) then
    refuse("root", "http://HOST or http://HOST:PORT (there is no https)", root)
  end
  local host, port = address:match "^%[(.+)%]:?(%d*)$" -- of IPv6
  if not host then host, port = address:match "^([^:]+):?(%d*)$" end
  local target = rest .. path
  if not host then refuse("root", "http://HOST or http://HOST:PORT", root) end
  if (address .. target):find "[^!-~]" then
    refuse("path", "an address without blanks, others as %20", target)
  end
  return host, port == "" and "80" or port, target:find "^/" and target or "/" .. target, address
end

local function check_headers(headers)
  if type(headers) ~= "table" then refuse("headers", "a table of texts by name", headers) end
  for name, text in pairs(headers) do
    if type(name) ~= "string" or not name:find "^[%w!#$%%&'*+.^_`|~-]+$" then
      refuse("headers", "names of headers", name)
    end
    if type(text) ~= "string" or text:find "[%c]" then refuse("headers", "a text a name", text) end
  end
end

function RemoteMonitor:init()
  check_headers(self.headers or {})
  check.number("RemoteMonitor", "timeout", self.timeout, 0, 1e6)
  self.host, self.port, self.target, self.address = parse(self.root, self.path)
end

--- As Python writes it: the shortest text that reads back, 0.5, 2.0, 1e-05.
local function number_text(v)
  if v - v ~= 0 then return v ~= v and '"nan"' or v > 0 and '"inf"' or '"-inf"' end
  if math.type(v) == "integer" then return tostring(v) end
  for digits = 0, 16 do
    local text = ("%%.%de"):format(digits):format(v)
    local exponent = math.tointeger(tonumber(text:match "e(.*)$"))
    if tonumber(text) == v then
      if exponent < -4 or exponent > 15 then return text end
      return ("%%.%df"):format(math.max(digits - exponent, 1)):format(v)
    end
  end
end

local function quoted(name) return '"' .. name:gsub('[%c"\\]', function(c)
  return ("\\u%04x"):format(c:byte())
end) .. '"' end

local function json(epoch, logs)
  local parts = { '"epoch": ' .. epoch }
  for _, name in ipairs(check.sorted_keys(logs)) do
    parts[#parts + 1] = quoted(name) .. ": " .. core.plain(number_text, logs[name])
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- For a form: blanks as +, all but letters, digits and _.-~ as %XX.
local function form_text(text)
  local function escaped(c) return ("%%%02X"):format(c:byte()) end
  return (text:gsub("[^%w_.~ -]", escaped):gsub(" ", "+"))
end

local function request(self, body)
  local kind = self.send_as_json and "application/json" or "application/x-www-form-urlencoded"
  local headers = { Host = self.address, ["User-Agent"] = "mlprun", Accept = "*/*",
    Connection = "close", ["Content-Type"] = kind, ["Content-Length"] = tostring(#body) }
  for name, text in pairs(self.headers or {}) do
    for preset in pairs(headers) do
      if preset:lower() == name:lower() then headers[preset] = nil end
    end
    headers[name] = text
  end
  local lines = { ("POST %s HTTP/1.1"):format(self.target) }
  for _, name in ipairs(check.sorted_keys(headers)) do
    lines[#lines + 1] = name .. ": " .. headers[name]
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

local function warn(self, what)
  if self.warned then return end
  self.warned = true
  core.warn(("%s; the training goes on without"):format(what))
end

function RemoteMonitor:on_train_begin() self.warned = false end

function RemoteMonitor:on_epoch_end(epoch, logs)
  local body = json(epoch, logs)
  if not self.send_as_json then body = form_text(self.field) .. "=" .. form_text(body) end
  local ok, e = pcall(core.post, "RemoteMonitor", self.host, self.port, self.timeout,
    request(self, body))
  if ok then
    if e < 400 then return end
    warn(self, ("RemoteMonitor: %s answers with error %d"):format(self.root, e))
  elseif type(e) == "table" and e.kind == "io" then
    warn(self, e.message:gsub("^.-RemoteMonitor: ", "RemoteMonitor: "))
  else
    error(e, 0)
  end
end

return RemoteMonitor
