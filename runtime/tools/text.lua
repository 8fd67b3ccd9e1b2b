-- text.lua FILE...: print files as C byte tables, by their names without folders.
local entries = {}
print '#include "bind/embedded.h"'
for i = 1, #arg do
  local f <close> = assert(io.open(arg[i], "rb"))
  local text = f:read "a"
  print(("static const unsigned char t%d[] = {%s};"):format(i, text:gsub(".", function(c)
    return c:byte() .. ","
  end)))
  entries[i] = ('  { .module = "%s", .chunk = "%s", .code = t%d, .size = sizeof t%d },'):format(
    arg[i]:match "[^/]*$", arg[i], i, i)
end
print "const mlpi_Embedded mlpi_texts[] = {"
print(table.concat(entries, "\n"))
print "  { .module = NULL }\n};"
