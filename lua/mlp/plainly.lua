--- For commands: what is refused is one line, as other programs have it, and the exit code 1.
local check = require "mlp.check"

--- f, whose refusals (errors that say what kind they are) are told without a place in the library.
--- @param name string  of the command
--- @param f fun(...): integer?
--- @return fun(...): integer?
return function(name, f)
  return function(...)
    local results = table.pack(xpcall(f, check.trace, ...))
    if results[1] then return table.unpack(results, 2, results.n) end
    local e = results[2]
    if type(e) ~= "table" or not e.kind or e.kind == "interrupted" then error(e, 0) end
    local text = tostring(e.message):gsub("^[%w_./]+%.lua:%d+: ", "")
    io.stderr:write(("mlprun %s: %s\n"):format(name, (text:gsub("^" .. name .. ": ", ""))))
    return 1
  end
end
