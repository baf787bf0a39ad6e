# Sourced by test_replication_*.sh with $family (mariadb or mysql) set: see a replica break, and why; read the
# way out on the screen, take it, and see it mended. On real servers of its own. TAP.
# shellcheck shell=bash disable=SC2154

tools=$(dirname "$0")/../tools
if [ -z "$FATHOM_TEST_TOPOLOGY" ]; then
	[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - a replica breaks # skip real servers are not wanted" && exit; }
	"$tools/topology.sh" run "$family" -- "$0"
	status=$?
	[ $status != 77 ] || { echo "ok 1 - a replica breaks # skip no $family servers here" && exit 0; }
	exit $status
fi

upper=${family^^} n=0 failed=
source_var=FATHOM_TEST_${upper}_SOURCE_SOCKET replica_var=FATHOM_TEST_${upper}_REPLICA_SOCKET
source=${!source_var} replica=${!replica_var}
port_var=FATHOM_TEST_${upper}_SOURCE_PORT
port=${!port_var}
work=$(mktemp -d)
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
trap 'kill $helper 2>/dev/null; rm -rf "$work"' EXIT
client=$(command -v mariadb || command -v mysql)
sql() { "$client" --no-defaults -S "$1" -u root -N -e "$2"; }
ok() {
	n=$((n + 1))
	if "${@:2}"; then echo "ok $n - $family: $1"; else echo "not ok $n - $family: $1" && failed=1; fi
}

# await SECONDS COMMAND...: until it succeeds.
await() {
	local end=$((SECONDS + $1))
	until "${@:2}"; do
		[ $SECONDS -lt $end ] || return 1
		read -rt 0.1 <> <(:) || :
	done
}
has_rows() { [ "$(sql "$replica" 'SELECT COUNT(*) FROM shop.orders' 2>/dev/null)" = "$1" ]; }

sql "$source" 'CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, v INT) ENGINE=InnoDB;
	INSERT INTO shop.orders VALUES (1, 1)'
await 20 has_rows 1 || { echo "not ok 1 - $family: the replica does not replicate" && exit 1; }

# What happens beside the console: a foreign row on the replica as soon as it was seen healthy; the way out, as it
# stands on the screen, as soon as that was read there.
statements() {
	sed -n "/Way out $way /,/Way out $((way + 1))/p" "$work/way.txt" |
		sed -n 's/^ *\(\(STOP\|START\|SET\|BEGIN\|COMMIT\|DELETE\).*;\)$/\1/p' | sed 's/…/id = 7/'
}
beside() {
	await 60 test -s "$work/healthy.txt" || return
	sql "$replica" 'SET SESSION sql_log_bin = 0; INSERT INTO shop.orders VALUES (7, 70)'
	sql "$source" 'INSERT INTO shop.orders VALUES (7, 71)'
	sql "$source" 'INSERT INTO shop.orders VALUES (8, 80)'
	await 60 test -s "$work/way.txt" || return
	statements >"$work/statements"
	sql "$replica" "$(cat "$work/statements")" >"$work/mended.out" 2>&1
}

# The way that fits: an empty transaction where the row is right, else the row away.
case $family in
mysql) way=1 sign='SET SESSION gtid_next' ;;
*) way=2 sign='DELETE FROM shop.orders' ;;
esac
cat >"$work/script" <<END
resize 120x90
key 5
wait-for 20 127.0.0.1:$port: level|all running
wait-for 20 Receiver|receiver
save-screen $work/healthy.txt
wait-for 30 lag broken
wait-for 10 replica of 127.0.0.1:$port: applier stopped: 1062 duplicate key in shop.orders
wait-for 10 1 of them broken
save-screen $work/broken.txt
wait-for 10 It means
wait-for 10 Way out $way .*
wait-for 10 $sign
save-screen $work/way.txt
wait-for 40 no session waits
wait-for 20 all running
save-screen $work/mended.txt
key G
key Enter
wait-for 10 Detail
save-screen $work/detail.txt
quit
END
beside &
helper=$!
if FATHOM_SCRIPT=$work/script timeout 150 "$FATHOM" -u root "$replica" >"$work/out" 2>"$work/err" </dev/null; then
	ok 'see a replica break and why, and mend it by the way on the screen' true
else
	ok 'see a replica break and why, and mend it by the way on the screen' false
	sed 's/^/# /' "$work/err" "$work/statements" "$work/mended.out" 2>/dev/null
fi
kill "$helper" 2>/dev/null
wait "$helper" 2>/dev/null

ok 'nobody looks broken before it broke' test -z "$(grep -l 'broken' "$work/healthy.txt")"
ok 'broken is no lag of 0' grep -q 'unknown while it is broken' "$work/broken.txt"
ok 'the row with the key arrives after all' await 20 has_rows 3
ok 'healthy again' grep -q 'Replica of 2 sources, all running' "$work/mended.txt"

# The same as data.
json=$("$FATHOM" snapshot -u root --part replication "$replica")
ok 'no error is left in the snapshot' grep -q '"sql_running":"Yes"' <<<"$json"

# A receiver that may not log in: said, with what it means.
sql "$source" "SET SESSION sql_log_bin = 0; ALTER USER repl@'%' IDENTIFIED BY 'changed'"
case $family in
mysql) restart='STOP REPLICA FOR CHANNEL ""; START REPLICA FOR CHANNEL ""' ;;
*) restart='STOP SLAVE; START SLAVE' ;;
esac
sql "$replica" "$restart"
cat >"$work/script" <<END
resize 120x46
key 5
wait-for 40 1045 source refuses the login
wait-for 10 lag broken
wait-for 10 Tell the replica the right password
save-screen $work/refused.txt
quit
END
if FATHOM_SCRIPT=$work/script timeout 90 "$FATHOM" -u root "$replica" >"$work/out" 2>"$work/err" </dev/null; then
	ok 'a refused receiver is broken, and why' true
else
	ok 'a refused receiver is broken, and why' false
	sed 's/^/# /' "$work/err"
fi

# The report of it: channel, source and error; and beside its source, who is broken.
"$FATHOM" report -u root --seconds 1 "$replica" "$source" >"$work/report" 2>"$work/err" </dev/null
reports() {
	tr -s '\n ' ' ' <"$work/report" | grep -q -e "$1" && return # long lines are broken
	sed 's/^/# /' "$work/report" && false
}
ok 'the report has the broken channel with its source' reports "Channel .*127.0.0.1:$port.* is broken: error 1045"
ok 'and the comparison who does not replicate' reports "does not replicate from .*127.0.0.1:$port"

echo "1..$n"
[ -z "$failed" ]
