#!/usr/bin/env bash
# Runs tests/kernel (or the tests named) on a real Linux kernel with a real GPIO chip and a real
# ALSA card, as an ordinary program. The machine's own files are there, read-only. The kernel's
# clock stands still while anything computes, so a busy machine cannot make a test fail.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tests=${*:-tests/kernel}
if ! "$root/.venv/bin/python" -c 'import importlib.util as i; raise SystemExit(not i.find_spec("lgpio"))'; then
  echo "kernel: NOT RUN: no lgpio for this Python here (PyPI has wheels for PCs up to Python 3.12)," \
    "so nothing can reach a GPIO chip; run it with PYTHON=python3.11 or python3.12"
  exit 0
fi
bash "$here/../debian.sh" kernel \
  "dosfstools|FAT32 on a stick of the test kernel|PATH=\$PATH:/usr/sbin:/sbin command -v mkfs.vfat" \
  "exfatprogs|exFAT on a stick of the test kernel|PATH=\$PATH:/usr/sbin:/sbin command -v mkfs.exfat" \
  "dmsetup|disks of the test kernel that fail|PATH=\$PATH:/usr/sbin:/sbin command -v dmsetup"
linux=$(bash "$here/build.sh")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "kernel: $("$linux" --version 2>/dev/null | head -n 1) boots; its tests take half a minute"
set +e
timeout --foreground -k 10 900 "$linux" time-travel=inf-cpu mem=512M root=/dev/root rootfstype=hostfs rootflags=/ ro \
  con0=null,fd:1 con=null ssl=null quiet init="$here/init.sh" \
  TIPRING_ROOT="$root" TIPRING_TESTS="${tests// /,}" </dev/null 2>&1 | tr -d '\r' | tee "$log"
set -e
last=$(grep -a '^kernel tests: exit ' "$log" | tail -n 1 || true)
if [ "$last" = "kernel tests: exit 0" ]; then
  exit 0
fi
echo "kernel: ${last:-the kernel ended before the tests did}" >&2
exit 1
