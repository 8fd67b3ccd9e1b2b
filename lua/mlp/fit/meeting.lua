--- Where fits wait for each other, to be made together: a coroutine that was enrolled yields the
--- fit that it asks for, and goes on with what came of it. Its code is the same as alone.
local M = {}

local enrolled = setmetatable({}, { __mode = "k" })

--- Let the fits of a coroutine wait; those that `takes(data, options)` refuses do not.
function M.enrol(co, takes) enrolled[co] = takes end

--- Do fits wait for others here?
function M.here() return enrolled[coroutine.running()] ~= nil end

--- Does a fit that is asked for here wait for others?
function M.waits(data, options)
  local takes = enrolled[coroutine.running()]
  return takes and takes(data, options)
end

--- Ask for a fit; its history, or its error is raised.
function M.fit(model, data, options)
  local answer = coroutine.yield { model = model, data = data, options = options }
  if not answer.ok then error(answer.result, 0) end
  return answer.result
end

return M
