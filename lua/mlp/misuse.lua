--- Which argument an error is about that Lua raised inside the library, "attempt to index a nil
--- value": found afterwards, from what the comment above the function declares. Functions check
--- what matters in their own words; this speaks for all the rest, and costs nothing until then.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local PLURAL <const> = {
  number = "numbers", integer = "whole numbers", string = "texts", ["mlp.Tensor"] = "tensors",
}

local WORDS <const> = {
  integer = "a whole number", number = "a number", string = "a text", table = "a table",
  boolean = "true or false", ["function"] = "a function", ["nil"] = "none",
}

--- The alternatives of a declared type, "integer|{ a: number|nil }": at bars outside of brackets.
local function alternatives(declared)
  local list, depth, from = {}, 0, 1
  for i = 1, #declared do
    local c = declared:sub(i, i)
    if c:find "[({<]" then depth = depth + 1 elseif c:find "[)}>]" then depth = depth - 1 end
    if c == "|" and depth == 0 then
      list[#list + 1] = declared:sub(from, i - 1):gsub("^ ", ""):gsub(" $", "")
      from = i + 1
    end
  end
  list[#list + 1] = declared:sub(from)
  return list
end

local fits -- of alternatives

--- Is v of one type, which has no alternatives?
local function fits_one(v, declared)
  local item = declared:match "^(.*)%[%]$"
  if item then
    if type(v) ~= "table" then return core.is_tensor(v) and item ~= "mlp.Tensor" end
    for _, inner in ipairs(v) do
      if not fits(inner, item) then return false end
    end
    return true
  end
  if declared:find "^{" then return type(v) == "table" end
  if declared:find "^fun" then return type(v) == "function" end
  if declared:find '^"' then return v == declared:sub(2, -2) end
  if declared == "integer" then return type(v) == "number" and v == math.floor(v) end
  if declared:find "^mlp%." then
    if declared == "mlp.Tensor" then return core.is_tensor(v) end
    return core.type(v) == declared or core.type(v) == "table" and getmetatable(v) ~= nil
  end
  if WORDS[declared] then return type(v) == declared end
  return true
end

function fits(v, declared)
  for _, one in ipairs(alternatives(declared)) do
    if fits_one(v, one) then return true end
  end
  return false
end

--- "a tensor or a number": a declared type for a reader.
local function in_words(declared)
  local list = {}
  for _, one in ipairs(alternatives(declared)) do
    local item, class = one:match "^(.*)%[%]$", one:match "^mlp%.(%w+)$"
    class = class and class:lower()
    local plural = item and PLURAL[item]
    list[#list + 1] = WORDS[one] or plural and "a list of " .. plural or item and "a list"
      or one:find "^{" and "a table"
      or one:find "^fun" and "a function"
      or class and (class:find "^[aeiou]" and "an " or "a ") .. class or one
  end
  return table.concat(list, " or ")
end

--- The type at the start of a text, "integer|nil  how many": up to a blank outside of brackets and
--- quotes, but for blanks around a bar.
local function leading_type(text)
  local depth, quoted, i = 0, false, 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == '"' then quoted = not quoted
    elseif c:find "[({<]" then depth = depth + 1
    elseif c:find "[)}>]" then depth = depth - 1
    elseif c == " " and depth == 0 and not quoted then
      local after = text:match("^ | ()", i)
      if not after then return text:sub(1, i - 1) end
      i = after - 1
    end
    i = i + 1
  end
  return text
end

--- What a comment declares: { name =, type =, optional = } by position.
local function parameters(entry)
  local list = {}
  if entry.separator == ":" then
    local class = "mlp." .. entry.path:match "^(%w+):"
    list[1] = { name = "t", type = class, is_self = class ~= "mlp.Tensor" } -- mlp.tril(t), t:tril()
  end
  for _, line in ipairs(entry.lines) do
    local name, optional, rest = line:match "^@param ([%w_]+)(%??) (.*)$"
    if name then
      list[#list + 1] = { name = name, optional = optional == "?",
        type = leading_type(rest) }
    end
  end
  return list
end

local known -- documented functions: by their place in the source, C functions by themselves

local function documented()
  if known then return known end
  local help = require "mlp.help"
  known = help.by_place()
  help.each_public(function(path, f)
    local list = debug.getinfo(f, "S").what == "C" and help.find(path)
    if list and list[1].lines then
      list[1].in_c = true
      known[f] = list[1]
    end
  end)
  return known
end

--- The library's function that the script called, of those that run: its level here and its entry.
local function called()
  local found = documented()
  local level, entry
  for i = 3, math.huge do
    local info = debug.getinfo(i, "Sf")
    local source = info and info.source:gsub("^@.*/(mlp/)", "@%1")
    if not info or info.what ~= "C" and not source:find "^@mlp/" then return level, entry end
    local here = found[info.func] or found[("%s:%d"):format(source, info.linedefined)]
    if here and here.path ~= "mlp.try" then level, entry = i - 1, here end -- as the caller counts
  end
end

--- Raise what Lua says of an argument of a C function, "bad argument #1 to 'save' (string expected,
--- got no value)"; what stands in front of a colon is not counted.
local function accuse_as_said(who, list, level, e)
  local n, got = e:match "bad argument #(%d+) to '[^']*' %(.*got (.*)%)"
  local colon = debug.getinfo(level + 1, "n").namewhat == "method"
  local p = n and list[tonumber(n) + (colon and 1 or 0)]
  if p then
    check.raise("argument", "%s: argument '%s': expected %s, got %s", who, p.name,
      in_words(p.type), got == "no value" and "none" or "a " .. got)
  end
end

--- Raise what is wrong with an argument by the comment of its function.
local function accuse_as_declared(who, list, level)
  for i, p in ipairs(list) do
    local _, v = debug.getlocal(level + 1, i)
    if p.is_self then
      check.self(v, p.type, who)
    elseif not (v == nil and p.optional) and not fits(v, p.type) then
      check.raise("argument", "%s: argument '%s': expected %s, got %s", who, p.name,
        in_words(p.type), check.what(v))
    end
  end
end

--- Raise what is wrong with an argument of the function that the script called, or that there must
--- be something.
local function accuse(e)
  local level, entry = called()
  if not entry then check.raise("argument", "expected other arguments (%s)", e) end
  local who, list = entry.path:match "[^.:]+$", parameters(entry)
  if entry.in_c then accuse_as_said(who, list, level, e) end
  accuse_as_declared(who, list, level)
  check.raise("argument", "%s: expected other arguments (%s); mlp.help \"%s\" says which", who, e,
    entry.path)
end

--- Is it a message of Lua's own, raised inside the library, "mlp/model.lua:12: attempt to..."?
local function is_raw(e)
  if type(e) ~= "string" then return false end
  return e:find "^mlp/[%w_/]+%.lua:%d+: " or e:find "^[^:\n]*/mlp/[%w_/]+%.lua:%d+: "
    or e:find "^attempt to" or e:find "bad argument #%d"
end

--- For handlers of errors, where the functions that ran are still there: the error value, or in
--- place of one of Lua's own, raised inside the library, an error about an argument.
function M.explain(e)
  if not is_raw(e) then return e end
  local ok, better = pcall(accuse, e)
  return ok and e or better
end

return M
