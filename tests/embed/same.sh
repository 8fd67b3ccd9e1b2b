# same.sh BUILD: one script gives the same bits however it is run: by the program, at the prompt, in
# stock Lua, in a host with a lua_State of its own, in C and C++ hosts. (Threads: threads.c.)
build=$1
passed=0
failed=0
skipped=0
script=tests/embed/design.lua
want=$("$build/mlprun" $script)

check() {
  if [ "$2" = "$want" ] && [ ${#want} = 64 ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED $1: expected $want, got $2"
  fi
}

check "the program" "$want"
check "one thread" "$("$build/mlprun" --threads 1 $script)"
check "the plainest instructions" "$("$build/mlprun" --isa baseline $script)"
check "the prompt" "$(echo "dofile '$script'" | MLPRUN_HISTORY= "$build/mlprun" -i | grep -o -E '[0-9a-f]{64}')"
for host in host host_shared cc cc_shared; do
  check "embed_$host" "$("$build/tests/embed_$host" $script)"
done
if nm -D "$build/mlp/core.so" | grep -q -E '__(asan|tsan)_init'; then
  skipped=1
else
  check "stock Lua" "$(LUA_PATH='lua/?.lua;lua/?/init.lua' LUA_CPATH="$build/?.so" lua5.4 $script)"
  mkdir -p "$build/second" && cp "$build/mlp/core.so" "$build/second/core.so"
  said=$(LUA_PATH='lua/?.lua;lua/?/init.lua' LUA_CPATH="$build/?.so" lua5.4 -e "
    local mlp, path = require 'mlp', '$build/second/core.so'
    print(select(2, pcall(assert(package.loadlib(path, 'luaopen_mlp_core')))))")
  case $said in
    *"expected one copy"*) passed=$((passed + 1)) ;;
    *) failed=$((failed + 1)) && echo "FAILED a second copy is refused: $said" ;;
  esac
  # Another Lua in the process, whose names are for all to see.
  check "beside another Lua" \
    "$(LD_PRELOAD=$(ldconfig -p | sed -n 's/.*=> \(.*liblua5.4.so.0\)$/\1/p' | head -1) \
      "$build/tests/embed_host_shared" $script)"
  check "a host's own state" "$("$build/tests/embed_plugin" "$build" $script)"
fi

echo "embed_same: $passed passed, $failed failed, $skipped skipped"
test $failed = 0
