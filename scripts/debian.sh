#!/usr/bin/env bash
# Debian packages: says what each is for before it asks apt for the missing ones.
#   scripts/debian.sh NAME 'package|why|check' ...
# NAME begins each line; `check` is a command that succeeds where the package is not needed.
set -euo pipefail
name=$1
shift
missing=()
for row in "$@"; do
  IFS='|' read -r package why check <<<"$row"
  if ! bash -c "$check" >/dev/null 2>&1; then
    echo "$name: needs the Debian package $package ($why)" >&2
    missing+=("$package")
  fi
done
((${#missing[@]})) || exit 0
sudo=""
if [ "$(id -u)" != 0 ]; then sudo=sudo; fi
$sudo apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
