-- manual.lua FOLDER: what mlp.help knows as pages, one a module or class, and as stubs for editors
-- (LuaCATS): FOLDER/mlp.md, FOLDER/mlp.losses.md... and FOLDER/mlp.lua. Run by mlprun.
local help = require "mlp.help"
local core = require "mlp.core"

local folder = assert(arg[1], "usage: mlprun runtime/tools/manual.lua FOLDER")

--- "mlp.losses" of "mlp.losses.MeanSquaredError", "Tensor" of "Tensor:sum".
local function owner(path) return path:match "^(.*)[.:][^.:]*$" or path end

local function write(name, lines)
  core.write_file(folder .. "/" .. name, table.concat(lines, "\n") .. "\n")
end

--
-- Pages
--

local function page_of(name, entries)
  local lines = { "# " .. name, "" }
  for _, entry in ipairs(entries) do
    lines[#lines + 1] = ("## %s\n\n```\n%s\n```\n"):format(entry.path, entry.text)
  end
  return lines
end

local function write_pages(entries)
  local pages, names = {}, {}
  for _, entry in ipairs(entries) do
    local name = owner(entry.path)
    if not pages[name] then
      pages[name] = {}
      names[#names + 1] = name
    end
    table.insert(pages[name], entry)
  end
  table.sort(names)
  local index = { "# The manual of mlprun " .. core.version, "" }
  for _, name in ipairs(names) do
    index[#index + 1] = ("- [%s](%s.md): %d entries"):format(name, name, #pages[name])
    write(name .. ".md", page_of(name, pages[name]))
  end
  write("index.md", index)
end

--
-- Stubs
--

local TYPE <const> = { number = "number", integer = "integer", boolean = "boolean",
  shape = "integer[]", list = "number[]", object = "string|mlp.Object", layer = "mlp.Layer" }

--- "'a'|'b'" where an option is one of some words.
local function type_of(option)
  if option.choices then return '"' .. option.choices:gsub(" ", '"|"') .. '"' end
  return TYPE[option.type] or "string"
end

local RETURNS <const> = { layer = "mlp.Layer", dataset = "mlp.Dataset" }

--- A kind's options as a class, and its constructor.
local function kind_stub(entry)
  local kind, lines = entry.kind, {}
  if entry.path:find "^Tensor:" then
    return { "--- " .. kind.doc, "--- @return mlp.Tensor",
      ("function %s(...) end"):format(entry.path) }
  end
  local class = entry.path:gsub("^mlp%.", "mlp.options.")
  lines[#lines + 1] = "--- @class " .. class
  for _, option in ipairs(kind.options) do
    lines[#lines + 1] = ("--- @field %s%s %s  %s"):format(option.name, option.required and ""
      or "?",
      type_of(option), option.doc)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "--- " .. kind.doc
  if kind.cite then lines[#lines + 1] = "--- Source: " .. kind.cite end
  lines[#lines + 1] = "--- @param options? " .. class
  lines[#lines + 1] = "--- @return " .. (RETURNS[entry.family] or "mlp.Object")
  lines[#lines + 1] = ("function %s(options) end"):format(entry.path)
  return lines
end

local function function_stub(entry)
  local lines = {}
  for i, line in ipairs(entry.lines) do lines[i] = "--- " .. line end
  local arguments = entry.arguments == "" and "(...)" or entry.arguments
  lines[#lines + 1] = ("function %s%s end"):format(entry.path, arguments)
  return lines
end

--- Every table that a path goes through, from the outside in.
local function declare(entries)
  local lines, seen = { "--- @meta mlp", "", "local mlp = {}" }, { mlp = true }
  for _, entry in ipairs(entries) do
    local at = ""
    for part in owner(entry.path):gmatch "[^.:]+" do
      local path = at == "" and part or at .. "." .. part
      if not seen[path] then
        if at == "" then lines[#lines + 1] = "--- @class mlp." .. path end
        lines[#lines + 1] = (at == "" and "local %s = {}" or "%s = {}"):format(path)
      end
      seen[path], at = true, path
    end
  end
  return lines
end

local function write_stubs(entries)
  local lines = declare(entries)
  for _, entry in ipairs(entries) do
    lines[#lines + 1] = ""
    local stub = entry.kind and kind_stub(entry) or function_stub(entry)
    table.move(stub, 1, #stub, #lines + 1, lines)
  end
  lines[#lines + 1] = "\nreturn mlp"
  write("mlp.lua", lines)
end

core.make_folder(folder)
local entries = help.entries()
write_pages(entries)
write_stubs(entries)
