#!/usr/bin/env bash
# Throw-away MariaDB and MySQL servers for tests, in a folder of their own, on loopback.
#
#   servers.sh run [NAME...] -- COMMAND...   starts them, runs the command with their variables,
#                                            stops and removes them, whatever happens
#   servers.sh start DIR [NAME...]           starts them in DIR, prints the variables for eval
#   servers.sh restart DIR NAME [OPTION...]  one of them anew, on the same port and socket; options for
#                                            this time only
#   servers.sh stop DIR                      stops them all and removes DIR
#
# NAME is mariadb (performance schema off, its default), mariadb-ps (on) or mysql; all three unless
# told. MySQL comes from tests/tools/get-mysql. EXTRA_OPTIONS, when set, goes to each server.
# As root the servers run as the account mysql, or nobody where there is none: they refuse root.
#
# Variables, with MARIADB, MARIADB_PS or MYSQL for S; those of a server that was not started are unset:
#
#   FATHOM_TEST_S_SOCKET      the socket: root logs in there without a password
#   FATHOM_TEST_S_PORT        its port on 127.0.0.1, and on ::1 where the machine has it
#   FATHOM_TEST_S_ADMIN_PORT  extra_port (MariaDB, for one connection and one of SUPER) or admin_port
#   FATHOM_TEST_S_PIDFILE, FATHOM_TEST_S_LOG (error log), FATHOM_TEST_S_DATADIR
#   FATHOM_MYSQL_ROOT         where MySQL is unpacked, when it is among them
#   FATHOM_TEST_SERVERS       the folder, for "servers.sh restart"
#   FATHOM_TEST_CA            the authority of the servers' certificate, which names localhost and
#                             nothing else: verify-identity holds for localhost, not for 127.0.0.1
#   FATHOM_TEST_WRONG_CA      an authority that signed nothing here
#   FATHOM_TEST_CERT, _KEY    a client certificate of FATHOM_TEST_CA (CN=client)
#   FATHOM_TEST_SERVER_CERT, _KEY    what the servers show, for a server of a test's own
#   FATHOM_TEST_EXPIRED_CERT, _KEY   the same for localhost, but it ended yesterday
#
# Users: root without a password on the socket; full, password full, with every privilege from
# anywhere. On MariaDB also ed, password ed, by ed25519. Tests create what else they want, under
# names of their own. LOAD DATA LOCAL is allowed by the servers; names are not resolved.

here=$(cd "$(dirname "$0")" && pwd)
die() { printf 'servers: %s\n' "$*" >&2 && exit 1; }
. "$here/serverlib.sh"

# --- one server ---------------------------------------------------------------------------

# write_command NAME: decides on ports, writes the command line to DIR/NAME/command.
write_command() {
	local d=$dir/$1 bind=127.0.0.1
	port=$(free_port) admin=$(free_port)
	# The IPv6 loopback may be switched off, in containers for instance.
	grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null && bind+=,::1
	common=(--no-defaults ${account:+--user="$account"} --datadir="$d/data" --socket="$d/sock"
		--port="$port" --bind-address="$bind" --pid-file="$d/pid" --tmpdir="$d" --log-error="$d/log.err"
		--init-file="$d/init.sql" --ssl-ca="$dir/tls/ca.pem" --ssl-cert="$dir/tls/server.pem"
		--ssl-key="$dir/tls/server-key.pem" --server-id="$port" --log-bin=binlog --sync-binlog=0
		--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-buffer-pool-size=32M
		--key-buffer-size=1M --table-open-cache=400 --max-connections=200 --skip-name-resolve
		--max-connect-errors=1000000 --local-infile=1 --secure-file-priv=)
	if [ $flavor = mariadb ]; then
		basic=(--extra-port="$admin" --plugin-load-add=auth_ed25519 --innodb-log-file-size=8M
			--performance-schema="$([ "$1" = mariadb-ps ] && echo ON || echo OFF)")
	else
		basic+=(--admin-address=127.0.0.1 --admin-port="$admin" --innodb-redo-log-capacity=8M)
	fi
	printf '%s\n' "${server[@]}" "${common[@]}" "${basic[@]}" $EXTRA_OPTIONS >"$d/command"
}

write_init() {
	{
		echo "CREATE USER IF NOT EXISTS full@'%' IDENTIFIED BY 'full';"
		echo "GRANT ALL ON *.* TO full@'%' WITH GRANT OPTION;"
		[ $flavor = mysql ] ||
			echo "CREATE USER IF NOT EXISTS ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('ed');"
	} >"$1"
}

# --- all of them --------------------------------------------------------------------------

# start_all NAME...: side by side; prints the variables.
start_all() {
	local name pids=() bad= tls=$dir/tls
	[ $# -gt 0 ] || set -- mariadb mariadb-ps mysql
	certificates "$tls" || die "openssl cannot make certificates"
	own "$tls"
	for name; do
		bring_up "$name" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
	[ -z "$bad" ] || return 1
	for name; do cat "$dir/$name/env"; done
	cat <<-EOF
		export FATHOM_TEST_SERVERS=$dir
		export FATHOM_TEST_CA=$tls/ca.pem FATHOM_TEST_WRONG_CA=$tls/wrong-ca.pem
		export FATHOM_TEST_CERT=$tls/client.pem FATHOM_TEST_KEY=$tls/client-key.pem
		export FATHOM_TEST_SERVER_CERT=$tls/server.pem FATHOM_TEST_SERVER_KEY=$tls/server-key.pem
		export FATHOM_TEST_EXPIRED_CERT=$tls/expired.pem FATHOM_TEST_EXPIRED_KEY=$tls/expired-key.pem
	EOF
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
stop)
	dir=$(cd "$1" && pwd) || exit 1
	stop_all
	;;
restart)
	dir=$(cd "$1" && pwd) || exit 1
	halt TERM "$2"
	launch "${@:2}"
	;;
run)
	names=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do names+=("$1") && shift; done
	[ $# -gt 1 ] || die "run [NAME...] -- COMMAND..."
	shift
	dir=$(mktemp -d "${TMPDIR:-/tmp}/fathom-test.XXXXXX") && chmod 711 "$dir" || exit 1
	trap 'exit 130' INT TERM HUP
	trap stop_all EXIT
	start_all "${names[@]}" >"$dir/env" || exit 1
	. "$dir/env"
	# In the background, so that a signal is heard while it runs.
	"$@" <&0 &
	wait $!
	exit $?
	;;
*) die "run, start, restart or stop" ;;
esac
