--- Limited-memory BFGS with a line search for the strong Wolfe conditions.
--- Source: Nocedal & Wright, "Numerical Optimization", 2nd ed. 2006: algorithms 7.4, 7.5 (two
--- loops), 3.5, 3.6 (line search, zoom) with c1 = 1e-4, c2 = 0.9, equation 3.59 (cubic).
local M = {}

local C1 <const>, C2 <const> = 1e-4, 0.9

local function dot(a, b) return a:dot(b):item() end

--- The minimiser of the cubic through two points with slopes, kept inside their middle nine tenths.
local function cubic(a, b)
  local d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t)
  local square = d1 * d1 - a.slope * b.slope
  local low, high = math.min(a.t, b.t), math.max(a.t, b.t)
  local margin = 0.05 * (high - low)
  local t = (low + high) / 2
  if square >= 0 then
    local d2 = (b.t > a.t and 1 or -1) * math.sqrt(square)
    local guess = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    if guess == guess then t = guess end
  end
  return math.min(math.max(t, low + margin), high - margin)
end

--- A point along the line: its value, gradient and slope.
local function probe(line, t)
  local x = line.x + line.d * t
  local value, gradient = line.evaluate(x)
  return { t = t, x = x, value = value, gradient = gradient, slope = dot(gradient, line.d) }
end

local function enough(line, p)
  return p.value <= line.start.value + C1 * p.t * line.start.slope
end

local function flat(line, p) return math.abs(p.slope) <= -C2 * line.start.slope end

--- Between low (the better end) and high there is a step that will do.
local function zoom(line, low, high)
  while line.left > 0 do
    line.left = line.left - 1
    if math.abs(high.t - low.t) * line.size < 1e-15 then break end
    local p = probe(line, cubic(low, high))
    if not enough(line, p) or p.value >= low.value then
      high = p
    else
      if flat(line, p) then return p end
      if p.slope * (high.t - low.t) >= 0 then high = low end
      low = p
    end
  end
  return low.t > 0 and low or nil
end

--- A step that meets the strong Wolfe conditions, or nil where none was found.
local function search(line, t)
  local before = line.start
  while line.left > 0 do
    line.left = line.left - 1
    local p = probe(line, t)
    if p.value ~= p.value or p.value == math.huge then
      t = (before.t + t) / 2 -- outside of the function's domain
    elseif not enough(line, p) or (before.t > 0 and p.value >= before.value) then
      return zoom(line, before, p)
    elseif flat(line, p) then
      return p
    elseif p.slope >= 0 then
      return zoom(line, p, before)
    else
      before, t = p, t * 2
    end
  end
  return before.t > 0 and before or nil
end

--- -H g by the pairs (s, y) of the last steps.
local function direction(pairs_, g)
  local q, alpha = g, {}
  for i = #pairs_, 1, -1 do
    local p = pairs_[i]
    alpha[i] = p.rho * dot(p.s, q)
    q = q - p.y * alpha[i]
  end
  local last = pairs_[#pairs_]
  if last then q = q * (1 / (last.rho * dot(last.y, last.y))) end
  for i, p in ipairs(pairs_) do
    q = q + p.s * (alpha[i] - p.rho * dot(p.y, q))
  end
  return -q
end

local function remember(pairs_, s, y, size)
  local sy = dot(s, y)
  if sy ~= sy or sy <= 1e-10 * dot(y, y) then return end
  pairs_[#pairs_ + 1] = { s = s, y = y, rho = 1 / sy }
  if #pairs_ > size then table.remove(pairs_, 1) end
end

--- One direction and one line search from p; nil where no step makes progress.
local function advance(evaluate, p, pairs_, o)
  local d = direction(pairs_, p.gradient)
  local slope = dot(p.gradient, d)
  if slope ~= slope or slope >= 0 then return nil end
  local size = d:abs():max():item()
  local start = { t = 0, x = p.x, value = p.value, gradient = p.gradient, slope = slope }
  local line = {
    x = p.x, d = d, evaluate = evaluate, start = start, left = o.line_steps, size = size,
  }
  local first = #pairs_ > 0 and 1 or math.min(1, 1 / p.gradient:abs():sum():item())
  return search(line, first)
end

--- Minimise from x on. `note(step, value, x, gradient)` is told of each point and says when to
--- stop.
--- @return mlp.Tensor x
--- @return string reason
function M.run(evaluate, x, o, note)
  local pairs_ = {}
  local p = { x = x }
  p.value, p.gradient = evaluate(x)
  for step = 1, o.steps do
    if note(step, p.value, p.x, p.gradient) then return p.x, "converged" end
    if p.value ~= p.value then return p.x, "not a number" end
    local better = advance(evaluate, p, pairs_, o)
    if not better and #pairs_ > 0 then -- once more down the gradient
      pairs_ = {}
      better = advance(evaluate, p, pairs_, o)
    end
    if not better then return p.x, "no further progress" end
    remember(pairs_, better.x - p.x, better.gradient - p.gradient, o.history_size)
    p = better
  end
  if note(o.steps + 1, p.value, p.x, p.gradient) then return p.x, "converged" end
  return p.x, "steps used up"
end

return M
