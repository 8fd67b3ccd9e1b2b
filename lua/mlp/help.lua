--- mlp.help "name": what a kind is (from its descriptor) or what a function does (from the comment
--- above it in the library's own source).
local core = require "mlp.core"
local check = require "mlp.check"
local families = require "mlp.families"

local M = {}

-- The comments of the library's sources. ------------------------------------

--- The name that a line of source gives to what the comment above it explains, and the class that
--- has it: "function Model:fit(data)" is fit of Model.
local function named_by(line)
  local class, separator, name, arguments = line:match "^function ([%w_]+)([.:])([%w_]+)(%b())"
  if class then return name, class, separator, arguments end
  class, name = line:match "^([%w_]+)%.([%w_]+) = "
  if class then return name, class, "." end
  name = line:match '^local [%w_]+ = class%("([%w_]+)"'
  if name then return name, "M", "." end
  arguments = line:match "^return function(%b())"
  if arguments then return "", "M", ".", arguments end
end

--- Every comment of one module that explains a function.
local function comments(chunk, text)
  local list, block, number = {}, {}, 0
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    number = number + 1
    local comment = line:match "^%-%-%- ?(.*)$"
    if comment then
      block[#block + 1] = comment
    else
      local name, class, separator, arguments = named_by(line)
      if name and #block > 0 then
        list[#list + 1] = {
          name = name, class = class, separator = separator, arguments = arguments or "",
          lines = block, at = chunk .. ":" .. number,
        }
      end
      block = {}
    end
  end
  return list
end

-- What is public. --------------------------------------------------------------

local INTERNAL <const> = {
  ["mlp.Json"] = true, ["mlp.ModelFile"] = true, ["mlp.OptimizerState"] = true, ["mlp.Run"] = true,
  ["mlp.Database"] = true, ["mlp.Gp"] = true, ["mlp.Many"] = true,
}

--- Call f(path, value) for every function that a script may call: mlp.x, mlp.x.y, methods.
function M.each_public(f)
  local mlp = require "mlp"
  for name in pairs(getmetatable(mlp).lazy) do local _ = mlp[name] end -- loads it
  for name, value in pairs(mlp) do
    if type(value) == "function" then
      f("mlp." .. name, value)
    elseif type(value) == "table" and name:find "^%l" then
      for field, inner in pairs(value) do
        if type(inner) == "function" then f(("mlp.%s.%s"):format(name, field), inner) end
      end
    end
  end
  for type_name, methods in pairs(core.methods()) do
    for name, method in pairs(methods) do
      local path = ("%s:%s"):format(type_name:match "[^.]+$", name)
      if not INTERNAL[type_name] and name ~= "free" then f(path, method) end
    end
  end
end

--- "@mlp/model.lua:12", also where Lua has found the library in a folder.
local function place(f)
  local info = debug.getinfo(f, "S")
  if info.what == "C" then return nil end
  return info.source:gsub("^@.*/(mlp/)", "@%1") .. ":" .. info.linedefined
end

--- Public paths by place in the source, and by last name; the shortest where there are several.
local function public_paths()
  local at, named = {}, {}
  local function keep(map, key, path)
    local other = map[key]
    if not other or #path < #other or (#path == #other and path < other) then map[key] = path end
  end
  M.each_public(function(path, value)
    local where = place(value)
    if where then keep(at, where, path) end
    keep(named, path:match "[^.:]+$", path)
  end)
  return at, named
end

--- A module that is itself a function: "@mlp/args.lua" is mlp.args.
local function module_path(chunk)
  return (chunk:gsub("^@", ""):gsub("%.lua:.*$", ""):gsub("/", "."))
end

local MODULE <const> = { M = true, mlp = true, meta = true } -- names of tables that are no class

local index -- lower-case name: list of entries
local places -- "@mlp/model.lua:12": the entry of the function there, or the path that it is seen by

local function add(name, entry)
  name = name:lower()
  index[name] = index[name] or {}
  for _, other in ipairs(index[name]) do
    if other == entry then return end
  end
  table.insert(index[name], entry)
end

local function add_functions()
  local at, named = public_paths()
  for chunk, text in pairs(core.sources()) do
    for _, entry in ipairs(comments(chunk, text)) do
      local path = at[entry.at]
      places[entry.at] = entry.lines[1]:match "^@see (%S+)$"
      if not path and entry.name == "" then path = module_path(entry.at) end
      if not path and not MODULE[entry.class] then
        path = entry.class .. entry.separator .. entry.name
      end
      if entry.class == "Tensor" then path = "Tensor:" .. entry.name end
      path = path or entry.separator == "." and entry.arguments == "" and named[entry.name]
      if path then
        entry.path = path
        places[entry.at] = places[entry.at] or entry
        add(path:match "[^.:]+$", entry)
      end
    end
  end
end

--- An op in place.
local function add_in_place(name)
  add(name .. "_", {
    path = "Tensor:" .. name .. "_", name = name .. "_", arguments = "(...)",
    lines = { ("Tensor:%s, written over the tensor itself."):format(name),
      "@return mlp.Tensor itself" },
  })
end

--- A method as a function.
local function add_as_function(name)
  add(name, {
    path = "mlp." .. name, name = name, arguments = "(...)",
    lines = { ("Tensor:%s as a function; the result goes into r, where one is given."):format(name),
      "@return mlp.Tensor" },
  })
end

local function add_kinds()
  for family, kinds in pairs(core.registry()) do
    for _, kind in ipairs(kinds) do
      local module = families.plural[family]
      local entry = { kind = kind, family = family }
      if module then
        entry.path = ("mlp.%s.%s"):format(module, families.camel(kind.name))
        add(families.camel(kind.name), entry)
      elseif family == "dataset" then
        entry.path = "mlp.datasets." .. kind.name
      else
        entry.path = "Tensor:" .. kind.name
        add_in_place(kind.name)
      end
      add(kind.name, entry)
      for alias in (kind.alias or ""):gmatch "%S+" do add(alias, entry) end
    end
  end
end

local function build_index()
  index, places = {}, {}
  add_kinds()
  add_functions()
  for name in require("mlp.tensor").FUNCTIONS:gmatch "%S+" do add_as_function(name) end
  for _, list in pairs(index) do
    table.sort(list, function(a, b) return a.path < b.path end)
  end
end

-- Text. -------------------------------------------------------------------------

local function number_text(v) return ("%.6g"):format(v) end

local function preset_text(option)
  if option.required then return "required" end
  if type(option.preset) == "number" then return number_text(option.preset) end
  return option.preset == nil and "none" or tostring(option.preset)
end

--- "0..1", "relu | tanh", "initializer": what an option takes.
local function range_text(option)
  if option.family then return option.family end
  if option.choices then return (option.choices:gsub(" ", " | ")) end
  if option.type == "number" or option.type == "integer" then
    return ("%s %s..%s"):format(option.type, number_text(option.min), number_text(option.max))
  end
  return option.type
end

local function kind_text(entry)
  local kind = entry.kind
  local lines = { ("%s (%s)"):format(entry.path, entry.family), "  " .. kind.doc }
  for _, option in ipairs(kind.options) do
    lines[#lines + 1] = ("  %-20s %-16s %s (%s)"):format(option.name, preset_text(option),
      option.doc, range_text(option))
  end
  if kind.alias then lines[#lines + 1] = "  also: " .. kind.alias:gsub(" ", ", ") end
  if kind.min_inputs and kind.max_inputs > 1 then
    lines[#lines + 1] = ("  inputs: %d to %d"):format(kind.min_inputs, kind.max_inputs)
  end
  if kind.cite then lines[#lines + 1] = "  source: " .. kind.cite end
  return table.concat(lines, "\n")
end

local function function_text(entry)
  local lines = { entry.path .. entry.arguments }
  for _, line in ipairs(entry.lines) do
    line = line:gsub("^@param ", ""):gsub("^@return ", "returns "):gsub("^@usage ", "example: ")
    if not line:find "^@" then lines[#lines + 1] = "  " .. line end
  end
  return table.concat(lines, "\n")
end

local function entry_text(entry)
  return entry.kind and kind_text(entry) or function_text(entry)
end

--- Those of a list that a path such as "mlp.losses.mse" means; all where it names none.
local function narrow(list, path)
  local function owner(p) return (p:lower():match "([^.:]*)[.:][^.:]*$") end
  local chosen = {}
  for _, entry in ipairs(list) do
    if owner(path) == owner(entry.path) then chosen[#chosen + 1] = entry end
  end
  return #chosen > 0 and chosen or list
end

--- First those whose name is written just so, with its capitals.
local function as_written(list, name)
  local first, others = {}, {}
  for _, entry in ipairs(list) do
    table.insert(entry.path:match "[^.:]+$" == name and first or others, entry)
  end
  return table.move(others, 1, #others, #first + 1, first)
end

--- Every entry once, in order of path: { path =, text = }; kinds with `kind` and `family`,
--- functions with `arguments` and `lines`, the comment above them.
--- @return table[]
function M.entries()
  if not index then build_index() end
  local seen, list = {}, {}
  for _, entries in pairs(index) do
    for _, entry in ipairs(entries) do
      if not seen[entry] then list[#list + 1] = entry end
      seen[entry] = true
    end
  end
  for _, entry in ipairs(list) do entry.text = entry_text(entry) end
  table.sort(list, function(a, b)
    if a.path ~= b.path then return a.path < b.path end
    return a.text < b.text
  end)
  return list
end

--- The entries that explain a name; nil where there are none.
--- @param name string
function M.find(name)
  if not index then build_index() end
  local last = name:match "[^.:]+$" or name
  local list = index[last:lower()]
  return list and as_written(narrow(list, name), last)
end

-- Modules and classes. -----------------------------------------------------------

--- Is it only for other parts of the library? Its comment begins with "For fit:" or the like.
local function is_inner(path)
  local list = M.find(path)
  local first = list and list[1].lines
  return first and first[1]:find "^For [%w_. ]+:" ~= nil
end

--- The public names of each module and class: "mlp.losses", "Model"...
local function public_groups()
  local of_kinds, groups = {}, {}
  for _, module in pairs(families.plural) do of_kinds["mlp." .. module] = true end
  M.each_public(function(path)
    local group, name = path:match "^(.*)[.:]([^.:]+)$"
    if is_inner(path) then return end
    if not of_kinds[group] or name:find "^%u" then -- those have a second name, in lower case
      groups[group] = groups[group] or {}
      table.insert(groups[group], name)
    end
  end)
  for _, names in pairs(groups) do table.sort(names) end
  return groups
end

local function overview()
  local groups = public_groups()
  local lines = {}
  for _, group in ipairs(check.sorted_keys(groups)) do
    lines[#lines + 1] = ("%s: %s"):format(group, table.concat(groups[group], " "))
  end
  lines[#lines + 1] = 'mlp.help "name" (at the prompt: ? name) explains a kind, function, method '
    .. "or module."
  return table.concat(lines, "\n")
end

--- What an entry says first, up to the end of the sentence.
local function first_sentence(entry)
  local text = {}
  for _, line in ipairs(entry.kind and { entry.kind.doc } or entry.lines) do
    if line:find "^@" then break end
    text[#text + 1] = line
  end
  text = table.concat(text, " ")
  return (text:match "^(.-[^.]%.)%s" or text)
end

local WIDTH <const> = 100 -- of a line that lists names

--- A text in at most n bytes, cut between words.
local function shortened(text, n)
  if #text <= n then return text end
  return text:sub(1, n - 3):gsub("%s+%S*$", "") .. "..."
end

--- Words in lines.
local function wrapped(words, indent)
  local lines, line = {}, indent
  for _, word in ipairs(words) do
    if #line + #word > WIDTH then
      lines[#lines + 1] = line
      line = indent
    end
    line = line .. word .. " "
  end
  lines[#lines + 1] = line
  return (table.concat(lines, "\n"):gsub(" +%f[\n\0]", ""))
end

local MANY <const> = 60 -- names, beyond which they are not explained one by one

--- The names of a module or class, each with its first sentence; nil where it is neither.
local function group_text(name)
  name = name:lower():gsub("^mlp%.", "")
  for group, names in pairs(public_groups()) do
    if group:lower():gsub("^mlp%.", "") == name then
      local separator = group:find "^mlp" and "." or ":"
      local lines = { group .. ": " .. #names .. " names; mlp.help \"" .. group .. separator
        .. names[1] .. "\" explains one" }
      if #names > MANY then return lines[1] .. "\n" .. wrapped(names, "  ") end
      local column = 0
      for _, own in ipairs(names) do column = math.max(column, #own) end
      for _, own in ipairs(names) do
        local found = M.find(group .. separator .. own)
        lines[#lines + 1] = shortened(("  %-" .. column .. "s  %s"):format(own,
          found and first_sentence(found[1]) or ""), WIDTH)
      end
      return table.concat(lines, "\n")
    end
  end
end

--- Functions by their place in the source, "@mlp/model.lua:12": their entries.
--- @return table<string, table>
function M.by_place()
  if not index then build_index() end
  local list = {}
  for at, entry in pairs(places) do
    local seen = type(entry) == "string" and M.find(entry)
    list[at] = seen and seen[1] or type(entry) == "table" and entry or nil
  end
  return list
end

local function unknown(name)
  local known = check.sorted_keys(index)
  for _, group in ipairs(check.sorted_keys(public_groups())) do
    known[#known + 1] = group:match "[^.]+$"
  end
  local hint = check.hint((name:match "[^.:]+$" or name):lower(), known)
  check.raise("argument", "help: nothing is known of '%s'%s mlp.help() lists all", name,
    hint == "" and ";" or hint)
end

--- @see mlp.help
function M.help(name)
  if name == nil then return overview() end
  if type(name) == "userdata" and name.kind then name = name.kind end
  if type(name) ~= "string" then
    check.raise("argument", "help: expected a name, such as \"Dense\", got %s", check.what(name))
  end
  local list, group, parts = M.find(name), group_text(name), {}
  if not list and not group then unknown(name) end
  for i, entry in ipairs(list or {}) do parts[i] = entry_text(entry) end
  parts[#parts + 1] = group
  return table.concat(parts, "\n\n")
end

return M
