#!/bin/sh
# kill_save.sh PROGRAM - one save of PROGRAM (build/io_test), shot at: at each
# system call that it makes the program is killed, or the call fails. Then the
# file must be the old one or the new one, whole. #E03 of the specification.
program=$1
if ! command -v strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then
  echo "kill: 0 passed, 0 failed, 1 skipped (strace is missing or may not trace)"
  exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$program" save "$dir/old" a && "$program" save "$dir/new" b || exit 1
passed=0 failed=0 olds=0 news=0 left=0

verdict () { # what happened: count it, complain if the file is torn
  if cmp -s "$dir/out/x" "$dir/old"; then olds=$((olds + 1))
  elif cmp -s "$dir/out/x" "$dir/new"; then news=$((news + 1))
  else echo "  torn: $1"; failed=$((failed + 1)); return
  fi
  temporaries=$(find "$dir/out" -name '.x.*' | wc -l)
  case $1 in
  *signal*) left=$((left + temporaries)) ;; # nobody is left to remove it
  *) if [ "$temporaries" != 0 ]; then
       echo "  temporary left: $1"; failed=$((failed + 1)); return
     fi ;;
  esac
  passed=$((passed + 1))
}

shoot () { # call, what to do to it, which one; false: there is no such call
  rm -rf "$dir/out"
  mkdir "$dir/out"
  cp "$dir/old" "$dir/out/x"
  strace -f -o "$dir/trace" -e trace="$1" -e inject="$1:$2:when=$3" \
    "$program" save "$dir/out/x" b 2>/dev/null
  grep -q -e INJECTED -e 'killed by SIGKILL' "$dir/trace" || return 1
  verdict "$1:$2:when=$3"
}

for what in signal=KILL error=EIO error=ENOSPC error=EINTR; do
  for call in openat write fsync close renameat unlinkat; do
    k=1
    while shoot $call $what $k; do k=$((k + 1)); done
  done
done
echo "  the old file $olds times, the new one $news times," \
     "a temporary behind $left kills"
echo "kill: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
