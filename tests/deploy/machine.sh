#!/bin/sh
# Installs what building and running an image takes, on Debian and its kin: what is missing, and nothing else. A runner
# that has docker has a runc of its own, which Debian's package would take away with docker.
set -eu
missing=
for program in buildah podman runc mmdebstrap setpriv; do
    command -v "$program" > /dev/null && continue
    [ "$program" = setpriv ] && program=util-linux
    missing="$missing $program"
done
# Networks of podman's own, as compose makes them: with names, behind published ports. docker brings its own.
if ! command -v docker > /dev/null; then
    [ -x /usr/lib/podman/netavark ] || missing="$missing netavark"
    [ -x /usr/lib/podman/aardvark-dns ] || missing="$missing aardvark-dns"
    command -v iptables > /dev/null || missing="$missing iptables"
fi
[ -n "$missing" ] || exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086  # a list of packages
$as_root apt-get install -y -qq --no-install-recommends ca-certificates $missing > /dev/null
