#!/bin/busybox sh
# The first process of the guest: mounts what a Linux system has, runs the scripts in /guest/commands one after the
# other, and reports on the serial line. Every part of the report is framed by a line that the program under test
# cannot know: "@TOKEN KIND NAME SIZE DETAILS", then SIZE bytes as they are, then a newline.
# shellcheck shell=dash disable=SC1091,SC2154 # the settings are made for each start
/bin/busybox mkdir -p /proc /sys /dev /tmp /run /root
/bin/busybox mount -t devtmpfs devtmpfs /dev
exec </dev/null >/dev/ttyS0 2>&1
/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin HOME=/root USER=root LANG=C.UTF-8 LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
stty -F /dev/ttyS0 raw -echo

mkdir -p /dev/pts /dev/shm /mnt
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t devpts devpts /dev/pts
ln -s /proc/self/fd /dev/fd
ip link set lo up

. /guest/settings # token, limit, fetch, disk

# The root folder is memory that cannot be dropped; a disk has a page cache.
make_disk() {
    for _ in $(seq 100); do
        [ ! -b /dev/nvme0n1 ] || break
        sleep 0.05
    done
    mkdir -p /data
    mke2fs -m 0 -i 65536 /dev/nvme0n1 >/dev/null && mount -t ext4 /dev/nvme0n1 /data && chmod 1777 /data
}
[ "$disk" = 0 ] || make_disk || poweroff -f

# section KIND NAME FILE [DETAILS]
section() {
    echo "@$token $1 $2 $(stat -c %s "$3") $4"
    cat "$3"
    echo
}

uptime_now() {
    cut -d ' ' -f 1 /proc/uptime
}

cd /root || poweroff -f
dmesg -c >/run/boot.log
echo "@$token ready boot 0 $(uptime_now)"
echo
for script in /guest/commands/*; do
    name=${script##*/}
    begin=$(uptime_now)
    # Output goes to files: what a program leaves running holds no pipe that somebody waits for.
    timeout -s KILL "$limit" sh "$script" >/run/out 2>/run/err
    status=$?
    kill -KILL -1 2>/dev/null # everything but this process
    section out "$name" /run/out "$status $begin $(uptime_now)"
    section err "$name" /run/err
done
for file in $fetch; do
    [ ! -f "$file" ] || section file "$file" "$file"
done
dmesg >/run/kernel.log
section log kernel /run/kernel.log
poweroff -f
