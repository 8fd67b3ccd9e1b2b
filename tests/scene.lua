--- What tests of pictures share: is a scene tidy, what is in a PNG.
local assert = require "luassert"

local M = {}

function M.list(n, f)
  local out = {}
  for i = 1, n do out[i] = f(i) end
  return out
end

--- What a fit leaves behind: columns of n epochs.
function M.history(n, columns)
  local names = {}
  for name in pairs(columns) do names[#names + 1] = name end
  table.sort(names)
  return setmetatable({ columns = names, column = function(_, name) return columns[name] end },
    { __len = function() return n end })
end

function M.falling(n)
  return M.history(n, {
    loss = M.list(n, function(i) return math.exp(-i / 10) end),
    val_loss = M.list(n, function(i) return math.exp(-i / 12) + 0.1 end),
    accuracy = M.list(n, function(i) return 1 - 0.5 * math.exp(-i / 8) end),
    val_accuracy = M.list(n, function(i) return 0.9 - 0.4 * math.exp(-i / 8) end),
    learning_rate = M.list(n, function(i) return i < n / 2 and 0.01 or 0.001 end),
  })
end

function M.overlap(a, b) return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1 end

--- Nothing sticks out of the picture, no two texts meet, none lies on a legend that is not its own.
function M.assert_tidy(figure)
  local scene = figure:scene()
  for i, a in ipairs(scene.texts) do
    assert.is_true(a.x0 >= 0 and a.y0 >= 0 and a.x1 <= scene.width and a.y1 <= scene.height,
      ("%s '%s' is cut off"):format(a.role, a.text))
    for j = i + 1, #scene.texts do
      local b = scene.texts[j]
      local slanted = a.angle == 45 and b.angle == 45
      assert.is_true(slanted or not M.overlap(a, b),
        ("%s '%s' lies on %s '%s'"):format(a.role, a.text, b.role, b.text))
    end
  end
  return scene
end

--- The chunks of a PNG: a list of { name, data }.
function M.chunks(png)
  local list, at = {}, 9
  while at < #png do
    local n, name = (">I4c4"):unpack(png, at)
    list[#list + 1] = { name = name, data = png:sub(at + 8, at + 7 + n) }
    at = at + 12 + n
  end
  return list
end

function M.text_chunks(png)
  local out = {}
  for _, c in ipairs(M.chunks(png)) do
    local key, rest = c.data:match "^(.-)\0(.*)$"
    if c.name == "tEXt" then out[key] = rest end
    if c.name == "iTXt" then out[key] = rest:match "^%z%z%z%z(.*)$" end
  end
  return out
end

return M
