#!/bin/sh
# newer_cmake.sh DIR: prints a directory that has a cmake and a ctest of 3.29 or newer, fetched into DIR the first time.
#
# On Debian 12 it is the 3.31 of the backports suite, from the archive that apt already uses; nothing outside DIR is
# touched, and no root is needed. SPECGUARD_NEWER_CMAKE names a directory that is there already. Exit 77 with the reason
# on stderr where there is none to be had: the caller skips.
set -eu

[ $# -eq 1 ] || {
  echo "usage: newer_cmake.sh DIR" >&2
  exit 2
}

unavailable() {
  echo "no newer CMake: $*" >&2
  exit 77
}

is_new_enough() {
  version=$("$1/cmake" --version 2>/dev/null | sed -n '1s/^cmake version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
  # shellcheck disable=SC2086  # two words
  set -- ${version:-0 0}
  [ "$1" -gt 3 ] || { [ "$1" -eq 3 ] && [ "$2" -ge 29 ]; }
}

if [ -n "${SPECGUARD_NEWER_CMAKE:-}" ]; then
  is_new_enough "$SPECGUARD_NEWER_CMAKE" || unavailable "SPECGUARD_NEWER_CMAKE=$SPECGUARD_NEWER_CMAKE has none"
  echo "$SPECGUARD_NEWER_CMAKE"
  exit
fi
system=$(dirname "$(command -v cmake || echo /usr/bin/cmake)")
if is_new_enough "$system"; then
  echo "$system"
  exit
fi

mkdir -p "$1"
cd "$1"
# Tests run side by side: the first fetches, the others wait and find it done.
exec 9>lock
flock 9
bin=$PWD/root/usr/bin
if ! is_new_enough "$bin"; then
  command -v apt-get >/dev/null || unavailable "no apt-get to fetch one with"
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # shellcheck disable=SC2016  # apt expands it
  site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $codename" 2>/dev/null | head -n 1)
  [ -n "$site" ] || unavailable "apt knows no archive for $codename"
  mkdir -p lists/partial archives/partial
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -e "$keyring" ] || unavailable "no $keyring"
  printf 'deb [signed-by=%s] %s %s-backports main\n' "$keyring" "$site" "$codename" >sources.list
  # A configuration file, because option values with spaces in the path do not survive a command line split by words.
  cat >apt.conf <<CONF
Dir::Etc::sourcelist "$PWD/sources.list";
Dir::Etc::sourceparts "/nonexistent";
Dir::State::lists "$PWD/lists";
Dir::Cache "$PWD";
APT::Sandbox::User "root";
CONF
  export APT_CONFIG="$PWD/apt.conf"
  apt-get -qq update >fetch.log 2>&1 || unavailable "$(tail -n 1 fetch.log)"
  apt-get -qq download "cmake/$codename-backports" "cmake-data/$codename-backports" >>fetch.log 2>&1 ||
    unavailable "$(tail -n 1 fetch.log)"
  for package in cmake_*.deb cmake-data_*.deb; do dpkg-deb -x "$package" root; done
  rm -rf ./*.deb lists archives
  is_new_enough "$bin" || unavailable "the one from $codename-backports does not run: $("$bin/cmake" --version 2>&1 | head -n 1)"
fi
echo "$bin"
