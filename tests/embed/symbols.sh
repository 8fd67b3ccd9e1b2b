# symbols.sh BUILD: what the library shows, and what it asks of the system.
build=$1
passed=0
failed=0
check() {
  if [ -z "$2" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED $1:" $2
  fi
}

exported=$(nm -D --defined-only "$build/libmlprun.so" | awk '$2 != "A" { print $3 }')
check "libmlprun.so exports more than mlp_" "$(echo "$exported" | grep -v '^mlp_.*@@MLPRUN_1$')"
check "libmlprun.a shows more than mlp_" \
  "$(nm -g --defined-only "$build/libmlprun.a" | awk 'NF == 3 { print $3 }' | grep -v '^mlp_')"
check "core.so exports more than its entry" \
  "$(nm -D --defined-only "$build/mlp/core.so" | awk '{ print $3 }' | grep -v '^luaopen_mlp_core$')"
check "core.so brings a Lua" "$(nm "$build/mlp/core.so" | grep ' [tT] lua_newstate$')"
check "libmlprun.so links a Lua" \
  "$(readelf -d "$build/libmlprun.so" | grep -i 'NEEDED.*lua'; nm -D "$build/libmlprun.so" | grep 'U lua')"
soname=$(readelf -d "$build/libmlprun.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
check "the soname is not libmlprun.so.1" "$(echo "$soname" | grep -v '^libmlprun.so.1$')"

# Each declared function is there.
for f in $(sed -n 's/^MLP_API.*[ *]\(mlp_[a-z_]*\) (.*/\1/p' runtime/mlprun.h); do
  echo "$exported" | grep -q "^$f@" || missing="$missing $f"
done
check "declared, but not exported" "$missing"

# Our own objects ask nothing of the system that concerns the whole process. A study's workers are
# processes of their own, started and ended in process.c alone, which refuses to in a host.
banned='exit|_exit|_Exit|quick_exit|abort|atexit|signal|sigaction|raise|kill|setlocale|fork|vfork'
banned="$banned|system|popen|posix_spawnp?|execv.*|chdir|umask|setenv|putenv|rand|srand|fesetround"
banned="$banned|printf|puts|putchar|stdout|stderr|perror|__printf_chk"
asked=$(find "$build" -name '*.o' -not -path '*/tests/*' -not -name libmlprun.o \
  -not -path '*/asan/*' -not -path '*/tsan/*' -not -path '*/fuzz/*' |
  grep -v -E "obj/host/(main|options|repl|editor|report|interrupt|version)" |
  xargs nm -A -u | grep -E " U ($banned)\$" |
  grep -v -E "/(base|bind)/process.o: +U (posix_spawn|kill)\$")
check "our objects import" "$asked"

echo "embed_symbols: $passed passed, $failed failed"
test $failed = 0
