#!/bin/sh
# kernel.sh DIR: prints a directory with boot/vmlinuz-* and lib/modules of Debian's cloud kernel, fetched into DIR the
# first time.
#
# The package is unpacked, not installed: this machine's boot is left alone, and no root is needed. SPECGUARD_VM_KERNEL
# names such a directory that is there already. Exit 77 with the reason on stderr where there is none to be had.
set -eu

[ $# -eq 1 ] || {
  echo "usage: kernel.sh DIR" >&2
  exit 2
}

unavailable() {
  echo "no kernel for a virtual machine: $*" >&2
  exit 77
}

has_kernel() { ls "$1"/boot/vmlinuz-* >/dev/null 2>&1; }

# The package that the name without a version stands for.
versioned() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: *//p' | head -n 1; }

if [ -n "${SPECGUARD_VM_KERNEL:-}" ]; then
  has_kernel "$SPECGUARD_VM_KERNEL" || unavailable "SPECGUARD_VM_KERNEL=$SPECGUARD_VM_KERNEL has none"
  echo "$SPECGUARD_VM_KERNEL"
  exit
fi

mkdir -p "$1"
cd "$1"
# Tests run side by side: the first fetches, the others wait and find it done.
exec 9>lock
flock 9
if ! has_kernel kernel; then
  command -v apt-get >/dev/null || unavailable "no apt-get to fetch one with"
  package=$(versioned)
  if [ -z "$package" ]; then
    # No lists of packages here, or not ours to renew: lists of our own, from the archives that apt knows.
    mkdir -p lists/partial archives/partial
    cat >apt.conf <<CONF
Dir::State::lists "$PWD/lists";
Dir::Cache "$PWD";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG="$PWD/apt.conf"
    apt-get -qq update >fetch.log 2>&1 || unavailable "$(tail -n 1 fetch.log)"
    package=$(versioned)
    [ -n "$package" ] || unavailable "the archives that apt knows have no linux-image-cloud-amd64"
  fi
  apt-get -qq download "$package" >fetch.log 2>&1 || unavailable "$(tail -n 1 fetch.log)"
  rm -rf unpacked
  mkdir unpacked
  # Of some hundred megabytes, what vm.sh needs.
  dpkg-deb --fsys-tarfile ./*.deb | tar -x -C unpacked --wildcards './boot/vmlinuz-*' \
    './lib/modules/*/kernel/fs/fuse/*' './lib/modules/*/kernel/drivers/virtio/*'
  rm -rf ./*.deb lists archives pkgcache.bin srcpkgcache.bin
  mv unpacked kernel
fi
echo "$PWD/kernel"
