-- registry.lua ISAS VFOLDERS FILE...: write the tables of everything that is
-- one file with one descriptor. A file runtime/<folder>/<name>.c that defines
-- mlp_<family>_<name> is an entry; the family is the folder's last word.
local isas, vfolders = arg[1], arg[2]
local families, order = {}, {}
for i = 3, #arg do
  local folder, name = arg[i]:match "^runtime/(.+)/([^/]+)%.c$"
  local family = folder:match "[^/]+$"
  local f = assert(io.open(arg[i]))
  local text = f:read "a"
  f:close()
  if text:find("mlp_" .. family .. "_" .. name .. " =", 1, true) then
    if not families[family] then
      families[family] = {}
      order[#order + 1] = family
    end
    table.insert(families[family], name)
  end
end
table.sort(order)
local varies = {}
for f in vfolders:gmatch "%S+" do varies[f] = true end

print '#include "tensor/variant.h"'
local function entries(family, suffix)
  table.sort(families[family])
  for _, n in ipairs(families[family]) do
    print(("extern const mlp_Kind mlp_%s_%s%s;"):format(family, n, suffix))
  end
  print(("static const mlp_Kind *const %s%s[] = {"):format(family, suffix))
  for _, n in ipairs(families[family]) do
    print(("  &mlp_%s_%s%s,"):format(family, n, suffix))
  end
  print "  NULL\n};"
end
local first
for isa in isas:gmatch "%S+" do
  for _, bits in ipairs { "f32", "f64" } do
    local suffix = "_" .. isa .. "_" .. bits
    first = first or suffix
    for _, family in ipairs(order) do
      if varies[family] then entries(family, suffix) end
    end
    print(("static const mlpi_Family families%s[] = {"):format(suffix))
    for _, family in ipairs(order) do
      if varies[family] then print(('  { "%s", %s%s },'):format(family, family, suffix)) end
    end
    print "  { NULL, NULL }\n};"
  end
end
for _, family in ipairs(order) do
  if not varies[family] then entries(family, "") end
end
print "const mlpi_Family mlpi_families[] = {"
for _, family in ipairs(order) do
  print(('  { "%s", %s%s },'):format(family, family, varies[family] and first or ""))
end
print "  { NULL, NULL }\n};"
print "const mlpi_Family *const mlpi_variants[MLPI_ISAS][2] = {"
for isa in isas:gmatch "%S+" do
  print(("  { families_%s_f32, families_%s_f64 },"):format(isa, isa))
end
print "};"
