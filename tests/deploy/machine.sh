#!/bin/sh
# Installs what building and running an image takes, on Debian and its kin, where it is missing.
set -eu
missing=
for program in buildah podman runc mmdebstrap setpriv; do
    command -v "$program" > /dev/null || missing=yes
done
[ -n "$missing" ] || exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends buildah podman runc mmdebstrap util-linux ca-certificates > /dev/null
