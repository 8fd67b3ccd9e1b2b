-- embed.lua ROOT FILE...: print Lua files as C byte tables: those under ROOT are modules, others
-- scripts of the lecture, by the name of the file.
local root = assert(arg[1]) .. "/"
local modules, scripts = {}, {}

--- lua/mlp/plot/init.lua: "mlp.plot", of the chunk "@mlp/plot/init.lua".
local function names_of(path)
  if path:sub(1, #root) ~= root then
    return scripts, path:match "([^/]*)%.lua$", path
  end
  local chunk = path:sub(#root + 1)
  return modules, (chunk:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")), chunk
end

local function print_table(name, entries)
  print(("const mlpi_Embedded %s[] = {"):format(name))
  print(table.concat(entries, "\n"))
  print "  { .module = NULL }\n};"
end

print '#include "bind/embedded.h"'
for i = 2, #arg do
  local f <close> = assert(io.open(arg[i], "rb"))
  local code = f:read "a"
  assert(load(code, "@" .. arg[i])) -- a syntax error fails the build
  print(("static const unsigned char m%d[] = {%s};"):format(i, code:gsub(".", function(c)
    return c:byte() .. ","
  end)))
  local entries, name, chunk = names_of(arg[i])
  entries[#entries + 1] = ('  { .module = "%s", .chunk = "@%s", .path_length = %d, .code = m%d, '
    .. ".size = sizeof m%d },"):format(name, chunk, #chunk, i, i)
end
print_table("mlpi_embedded", modules)
print_table("mlpi_lecture", scripts)
