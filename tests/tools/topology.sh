#!/usr/bin/env bash
# Throw-away servers that replicate, in a folder of their own, on loopback; in the manner of servers.sh.
#
#   topology.sh run TOPOLOGY... -- COMMAND...   brings them up, runs the command with their variables,
#                                               stops and removes them, whatever happens
#   topology.sh start DIR TOPOLOGY...           brings them up in DIR, prints the variables for eval
#   topology.sh launch DIR NAME                 starts a server that has ended anew, on the same port
#   topology.sh stop DIR                        stops them all and removes DIR
#
# TOPOLOGY     servers
#   mariadb    mariadb-source, mariadb-second; mariadb-replica of both (default connection and `second`,
#              GTID, four parallel threads, performance schema); mariadb-delayed, of mariadb-source:
#              semi-synchronous, an hour behind on purpose, performance schema off
#   mysql      the same of MySQL: mysql-source, mysql-second, mysql-replica (channels `` and `second`),
#              mysql-delayed, with one worker
#   group      group-1 (primary), group-2, group-3: MySQL Group Replication
#   galera     galera-1, galera-2, galera-3: MariaDB with Galera
#
# Variables as servers.sh has them: FATHOM_TEST_MARIADB_SOURCE_SOCKET, …_PORT, _PIDFILE, _LOG, _DATADIR;
# FATHOM_TEST_GROUP_1_SOCKET …; FATHOM_TEST_TOPOLOGY is the folder. Users: root without a password on the
# socket; full, password full; repl, password repl, may replicate. Nothing of the set-up is in a binary
# log. Exit status 77, and why, when a topology cannot be had here.

here=$(cd "$(dirname "$0")" && pwd)
die() { printf 'topology: %s\n' "$*" >&2 && exit 77; }
. "$here/serverlib.sh"

provider=/usr/lib/galera/libgalera_smm.so

# servers_of TOPOLOGY: prints the names of its servers.
servers_of() {
	case $1 in
	mariadb | mysql) echo "$1-source $1-second $1-replica $1-delayed" ;;
	group | galera) echo "$1-1 $1-2 $1-3" ;;
	*) die "$1: no such topology" ;;
	esac
}

# Every server has its ports before the first one starts: they have to know of each other.
ports() {
	local name
	for name; do
		mkdir -p "$dir/$name" &&
			echo "$(free_port 30000) $(free_port 27000) $(free_port 24000)" >"$dir/$name/ports"
	done
}
port_of() { cut -d ' ' -f "${2:-1}" "$dir/$1/ports"; }

# --- one server ---------------------------------------------------------------------------

mysql_options() {
	echo --innodb-redo-log-capacity=8M --gtid-mode=ON --enforce-gtid-consistency=ON \
		--report-host=127.0.0.1 --report-port="$port" --table-definition-cache=400 \
		--performance-schema-digests-size=200 --performance-schema-max-table-instances=400 \
		--performance-schema-max-table-handles=400 --performance-schema-max-index-stat=400 \
		--performance-schema-max-table-lock-stat=400 --performance-schema-events-waits-history-long-size=10 \
		--performance-schema-events-statements-history-long-size=10
}

