#!/bin/sh
# random_models.sh PROGRAM CASES - models drawn at random (random_models.lua), trained by fit, by
# hand, in halves and beside others, with one and several threads and each instruction set: the
# same bits everywhere.
program=$1 cases=$2 passed=0 failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

run () { # name, options of the program
  name=$1; shift
  "$program" "$@" tests/random_models.lua --count "$cases" >"$dir/$name" 2>"$dir/err" && return
  grep -h "^case" "$dir/$name"; tail -3 "$dir/err"
  return 1
}

count () { if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

count run plain
for options in "--threads 1" "--threads 3" "--isa baseline" "--isa v3 --threads 2" "--isa v4"; do
  "$program" $options -e '' 2>/dev/null || { echo "not on this machine: $options"; continue; }
  count run other $options
  count cmp "$dir/plain" "$dir/other"
done
echo "random models: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
