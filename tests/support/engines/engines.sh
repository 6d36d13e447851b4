#!/bin/sh
# Private container engines for the tests: a dockerd of our own and a podman with a store of its own, with one image in each,
# and both once more without root.
#
#   engines.sh start DIR [docker|podman|rootless_docker|rootless_podman]   default: all
#   engines.sh stop DIR                    ends and removes everything that start made, and what is in it
#
# Afterwards DIR/docker.ready or DIR/docker.reason says whether there is an engine, or why not; the same for the others. Use:
#   DOCKER_HOST=unix://DIR/docker.sock docker ...       PATH=DIR/bin:$PATH podman ...
# and as the ordinary user to whom the engines without root belong:
#   DOCKER_HOST=unix://DIR/rootless/home/docker.sock rootless.sh DIR none docker ...
#   PATH=DIR/rootless/bin:$PATH rootless.sh DIR podman podman ...
# DIR/docker.pid and DIR/rootless_docker.pid are the processes whose end is the daemon's.
# Where CI is set, an engine that cannot be started is an error; elsewhere the tests that need it say its reason and skip.
#
# It leaves the machine's own engines, their configuration, /etc and the firewall alone. It works with cgroups of version 1,
# 2 or both, without systemd, and with hard limits that cannot be raised.
set -eu
umask 022  # the image is for users of its own

here=$(cd -- "$(dirname -- "$0")" && pwd)
dockerfile=$here/../../../docker/Dockerfile.test-isolation
command=${1:?start or stop}
dir=${2:?directory}
wanted=${3:-docker podman rootless_docker rootless_podman}
image=specguard-test
group=specguard-test-engine-$(printf %s "$dir" | cksum | cut -d' ' -f1)

say_why() {
  printf '%s\n' "$2" >"$dir/$1.reason"
  echo "$1: $2"
  [ -n "${CI:-}" ] && exit 1
  return 0
}

is_alive() { [ -d "/proc/$1" ] && [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null || echo Z)" != Z ]; }

# hard_limit NAME, as the kernel calls it: not every sh has `ulimit -u`.
hard_limit() { sed -n "s/^Max $1  *[^ ]*  *\([^ ]*\).*/\1/p" /proc/self/limits; }

# What an image needs: a shell and its tools, linked statically, from this machine.
make_context() {
  mkdir -p "$dir/context/bin" "$dir/context/tmp"
  chmod 1777 "$dir/context/tmp"
  cp "$(command -v busybox)" "$dir/context/bin/busybox"
  cp "$dockerfile" "$dir/context.dockerfile" # for a user who may not read ours
  for applet in $("$dir/context/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -sf busybox "$dir/context/bin/$applet"
  done
}

# needs ENGINE PROGRAM...
needs() {
  engine=$1
  shift
  for program in "$@"; do
    command -v "$program" >/dev/null 2>&1 || { say_why "$engine" "no program $program"; return 1; }
  done
}

# await_docker ENGINE SOCKET PID: until the daemon answers; then it gets its image.
await_docker() {
  until DOCKER_HOST=unix://$2 docker version >/dev/null 2>&1; do
    is_alive "$3" || { tail -n 20 "$dir/$1.log"; say_why "$1" "dockerd ended at once; $dir/$1.log says why"; return; }
    sleep 0.1
  done
  DOCKER_HOST=unix://$2 DOCKER_BUILDKIT=0 docker build -q --network=none --build-arg BASE=scratch \
    -t $image -f "$dockerfile" "$dir/context" >"$dir/$1.build" 2>&1 ||
    { cat "$dir/$1.build"; say_why "$1" "the image cannot be built"; return; }
  : >"$dir/$1.ready"
}

start_docker() {
  needs docker docker dockerd runc busybox || return 0
  [ "$(id -u)" -eq 0 ] || { say_why docker "a private dockerd needs root"; return; }
  setsid dockerd --iptables=false --ip6tables=false --ip-forward=false --bridge=none --cgroup-parent="/$group" \
    --data-root "$dir/docker" --exec-root "$dir/docker-run" -H "unix://$dir/docker.sock" --pidfile "$dir/docker.pid" \
    >"$dir/docker.log" 2>&1 </dev/null &
  await_docker docker "$dir/docker.sock" $!
}

# Podman lowers its own limit of processes to the smaller of the hard limit and pid_max, and a container's may not be above
# that. CONTAINERS_STORAGE_CONF is not used: conmon drops it, and every clean-up would stall.
write_podman_configuration() {
  files=$(hard_limit 'open files')
  processes=$(hard_limit processes)
  most=$(cat /proc/sys/kernel/pid_max)
  [ "$files" = unlimited ] && files=1048576
  [ "$processes" = unlimited ] && processes=$most
  [ "$processes" -gt "$most" ] && processes=$most
  cat >"$dir/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=$files:$files", "nproc=$processes:$processes"]
netns = "none"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
CONF
}

start_podman() {
  needs podman podman runc conmon busybox || return 0
  write_podman_configuration
  mkdir -p "$dir/bin"
  cat >"$dir/bin/podman" <<WRAPPER
#!/bin/sh
export CONTAINERS_CONF='$dir/containers.conf'
exec '$(command -v podman)' --root '$dir/podman' --runroot '$dir/podman-run' --tmpdir '$dir/podman-tmp' "\$@"
WRAPPER
  chmod 755 "$dir/bin/podman"
  # What cannot be limited is not run, so none of the tests could pass.
  if [ "$(id -u)" -ne 0 ]; then
    case $("$dir/bin/podman" info --format '{{.Host.CgroupsVersion}} {{.Host.CgroupControllers}}' 2>/dev/null) in
      v2*memory*pids*) ;;
      *) say_why podman "without root it limits nothing here: that takes a cgroup of version 2 delegated to the user"; return ;;
    esac
  fi
  "$dir/bin/podman" build -q --network=none --build-arg BASE=scratch -t $image -f "$dockerfile" "$dir/context" \
    >"$dir/podman.build" 2>&1 || { cat "$dir/podman.build"; say_why podman "the image cannot be built"; return; }
  : >"$dir/podman.ready"
}

