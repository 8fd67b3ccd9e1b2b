#!/bin/sh
# kill_fit.sh MLPRUN [N] - kill -9 a training at N random moments; each time, started again, it must
# end with the weights, the history's length and the log of one that was never stopped.
# #E03 #E09 #E11 of the specification.
mlprun=$1 n=${2:-20}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0 killed=0 early=0

now () { date +%s.%N; }

start=$(now)
"$mlprun" tests/kill_fit.lua "$dir/whole" || exit 1
length=$(echo "$(now) $start" | awk '{ print $1 - $2 }')

i=0
while [ $i -lt "$n" ]; do
  i=$((i + 1))
  run=$dir/run$i
  # a moment in each n-th part of the training
  t=$(awk -v s="$i$$" -v i="$i" -v n="$n" -v l="$length" \
    'BEGIN { srand(s); print l * (i - 1 + rand()) / n }')
  timeout -s KILL "$t" "$mlprun" tests/kill_fit.lua "$run" 2>/dev/null
  [ -e "$run.hash" ] || killed=$((killed + 1))
  [ -e "$run/checkpoint.safetensors" ] || [ -e "$run/checkpoint.previous.safetensors" ] ||
    early=$((early + 1))
  if "$mlprun" tests/kill_fit.lua "$run" && cmp -s "$run.hash" "$dir/whole.hash" &&
     cmp -s "$run.csv" "$dir/whole.csv"
  then passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "  differs after a kill at $t s"
    cat "$dir/whole.hash" "$run.hash"
    diff "$dir/whole.csv" "$run.csv"
  fi
  rm -rf "$run" "$run".*
done
echo "  $killed of $n killed before their end, $early before the first checkpoint"
echo "kill_fit: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$killed" -gt 0 ]
