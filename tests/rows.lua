-- rows.lua VERDICTS FILE...: each row of the specification with the tests that carry its id in
-- their name ("#S5", "#F12") and their verdicts; then the rows that no test shows. VERDICTS is
-- what the last `make test` left. FILEs are C tests, whose checks carry ids ("#K07 ..."), and
-- scripts, whose claims say theirs (slide = "S24"): of these the place is printed, not the verdict.

-- Family, first to last row, digits of an id, and what the family is.
local families = {
  { "S", 82, "%d", "the lecture" },
  { "F", 102, "%d", "features of the peers" },
  { "A", 23, "%02d", "shapes, types, numbers" },
  { "B", 24, "%02d", "hazards of Lua in C" },
  { "D", 16, "%02d", "loaders and writers" },
  { "E", 15, "%02d", "disk, process, signals, resume" },
  { "G", 12, "%02d", "tuning" },
  { "H", 8, "%02d", "numerics" },
  { "K", 11, "%02d", "embedding" },
  { "D", 32, "%d", "users' pains (D10 to D16 are loaders' above)" },
  { "T", 21, "%d", "errata of the lecture" },
}

local function tests_by_row(verdicts)
  local rows = {}
  for _, test in ipairs(verdicts) do
    for id in test.name:gmatch "#(%u%d+)%f[%W]" do
      rows[id] = rows[id] or {}
      table.insert(rows[id], test)
    end
  end
  return rows
end

--- What C tests and claims show.
local function add_places(rows, path)
  local file <close> = assert(io.open(path))
  local text, seen = file:read "a", {}
  local pattern = path:find "%.c$" and '"#(%u%d+) ' or '"([ST]%d[%w, ]*)"'
  for found in text:gmatch(pattern) do
    for id in found:gmatch "%u%d+" do
      if not seen[id] then
        seen[id], rows[id] = true, rows[id] or {}
        table.insert(rows[id], { verdict = "in", name = path })
      end
    end
  end
end

--- "S1-S4 S7" of { "S1", "S2", "S3", "S4", "S7" }, given with their numbers.
local function ranges(family, format, numbers)
  local parts, first = {}, nil
  local function id(n) return family .. format:format(n) end
  for i, n in ipairs(numbers) do
    first = first or n
    if numbers[i + 1] ~= n + 1 then
      parts[#parts + 1] = first == n and id(n) or id(first) .. "-" .. id(n)
      first = nil
    end
  end
  return table.concat(parts, " ")
end

local function print_row(id, tests)
  for _, test in ipairs(tests) do
    print(("%-5s %-8s %s"):format(id, test.verdict, (test.name:gsub(" ?#%u%d+", ""))))
  end
end

local verdicts = assert(loadfile(arg[1]), "run 'make test' first")()
local rows, without = tests_by_row(verdicts), {}
for i = 2, #arg do add_places(rows, arg[i]) end
for _, f in ipairs(families) do
  local family, last, format, what = table.unpack(f)
  local missing = {}
  for n = 1, last do
    local id = family .. format:format(n)
    if rows[id] then
      print_row(id, rows[id])
      rows[id] = nil
    else
      missing[#missing + 1] = n
    end
  end
  without[#without + 1] = ("%s, %d of %d: %s"):format(
    what, #missing, last, ranges(family, format, missing))
end
print("\nRows without a test:\n" .. table.concat(without, "\n"))

local unknown = {}
for id in pairs(rows) do unknown[#unknown + 1] = id end
table.sort(unknown)
if #unknown > 0 then
  io.stderr:write("ids that the specification does not have: ", table.concat(unknown, " "), "\n")
  os.exit(1)
end
