#!/bin/sh
# neon.sh BUILD: the kernels compiled for 64-bit ARM and run by qemu: products and sums against the
# rule of kernel.h, and each function's results against those of this machine, bit for bit.
# Skipped by name where the cross compiler or qemu is missing.
build=$1 cross=aarch64-linux-gnu-gcc
for tool in $cross qemu-aarch64; do
  if ! command -v $tool >/dev/null; then
    echo "neon: skipped, $tool is missing (apt-get install -y gcc-aarch64-linux-gnu qemu-user)"
    echo "neon: 0 passed, 0 failed, 1 skipped"
    exit 0
  fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-std=c11 -O3 -fno-trapping-math -ffp-contract=off -fno-math-errno
  -D_POSIX_C_SOURCE=200809L -DMLPI_BUILT=1 -DMLPI_ISA=baseline -Iruntime -Itests"

compile () { # bits source object
  # shellcheck disable=SC2086
  $cross $flags -DMLPI_BITS="$1" -c -o "$work/$3.o" "$2" || exit 1
}
for bits in 32 64; do
  compile $bits tests/kernels_test.c test_$bits
  compile $bits tests/kernels_variant.c variant_$bits
  for kernel in abreast gemm reduce; do
    compile $bits runtime/tensor/kernel/$kernel.c ${kernel}_$bits
  done
done
for source in runtime memory pool; do compile 32 runtime/base/$source.c $source; done
$cross -static -o "$work/kernels" "$work"/*.o -lm -lpthread || exit 1

VERBOSE=1 qemu-aarch64 "$work/kernels" >"$work/arm" || { tail -5 "$work/arm"; exit 1; }
VERBOSE=1 "$build/tests/kernels_test" >"$work/here" || exit 1
grep '^bits ' "$work/arm" >"$work/arm.bits"
grep '^bits ' "$work/here" >"$work/here.bits"
tail -1 "$work/arm"
if [ -s "$work/arm.bits" ] && cmp -s "$work/arm.bits" "$work/here.bits"; then
  echo "neon: $(wc -l <"$work/arm.bits") passed, 0 failed"
else
  diff "$work/here.bits" "$work/arm.bits"
  echo "neon: 0 passed, 1 failed"
  exit 1
fi
