--- What a run was asked for. mlprun fills in its command line (--out, --quick, --profile, --quiet,
--- --color).
return {
  out = os.getenv "MLPRUN_OUT" or "out", -- folder of mlp.out
  quick = false, -- the script should be content with a short run
  color = nil, -- true or false where --color says so
  profile = false, -- show in the end where the time of training went
  quiet = false, -- no progress unless a call asks for it
}
