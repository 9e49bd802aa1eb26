#!/usr/bin/env bash
# debian.sh - takes Linux for the guest out of Debian's packages, without installing them: debian.sh vmlinuz|busybox FOLDER
# This machine needs no other kernel in /boot.
set -u
case $1 in
vmlinuz) package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }') inside='./boot/vmlinuz-*' ;;
busybox) package=busybox-static inside='./bin/busybox' ;;
esac
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
if [ -n "$package" ] && (cd "$dir" && apt-get download -qq "$package") >"$dir/said" 2>&1 &&
    dpkg-deb --fsys-tarfile "$dir"/*.deb | tar -xO --wildcards "$inside" >"$dir/it" && [ -s "$dir/it" ]; then
    mkdir -p "$2" && chmod 755 "$dir/it" && mv "$dir/it" "$2/$1"
    exit
fi
cat "$dir/said" >&2 2>/dev/null
echo "debian.sh: no $1 for the guest: it is in the package $([ "$1" = vmlinuz ] && echo linux-image-cloud-amd64 || echo busybox-static)." \
    'Install that, or say LINUX=bzImage BUSYBOX=program' >&2
exit 1
