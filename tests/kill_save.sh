#!/bin/sh
# kill_save.sh COMMAND... - COMMAND PATH a|b saves one of two files, and is shot
# at: at each system call from the first that touches PATH's folder it is killed,
# or the call fails. Then the file must be the old one or the new one, whole.
# #E03 of the specification.
if ! command -v strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then
  echo "kill: 0 passed, 0 failed, 1 skipped (strace is missing or may not trace)"
  exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$@" "$dir/old" a && "$@" "$dir/new" b || exit 1
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

lay_out () {
  rm -rf "$dir/out"
  mkdir "$dir/out"
  cp "$dir/old" "$dir/out/x"
}

first () { # call, COMMAND...: how many such calls until one touches the folder
  call=$1
  shift
  lay_out
  strace -f -y -o "$dir/trace" -e trace="$call" "$@" "$dir/out/x" b 2>/dev/null
  n=$(grep -n -m 1 "$dir/out" "$dir/trace" | cut -d : -f 1)
  echo "${n:-1}"
}

shoot () { # call, what to do to it, which one, COMMAND...; false: no such call
  call=$1 what=$2 k=$3
  shift 3
  lay_out
  strace -f -o "$dir/trace" -e trace="$call" -e inject="$call:$what:when=$k" \
    "$@" "$dir/out/x" b 2>/dev/null
  grep -q -e INJECTED -e 'killed by SIGKILL' "$dir/trace" || return 1
  verdict "$call:$what:when=$k"
}

for call in openat write fsync close renameat unlinkat; do
  from=$(first $call "$@")
  for what in signal=KILL error=EIO error=ENOSPC error=EINTR; do
    k=$from
    while shoot $call $what "$k" "$@"; do k=$((k + 1)); done
  done
done
echo "  the old file $olds times, the new one $news times," \
     "a temporary behind $left kills"
echo "kill: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
