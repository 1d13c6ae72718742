#!/usr/bin/env bash
# Installs Tipring on a Raspberry Pi: sudo make install. Says what it does; a second run updates.
# HAT=yes also has config.txt load the HAT's overlay. DESTDIR puts everything under another root and touches neither users nor services (for a test).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
dest=${DESTDIR:-}
python=${PYTHON:-python3}
if [ -z "$dest" ] && [ "$(id -u)" != 0 ]; then
  echo "install: it makes a user and services, so run it as root: sudo make install" >&2
  exit 1
fi
say() { echo "install: $*"; }

if [ -z "$dest" ]; then
  packages=(python3-venv python3-dev gcc libasound2-dev device-tree-compiler)
  say "Debian packages for the ALSA capture, the virtual environment and the overlay: ${packages[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
  getent group gpio >/dev/null || groupadd --system gpio
  if ! getent passwd tipring >/dev/null; then
    say "the user tipring, who owns the recordings and may do nothing else"
    useradd --system --home-dir /var/lib/tipring --shell /usr/sbin/nologin --groups audio,gpio tipring
  fi
fi

say "the program into /opt/tipring"
mkdir -p "$dest/opt"
[ -x "$dest/opt/tipring/bin/python" ] || "$python" -m venv "$dest/opt/tipring"
extra=""
if grep -qs "Raspberry Pi" /proc/device-tree/model; then extra="[lgpio]"; fi
"$dest/opt/tipring/bin/python" -m pip install -q --disable-pip-version-check --upgrade "$root$extra"

mkdir -p "$dest/etc/tipring" "$dest/etc/systemd/system" "$dest/etc/udev/rules.d"
if [ ! -e "$dest/etc/tipring/tipring.toml" ]; then
  say "the configuration into /etc/tipring/tipring.toml; every key is explained there"
  "$dest/opt/tipring/bin/tipring" config >"$dest/etc/tipring/tipring.toml"
else
  say "/etc/tipring/tipring.toml is kept as it is"
fi
say "the services and the udev rule"
install -m 0644 "$here"/*.service "$here"/*.timer "$dest/etc/systemd/system/"
install -m 0644 "$here"/*.rules "$dest/etc/udev/rules.d/"
bash "$here/hat.sh" add

if [ -z "$dest" ]; then
  install -d -o tipring -g tipring -m 0750 /var/lib/tipring /var/lib/tipring/calls
  install -d -m 0755 /media/tipring
  install -d -o tipring -g tipring -m 0700 /var/lib/tipring/state
  systemctl daemon-reload
  udevadm control --reload && udevadm trigger --action=add --subsystem-match=iio || true
  systemctl enable --now tipring-recorder tipring-web tipring-evidence tipring-stamp.timer
  say "the one-time code for the first log-in: sudo cat /var/lib/tipring/state/setup-code"
fi
say "done"
