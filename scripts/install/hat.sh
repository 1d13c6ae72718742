#!/usr/bin/env bash
# The HAT's device tree overlay: hat.sh add|remove. Honours DESTDIR; HAT=yes also edits config.txt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source="$here/../../hardware/overlay/tipring-hat-overlay.dts"
dest=${DESTDIR:-}
mark="# added by Tipring (make install HAT=yes); make uninstall takes it away"
line="dtoverlay=tipring-hat"

boot=""
for folder in "$dest/boot/firmware" "$dest/boot"; do
  if [ -d "$folder/overlays" ]; then boot=$folder; break; fi
done
if [ -z "$boot" ]; then exit 0; fi # no Raspberry Pi
config="$boot/config.txt"

# Made beside it and put in its place: a power cut leaves the old file or the new one.
edit() { cp "$config" "$config.tipring" && "$@" "$config.tipring" && sync && mv "$config.tipring" "$config"; }

case "${1:-}" in
  add)
    if ! command -v dtc >/dev/null; then
      echo "install: no dtc, so the HAT's overlay is not made (Debian: device-tree-compiler)" >&2
      exit 1
    fi
    echo "install: the HAT's overlay into $boot/overlays"
    dtc -q -@ -I dts -O dtb -o "$boot/overlays/tipring-hat.dtbo" "$source"
    if grep -qsE "^$line" "$config"; then
      echo "install: config.txt loads it already"
    elif [ "${HAT:-}" = yes ]; then
      append() { printf '%s\n[all]\n%s\n' "$mark" "$line" >>"$1"; }
      edit append
      echo "install: config.txt loads it from the next start of the box on (sudo reboot)"
    else
      echo "install: a HAT whose ID EEPROM is written loads the overlay by itself. For one without:"
      echo "install:   sudo make install HAT=yes   (adds $line to $config)"
    fi
    ;;
  remove)
    rm -f "$boot/overlays/tipring-hat.dtbo"
    if grep -qsF "$mark" "$config"; then
      take() { sed -i "/^$(printf '%s' "$mark" | sed 's/[().;]/./g')\$/,+2d" "$1"; }
      edit take
      echo "uninstall: config.txt does not load the HAT's overlay any more"
    fi
    ;;
  *) echo "hat.sh: expected add or remove" >&2; exit 2 ;;
esac