# Without root podman keeps a user namespace alive by a process of its own, to whose ids files may belong; and the image's root
# directory is read-only, which only root's rm overlooks.
remove_rootless_store() {
  podman --root "$dir/podman" --runroot "$dir/podman-run" --tmpdir "$dir/podman-tmp" unshare rm -rf "$dir/podman" \
    >/dev/null 2>&1 || true
  pause=$(cat "$dir/podman-tmp/pause.pid" 2>/dev/null || true)
  if [ -n "$pause" ] && [ "$(cat "/proc/$pause/comm" 2>/dev/null)" = "podman pause" ]; then
    kill -KILL "$pause"
  fi
  find "$dir" -type d ! -perm -u=w -exec chmod u+w {} + 2>/dev/null || true
}

# Limits for all who are in it, as a batch system or an administrator sets them.
make_limited_group() {
  if grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
    mkdir -p "/sys/fs/cgroup/$1" || return 1
    set_limit "/sys/fs/cgroup/$1" memory.max 536870912 && set_limit "/sys/fs/cgroup/$1" pids.max 257 &&
      set_limit "/sys/fs/cgroup/$1" cpu.max '100000 100000' || return 1
    set_limit "/sys/fs/cgroup/$1" memory.swap.max 0 || true # a kernel without accounting of swap
    return
  fi
  mkdir -p "/sys/fs/cgroup/memory/$1" "/sys/fs/cgroup/pids/$1" "/sys/fs/cgroup/cpu/$1" || return 1
  set_limit "/sys/fs/cgroup/memory/$1" memory.limit_in_bytes 536870912 &&
    set_limit "/sys/fs/cgroup/pids/$1" pids.max 257 &&
    set_limit "/sys/fs/cgroup/cpu/$1" cpu.cfs_quota_us 100000 || return 1
  set_limit "/sys/fs/cgroup/memory/$1" memory.memsw.limit_in_bytes 536870912 || true
}

set_limit() { echo "$3" 2>/dev/null >"$1/$2"; }

# make_rootless_user ENGINE GROUP: user 1234, for engines without root, with a name and ranges of ids (see rootless.sh); and
# the cgroup "GROUP" of rootless.sh.
make_rootless_user() {
  [ "$(id -u)" -eq 0 ] || { say_why "$1" "a user of its own needs root"; return 1; }
  for file in passwd group subuid subgid; do
    [ -f "/etc/$file" ] || { say_why "$1" "no file /etc/$file to mount another over"; return 1; }
  done
  make_limited_group "$group-rootless-$2" 2>/dev/null || { say_why "$1" "no cgroup with limits can be made"; return 1; }
  mkdir -p "$dir/rootless/etc" "$dir/rootless/bin" "$dir/rootless/home/run"
  echo "$group-rootless" >"$dir/rootless/group"
  { cat /etc/passwd && echo "specguard:x:1234:1234::$dir/rootless/home:/bin/sh"; } >"$dir/rootless/etc/passwd"
  { cat /etc/group && echo 'specguard:x:1234:'; } >"$dir/rootless/etc/group"
  # By name: rootlesskit would take a line by number for two.
  echo specguard:200000:65536 | tee "$dir/rootless/etc/subuid" >"$dir/rootless/etc/subgid"
  chown 1234:1234 "$dir/rootless/home" "$dir/rootless/home/run"
  chmod 700 "$dir/rootless/home/run"
}

