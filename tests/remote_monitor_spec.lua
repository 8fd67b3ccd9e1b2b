local mlp = require "mlp"
local core = require "mlp.core"
local golden = require "golden.keras_remote"
local program = require "program"

local OK <const> = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

--- A server for so many requests (tests/post_test.c); f gets its address, and what it read comes
--- back as a list of { target =, headers = { by lower name }, body = }.
local function serve(count, answer, f)
  local path = (program.path:match "^(.*)/" or ".") .. "/tests/post_test"
  local file = io.open(path)
  if not file then return pending "no build/tests/post_test: make build/tests/post_test" end
  file:close()
  local pipe = io.popen(("%s serve %d '%s'"):format(path, count, answer))
  local port = pipe:read "l"
  if port == "none" then return pending "there are no sockets here" end
  f("http://127.0.0.1:" .. port)
  local text, list, at = pipe:read "a", {}, 1
  pipe:close()
  while at <= #text do
    local head, body = text:match("^(.-\r\n)\r\n()", at)
    local r = { target = head:match "^POST (%S+) HTTP/1.1\r\n", headers = {} }
    for name, value in head:gmatch "\n([^:\n]+): ([^\r]*)" do r.headers[name:lower()] = value end
    at = body + r.headers["content-length"]
    r.body, list[#list + 1] = text:sub(body, at - 1), r
  end
  return list
end

local function warnings(f)
  local list, warn = {}, core.warn
  core.warn = function(text) list[#list + 1] = text end
  local ok, e = pcall(f)
  core.warn = warn
  if not ok then error(e, 0) end
  return list
end

describe("RemoteMonitor", function()
  for i, case in ipairs(golden) do
    it(("sends what Keras sends, %d"):format(i), function()
      local options = {}
      for k, v in pairs(case.options) do options[k] = v end
      local seen = serve(1, OK, function(root)
        options.root = root
        mlp.RemoteMonitor(options):on_epoch_end(1, golden.logs)
      end)
      if not seen then return end
      assert.equal(case.path, seen[1].target)
      assert.equal(case.type, seen[1].headers["content-type"])
      assert.equal(case.run, seen[1].headers["x-run"])
      assert.equal(case.body, seen[1].body)
    end)
  end

  it("sends each epoch of a fit", function()
    local model = mlp.Sequential { mlp.Dense { 1, "sigmoid" } }
    model:compile { loss = "bce", optimizer = "sgd", metrics = { "accuracy" } }
    local history
    local seen = serve(2, OK, function(root)
      history = model:fit(mlp.datasets.moons { n = 40 }, { epochs = 2, verbose = 0, callbacks = {
        mlp.RemoteMonitor { root, send_as_json = true } } })
    end)
    if not seen then return end
    for epoch, row in history:rows() do
      assert.same({ epoch = epoch, loss = row.loss, accuracy = row.accuracy },
        core.json_decode(seen[epoch].body))
    end
  end)

  it("has texts for what is not finite, and headers that replace its own", function()
    local seen = serve(1, OK, function(root)
      mlp.RemoteMonitor { root, send_as_json = true, headers = { ["user-agent"] = "me" } }
        :on_epoch_end(2, { a = 0 / 0, b = math.huge, c = -math.huge, ['d"'] = 3 })
    end)
    if not seen then return end
    assert.equal('{"epoch": 2, "a": "nan", "b": "inf", "c": "-inf", "d\\u0022": 3}', seen[1].body)
    assert.equal("me", seen[1].headers["user-agent"])
  end)

  it("warns once of a server that is away, and goes on", function()
    local port = 1 -- nobody's, and no user may listen there
    local monitor = mlp.RemoteMonitor("http://127.0.0.1:" .. port)
    local list = warnings(function()
      local model = mlp.Sequential { mlp.Dense(1) }:compile { loss = "mse", optimizer = "sgd" }
      local history = model:fit(mlp.datasets.plane { n = 20 }, { epochs = 3, verbose = 0,
        callbacks = { monitor } })
      assert.equal(3, #history)
    end)
    assert.equal(1, #list)
    assert.truthy(list[1]:find "^RemoteMonitor: cannot reach 127.0.0.1:1: ")
    assert.truthy(list[1]:find "; the training goes on without$")
  end)

  it("warns once of a server that refuses", function()
    local seen
    local list = warnings(function()
      seen = serve(2, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", function(root)
        local monitor = mlp.RemoteMonitor(root)
        for epoch = 1, 2 do monitor:on_epoch_end(epoch, { loss = 1 }) end
      end)
    end)
    if not seen then return end
    assert.equal(1, #list)
    assert.truthy(list[1]:find "^RemoteMonitor: http://127.0.0.1:%d+ answers with error 404; ")
  end)

  it("says what it cannot use", function()
    local function fails(options, message)
      assert.error_matches(function() mlp.RemoteMonitor(options) end, message)
    end
    fails("https://a.org", "RemoteMonitor: option 'root': expected http://HOST or "
      .. "http://HOST:PORT %(there is no https%), got 'https://a.org'")
    fails("localhost:9000", "option 'root': expected http://HOST")
    fails("http://me:secret@a.org", "option 'root'")
    fails("http://a:b:1", "option 'root'")
    fails({ path = "/a b" }, "option 'path': expected an address without blanks")
    fails({ headers = { a = "1\r\nb: 2" } }, "option 'headers': expected a text a name")
    fails({ headers = { ["a b"] = "1" } }, "option 'headers': expected names of headers, got 'a b'")
    fails({ timeout = -1 }, "timeout")
    fails({ field = 3 }, "option 'field': expected a string, got 3")
  end)
end)
