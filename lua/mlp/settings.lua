--- What a run was asked for, and what its terminal shows. mlprun fills in its command line (--out,
--- --quick, --profile, --quiet, --color).
local M = {
  out = os.getenv "MLPRUN_OUT" or "out", -- folder of mlp.out
  quick = false, -- the script should be content with a short run
  color = nil, -- true or false where --color says so
  profile = false, -- show in the end where the time of training went
  quiet = false, -- no progress unless a call asks for it
  prompt = nil, -- at the prompt: { stopped = did this statement's training end by Ctrl-C? }
}

--- The locale's encoding, by the rules of setlocale(3).
function M.is_utf8()
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local value = os.getenv(name)
    if value and value ~= "" then return value:lower():find "utf%-?8" ~= nil end
  end
  return false
end

return M
