#!/bin/sh
# kill_matrix.sh KILL_MATRIX LAUNCHER: in the guest, cells of the kill matrix as root and as an ordinary user, with a
# control group of version 2 around each test and without. No process and no group may stay. A few cells drawn at
# random; with SPECGUARD_MATRIX_WHOLE all of them, and their tables (hours). SPECGUARD_MATRIX_AS names some of root,
# root-grouped, nobody, nobody-grouped; without, a sample is of those with groups.
set -eu
matrix=$1
launcher=$2
groups=/sys/fs/cgroup
as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
table=$TMPDIR/table.md
failures=0
# The machine is emulated: what takes 25 ms elsewhere takes a second here.
export SPECGUARD_MATRIX_LATEST_MS=1500

# One cell at a time for the tables: else the sweep of one clears what another left.
if [ -n "${SPECGUARD_MATRIX_WHOLE:-}" ]; then
  export SPECGUARD_MATRIX_WORKERS="${SPECGUARD_MATRIX_WORKERS:-1}" SPECGUARD_MATRIX_TABLE="$table"
  : "${SPECGUARD_MATRIX_AS:=root root-grouped nobody nobody-grouped}"
else
  export SPECGUARD_MATRIX_SAMPLE="${SPECGUARD_MATRIX_SAMPLE:-2}"
  : "${SPECGUARD_MATRIX_AS:=root-grouped nobody-grouped}"
fi

# cells TITLE COMMAND...
cells() {
  echo "== $1"
  shift
  rm -f "$table"
  # One sweep alone has too little time there.
  "$@" --gtest_brief=1 --gtest_filter="${GTEST_FILTER:--*OneSweep*}" || failures=$((failures + 1))
  [ ! -e "$table" ] || cat "$table"
  # A killed keeper cannot remove its group; the next sweep does.
  "$launcher" reap >/dev/null
  left=$(find "$groups" -mindepth 1 -type d \( -name 'specguard.*' ! -name specguard.leaf -o -name 'misbehave-*' \))
  if [ -n "$left" ]; then
    echo "groups were left behind: $left"
    failures=$((failures + 1))
  fi
}

for who in $SPECGUARD_MATRIX_AS; do
  case $who in
    root) cells "root, no group" "$matrix" ;;
    root-grouped) cells "root, a group for each test" env SPECGUARD_MATRIX_GROUP=1 "$matrix" ;;
    # shellcheck disable=SC2086  # words
    nobody) cells "an ordinary user, no group" $as_nobody "$matrix" ;;
    nobody-grouped)
      given=$groups/given
      mkdir "$given"
      chown 65534 "$given" "$given/cgroup.procs" "$given/cgroup.subtree_control" "$given/cgroup.threads"
      # shellcheck disable=SC2016,SC2086  # expanded by the inner shell; words
      cells "an ordinary user, a group for each test in one that was given to it" env SPECGUARD_MATRIX_GROUP=1 \
        sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$given" $as_nobody "$matrix"
      ;;
    *)
      echo "SPECGUARD_MATRIX_AS: $who is none of root, root-grouped, nobody, nobody-grouped"
      exit 2
      ;;
  esac
done
[ "$failures" -eq 0 ]
