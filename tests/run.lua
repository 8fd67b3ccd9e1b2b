-- run.lua [busted's options] [FILE...]: run the specs inside this interpreter, then the C tests
-- that $MLPRUN_CTESTS names (commands between semicolons), and end with the line
-- "N passed, N failed[, N skipped]".
-- Busted comes with Debian's lua-busted.
package.path = "tests/?.lua;" .. package.path

local files = false
for _, word in ipairs(arg) do files = files or not word:find "^%-" end
if not files then table.insert(arg, "tests") end

if not package.searchpath("busted.runner", package.path) then
  io.stderr:write "The tests need busted. On Debian: apt-get install -y lua-busted\n"
  os.exit(1)
end

-- Warnings are expected by many specs; those that look at them put a sink of their own here.
require("mlp.core").warn = function() end
require "busted.runner" { output = "tests/outcome.lua", standalone = false }
