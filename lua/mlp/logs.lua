--- Loss and metrics by name, as one line.
local M = {}

local function rank(name)
  if name == "loss" then return -1 end
  local validation = name:find "^val_" and 2 or 0
  return validation + (name:find "loss$" and 0 or 1)
end

local function sorted_names(logs)
  local names = {}
  for name in pairs(logs) do names[#names + 1] = name end
  table.sort(names, function(a, b)
    if rank(a) ~= rank(b) then return rank(a) < rank(b) end
    return a < b
  end)
  return names
end

local function number_text(x)
  if x ~= x then return "nan" end
  if x == math.huge or x == -math.huge then return tostring(x) end
  return ((math.abs(x) > 1e-3 or x == 0) and "%.4f" or "%.4e"):format(x)
end

--- "loss: 0.2800 - accuracy: 0.9100"
--- @param logs table<string, number>
--- @return string
function M.text(logs)
  local parts = {}
  for i, name in ipairs(sorted_names(logs)) do
    parts[i] = name .. ": " .. number_text(logs[name])
  end
  return table.concat(parts, " - ")
end

local meta = { __name = "mlp.Logs", __tostring = M.text }

--- The table of numbers prints as that line.
function M.printed(logs) return setmetatable(logs, meta) end

return M