# In namespaces that end with it, as dockerd-rootless.sh has it, and without the machine's network. What is in /run is its own.
start_rootless_docker() {
  needs rootless_docker docker dockerd runc busybox newuidmap setpriv rootlesskit || return 0
  make_rootless_user rootless_docker docker || return 0
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid "$here/rootless.sh" "$dir" docker rootlesskit --state-dir="$dir/rootless/home/kit" --net=host --pidns \
    --copy-up=/etc --copy-up=/run --propagation=rslave sh -c 'rm -rf /run/docker /run/containerd; exec unshare --net "$@"' sh \
    dockerd --rootless --iptables=false --ip6tables=false --ip-forward=false --bridge=none --storage-driver=vfs \
    --data-root "$dir/rootless/home/docker" --exec-root /run/docker --pidfile /run/docker.pid \
    -H "unix://$dir/rootless/home/docker.sock" >"$dir/rootless_docker.log" 2>&1 </dev/null &
  echo $! >"$dir/rootless_docker.pid"
  await_docker rootless_docker "$dir/rootless/home/docker.sock" $!
}

# With an image store of its own.
start_rootless_podman() {
  needs rootless_podman podman runc conmon busybox newuidmap setpriv || return 0
  make_rootless_user rootless_podman podman || return 0
  # Podman takes no path of more than 50 characters for that.
  short=$(mktemp -d /tmp/specguard-rootless.XXXXXX)
  echo "$short" >"$dir/rootless/short"
  chown 1234:1234 "$short"
  write_podman_configuration
  cat >"$dir/rootless/bin/podman" <<WRAPPER
#!/bin/sh
export CONTAINERS_CONF='$dir/containers.conf'
exec '$(command -v podman)' --storage-driver vfs --root "\$HOME/store" --runroot '$short' --tmpdir "\$HOME/run/libpod" "\$@"
WRAPPER
  chmod 755 "$dir/rootless/bin/podman"
  rootless_podman build -q --network=none --build-arg BASE=scratch -t $image \
    -f "$dir/context.dockerfile" "$dir/context" >"$dir/rootless_podman.build" 2>&1 ||
    { cat "$dir/rootless_podman.build"; say_why rootless_podman "the image cannot be built"; return; }
  : >"$dir/rootless_podman.ready"
}

rootless_podman() { "$here/rootless.sh" "$dir" podman "$dir/rootless/bin/podman" "$@"; }

# `system migrate` ends the process by which podman keeps the user's namespaces.
stop_rootless_podman() {
  [ -x "$dir/rootless/bin/podman" ] || return 0
  rootless_podman rm --all --force >/dev/null 2>&1 || true
  rootless_podman system migrate >/dev/null 2>&1 || true
  rm -rf "$(cat "$dir/rootless/short")"
}

# stop_docker ENGINE SOCKET
stop_docker() {
  pid=$(cat "$dir/$1.pid" 2>/dev/null || true)
  [ -n "$pid" ] && is_alive "$pid" || return 0
  DOCKER_HOST=unix://$2 docker ps -aq 2>/dev/null |
    while read -r id; do DOCKER_HOST=unix://$2 docker rm -f "$id" >/dev/null 2>&1 || true; done
  kill "$pid"
  for _ in $(seq 300); do
    is_alive "$pid" || return 0
    sleep 0.05
  done
  kill -KILL "$pid"
}

stop() {
  stop_rootless_podman
  stop_docker rootless_docker "$dir/rootless/home/docker.sock"
  if [ -x "$dir/bin/podman" ]; then
    "$dir/bin/podman" rm --all --force >/dev/null 2>&1 || true
  fi
  stop_docker docker "$dir/docker.sock"
  # A dockerd that was killed leaves its containerd and the shims of its containers.
  for process in /proc/[0-9]*; do
    case $(tr '\0' ' ' 2>/dev/null <"$process/cmdline" || true) in
      *containerd*"$dir/docker-run/"*) kill -KILL "${process#/proc/}" 2>/dev/null || true ;;
    esac
  done
  # Deepest first.
  cut -d' ' -f2 /proc/self/mounts | grep -F "$dir/" | sort -r | while read -r mount; do umount -l "$mount" || true; done
  [ "$(id -u)" -eq 0 ] || remove_rootless_store
  rm -rf "$dir"
  # Groups that are empty; a podman that is still in use keeps its own.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    for limited in "$hierarchy/$group-rootless-docker" "$hierarchy/$group-rootless-podman"; do
      for _ in $(seq 40); do
        [ -d "$limited" ] || break
        rmdir "$limited" 2>/dev/null || sleep 0.05
      done
    done
    [ ! -d "$hierarchy/$group" ] || find "$hierarchy/$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    rmdir "$hierarchy/libpod_parent/conmon" "$hierarchy/libpod_parent" 2>/dev/null || true
  done
}

case $command in
  start)
    [ -e "$dir" ] && stop # of a run that was killed
    mkdir -p "$dir"
    chmod 755 "$dir"
    command -v busybox >/dev/null 2>&1 && make_context
    for engine in $wanted; do "start_$engine"; done
    ;;
  stop) [ ! -e "$dir" ] || stop ;;
  *)
    echo "engines.sh: unknown command: $command" >&2
    exit 2
    ;;
esac
