--- mlp.minimize: the least value of a Lua function of tensors, or of a model's loss over all rows,
--- by L-BFGS or by any optimizer.
local core = require "mlp.core"
local check = require "mlp.check"
local families = require "mlp.families"

local M = {}

local Result = {}
Result.__index = Result
Result.__name = "mlp.Minimum"

function Result:__tostring()
  return ("minimize: %s after %d steps, %d evaluations: %.9g"):format(self.reason, self.steps,
    self.evaluations, self.value)
end

local function largest(t) return t:numel() > 0 and t:abs():max():item() or 0 end

--- One flat leaf for all numbers, and views of it in the shapes of the tensors.
local function flatten(list)
  local parts, shapes = {}, {}
  for i, t in ipairs(list) do
    if not core.is_tensor(t) or t.dtype ~= list[1].dtype then
      check.raise("type", "minimize: argument 'x0': expected tensors of one real type, got %s",
        core.is_tensor(t) and t.dtype or tostring(t))
    end
    parts[i], shapes[i] = t:detach():reshape(-1), t.shape
  end
  local flat = #parts == 1 and parts[1]:clone() or core.concat(parts, 1)
  local function views(x)
    local out, at = {}, 1
    for i, part in ipairs(parts) do
      out[i] = x:slice(at, at + #part - 1):reshape(shapes[i])
      at = at + #part
    end
    return out
  end
  return flat, views
end

--- value, gradient = evaluate(x) for a flat x: the gradient of the value as the optimizer scales
--- it; counts its calls.
local function evaluator(f, views, counts, optimizer)
  return function(x)
    local leaf = x:detach():requires_grad_()
    local y = f(table.unpack(views(leaf)))
    if not core.is_tensor(y) or y:numel() ~= 1 then
      check.raise("shape", "minimize: expected a function that returns one number, got %s",
        core.is_tensor(y) and "shape " .. table.concat(y.shape, " x ") or tostring(y))
    end
    counts.evaluations = counts.evaluations + 1
    if not y.requires_grad then return y:item(), x * 0 end
    optimizer:scale_loss(y:reshape({})):backward()
    return y:item(), leaf.grad and leaf.grad:clone() or x * 0
  end
end

--- Steps of an optimizer, until the gradient is small or they are used up.
--- @return mlp.Tensor x
--- @return string reason
local function descend(optimizer, x, evaluate, o, note)
  local holder = core.parameters(optimizer, x) -- keeps x's values, gradient and slots
  local leaf = core.parameters_of(holder)
  local value, gradient
  local scale = optimizer.loss_scale_factor or 0 -- not every optimizer has one
  local function look(at)
    value, gradient = evaluate(at)
    if scale ~= 0 then gradient = gradient / scale end
    return value, gradient
  end
  look(leaf)
  for step = 1, o.steps + 1 do
    if note(step, value, gradient, leaf) then return leaf:detach(), "converged" end
    if value ~= value then return leaf:detach(), "not a number" end
    if step > o.steps then break end
    local stalled = core.parameters_step(holder, value, gradient, look)
    if stalled then
      local flat = largest(gradient) <= optimizer.tolerance_grad
      return leaf:detach(), flat and "converged" or "no further progress"
    end
    if stalled == nil then look(leaf) end
  end
  return leaf:detach(), "steps used up"
end

local function read(options)
  local o = check.options("minimize", options, {
    optimizer = check.any "lbfgs", steps = 500, tol = 1e-8, history_size = 10, line_steps = 25,
    on_step = check.none, path = false,
  })
  o.steps = check.whole("minimize", "steps", o.steps, 0)
  check.number("minimize", "tol", o.tol, 0, math.huge)
  if o.on_step ~= nil and type(o.on_step) ~= "function" then
    check.raise("argument", "minimize: option 'on_step': expected a function, got %s",
      check.what(o.on_step))
  end
  if o.optimizer == "lbfgs" then -- tol says when to stop
    o.optimizer = core.object("optimizer", "lbfgs", { history_size = o.history_size,
      line_steps = o.line_steps, tolerance_grad = 0 })
  end
  return o
end

--- A flat start, evaluate(x), and finish(x), which gives x its shapes back.
local function problem(f, x0, result, optimizer)
  if type(f) == "userdata" then
    return require("mlp.minimize.model").problem(f, x0, result, optimizer)
  end
  if core.is_tensor(x0) then x0 = { x0 } end
  if type(x0) ~= "table" or #x0 == 0 then
    check.raise("argument", "minimize: argument 'x0': expected a tensor or a list of them, got %s",
      tostring(x0))
  end
  local x, views = flatten(x0)
  return x, evaluator(f, views, result, optimizer), function(flat)
    local out = views(flat)
    return #out == 1 and out[1] or out
  end
end

--- @see mlp.minimize
function M.minimize(f, x0, options)
  local o = read(options)
  local result = setmetatable({ values = {}, steps = 0, evaluations = 0 }, Result)
  local optimizer = families.object("minimize", "optimizer", o.optimizer)
  local x, evaluate, finish = problem(f, x0, result, optimizer)
  if o.path then result.path = { loss = result.values } end
  local function note(step, value, gradient, at)
    if o.path then result.path[step] = at:detach():totable() end
    result.values[#result.values + 1], result.value = value, value
    result.steps = step - 1
    result.gradient = largest(gradient)
    if o.on_step then o.on_step(step - 1, value) end
    return result.gradient <= o.tol
  end
  x, result.reason = descend(optimizer, x, evaluate, o, note)
  result.converged = result.reason == "converged"
  result.x = finish(x)
  return result
end

return M
