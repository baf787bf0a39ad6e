#!/usr/bin/env bash
# The InnoDB panel on real servers: the picture, every box, and what they show against the server's own
# numbers; an account that may see little. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
# shellcheck disable=SC2154
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - InnoDB panel # skip real servers are not wanted" && exit; }

work=$(mktemp -d)
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
client=$(command -v mariadb || command -v mysql)
n=0 failed=
trap 'rm -rf "$work"' EXIT
sql() { "$client" --no-defaults -S "$socket" -u root -N -e "$1" | tr -d '\n'; }
is() {
	n=$((n + 1))
	if "${@:2}"; then
		echo "ok $n - $server: $1"
	else
		echo "not ok $n - $server: $1" && failed=1
		[ ! -e "$work/last" ] || sed 's/^/# /' "$work/last"
	fi
}
# console ACCOUNT: runs $work/script on the console.
console() {
	FATHOM_SCRIPT=$work/script timeout 120 "$FATHOM" -u "$1" "$socket" >"$work/last" 2>&1 </dev/null
}
# shows FILE LABEL VALUE: a line of the screen begins with the label and has the value in its place.
shows() {
	cp "$work/$1" "$work/last"
	grep -Eq "^[ ▸]* $2 +$3( |$)" "$work/$1"
}
# lacks WORDS FILE...
lacks() { ! grep -q -- "$@"; }
# bytes N: as the console writes it.
bytes() {
	awk -v n="$1" 'BEGIN {  
		u = "BKMGT"; i = 1; while (n >= 1024) { n /= 1024; i++ }
		d = n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2
		printf "%.*f%s", d, n, (i > 1 ? substr(u, i, 1) : "") }'
}

pages=(pool flushing log-buffer redo undo change-buffer hash data doublewrite io rows latches)
titles=('Buffer pool' Flushing 'Log buffer' 'Redo log' 'Undo and history' 'Change buffer' 'Adaptive hash'
	'Data files' Doublewrite 'Reads and I/O' 'Rows and locks' Latches)

for server in MARIADB MARIADB_PS MYSQL; do
	socket=FATHOM_TEST_${server}_SOCKET socket=${!socket}
	[ -n "$socket" ] || continue

	cat >"$work/script" <<-END
		resize 120x40
		key 4
		wait-idle
		wait-idle
		wait-for Buffer pool +[0-9.]+[MG]
		wait-for young .* old [0-9]
		save-screen $work/picture
		resize 80x60
		key Home
	END
	for ((i = 0; i < ${#pages[@]}; i++)); do
		cat >>"$work/script" <<-END
			key Enter
			wait-idle
			wait-for › ${titles[i]}
			save-screen $work/${pages[i]}
			key Esc
			key Down
		END
	done
	echo quit >>"$work/script"
	is 'the picture and every box open' console root

	pool=$(bytes "$(sql 'SELECT @@innodb_buffer_pool_size')")
	is 'the picture shows the size of the pool' grep -q "Buffer pool  $pool " "$work/picture"
	is 'and memory, disk and work' [ "$(grep -cE '─ (memory|disk|work) ─' "$work/picture")" = 3 ]
	is "the pool's size" shows pool size "$pool"
	if [ $server = MYSQL ]; then
		redo=$(sql 'SELECT @@innodb_redo_log_capacity') setting=innodb_redo_log_capacity
		spaces=$(sql 'SELECT COUNT(*) FROM information_schema.INNODB_TABLESPACES')
	else
		redo=$(sql 'SELECT @@innodb_log_file_size') setting=innodb_log_file_size
		spaces=$(sql 'SELECT COUNT(*) FROM information_schema.INNODB_SYS_TABLESPACES')
	fi
	is "the redo log's capacity" shows redo capacity "$(bytes "$redo")"
	is 'the setting that governs it, by the name it has here' shows redo $setting "$(bytes "$redo")"
	is 'the log buffer' shows log-buffer size "$(bytes "$(sql 'SELECT @@innodb_log_buffer_size')")"
	is 'the number of tablespaces' shows data tablespaces "$spaces"
	files=$(sql "SHOW GLOBAL STATUS LIKE 'Innodb_num_open_files'")
	is 'the open files' shows data 'open files' "${files##*[!0-9]}"
	for pair in flushing:innodb_io_capacity flushing:innodb_flush_neighbors undo:innodb_purge_threads \
		data:innodb_flush_method io:innodb_read_io_threads latches:innodb_sync_spin_loops; do
		value=$(sql "SELECT @@${pair#*:}")
		[ "${pair#*:}" != innodb_io_capacity ] || [ "$value" -lt 1000 ] || value=$(
			awk -v n="$value" 'BEGIN { printf n >= 9995 ? "%.1fk" : "%.2fk", n / 1000 }')
		is "${pair#*:}" shows "${pair%:*}" "${pair#*:}" "$value"
	done
	if [ "$(sql 'SELECT @@innodb_adaptive_hash_index')" = 0 ]; then
		is 'what is off is said to be off' grep -q 'It is off: innodb_adaptive_hash_index' "$work/hash"
	fi
	if [ $server = MARIADB ]; then
		is 'without performance schema latencies are unknown, and why' \
			shows io 'log fsync latency' '–  the performance schema is off.*'
		is 'rows are not counted, and that is said' shows rows read '–  MariaDB counts rows no longer.*'
	fi

	# What threads are at stands in the status text alone.
	if [ $server = MYSQL ]; then
		threads=$(sql 'SELECT @@innodb_read_io_threads')
		is 'the I/O threads' shows io 'read threads' "$threads +[a-z].*"
		is 'what each has to do' shows io 'pending by thread' 'reads \[.*\], writes \[.*\]'
		is 'who waits for a latch, if anybody' shows latches 'waiting now' '[0-9]+'
	else
		is 'no I/O threads of its own' grep -q '–  the text lists none: MariaDB has had a common pool' "$work/io"
		is 'nobody knows who waits for a latch' shows latches 'waiting now' '–  the text does not list.*'
	fi
	is 'the hot latches' grep -q '^ *Hot latches$' "$work/latches"
	is 'the text was read' lacks reading… "$work/latches" "$work/io"

	if [ $server = MYSQL ]; then
		is 'what could be counted is not, and what would' \
			shows flushing forced '–  not counted; SET GLOBAL innodb_monitor_enable.*'
	fi

	# --- an account without PROCESS -----------------------------------------------------

	sql "DROP USER IF EXISTS innodb_blind@localhost; CREATE USER innodb_blind@localhost"
	cat >"$work/script" <<-END
		resize 120x40
		key 4
		wait-idle
		wait-for Buffer pool +$pool
		wait-for young +old –
		wait-for oldest.*–
		resize 80x24
		key Home
		key Down
		key Down
		key Down
		key Down
		key Enter
		wait-for oldest transaction +–  needs the privilege PROCESS
		wait-for history list +(0|[1-9]|–  needs the privilege)
		quit
	END
	is 'without PROCESS the rest is shown, and what lacks' console innodb_blind
	sql "DROP USER innodb_blind@localhost"
done
echo "1..$n"
[ -z "$failed" ]
