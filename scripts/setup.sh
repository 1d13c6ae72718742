#!/usr/bin/env bash
# Sets Tipring up in a virtual environment: setup.sh VENV [run|test].
# Says what each Debian package is for before it asks apt for it.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
purpose=${2:-run}
python=${PYTHON:-python3}

reasons=(
  "python3-venv|the virtual environment|$python -c 'import ensurepip'"
  "python3-dev|building pyalsaaudio|$python -c 'import os,sysconfig; assert os.path.exists(sysconfig.get_path(\"include\")+\"/Python.h\")'"
  "gcc|building pyalsaaudio|command -v gcc"
  "libasound2-dev|building pyalsaaudio, the ALSA capture|test -e /usr/include/alsa/asoundlib.h"
)
wanted="."
if [ "$purpose" = test ]; then
  wanted=".[dev]"
  reasons+=(
    "libasound2-plugins|ALSA through a private PulseAudio, in the tests|ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so"
    "alsa-utils|aplay, which plays into the null sink, in the tests|command -v aplay"
    "pulseaudio|a private sound server with a null sink, in the tests|command -v pulseaudio"
    "chromium|a real browser, in the tests|command -v chromium"
    "faketime|a time-stamp authority whose certificate has expired since, in the tests|command -v faketime"
    "poppler-utils|pdftotext and pdffonts, which read the cover sheet, in the tests|command -v pdftotext"
    "e2fsprogs|ext4 on small media whose every byte and write is looked at, in the tests|command -v mkfs.ext4 || test -x /usr/sbin/mkfs.ext4"
    "unzip|unpacking a bundle the way a stranger does, in the tests|command -v unzip"
    "openssl|the time-stamp authority of the tests and the bundle's verifier|command -v openssl"
    "firefox-esr|a second browser engine, in the tests|command -v firefox-esr"
    "webkit2gtk-driver|a third browser engine, in the tests|command -v WebKitWebDriver"
    "xvfb|a display for it, in the tests|command -v Xvfb"
    "gstreamer1.0-plugins-good|what it plays recordings with, in the tests|ls /usr/lib/*/gstreamer-1.0/libgstmpg123.so"
    "gstreamer1.0-pulseaudio|its sound, in the tests|ls /usr/lib/*/gstreamer-1.0/libgstpulseaudio.so"
    "systemd|systemd-analyze, which judges how well the services are locked in, in the tests|command -v systemd-analyze"
    "fuse3|a disk that remembers its writes, for the power cuts in the tests|command -v fusermount3"
    "strace|faults in single system calls, in the tests|command -v strace"
    "ngspice|simulating the line-interface HAT, in the tests|command -v ngspice"
    "device-tree-compiler|compiling the HAT's overlay, in the tests|command -v dtc"
    "asterisk-core-sounds-en-wav|recorded voices for the system tests|ls /usr/share/asterisk/sounds/en*/*.wav"
  )
fi
bash scripts/debian.sh setup "${reasons[@]}"

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
echo "setup: installing the Python packages into $venv (a minute or two on a PC, more on a Pi)"
"$venv/bin/python" -m pip install -q --disable-pip-version-check -e "$wanted"
echo "setup: ready in $venv"
