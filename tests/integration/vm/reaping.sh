#!/bin/sh
# reaping.sh LAUNCHER MISBEHAVE: in the guest, tests that do not want to end, in a group of version 2, while launcher and
# keeper are killed. Nothing may live on, and no group may stay. Cells of the whole matrix: kill_matrix.sh.
set -eu
launcher=$1
misbehave=$2
directory=$(mktemp -d)
failures=0

# living LOG: the processes of misbehave's list that live, by number and start time (proc(5), stat, fields 3 and 22).
living() {
  while read -r pid start; do
    # A fork chain's list is long: so nothing is started for it.
    [ -d "/proc/$pid" ] || continue
    { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086  # fields
    set -- ${stat##*) }
    [ "$1" = Z ] || [ "$1" = X ] || [ "${20}" != "$start" ] || echo "$pid"
  done <"$1"
}

# within SECONDS COMMAND...: until the command says nothing.
within() {
  tries=$(($1 * 10))
  shift
  while [ -n "$("$@")" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}

groups() { find /sys/fs/cgroup -mindepth 1 -type d -name 'specguard.*'; }
not_ready() { [ -e "$log.ready" ] || echo "$log"; }
fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# cell HABIT EVENT
cell() {
  log=$directory/$1-$2
  "$launcher" exec --name cell --timeout 60 --kill-after 100ms --memory 400M --pids 400 --strict -- \
    "$misbehave" hang "$1" "$log" 2>"$log.err" &
  front=$!
  within 60 not_ready || fail "$1: not ready: $(cat "$log.err")"
  read -r keeper _ <"/proc/$front/task/$front/children" || true # a line without its end
  case $2 in
    TERM-front) kill -TERM "$front" ;;
    KILL-keeper) kill -KILL "$keeper" ;;
    KILL-both) kill -KILL "$keeper" "$front" ;;
  esac
  wait "$front" || true
  # Nobody is left to act then but the next sweep.
  [ "$2" != KILL-both ] || "$launcher" reap >/dev/null
  within 30 living "$log.pids" || fail "$1, $2: lives on: $(living "$log.pids")"
  # A killed keeper cannot remove its group; the next sweep does.
  [ "$2" != KILL-keeper ] || "$launcher" reap >/dev/null
  within 10 groups || fail "$1, $2: groups stay: $(groups)"
  echo "$1, $2: done"
}

# Where Yama lets only ancestors debug, as in Ubuntu, an ordinary user saw no stack of a hung test.
stacks_under_yama() {
  scope=/proc/sys/kernel/yama/ptrace_scope
  [ -e "$scope" ] && command -v eu-stack >/dev/null || return 0
  echo 1 >"$scope"
  setpriv --reuid=65534 --regid=65534 --clear-groups "$launcher" exec --timeout 3 -- sleep 100 2>"$directory/err" || true
  echo 0 >"$scope"
  # The emulated CPU may be too slow for the debugger; to be refused is quick.
  grep -q -e '#0 ' -e 'took too long' "$directory/err" || fail "no stack: $(cat "$directory/err")"
  echo "stacks under Yama: done"
}

stacks_under_yama
# The machine is emulated, and each cell takes it seconds.
cell daemonize TERM-front
cell keep-forking KILL-both
for event in TERM-front KILL-keeper KILL-both; do cell freeze "$event"; done
[ "$failures" -eq 0 ]
