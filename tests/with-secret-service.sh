#!/bin/sh
# Runs a command on a session bus of its own, with a GNOME Keyring that is unlocked and empty and leaves nothing behind.
#
#   tests/with-secret-service.sh cargo test -p offload-engine --test keyring
#
# Needs dbus-run-session, dbus-send and gnome-keyring-daemon (Debian: dbus, gnome-keyring). Exits with the command's status,
# or with 125 where the keyring cannot be started.
set -eu

if [ $# -eq 0 ]; then
    echo "usage: $0 COMMAND [ARGUMENT...]" >&2
    exit 2
fi

if [ -z "${OFFLOAD_KEYRING_HOME:-}" ]; then
    for program in dbus-run-session dbus-send gnome-keyring-daemon; do
        command -v "$program" >/dev/null || { echo "$0: $program is not installed" >&2; exit 125; }
    done
    # Sockets live below it and their paths may not exceed 108 bytes, so not below a long TMPDIR.
    OFFLOAD_KEYRING_HOME=$(mktemp -d /tmp/offload-keyring.XXXXXX)
    export OFFLOAD_KEYRING_HOME
    trap 'rm -rf "$OFFLOAD_KEYRING_HOME"' EXIT
    trap 'exit 130' INT TERM
    for folder in runtime data config cache; do
        mkdir -m 700 "$OFFLOAD_KEYRING_HOME/$folder"
    done
    # HOME stays: cargo and its like keep their own things there.
    XDG_RUNTIME_DIR=$OFFLOAD_KEYRING_HOME/runtime XDG_DATA_HOME=$OFFLOAD_KEYRING_HOME/data \
    XDG_CONFIG_HOME=$OFFLOAD_KEYRING_HOME/config XDG_CACHE_HOME=$OFFLOAD_KEYRING_HOME/cache \
        dbus-run-session -- "$0" "$@" && status=0 || status=$?
    exit "$status"
fi

# From here on: inside the private session. The daemon takes the password of a new keyring from its standard input.
printf 'throw-away' | gnome-keyring-daemon --foreground --components=secrets --unlock \
    >"$OFFLOAD_KEYRING_HOME/daemon.log" 2>&1 &
daemon=$!
trap 'kill "$daemon" 2>/dev/null || true' EXIT

ask() {
    dbus-send --session --print-reply --reply-timeout=2000 "$@" 2>/dev/null
}

has_keyring() {
    # First whether the name is taken: a question to the service itself would have the bus start a second one.
    ask --dest=org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.NameHasOwner \
        string:org.freedesktop.secrets | grep -q true || return 1
    # The default keyring is made a moment after the name is taken.
    ask --dest=org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service.ReadAlias \
        string:default | grep -q 'object path "/org'
}

tries=0
until has_keyring; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$daemon" 2>/dev/null; then
        echo "$0: the keyring did not start:" >&2
        cat "$OFFLOAD_KEYRING_HOME/daemon.log" >&2
        exit 125
    fi
    sleep 0.1
done

"$@" && status=0 || status=$?
exit "$status"
