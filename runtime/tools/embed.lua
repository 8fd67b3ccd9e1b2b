-- embed.lua ROOT FILE...: print the Lua modules as C byte tables.
local root = assert(arg[1])
local entries = {}
print '#include "bind/embedded.h"'
for i = 2, #arg do
  local path = arg[i]:sub(#root + 2)
  local name = path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
  local f = assert(io.open(arg[i], "rb"))
  local code = f:read "a"
  f:close()
  assert(load(code, "@" .. arg[i])) -- a syntax error fails the build
  print(("static const unsigned char m%d[] = {%s};"):format(i, code:gsub(".", function(c)
    return c:byte() .. ","
  end)))
  entries[#entries + 1] = ('  { "%s", "@%s", m%d, sizeof m%d },'):format(name, path, i, i)
end
print "const mlpi_Embedded mlpi_embedded[] = {"
print(table.concat(entries, "\n"))
print "  { NULL, NULL, NULL, 0 }\n};"