# options_of NAME: what makes it what it is.
options_of() {
	case $1 in
	mariadb-*) echo --innodb-log-file-size=8M --gtid-strict-mode=ON --log-slave-updates=ON --binlog-format=ROW ;;
	mysql-*) mysql_options ;;
	esac
	case $1 in
	mariadb-source) echo --rpl-semi-sync-master-enabled=ON --rpl-semi-sync-master-timeout=1000 ;;
	mariadb-second) echo --gtid-domain-id=1 ;;
	mariadb-replica)
		echo --performance-schema=ON --slave-parallel-threads=4 --slave-parallel-mode=optimistic --report-host=127.0.0.1 --read-only=ON
		;;
	# Semi-synchronous replication and several sources do not go together, on neither server.
	mariadb-delayed) echo --report-host=127.0.0.1 --read-only=ON --rpl-semi-sync-slave-enabled=ON ;;
	mysql-source)
		echo --plugin-load-add=semisync_source.so --loose-rpl-semi-sync-source-enabled=ON \
			--loose-rpl-semi-sync-source-timeout=1000
		;;
	mysql-replica) echo --replica-parallel-workers=4 --read-only=ON ;;
	mysql-delayed)
		echo --plugin-load-add=semisync_replica.so --loose-rpl-semi-sync-replica-enabled=ON \
			--replica-parallel-workers=1 --read-only=ON
		;;
	group-*)
		local seeds
		seeds=$(for n in 1 2 3; do printf '%s127.0.0.1:%s' "${seeds:+,}" "$(port_of group-$n 2)" && seeds=1; done)
		mysql_options
		echo --plugin-load-add=group_replication.so --binlog-checksum=NONE \
			--loose-group-replication-group-name=f47ab01d-0000-4000-8000-00000000f47a \
			--loose-group-replication-start-on-boot=OFF \
			--loose-group-replication-local-address=127.0.0.1:"$(port_of "$1" 2)" \
			--loose-group-replication-group-seeds="$seeds" \
			--loose-group-replication-recovery-get-public-key=ON \
			--loose-group-replication-unreachable-majority-timeout=0 \
			--loose-group-replication-member-expel-timeout=0
		;;
	galera-*)
		local all=
		[ "$1" = galera-1 ] && [ ! -d "$dir/galera-1/joined" ] ||
			all=$(for n in 1 2 3; do printf '%s127.0.0.1:%s' "${all:+,}" "$(port_of galera-$n 2)" && all=1; done)
		echo --innodb-log-file-size=8M --wsrep-on=ON --wsrep-provider=$provider --binlog-format=ROW \
			--innodb-autoinc-lock-mode=2 --wsrep-cluster-name=fathom \
			--wsrep-cluster-address=gcomm://"$all" --wsrep-node-name="$1" \
			--wsrep-node-address=127.0.0.1:"$(port_of "$1" 2)" \
			--wsrep-node-incoming-address=127.0.0.1:"$port" --wsrep-sst-method=rsync \
			--wsrep-sst-receive-address=127.0.0.1:"$(port_of "$1" 3)" \
			--wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$(port_of "$1" 2);$(
			)base_port=$(port_of "$1" 2);ist.recv_addr=127.0.0.1:$(free_port 24000);gcache.size=8M;gmcast.segment=0;$(
			)evs.keepalive_period=PT0.4S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S;pc.recovery=false"
		;;
	esac
}

write_command() {
	local d=$dir/$1
	port=$(port_of "$1") admin=
	common=(--no-defaults ${account:+--user="$account"} --datadir="$d/data" --socket="$d/sock"
		--port="$port" --bind-address=127.0.0.1 --pid-file="$d/pid" --tmpdir="$d" --log-error="$d/log.err"
		--init-file="$d/init.sql" --ssl-ca="$dir/tls/ca.pem" --ssl-cert="$dir/tls/server.pem"
		--ssl-key="$dir/tls/server-key.pem" --server-id="$port" --log-bin=binlog --sync-binlog=0
		--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-buffer-pool-size=16M
		--key-buffer-size=1M --table-open-cache=200 --max-connections=60 --skip-name-resolve
		--max-connect-errors=1000000 --secure-file-priv=)
	printf '%s\n' "${server[@]}" "${common[@]}" "${basic[@]}" $(options_of "$1") >"$d/command"
}

