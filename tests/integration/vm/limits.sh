#!/bin/sh
# limits.sh LIMITS_TEST: in the guest, the tests of all limits as each kind of user that version 2 knows.
set -eu
limits=$1
groups=/sys/fs/cgroup
# All that have to do with groups are run once; then those in which it matters whose the group is.
elsewhere='UsageTest.*:CpuTimeTest.SleepingIsFree:OpenFilesTest.*:FileSizeTest.*:NoLimitTest.*'
few='MechanismTest.*:PidsTest.TooManyAtOnce'
grouped="$few:MemoryTest.OneProcessTooLarge:KillTest.*"

# in_group GROUP COMMAND...
in_group() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$@"
}
as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"

export SPECGUARD_EXPECT_MECHANISM=cgroup2
echo "== root, in the root group"
"$limits" --gtest_brief=1 --gtest_filter="-$elsewhere"

echo "== root, in a group that was delegated to it"
mkdir "$groups/delegated"
python3 -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.delegate", b"1")' "$groups/delegated"
in_group "$groups/delegated" "$limits" --gtest_brief=1 --gtest_filter="$grouped"

echo "== root, in a group of somebody else"
mkdir "$groups/foreign"
SPECGUARD_EXPECT_MECHANISM=poll
in_group "$groups/foreign" "$limits" --gtest_brief=1 --gtest_filter="$few"
if [ "$(cat "$groups/foreign/cgroup.type")" != domain ] || [ -n "$(cat "$groups/foreign/cgroup.subtree_control")" ]; then
  echo "a group that is not ours was changed"
  exit 1
fi

echo "== an ordinary user, in a group that was given to it"
mkdir "$groups/given"
chown 65534 "$groups/given" "$groups/given/cgroup.procs" "$groups/given/cgroup.subtree_control" \
  "$groups/given/cgroup.threads"
SPECGUARD_EXPECT_MECHANISM=cgroup2
# shellcheck disable=SC2086  # words
in_group "$groups/given" $as_nobody "$limits" --gtest_brief=1 --gtest_filter="$grouped"

echo "== an ordinary user, without any group"
SPECGUARD_EXPECT_MECHANISM=poll
# shellcheck disable=SC2086  # words
$as_nobody "$limits" --gtest_brief=1 --gtest_filter="$few"

left=$(find "$groups" -mindepth 1 -type d -name 'specguard.*' ! -name specguard.leaf)
if [ -n "$left" ]; then
  echo "groups were left behind: $left"
  exit 1
fi
