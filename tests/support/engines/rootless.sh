#!/bin/sh
# rootless.sh DIR GROUP COMMAND [ARG...]: becomes the command, as the ordinary user whose engines work without root.
#
# DIR is that of engines.sh. The machine's /etc stays as it is: ranges of ids and a name for the user are mounted over its
# files in a mount namespace that goes with the command. GROUP says which of the cgroups that engines.sh made the process is in:
# "podman", "docker", or none. Engines without root limit nothing where no cgroup is delegated to them, and a container is then
# in that of podman's caller, or of dockerd.
set -eu
dir=$1/rootless
group=$(cat "$dir/group")-$2
shift 2
for procs in /sys/fs/cgroup/"$group"/cgroup.procs /sys/fs/cgroup/memory/"$group"/cgroup.procs \
  /sys/fs/cgroup/pids/"$group"/cgroup.procs /sys/fs/cgroup/cpu/"$group"/cgroup.procs; do
  [ ! -e "$procs" ] || echo $$ >"$procs"
done
# The engines and their clients keep what is the user's there.
export HOME="$dir/home" XDG_RUNTIME_DIR="$dir/home/run"
# shellcheck disable=SC2016  # expanded by the inner shell
exec unshare --mount --propagation private sh -c '
  set -eu
  mount --make-rshared /
  for file in passwd group subuid subgid; do mount --bind "$0/etc/$file" "/etc/$file"; done
  cd -P .
  exec setpriv --reuid=1234 --regid=1234 --clear-groups "$@"' "$dir" "$@"
