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
[ -n "$missing" ] || exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086  # a list of packages
$as_root apt-get install -y -qq --no-install-recommends ca-certificates $missing > /dev/null
