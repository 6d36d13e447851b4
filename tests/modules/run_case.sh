#!/bin/sh
# run_case.sh this|newer DIR -D...: runs one case under the cmake on PATH, or under a newer one that is kept in DIR.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
which=$1
dir=$2
shift 2
cmake=cmake
if [ "$which" = newer ]; then
  bin=$("$here/../support/newer_cmake.sh" "$dir") || exit $?
  cmake="$bin/cmake"
fi
# What the session around this test says must not reach the sessions inside it.
for name in $(env | sed -n 's/^\(SPECGUARD_[A-Z_]*\|CTEST_[A-Z_]*\|DASHBOARD_[A-Z_]*\)=.*/\1/p'); do
  [ "$name" = SPECGUARD_NEWER_CMAKE ] || unset "$name"
done
exec "$cmake" "$@" -P "$here/run_case.cmake"
