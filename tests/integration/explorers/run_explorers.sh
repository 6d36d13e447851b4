#!/bin/sh
# run_explorers.sh this|newer DIR ARG...: explorers_test.py with the cmake on PATH, or with a newer one that is kept in DIR.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
which=$1
dir=$2
shift 2
bin=$(dirname "$(command -v cmake)")
if [ "$which" = newer ]; then
  bin=$("$here/../../support/newer_cmake.sh" "$dir") || exit $?
fi
# What the session around this test says must not reach the sessions inside it.
for name in $(env | sed -n 's/^\(SPECGUARD_[A-Z_]*\|CTEST_[A-Z_]*\|DASHBOARD_[A-Z_]*\|DART_[A-Z_]*\)=.*/\1/p'); do
  unset "$name"
done
exec python3 "$here/explorers_test.py" "$bin" "$@"
