#!/bin/sh
# rootless.sh DIR COMMAND [ARG...]: becomes the command, as an ordinary user whose podman works without root.
#
# DIR is that of engines.sh. The machine's /etc stays as it is: ranges of ids and a name for the user are mounted over its
# files in a mount namespace that goes with the command. The process is in the cgroup that engines.sh made: podman without
# root limits nothing where no cgroup is delegated to it, and a container is then in that of its caller.
set -eu
dir=$1/rootless
shift
group=$(cat "$dir/group")
for procs in /sys/fs/cgroup/"$group"/cgroup.procs /sys/fs/cgroup/memory/"$group"/cgroup.procs \
  /sys/fs/cgroup/pids/"$group"/cgroup.procs /sys/fs/cgroup/cpu/"$group"/cgroup.procs; do
  [ ! -e "$procs" ] || echo $$ >"$procs"
done
# shellcheck disable=SC2016  # expanded by the inner shell
exec unshare --mount --propagation private sh -c '
  set -eu
  mount --make-rshared /
  for file in passwd group subuid subgid; do mount --bind "$0/etc/$file" "/etc/$file"; done
  cd -P .
  exec setpriv --reuid=1234 --regid=1234 --clear-groups "$@"' "$dir" "$@"
