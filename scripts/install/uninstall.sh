#!/usr/bin/env bash
# Removes Tipring and leaves the recordings: sudo make uninstall.
set -euo pipefail
dest=${DESTDIR:-}
if [ -z "$dest" ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "uninstall: run it as root: sudo make uninstall" >&2
    exit 1
  fi
  systemctl disable --now tipring-recorder tipring-web tipring-evidence tipring-stamp.timer || true
fi
rm -rf "$dest/opt/tipring"
for one in recorder web evidence stamp; do rm -f "$dest/etc/systemd/system/tipring-$one.service"; done
rm -f "$dest/etc/systemd/system/tipring-stamp.timer"
for one in 60-tipring 61-tipring-media 62-tipring-hat; do rm -f "$dest/etc/udev/rules.d/$one.rules"; done
bash "$(cd "$(dirname "$0")" && pwd)/hat.sh" remove
if [ -z "$dest" ]; then systemctl daemon-reload; fi
echo "uninstall: the recordings in /var/lib/tipring and the configuration in /etc/tipring are kept"
