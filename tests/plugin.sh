#!/bin/sh
# plugin.sh - one file adds one thing: a copy of the tree gets one new file, an activation, is built,
# and must have it everywhere; without the file it must be gone. $BUILD is copied too, so that only
# what changes is compiled.
# Called by make, with BUILD, MAKE, CC and ISAS in the environment.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
cp -a Makefile runtime lua tests "$dir" && mkdir "$dir/build" || exit 1
for part in gen obj $(for i in $ISAS; do echo "${i}_f32 ${i}_f64"; done); do
  cp -a "$BUILD/$part" "$dir/build/" || exit 1
done
cd "$dir" || exit 1

build () {
  MAKEFLAGS= "$MAKE" -s BUILD=build CC="$CC" ISAS="$ISAS" build/mlprun >log 2>&1 || { cat log; exit 1; }
}

check () { # what is tried, the Lua text that must not raise
  if build/mlprun -e "local mlp = require 'mlp'; $2" >log 2>&1; then passed=$((passed + 1)); return; fi
  failed=$((failed + 1))
  echo "FAILED plugin: $1"
  cat log
}

cat >runtime/activation/bent.c <<'C'
/*
** bent.c - the bent identity.
*/
#include "activation/activation.h"

enum { BEND }; /* order of '.options' below */

static REAL f (REAL x, const REAL *p) {
  return p[BEND] * (SQRT(x * x + 1) - 1) + x;
}
static REAL df (REAL x, const REAL *p) {
  return p[BEND] * x / SQRT(x * x + 1) + 1;
}

#define PARAMS 1
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_bent = {
  ELEMENTWISE("bent", "bend * (sqrt(x^2 + 1) - 1) + x"),
  .cite = "test",
  .options = { { "bend", 0.5, 0, 1, "how much" } },
};
C
build

check "look-up and values" 'local x = mlp.tensor({ 0, 3 }, { dtype = "float64" })
  local y = mlp.Activation "bent" (x):totable()
  assert(y[1] == 0 and math.abs(y[2] - ((10 ^ 0.5 - 1) / 2 + 3)) < 1e-12)'
check "options" 'local o = mlp.activations.Bent { bend = 1 }
  assert(o.bend == 1)
  local _, e = mlp.try(mlp.activations.bent, { bnd = 1 })
  assert(e.message:find("did you mean .bend.", 1), e.message)
  _, e = mlp.try(mlp.activations.bent, { bend = 2 })
  assert(e.message:find("from 0 to 1", 1, true), e.message)'
check "suggestion" 'local _, e = mlp.try(mlp.Dense, { units = 1, activation = "bend" })
  assert(e.message:find("did you mean .bent.", 1), e.message)'
check "help" 'local text = mlp.help "bent"
  for _, part in ipairs { "mlp.activations.Bent", "sqrt(x^2 + 1)", "how much", "source: test" } do
    assert(text:find(part, 1, true), text)
  end'
check "training with it, and saving it" 'local model = mlp.Sequential {
    mlp.Dense { units = 4, activation = mlp.activations.bent(0.3) }, mlp.Dense(1) }
  model:compile { loss = "mse" }
  model:fit({ x = mlp.randn(8, 2), y = mlp.randn(8, 1) }, { verbose = 0 })
  model:save "m"
  local loaded = mlp.load "m"
  assert(loaded:hash() == model:hash() and loaded.layers[1].activation.bend == 0.3)'

# The common property tests see it, and pass.
for spec in registry file; do
  MLPRUN_VERDICTS=verdicts build/mlprun tests/run.lua tests/${spec}_spec.lua >log 2>&1
  seen=$(grep -c '"[^"]*\<bent\>.*verdict = "passed"' verdicts)
  if grep -q ', 0 failed' log && [ "$seen" -gt 0 ]; then passed=$((passed + 1))
  else failed=$((failed + 1)); echo "FAILED plugin: ${spec}_spec, $seen tests of it"; cat log
  fi
done

rm runtime/activation/bent.c
build
check "without its file it is gone, all else is there" 'local _, e = mlp.try(mlp.Activation, "bent")
  assert(e.message:find("expected one of", 1, true) and not e.message:find("bent,", 1, true), e.message)
  assert(not mlp.try(mlp.help, "bent") and not pcall(function() return mlp.activations.Bent end))
  assert(not mlp.try(mlp.load, "m") and mlp.activations.relu())'

echo "plugin: $passed passed, $failed failed"
[ "$failed" = 0 ]