# Galera copies what the first node has.
write_init() {
	case $1 in
	*/galera-[23]/*) : >"$1" && return ;;
	esac
	cat >"$1" <<-EOF
		SET SESSION sql_log_bin = 0;
		CREATE USER IF NOT EXISTS full@'%' IDENTIFIED BY 'full';
		GRANT ALL ON *.* TO full@'%' WITH GRANT OPTION;
		CREATE USER IF NOT EXISTS repl@'%' IDENTIFIED BY 'repl';
		GRANT REPLICATION SLAVE ON *.* TO repl@'%';
	EOF
	# A copy of the same data folder must not be the same server.
	rm -f "${1%/*}/data/auto.cnf"
}

# --- making them replicate ----------------------------------------------------------------

# sql NAME STATEMENTS: as root.
sql() { mariadb --no-defaults -N -u root -S "$dir/$1/sock" -e "$2"; }

# until_sql NAME STATEMENT WANT: asks until that is the answer.
until_sql() {
	local end=$((SECONDS + 60))
	until [ "$(sql "$1" "$2")" = "$3" ]; do
		[ $SECONDS -lt $end ] || { echo "$1: $2: $(sql "$1" "$2" 2>&1), not $3" >&2 && return 1; }
		sleep 0.05
	done
}

mariadb_from() {
	echo "CHANGE MASTER $3 TO MASTER_HOST = '127.0.0.1', MASTER_PORT = $(port_of "$2"), MASTER_USER = 'repl',
		MASTER_PASSWORD = 'repl', MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1,
		MASTER_USE_GTID = slave_pos $4; START SLAVE $3;"
}

mysql_from() {
	echo "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = $(port_of "$2"),
		SOURCE_USER = 'repl', SOURCE_PASSWORD = 'repl', SOURCE_CONNECT_RETRY = 1, GET_SOURCE_PUBLIC_KEY = 1,
		SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_AUTO_POSITION = 1 $4 FOR CHANNEL '$3';
		START REPLICA FOR CHANNEL '$3';"
}

connect_mariadb() {
	sql mariadb-replica "$(mariadb_from mariadb-replica mariadb-source)
		$(mariadb_from mariadb-replica mariadb-second "'second'")" &&
		sql mariadb-delayed "$(mariadb_from mariadb-delayed mariadb-source '' ', MASTER_DELAY = 3600')" &&
		until_sql mariadb-source "SELECT COUNT(*) FROM information_schema.PROCESSLIST
			WHERE COMMAND LIKE 'Binlog Dump%'" 2 &&
		until_sql mariadb-source "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS
			WHERE VARIABLE_NAME = 'Rpl_semi_sync_master_clients'" 1
}

connect_mysql() {
	sql mysql-replica "$(mysql_from mysql-replica mysql-source '')
		$(mysql_from mysql-replica mysql-second second)" &&
		sql mysql-delayed "$(mysql_from mysql-delayed mysql-source '' ', SOURCE_DELAY = 3600')" &&
		until_sql mysql-source "SELECT COUNT(*) FROM performance_schema.processlist
			WHERE COMMAND LIKE 'Binlog Dump%'" 2 &&
		until_sql mysql-source "SELECT VARIABLE_VALUE FROM performance_schema.global_status
			WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_clients'" 1
}

connect_group() {
	local join="CHANGE REPLICATION SOURCE TO SOURCE_USER = 'repl', SOURCE_PASSWORD = 'repl'
		FOR CHANNEL 'group_replication_recovery'" n
	sql group-1 "$join; SET GLOBAL group_replication_bootstrap_group = ON; START GROUP_REPLICATION;
		SET GLOBAL group_replication_bootstrap_group = OFF" || return 1
	for n in 2 3; do sql group-$n "$join; START GROUP_REPLICATION" || return 1; done
	until_sql group-1 "SELECT COUNT(*) FROM performance_schema.replication_group_members
		WHERE MEMBER_STATE = 'ONLINE'" 3
}

connect_galera() {
	local n
	for n in 1 2 3; do
		until_sql galera-$n "SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME)
			FROM information_schema.GLOBAL_STATUS
			WHERE VARIABLE_NAME IN ('wsrep_cluster_size', 'wsrep_local_state_comment')" 3,Synced || return 1
	done
}

# --- all of them --------------------------------------------------------------------------

# bring_up_all NAME...: side by side; of a Galera cluster the first node before the others, and those
# one after the other, for one gives its data to one at a time.
bring_up_all() {
	local name pids=() bad= pid
	for name; do
		case $name in
		galera-1)
			(bring_up galera-1 && bring_up galera-2 && bring_up galera-3) &
			;;
		galera-*) continue ;;
		*) bring_up "$name" & ;;
		esac
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
	[ -z "$bad" ]
}

# start_all TOPOLOGY...: prints the variables.
start_all() {
	local t all=() name
	for t; do
		[ "$t" != galera ] || [ -e $provider ] || die "no Galera here: apt-get install galera-4 rsync"
		[[ $t != mysql && $t != group ]] || "$here/get-mysql" >/dev/null 2>"$dir/get-mysql.log" ||
			die "$(tail -n 1 "$dir/get-mysql.log")"
		all+=($(servers_of "$t"))
	done
	certificates "$dir/tls" || die "openssl cannot make certificates"
	own "$dir/tls"
	ports "${all[@]}"
	bring_up_all "${all[@]}" || return 1
	for t; do connect_$t >&2 || return 1; done
	for name in "${all[@]}"; do cat "$dir/$name/env"; done
	echo "export FATHOM_TEST_TOPOLOGY=$dir FATHOM_TEST_CA=$dir/tls/ca.pem"
}

stop_all() {
	halt KILL $(names)
	rm -rf "$dir"
}

verb=$1
shift
case $verb in
start)
	mkdir -p "$1" && dir=$(cd "$1" && pwd) || exit 1
	chmod 711 "$dir"
	shift
	trap 'exit 130' INT TERM HUP
	trap stop_all EXIT
	start_all "$@" || exit 1
	trap - EXIT
	;;
launch)
	dir=$(cd "$1" && pwd) || exit 1
	launch "$2"
	;;
stop)
	dir=$(cd "$1" && pwd) || exit 1
	stop_all
	;;
run)
	topologies=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do topologies+=("$1") && shift; done
	[ $# -gt 1 ] || die "run TOPOLOGY... -- COMMAND..."
	shift
	dir=$(mktemp -d "${TMPDIR:-/tmp}/fathom-test.XXXXXX") && chmod 711 "$dir" || exit 1
	trap 'exit 130' INT TERM HUP
	trap stop_all EXIT
	start_all "${topologies[@]}" >"$dir/env" || exit
	. "$dir/env"
	# In the background, so that a signal is heard while it runs.
	"$@" <&0 &
	wait $!
	exit $?
	;;
*) die "run, start, launch or stop" ;;
esac
