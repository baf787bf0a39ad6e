# Sourced with $server (MARIADB or MYSQL) and $schema set: sessions that are held open on a real server, and the
# console driven by FATHOM_SCRIPT on it. The schema is made and filled by who sources this, and goes at the end. TAP.
# shellcheck shell=bash disable=SC2154

socket_var=FATHOM_TEST_${server}_SOCKET
socket=${!socket_var}
[ -n "$socket" ] || { echo "ok 1 - $schema # skip no $server server" && exit; }

work=$(mktemp -d)
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
n=0 failed=
client=$(command -v mariadb || command -v mysql)
sql() { "$client" --no-defaults -S "$socket" -u root -N -e "$1" "${@:2}"; }
held=()
# hold NAME SQL: a session that runs the statements and then keeps its connection open.
hold() {
	mkfifo "$work/$1"
	"$client" --no-defaults -S "$socket" -u root -N -f "$schema" <"$work/$1" >"$work/$1.out" 2>&1 &
	held+=($!)
	exec {fd}>"$work/$1"
	printf '%s\n' "$2" >&"$fd"
}
cleanup() {
	for pid in "${held[@]}"; do kill "$pid" 2>/dev/null; done
	sql "DROP DATABASE IF EXISTS $schema" 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT

# await SECONDS SQL WANTED: until the statement prints it.
await() {
	local end=$((SECONDS + $1))
	while [ "$(sql "$2")" != "$3" ]; do
		[ $SECONDS -lt $end ] || return 1
		read -rt 0.1 <> <(:) || :
	done
}
# story NAME: runs $work/script on the console.
story() {
	n=$((n + 1))
	if FATHOM_SCRIPT=$work/script timeout 120 "$FATHOM" "$@" -u root "$socket" >"$work/out" 2>"$work/err" </dev/null; then
		echo "ok $n - $server: $name"
	else
		echo "not ok $n - $server: $name (status $?)" && failed=1
		sed 's/^/# /' "$work/err" "$work/out"
	fi
}
check() {
	n=$((n + 1))
	if "$@"; then echo "ok $n - $server: $name"; else echo "not ok $n - $server: $name" && failed=1; fi
}
