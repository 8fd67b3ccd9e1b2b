--- measure the claims of scripts or folders: check [--seeds N] [--jobs N] PATH...
local checker = require "mlp.checker"

local USAGE <const> = "usage: mlprun check [--seeds N] [--jobs N] FILE.lua|FOLDER...\n"

--- mlprun check: a table of claims; exit code 0 where all hold, 1 where not, 2 for wrong usage.
return function(...)
  local options, paths = checker.read_words { ... }
  if options.one then return checker.run_one(options.one, options.seeds) end
  local scripts = paths and checker.find_scripts(paths)
  if not scripts or #scripts == 0 then
    io.stderr:write(USAGE)
    return 2
  end
  return checker.check(scripts, options)
end
