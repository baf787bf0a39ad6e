# Sourced by servers.sh and topology.sh: throw-away servers. Each lives in a folder of its name in $dir. The
# script that sources this has a function write_command NAME, which decides on ports and writes the command
# line to $dir/NAME/command, one word a line, and write_init FILE, the SQL that each start begins with.
# Here are $flavor, ${server[@]} and ${basic[@]}, how to call the server at hand, for them.

. "$here/cache.sh"
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
	*mariadb* | *galera*)
		flavor=mariadb
		server=("$(PATH=$PATH:/usr/sbin command -v mariadbd)")
		[ -n "${server[0]}" ] || die "no mariadbd here: apt-get install mariadb-server"
		;;
	*mysql* | *group*)
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
				--auth-root-authentication-method=normal --skip-test-db --force \
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

# free_port [FIRST]: prints a port that nobody listens on, one of the 3,000 from FIRST.
free_port() {
	local port
	while port=$((${1:-21000} + (RANDOM * 32768 + RANDOM) % 3000)); do
		grep -qi "^ *[0-9]*: [0-9A-F]*:$(printf '%04X' $port) " /proc/net/tcp /proc/net/tcp6 \
			2>/dev/null || break
	done
	echo $port
}

# launch NAME [OPTION...]: starts it by its command file and waits until it takes connections.
launch() {
	local d=$dir/$1 command pid end
	mapfile -t command <"$d/command"
	command+=("${@:2}")
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
		export ${name}_SOCKET=$d/sock ${name}_PORT=$port ${admin:+${name}_ADMIN_PORT=$admin}
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

# names: the servers that were started.
names() { (cd "$dir" && ls -d -- */started 2>/dev/null | sed 's,/.*,,'); }
