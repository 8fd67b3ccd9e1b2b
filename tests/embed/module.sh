#!/bin/sh
# module.sh BUILD: every spec again in stock Lua, over BUILD/mlp/core.so. Ends with
# "module: N passed, N failed".
build=$1
if nm -D "$build/mlp/core.so" | grep -q -E '__(asan|tsan)_init'; then
  echo "module: 0 passed, 0 failed, 1 skipped (sanitized)" # the sanitizer wants to be loaded first
  exit
fi
unset MLPRUN_CTESTS MLPRUN_VERDICTS # the C tests are not run from within one of them
out=$(LUA_PATH="lua/?.lua;lua/?/init.lua;;" LUA_CPATH="$build/?.so;;" "${LUA:-lua5.4}" \
  tests/run.lua 2>&1)
echo "$out" | grep -v '^skipped'
echo "$out" | sed -nE '$s/^([0-9]+ passed, [0-9]+ failed).*/module: \1/p'
echo "$out" | tail -n 1 | grep -q ', 0 failed'
