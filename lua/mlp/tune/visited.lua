--- Which points of a discrete space were tried: a tree of what trials asked for, in their order, so
--- that conditional spaces (a plain `if`) are counted right. Below a number that may take any value
--- there is nothing to count: such a branch never ends and holds no duplicates.
---
---   node.name       what is asked for here; node.n its number of values
---   node.child[x]   where the value x leads; a leaf has no name
---   node.done       children with nothing left to try
local Visited = {}
Visited.__index = Visited

local M = {}

--- @param every? boolean  also numbers that may take any value, as a grid needs it
function M.new(every) return setmetatable({ root = {}, leaves = 0, every = every }, Visited) end

local function complete(node) return node.leaf or (node.n ~= nil and node.done == node.n) end

--- A trial asked for `names` and got value(name); of(name) is the distribution.
function Visited:add(names, value, of)
  local node, path = self.root, {}
  for _, name in ipairs(names) do
    if node.leaf or (node.name and node.name ~= name) then return end -- not the same program
    local d = of(name)
    node.name, node.n, node.child = name, d.n, node.child or {}
    node.done = node.done or 0
    if not d.n and not self.every then return end
    path[#path + 1] = node
    local x = value(name)
    node.child[x] = node.child[x] or {}
    node = node.child[x]
  end
  if node.name or node.leaf then return end
  node.leaf = true
  self.leaves = self.leaves + 1
  for i = #path, 1, -1 do
    path[i].done = path[i].done + 1
    if not complete(path[i]) then break end
  end
end

--- Is everything tried?
function Visited:exhausted() return complete(self.root) and self.leaves > 0 end

local function text(x) return ("%a"):format(x) end

--- What tells two plans apart: where they lead in the tree, then all that is known beside it. Nil
--- where a number may be any. Second result: was just this tried?
function Visited:signature(plan, space)
  local node, parts, seen = self.root, {}, {}
  while node and node.name do
    if not node.n and not self.every then return nil, false end
    local x = plan[node.name]
    if not x then break end
    seen[node.name] = true
    parts[#parts + 1] = node.name .. "=" .. text(x)
    node = node.child[x]
  end
  if node and node.leaf then return table.concat(parts, ";"), true end
  for _, name in ipairs(space.order) do
    if not seen[name] and plan[name] then
      if not space.distribution[name].n and not self.every then return nil, false end
      parts[#parts + 1] = name .. "=" .. text(plan[name])
    end
  end
  return table.concat(parts, ";"), false
end

--- Change `plan` to a point that was not tried: at each branch one of the values with something
--- left, the draw(i)-th share of them.
function Visited:divert(plan, space, draw)
  local node, depth = self.root, 0
  while node and node.name and node.n do
    local d, left = space.distribution[node.name], {}
    for i = 0, node.n - 1 do
      local x = d:nth(i)
      local child = node.child[x]
      if not child or not complete(child) then left[#left + 1] = x end
    end
    if #left == 0 then return false end
    depth = depth + 1
    plan[node.name] = left[1 + math.floor(draw(depth) * #left)]
    node = node.child[plan[node.name]]
  end
  return true
end

return M
