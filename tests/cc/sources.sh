# sources.sh - sourced by tests of programs that are not ours: Debian's source packages, fetched when a test wants them, kept in
# build/sources, never committed.
SOURCES=${SOURCES:-build/sources}
deb_src='deb-src http://deb.debian.org/debian bookworm main'

# source_of PACKAGE: unpacks it, and sets $source to the folder; false, with a reason in $why, when it cannot be had.
source_of() {
    local archive
    mkdir -p "$SOURCES/$1"
    source=$(find "$SOURCES/$1" -mindepth 1 -maxdepth 1 -type d | head -n 1)
    [ -z "$source" ] || return 0
    why="the source of $1 is not here; add '$deb_src' to /etc/apt/sources.list, then: apt update"
    ls "$SOURCES/$1"/*.orig.tar.* >/dev/null 2>&1 || (cd "$SOURCES/$1" && apt-get source -qq --download-only "$1" >/dev/null 2>&1) || return 1
    archive=$(ls "$SOURCES/$1"/*.orig.tar.* 2>/dev/null | grep -v '\.asc$' | head -n 1)
    [ -n "$archive" ] && tar xf "$archive" -C "$SOURCES/$1" || return 1
    source=$(find "$SOURCES/$1" -mindepth 1 -maxdepth 1 -type d | head -n 1)
    [ -n "$source" ]
}
