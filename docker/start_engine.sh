#!/bin/sh
# Start a Docker engine where none answers: for machines without systemd, such as those that run the tests.
# Does nothing where one answers. Needs root and Debian's docker.io; on cgroup v1 cgroupfs-mount too.
set -eu
answers() { docker version >/dev/null 2>&1; }
answers && exit 0
[ "$(id -u)" = 0 ] || { echo "no Docker engine answers, and only root can start one" >&2; exit 1; }
command -v dockerd >/dev/null || { echo "no Docker engine answers, and dockerd is not installed (apt install docker.io)" >&2; exit 1; }
mountpoint -q /sys/fs/cgroup || cgroupfs-mount

log=${TRACEKIT_DOCKERD_LOG:-/var/log/dockerd.log}
setsid dockerd >"$log" 2>&1 </dev/null &
engine=$!
tries=0
until answers; do
    tries=$((tries + 1))
    if ! kill -0 "$engine" 2>/dev/null || [ "$tries" -gt 300 ]; then
        echo "the Docker engine did not come up; the end of $log:" >&2
        tail -n 20 "$log" >&2
        exit 1
    fi
    sleep 0.1
done
