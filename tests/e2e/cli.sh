# Sourced by test_cli*.sh and test_grants*.sh: running fathom and saying what came of it. TAP.
# shellcheck shell=bash

work=$(mktemp -d "${TMPDIR:-/tmp}/fathom-cli.XXXXXX") || exit 1
background=()
finish() {
	[ "$BASHPID" = $$ ] || return # a child that has not become its program yet
	[ ${#background[@]} = 0 ] || kill "${background[@]}" 2>/dev/null
	wait
	rm -rf "$work"
}
trap finish EXIT
export HOME=$work/home XDG_CONFIG_HOME=$work/config
mkdir -p "$HOME" "$XDG_CONFIG_HOME/fathom"

n=0 failed=
ok() { n=$((n + 1)) && echo "ok $n - $*"; }
nok() {
	n=$((n + 1)) failed=1
	echo "not ok $n - $*"
	echo "# status $rc"
	sed 's/^/# /' "$work/out" "$work/err" 2>/dev/null | cut -c1-6000 | head -12
}
plan() { echo "1..$n" && [ -z "$failed" ]; }

# run ARGUMENT...: output in $work/out and err, status in $rc.
run() {
	"$FATHOM" "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
}
# expect NAME STATUS REGEX ARGUMENT...: that is its status, and its diagnostics (on standard error) match.
# Where there are any they begin with the program's name.
expect() {
	local name=$1 status=$2 regex=$3
	shift 3
	run "$@"
	if [ $rc = "$status" ] && { [ -z "$regex" ] || grep -qE -e "$regex" "$work/err"; } &&
		{ [ ! -s "$work/err" ] || head -n 1 "$work/err" | grep -q '^fathom: '; }; then
		ok "$name"
	else
		nok "$name: status $status and $regex"
	fi
}
# out NAME STATUS REGEX ARGUMENT...: the same for standard output.
out() {
	local name=$1 status=$2 regex=$3
	shift 3
	run "$@"
	if [ $rc = "$status" ] && grep -qE -e "$regex" "$work/out"; then
		ok "$name"
	else
		nok "$name: status $status and $regex"
	fi
}
# is NAME COMMAND...: passes when the command does.
is() {
	local name=$1
	shift
	if "$@"; then ok "$name"; else nok "$name"; fi
}
# isnt NAME COMMAND...: passes when it does not.
isnt() {
	local name=$1
	shift
	if "$@"; then nok "$name"; else ok "$name"; fi
}
# json NAME EXPRESSION [FILE]: true of `lines`, the objects, one a line, and `j`, the first of them.
json() {
	if python3 - "$2" "${3:-$work/out}" >"$work/json" 2>&1 <<'EOF'; then
import json, os, sys
lines = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
j = lines[0]
if "steps" in j:
    status = {s["step"]: s["status"] for s in j["steps"]}
    text = {s["step"]: s["text"] for s in j["steps"]}
    fix = {s["step"]: s["fix"] for s in j["steps"]}
def part(name, i=0):
    return lines[i]["parts"][name]
def seen(name, look=0):  # in the files of $LOOKS, lines of name and number
    pairs = [line.split() for line in open(os.environ["LOOKS"].split()[look], encoding="utf-8")]
    return float(dict(pairs)[name])
sys.exit(not eval("(" + sys.argv[1] + ")"))
EOF
		ok "$1"
	else
		nok "$1: $2"
		sed 's/^/# /' "$work/json"
	fi
}
# await COMMAND...: until it succeeds, half a minute at most.
await() {
	local end=$((SECONDS + 30))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
# each_server FUNCTION: calls it as FUNCTION SERVER SOCKET PORT for MARIADB and for MYSQL where they run, both at the
# same time: each in a shell of its own with a folder $work of its own, in which `leave` is called at its end, if the
# FUNCTION defines it. What they say comes one after the other.
each_server() {
	local server socket port pids=() pid
	for server in MARIADB MYSQL; do
		socket=FATHOM_TEST_${server}_SOCKET socket=${!socket}
		port=FATHOM_TEST_${server}_PORT port=${!port}
		[ -n "$socket" ] || continue
		mkdir -p "$work/$server" && : >"$work/$server/tally"
		(
			work=$work/$server n=0 failed= background=()
			leave() { :; }
			trap 'leave; [ ${#background[@]} = 0 ] || kill "${background[@]}" 2>/dev/null; wait' EXIT
			trap 'exit 130' INT TERM HUP
			"$1" "$server" "$socket" "$port"
			echo "$n ${failed:-0}" >"$work/tally"
		) >"$work/$server/said" 2>&1 &
		pids+=($!)
		background+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	background=()
	for server in "$work"/*/tally; do
		awk -v n="$n" '/^(not )?ok [0-9]/ { sub(/ok [0-9]+/, "ok " ++n) } { print }' "${server%/*}/said"
		read -r pid socket <"$server" || { nok "${server%/*}: ended before its end" && continue; }
		n=$((n + pid))
		[ "$socket" = 0 ] || failed=1
	done
}
config() { cat >"$XDG_CONFIG_HOME/fathom/config"; }
