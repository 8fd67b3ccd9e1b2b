#!/bin/sh
# kill_study.sh MLPRUN [KILLS]: kill -9 of workers and of the parent at random moments of a 211-trial
# Hyperband and a 100-trial Bayesian search with two workers, each rerun until it is done: the table
# is that of an undisturbed run, no acknowledged trial is lost, none stays RUNNING. #G04 #G11
mlprun=$1 kills=${2:-50}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

verdict () { # condition's status, what
  if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $2"; fi
}

random () { # 0 .. $1 - 1
  echo $(($(od -An -N4 -tu4 /dev/urandom) % $1))
}

shoot () { # one of the processes of the search with the parent $1
  set -- "$1" $(pgrep -P "$1")
  shift "$(random $#)"
  kill -9 "$1" 2>/dev/null
}

once () { # kind: shoot at it until there were enough shots or it has ended
  while :; do
    runs=$((runs + 1))
    "$mlprun" tests/kill_study.lua "$dir/$1.db" "$1" 2 >"$dir/table" 2>>"$dir/acks" &
    parent=$!
    while [ $shots -lt "$kills" ] && kill -0 $parent 2>/dev/null; do
      sleep "0.$(printf %03d "$(random 700)")"
      kill -0 $parent 2>/dev/null && shoot $parent && shots=$((shots + 1))
    done
    wait $parent 2>/dev/null && break
    sleep 0.3 # workers without a parent end by themselves
  done
}

judge () { # kind
  cmp -s "$dir/whole" "$dir/table"
  verdict $? "$1: the table differs from the undisturbed one"
  ! grep -q -e RUNNING -e WAITING "$dir/table"
  verdict $? "$1: a trial has not ended"
  lost=0
  for number in $(sed -n 's/^Trial \([0-9]*\) complete.*/\1/p' "$dir/acks" | sort -un); do
    grep -q "^$number COMPLETE" "$dir/table" || lost=$((lost + 1))
  done
  [ $lost = 0 ]
  verdict $? "$1: $lost acknowledged trials are lost"
}

search () { # kind: from its beginning, again and again until there were enough shots
  "$mlprun" --quiet tests/kill_study.lua "$dir/$1-whole.db" "$1" 1 >"$dir/whole" 2>/dev/null
  shots=0 runs=0 searches=0
  while [ $shots -lt "$kills" ]; do
    rm -f "$dir/$1.db" "$dir/acks"
    searches=$((searches + 1))
    once "$1"
    judge "$1"
  done
  echo "  $1: $shots shots, $runs runs, $searches searches"
}

search hyperband
search bayesian
echo "kill: $passed passed, $failed failed"
[ "$failed" = 0 ]
