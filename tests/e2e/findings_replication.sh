# Sourced by test_findings_replication_*.sh with $family (mariadb or mysql) set: real replicas are driven into
# trouble; the finding, its severity and its culprits are awaited in a running sample. TAP.
# shellcheck shell=bash disable=SC2154

tools=$(dirname "$0")/../tools
if [ -z "$FATHOM_TEST_TOPOLOGY" ]; then
	"$tools/topology.sh" run "$family" -- "$0"
	status=$?
	[ $status != 77 ] || { echo "ok 1 - findings of replication # skip no $family servers here" && exit 0; }
	exit $status
fi

upper=${family^^} n=0 failed=
of() { local v=FATHOM_TEST_${upper}_$1 && echo "${!v}"; }
source=$(of SOURCE_SOCKET) replica=$(of REPLICA_SOCKET) delayed=$(of DELAYED_SOCKET)
port=$(of SOURCE_PORT) own=$(of REPLICA_PORT)
work=$(mktemp -d)
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
trap 'kill $watch 2>/dev/null; rm -rf "$work"' EXIT
client=$(command -v mariadb || command -v mysql)
sql() { "$client" --no-defaults -S "$1" -u root -N -e "$2"; }
ok() {
	n=$((n + 1))
	if [ "$2" = yes ]; then echo "ok $n - $family: $1"; else echo "not ok $n - $family: $1" && failed=1; fi
}

# watch SOCKET: findings of each second from now on, as data.
watch() {
	kill "$watch" 2>/dev/null
	"$FATHOM" snapshot -u root --part findings --count 0 --interval 1 "$1" >"$work/lines" 2>"$work/err" &
	watch=$!
	# The first one may come before all is read.
	end=$((SECONDS + 20))
	until [ "$(wc -l <"$work/lines")" -ge 3 ] || [ $SECONDS -gt $end ]; do read -rt 0.1 <> <(:) || :; done
}

# expect NAME ID TEXT...: the finding with that id comes with all these texts in its row.
row_of() { tail -n 1 "$work/lines" | tr '\n' ' ' | sed 's/},{"id"/}\n{"id"/g; s/"rows":\[{"id"/"rows":[\n{"id"/' | grep -F "{\"id\":\"$1\""; }
has_all() {
	local row text
	row=$(row_of "$1") || return 1
	for text in "${@:2}"; do [[ $row == *"$text"* ]] || return 1; done
}
expect() {
	local name=$1 begin=$EPOCHREALTIME end=$((SECONDS + 15))
	shift
	until has_all "$@"; do
		if [ $SECONDS -gt $end ]; then
			ok "$name" no
			echo "# wanted: $*"
			tail -n 1 "$work/lines" | cut -c 1-1500 | sed 's/^/# /'
			return
		fi
		read -rt 0.05 <> <(:) || :
	done
	ok "$name" yes
	echo "# $1: $(((${EPOCHREALTIME/./} - ${begin/./}) / 1000)) ms"
}
gone() {
	local end=$((SECONDS + 30))
	while row_of "$2" >/dev/null && [ $SECONDS -lt $end ]; do read -rt 0.1 <> <(:) || :; done
	if row_of "$2" >/dev/null; then ok "$1" no; else ok "$1" yes; fi
}
# Of replication only: what the machine that runs the tests does is another matter.
replication='replica-|lag-lies|errant-gtid|writable-replica|topology-fault|semisync-stall'
quiet() {
	if tail -n 1 "$work/lines" | grep -qE "\"id\":\"($replication)"; then
		ok "$1" no
		tail -n 1 "$work/lines" | cut -c 1-1500 | sed 's/^/# /'
	else
		ok "$1" yes
	fi
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

case $family in
mysql)
	stop_io='STOP REPLICA IO_THREAD FOR CHANNEL ""' start='START REPLICA FOR CHANNEL ""' stop='STOP REPLICA FOR CHANNEL ""'
	;;
*) stop_io='STOP SLAVE IO_THREAD' start='START SLAVE' stop='STOP SLAVE' ;;
esac

sql "$source" 'CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, v INT) ENGINE=InnoDB;
	INSERT INTO shop.orders VALUES (1, 1)'
await 20 has_rows 1 || { echo "not ok 1 - $family: the replica does not replicate" && exit 1; }

watch "$delayed"
quiet 'kept back on purpose: nothing is said'
watch "$replica"
quiet 'a healthy replica: nothing is said'

sql "$replica" "$stop_io"
expect 'a stopped receiver is no lag of 0' lag-lies '"severity":"critical"' "127.0.0.1:$port"
sql "$replica" "$start"
gone 'it runs again' lag-lies

sql "$replica" 'SET SESSION sql_log_bin = 0; INSERT INTO shop.orders VALUES (7, 70)'
sql "$source" 'INSERT INTO shop.orders VALUES (7, 71)'
expect 'a duplicate key' replica-broken '"severity":"critical"' "127.0.0.1:$port" shop.orders 1062
sql "$replica" "SET SESSION sql_log_bin = 0; DELETE FROM shop.orders WHERE id = 7; $start"
gone 'the row away, it runs again' replica-broken

sql "$source" "SET SESSION sql_log_bin = 0; ALTER USER repl@'%' IDENTIFIED BY 'changed'"
sql "$replica" "$stop; $start"
expect 'a login that is refused' replica-io '"severity":"critical"' "127.0.0.1:$port" 1045
sql "$source" "SET SESSION sql_log_bin = 0; ALTER USER repl@'%' IDENTIFIED BY 'repl'"
sql "$replica" "$stop; $start"
gone 'the right password again' replica-io

# Variables are read now and then: whoever opens it finds them as they are.
sql "$replica" 'SET GLOBAL read_only = OFF'
watch "$replica"
expect 'a replica that can be written to' writable-replica '"severity":"warning"' ":$own"
sql "$replica" 'CREATE DATABASE mine'
expect 'and that was' errant-gtid '"severity":"warning"' ":$own"

echo "1..$n"
[ -z "$failed" ]
