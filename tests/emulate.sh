#!/bin/sh
# emulate.sh BUILD COMMAND: run COMMAND (a line of shell, in a copy of the tree) on an emulated
# processor that has AVX-512, for machines that have none. Bochs boots Debian's kernel with the
# tree, Lua, busted and the libraries of BUILD in memory; the command's output comes back over the
# serial line. Takes minutes where the machine itself takes a second.
# clearcpuid below: Bochs 2.7 reports a size for XSAVEC and XSAVES at which Linux gives up AVX.
set -e
build=$1 command=$2
case $build in
  /*) echo "emulate: expected a build folder below the tree, got $build" >&2; exit 2;;
esac
for tool in bochs xorriso cpio busybox; do
  command -v $tool >/dev/null || missing=$tool
done
[ -f /usr/lib/ISOLINUX/isolinux.bin ] || missing=isolinux
if [ -n "$missing" ]; then
  echo "emulate: $missing is missing. On Debian 12, as root:" >&2
  echo "apt-get install -y bochs bochs-term isolinux syslinux-common xorriso busybox-static cpio" >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$work/iso" "$work/deb" "$root/bin" "$root/tmp" "$root/proc" "$root/dev" "$root/tree"

# The kernel, from its package.
package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-6[^ ]*\)$/\1/p')
(cd "$work/deb" && apt-get download -qq "$package" 2>/dev/null && dpkg-deb -x ./*.deb .)
cp "$work"/deb/boot/vmlinuz-* "$work/iso/vmlinuz"

# The tree, its programs and what they are linked with.
files=$(git ls-files lua tests experiments)
programs=$(find "$build" -maxdepth 2 -type f -perm /111 ! -name '*.o' ! -name '*.so*' ! -name '*.a')
# shellcheck disable=SC2086
tar cf - $files $programs | tar xf - -C "$root/tree"
libraries=$(for p in $programs /usr/bin/lua5.4; do ldd "$p" 2>/dev/null; done |
  sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p' | sort -u)
modules=$(find -L /usr/share/lua/5.4 /usr/lib/x86_64-linux-gnu/lua/5.4 -type f)
for f in $libraries $modules /usr/bin/lua5.4; do
  mkdir -p "$root$(dirname "$f")"
  cp -L "$f" "$root$f"
done
cp "$(command -v busybox)" "$root/bin/busybox"
for name in sh mount cat ls mkdir rm mktemp sed grep poweroff; do ln -s busybox "$root/bin/$name"; done
cat >"$root/init" <<END
#!/bin/sh
mount -t proc none /proc; mount -t devtmpfs none /dev
export PATH=/bin:/usr/bin HOME=/tmp MLPRUN_BUILD=$build
cd /tree
{ $command; echo "status=\$?"; } >/dev/ttyS0 2>&1
echo "emulate: end" >/dev/ttyS0
poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1 >"$work/iso/initrd")

# A disc that boots it.
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/iso"
cat >"$work/iso/isolinux.cfg" <<END
default linux
label linux
  kernel vmlinuz
  append initrd=initrd console=ttyS0 quiet mitigations=off nokaslr tsc=reliable lpj=4000000 clearcpuid=321,323
END
xorriso -as mkisofs -quiet -o "$work/boot.iso" -b isolinux.bin -c boot.cat -no-emul-boot \
  -boot-load-size 4 -boot-info-table "$work/iso" 2>/dev/null

cat >"$work/bochsrc" <<END
cpu: model=corei7_skylake_x, ips=10000000
memory: guest=1536, host=1536
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path="$work/boot.iso", status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev="$work/serial"
display_library: rfb, options="timeout=0"
plugin_ctrl: speaker=0
sound: driver=dummy
log: "$work/log"
panic: action=fatal
END
echo c >"$work/run" # Debian's Bochs starts in its debugger
script -qec "bochs -q -f $work/bochsrc -rc $work/run" /dev/null >/dev/null 2>&1 </dev/null &
bochs=$!
: >"$work/serial"
tail -f --pid=$bochs "$work/serial" | sed -u 's/\r$//; /^emulate: end/d'
grep -q '^status=0' "$work/serial"
