#!/usr/bin/env bash
# Throw-away MariaDB and MySQL servers for tests, in a folder of their own, on loopback.
#
#   servers.sh run [NAME...] -- COMMAND...   starts them, runs the command with their variables,
#                                            stops and removes them, whatever happens
#   servers.sh start DIR [NAME...]           starts them in DIR, prints the variables for eval
#   servers.sh restart DIR NAME              one of them anew, on the same port and socket
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
. "$here/cache.sh"
die() { printf 'servers: %s\n' "$*" >&2 && exit 1; }

account=
if [ "$(id -u)" = 0 ]; then
	account=nobody
	! getent passwd mysql >/dev/null || account=mysql
fi
# own FILE...: gives files to the account that the servers run as.
own() { [ -z "$account" ] || chown -R "$account:" "$@"; }

# --- certificates -------------------------------------------------------------------------

# sign DIR NAME SUBJECT DAYS [EXTENSION]: a key and a certificate by DIR/ca.pem.
sign() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" \
		-keyout "$1/$2-key.pem" -out "$1/$2.csr" 2>/dev/null &&
		openssl x509 -req -in "$1/$2.csr" -CA "$1/ca.pem" -CAkey "$1/ca-key.pem" -days "$4" \
			-set_serial "0x$(openssl rand -hex 8)" -out "$1/$2.pem" \
			-extfile <(printf '%s\n' "$5") 2>/dev/null
}

certificates() {
	local name
	mkdir -p "$1" || return 1
	for name in ca wrong-ca; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
			-subj "/CN=fathom test $name" -keyout "$1/$name-key.pem" -out "$1/$name.pem" \
			2>/dev/null || return 1
	done
	sign "$1" server localhost 30 subjectAltName=DNS:localhost &&
		sign "$1" expired localhost -1 subjectAltName=DNS:localhost &&
		sign "$1" client client 30 keyUsage=digitalSignature && chmod 644 "$1"/*.pem
}

# --- one server ---------------------------------------------------------------------------

# set_flavor NAME: how to call the server of that name.
set_flavor() {
	case $1 in
	mariadb | mariadb-ps)
		flavor=mariadb
		server=("$(PATH=$PATH:/usr/sbin command -v mariadbd)")
		[ -n "${server[0]}" ] || die "no mariadbd here: apt-get install mariadb-server"
		;;
	mysql)
		flavor=mysql
		root=$("$here/get-mysql" 2>"$dir/get-mysql.log") ||
			die "$(tail -n 1 "$dir/get-mysql.log")"
		server=("$root/usr/lib64/ld-linux-x86-64.so.2" --library-path
			"$root/usr/lib/x86_64-linux-gnu" "$root/usr/sbin/mysqld")
		basic=(--basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql"
			--plugin-dir="$root/usr/lib/mysql/plugin" --mysqlx=OFF)
		;;
	*) die "$1: no such server" ;;
	esac
}

# template: prints a folder with an empty data folder, made once for this version and account.
template() {
	local version made=$fathom_cache/data work
	version=$("${server[@]}" --no-defaults --version | tr -cs 'A-Za-z0-9.' '-' | md5sum)
	made=$made/$flavor-${version:0:12}-${account:-own}
	mkdir -p "$fathom_cache/data" || return 1
	(
		flock 9
		[ ! -d "$made" ] || exit 0
		work=$(mktemp -d "$fathom_cache/data/new.XXXXXX") && own "$work" || exit 1
		trap 'rm -rf "$work"' EXIT
		cd / || exit 1
		if [ $flavor = mariadb ]; then
			mariadb-install-db --no-defaults ${account:+--user="$account"} --datadir="$work/data" \
				--auth-root-authentication-method=normal --skip-test-db \
				--innodb-log-file-size=8M || exit 1
		else
			"${server[@]}" --no-defaults "${basic[@]}" ${account:+--user="$account"} \
				--datadir="$work/data" --initialize-insecure --innodb-redo-log-capacity=8M || exit 1
		fi
		chmod 755 "$work" && mv "$work" "$made"
	) 9>"$fathom_cache/data/$flavor.lock" >"$dir/$flavor-init.log" 2>&1 ||
		{ tail -n 20 "$dir/$flavor-init.log" >&2 && return 1; }
	echo "$made"
}

# free_port: prints a port that nobody listens on.
free_port() {
	local port
	while port=$((21000 + (RANDOM * 32768 + RANDOM) % 9000)); do
		grep -qi "^ *[0-9]*: [0-9A-F]*:$(printf '%04X' $port) " /proc/net/tcp /proc/net/tcp6 \
			2>/dev/null || break
	done
	echo $port
}

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

# launch NAME: starts it by its command file and waits until it takes connections.
launch() {
	local d=$dir/$1 command pid end
	mapfile -t command <"$d/command"
	rm -f "$d/sock" "$d/pid"
	: >"$d/log.err" && own "$d/log.err"
	# Not the TMPDIR of a test that restarts it: the runner would take it for that test's own.
	(cd / && TMPDIR=$d exec setsid "${command[@]}" </dev/null >>"$d/output" 2>&1 9>&-) &
	pid=$!
	echo $pid >"$d/started"
	end=$((SECONDS + 60))
	until grep -q 'ready for connections' "$d/log.err" && [ -S "$d/sock" ]; do
		if ! kill -0 $pid 2>/dev/null || [ $SECONDS -gt $end ]; then
			tail -n 15 "$d/log.err" "$d/output" >&2
			kill -KILL $pid 2>/dev/null
			return 1
		fi
		sleep 0.05
	done
}

# bring_up NAME: everything from nothing to a server that answers.
bring_up() {
	local d=$dir/$1 from try
	set_flavor "$1"
	from=$(template) || return 1
	mkdir -p "$d" && cp -a --reflink=auto "$from/data" "$d/data" && write_init "$d/init.sql" &&
		own "$d" || return 1
	# Somebody else may take the port between the look and the start.
	for try in 1 2 3; do
		write_command "$1"
		launch "$1" 2>"$d/failed" && break
		[ $try -lt 3 ] && grep -qi 'address already in use' "$d/log.err" ||
			{ cat "$d/failed" >&2 && return 1; }
	done
	local name=${1^^}
	name=FATHOM_TEST_${name//-/_}
	cat >"$d/env" <<-EOF
		export ${name}_SOCKET=$d/sock ${name}_PORT=$port ${name}_ADMIN_PORT=$admin
		export ${name}_PIDFILE=$d/pid ${name}_LOG=$d/log.err ${name}_DATADIR=$d/data
		${root:+export FATHOM_MYSQL_ROOT=$root}
	EOF
}

# halt SIGNAL NAME...: ends servers and waits until they are gone. A frozen one is woken to hear it.
halt() {
	local signal=$1 name pid pids=() i
	shift
	for name; do
		pid=$(cat "$dir/$name/started" 2>/dev/null) || continue
		kill -"$signal" "$pid" 2>/dev/null && kill -CONT "$pid" 2>/dev/null && pids+=("$pid")
	done
	for ((i = 0; i < 400; i++)); do
		kill -0 "${pids[@]}" 2>/dev/null || return 0
		sleep 0.05
	done
	kill -KILL "${pids[@]}" 2>/dev/null
}

# --- all of them --------------------------------------------------------------------------

names() { (cd "$dir" && ls -d -- */started 2>/dev/null | sed 's,/.*,,'); }

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
	launch "$2"
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
