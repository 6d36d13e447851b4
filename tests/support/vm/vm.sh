#!/bin/sh
# vm.sh DIR COMMAND [ARG...]: runs a command in a small virtual machine with control groups version 2 and every
# controller, and ends with its exit code.
#
# The guest is Debian's cloud kernel under QEMU, emulated: KVM inside of a virtual machine is there on some hosts, and
# hangs on some of them. It sees this machine's files, read-only,
# under the same names (virtiofs); /run is its own, and TMPDIR is there. It has no network. Variables that begin with
# SPECGUARD_, GTEST_ or CI reach the command. DIR keeps the kernel between runs. Exit 77 with the reason on stderr where
# there can be no virtual machine; where the variable CI is set, that is exit 1: there it has to be.
set -eu

[ $# -ge 2 ] || {
  echo "usage: vm.sh DIR COMMAND [ARG...]" >&2
  exit 2
}
here=$(cd -- "$(dirname -- "$0")" && pwd)
kept=$1
shift

unavailable() {
  echo "no virtual machine: $*" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 77
}

virtiofsd=
for candidate in /usr/lib/qemu/virtiofsd /usr/libexec/virtiofsd /usr/libexec/qemu/virtiofsd; do
  [ -x "$candidate" ] && virtiofsd=$candidate
done
[ -n "$virtiofsd" ] || unavailable "no virtiofsd (Debian: package qemu-system-common)"
for program in qemu-system-x86_64 busybox cpio; do
  command -v "$program" >/dev/null || unavailable "no $program (Debian: qemu-system-x86, busybox-static, cpio)"
done
[ "$(id -u)" -eq 0 ] || unavailable "only root can share files with one (virtiofsd)"
kernel=$("$here/kernel.sh" "$kept") || unavailable "see above"

work=$(mktemp -d)
server=
clean_up() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The guest's first files: busybox, the modules that it needs to see ours, and what to run.
root=$work/root
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/mnt" "$root/modules"
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$here/init" "$root/init"
number=10
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci fuse virtiofs; do
  file=$(find "$kernel/lib/modules" -name "$module.ko" | head -n 1)
  [ -z "$file" ] || cp "$file" "$root/modules/$number-$module.ko" # else it is built in
  number=$((number + 1))
done
quote() { printf "'%s' " "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }
{
  env | grep -E '^(SPECGUARD_[A-Z_]*|GTEST_[A-Z_]*|CI)=' | while IFS= read -r entry; do
    printf 'export %s=%s\n' "${entry%%=*}" "$(quote "${entry#*=}")"
  done
  printf 'cd %s\n' "$(quote "$PWD")"
  for word in "$@"; do quote "$word"; done
  printf '\n'
} >"$root/command"
(cd "$root" && find . | cpio -o -H newc --quiet -R 0:0) >"$work/initrd"

"$virtiofsd" --socket-path="$work/socket" -o source=/ -o sandbox=chroot >"$work/virtiofsd.log" 2>&1 &
server=$!
for _ in $(seq 200); do
  [ -S "$work/socket" ] && break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.05
done
[ -S "$work/socket" ] || unavailable "virtiofsd: $(tail -n 1 "$work/virtiofsd.log")"

qemu-system-x86_64 -machine pc,accel=tcg -cpu max -smp 1 -m 768M \
  -object memory-backend-memfd,id=memory,size=768M,share=on -numa node,memdev=memory \
  -kernel "$kernel"/boot/vmlinuz-* -initrd "$work/initrd" \
  -append "console=ttyS0 quiet panic=-1 reboot=t tsc=reliable no_timer_check mitigations=off" \
  -chardev "socket,id=files,path=$work/socket" -device vhost-user-fs-pci,chardev=files,tag=host \
  -display none -nodefaults -serial stdio -no-reboot </dev/null 2>"$work/qemu.log" |
  sed -u 's|\r$||' | tee "$work/console"
code=$(sed -n 's/^vm: exit code \([0-9]*\)$/\1/p' "$work/console" | tail -n 1)
if [ -z "$code" ]; then
  cat "$work/qemu.log" "$work/virtiofsd.log" >&2
  echo "vm.sh: the guest ended without a word" >&2
  exit 1
fi
exit "$code"
