#!/usr/bin/env bash
# Builds, once, the user-mode Linux kernel of the kernel tests and prints the path of the program.
# It lies in a cache folder named by what it was made from, so a change makes a new one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fragment=$here/config.fragment

say() { echo "kernel: $*" >&2; }

tarball() { compgen -G "/usr/src/linux-source-*.tar.xz" | sort -V | tail -n 1; }
reasons=()
for tool in gcc make flex bison bc xz-utils; do
  program=${tool%-utils}
  reasons+=("$tool|building the test kernel|command -v $program")
done
reasons+=("linux-source|the source of the test kernel|compgen -G '/usr/src/linux-source-*.tar.xz'")
bash "$here/../debian.sh" kernel "${reasons[@]}"

source=$(tarball)
key=$( (cat "$fragment" "$here/build.sh"; stat -c '%n %s' "$source") | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tipring/uml-$key
mkdir -p "$(dirname "$cache")"
exec 9>"$cache.lock"
flock 9 # a second build waits for the first
if [ ! -x "$cache/linux" ]; then
  say "building $(basename "$source" .tar.xz) as an ordinary program, once: about five minutes on two cores"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  tar -xf "$source" -C "$work" --strip-components=1
  cd "$work"
  # ALSA is hidden from user-mode kernels by these conditions only; its loopback card needs neither.
  sed -i '/^if !UML$/d; /^endif # !UML$/d; /depends on HAS_IOMEM || INDIRECT_IOMEM$/d' sound/Kconfig
  # A GPIO chip's edges want interrupt numbers, and this architecture keeps all of its 64 to itself.
  sed -i 's/^\(#define NR_IRQS\s\+\)UM_LAST_SIGNAL_IRQ$/\1(UM_LAST_SIGNAL_IRQ + 64)/' \
    arch/um/include/asm/irq.h
  grep -q 'NR_IRQS.*(UM_LAST_SIGNAL_IRQ + 64)' arch/um/include/asm/irq.h
  log=$cache.log
  {
    make ARCH=um defconfig
    scripts/kconfig/merge_config.sh -m .config "$fragment"
    sed -i 's/^CONFIG_MODULES=y/# CONFIG_MODULES is not set/' .config
    make ARCH=um olddefconfig
  } >"$log" 2>&1 || { tail -20 "$log" >&2; exit 1; }
  while read -r option; do
    grep -qx "$option" .config || { say "the configuration did not take $option"; exit 1; }
  done <"$fragment"
  nice make ARCH=um -j"$(nproc)" linux >>"$log" 2>&1 || { tail -40 "$log" >&2; exit 1; }
  strip linux
  mkdir -p "$cache.new"
  cp linux .config "$cache.new/"
  rm -rf "$cache"
  mv "$cache.new" "$cache"
fi
echo "$cache/linux"
