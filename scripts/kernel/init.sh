#!/bin/bash
# The first process of the test kernel: mounts what the tests need, runs them, powers off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
mount -t configfs configfs /sys/kernel/config
mkdir -p /mnt/tmp /mnt/home
export LG_WD=/mnt/tmp TMPDIR=/mnt/tmp HOME=/mnt/home PYTHONDONTWRITEBYTECODE=1 TIPRING_KERNEL=1 LC_ALL=C.UTF-8

# gpiozero asks which Raspberry Pi this is.
{ cat /proc/cpuinfo; echo "Revision : a02082"; } >/mnt/cpuinfo
mount --bind /mnt/cpuinfo /proc/cpuinfo

# A GPIO chip with the label and the number of lines of a Raspberry Pi 3.
chip=/sys/kernel/config/gpio-sim/pi
mkdir -p $chip/bank0
echo 54 >$chip/bank0/num_lines
echo pinctrl-bcm2835 >$chip/bank0/label
echo 1 >$chip/live
export TIPRING_GPIO=/sys/devices/platform/$(cat $chip/dev_name)/$(cat $chip/bank0/chip_name)

cd "$TIPRING_ROOT" || exit 1
.venv/bin/python -m pytest -p no:cacheprovider ${TIPRING_TESTS//,/ }
echo "kernel tests: exit $?"
sync
echo o >/proc/sysrq-trigger
sleep 10
