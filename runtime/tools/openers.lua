-- openers.lua FILE...: call every mlpi_open_<name> that bind/ defines.
print "#include <lua.h>\nvoid mlpi_open_all (lua_State *L);"
local names = {}
for i = 1, #arg do
  for line in io.lines(arg[i]) do
    local name = line:match "^void (mlpi_open_[%w_]+) %(lua_State %*L%) {"
    if name then names[#names + 1] = name end
  end
end
for _, name in ipairs(names) do print(("void %s (lua_State *L);"):format(name)) end
print "void mlpi_open_all (lua_State *L) {"
for _, name in ipairs(names) do print(("  %s(L);"):format(name)) end
print "}"
