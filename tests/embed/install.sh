# install.sh BUILD: install into a prefix of its own, and build hosts from there by pkg-config.
build=$1
passed=0
failed=0
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
check() {
  what=$1
  shift
  if "$@" > "$prefix/said" 2>&1; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED $what: $*"
    cat "$prefix/said"
  fi
}

check "make install" make -s install BUILD="$build" PREFIX="$prefix"
for file in bin/mlprun include/mlprun.h lib/libmlprun.a lib/libmlprun.so.1 lib/libmlprun.so \
  lib/pkgconfig/mlprun.pc lib/lua/5.4/mlp/core.so share/lua/5.4/mlp/init.lua; do
  check "installed" test -s "$prefix/$file"
done

if nm -D "$build/libmlprun.so" | grep -q -E '__(asan|tsan)_init'; then
  echo "embed_install: $passed passed, $failed failed, 8 skipped (sanitized)"
  test $failed = 0
  exit
fi

PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG_PATH
check "its version" test "$(pkg-config --modversion mlprun)" = \
  "$(sed -n 's/^#define MLP_VERSION *"\(.*\)"/\1/p' runtime/mlprun.h)"
strict="-pedantic -Wall -Wextra -Werror -Itests/embed"
posix="-std=c99 -D_POSIX_C_SOURCE=200809L"
script=tests/embed/design.lua
check "a C host, shared" ${CC:-cc} $posix $strict $(pkg-config --cflags mlprun) -o "$prefix/c" \
  tests/embed/host.c $(pkg-config --libs mlprun)
check "it runs" env LD_LIBRARY_PATH="$prefix/lib" "$prefix/c" $script
check "a C++ host, shared" ${CXX:-c++} -std=c++11 $strict $(pkg-config --cflags mlprun) \
  -o "$prefix/cc" tests/embed/host.cc $(pkg-config --libs mlprun)
check "it runs" env LD_LIBRARY_PATH="$prefix/lib" "$prefix/cc" $script
sed -n '/^```c$/,/^```$/p' docs/embedding.md | grep -v '^```' > "$prefix/example.c"
check "the example of docs/embedding.md" ${CC:-cc} $posix $strict $(pkg-config --cflags mlprun) \
  -o "$prefix/example" "$prefix/example.c" $(pkg-config --libs mlprun)
check "it runs" env LD_LIBRARY_PATH="$prefix/lib" "$prefix/example"
rm "$prefix"/lib/libmlprun.so*
check "a C host, static" ${CC:-cc} $posix $strict $(pkg-config --cflags mlprun) -o "$prefix/s" \
  tests/embed/host.c $(pkg-config --static --libs mlprun)
check "it runs" "$prefix/s" $script
check "the module" env LUA_PATH="$prefix/share/lua/5.4/?.lua;$prefix/share/lua/5.4/?/init.lua" \
  LUA_CPATH="$prefix/lib/lua/5.4/?.so" lua5.4 $script

echo "embed_install: $passed passed, $failed failed"
test $failed = 0
