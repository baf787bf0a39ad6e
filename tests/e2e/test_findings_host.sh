#!/usr/bin/env bash
# What the rules of the host say of hosts that this machine cannot be driven into: a real server beside a
# doctored /proc whose counters move. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
. "$(dirname "$0")/cli.sh"
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - findings of the host # skip real servers are not wanted" && exit; }

# prepare: a machine of its own for each server.
prepare() {
	root=$work/root
	mkdir -p "$root/proc/net" "$root/proc/self" "$work/bin"
	# Its only filesystem is 5 GB large; how much of it is left stands in a file.
	cat >"$work/bin/df" <<-END
		#!/bin/sh
		echo "Filesystem 1024-blocks Used Available Capacity Mounted on"
		case \$1 in
		*i) echo "/dev/sda1 1000000 1000 999000 1% /" ;;
		*) read -r left <$root/left && echo "/dev/sda1 5000000 \$((5000000 - left)) \$left 80% /" ;;
		esac
	END
	chmod +x "$work/bin/df"
	echo '21 1 8:1 / / rw - ext4 /dev/sda1 rw' >"$root/proc/self/mountinfo"
}
put() { sed 's/^\t*//' >"$root/$1.new" && mv "$root/$1.new" "$root/$1"; }

# move STEAL AVAILABLE DISK_MS RETRANSMITS FILLS: from now on so many hundredths of stolen time a second, kB that are
# available, milliseconds for each of a hundred requests a second, segments sent again a second; kB that the
# filesystem loses each second.
move() {
	local now t
	while :; do
		now=${EPOCHREALTIME/./} && t=$((now / 10000 - began)) # hundredths of a second
		put proc/stat <<-END
			cpu $((t / 5)) 0 $((t / 10)) $((t * 7 / 10 - t * $1 / 100)) 0 0 0 $((t * $1 / 100)) 0 0
			cpu0 $((t / 5)) 0 $((t / 10)) $((t * 7 / 10 - t * $1 / 100)) 0 0 0 $((t * $1 / 100)) 0 0
			ctxt 1
			processes 1
			procs_running 1
			procs_blocked 0
		END
		put proc/uptime <<<"$((9000 + t / 100)).00 1.00"
		put proc/meminfo <<<"MemTotal: 1000000 kB
			MemFree: 10000 kB
			MemAvailable: $2 kB
			Buffers: 50 kB
			Cached: 50 kB"
		put proc/vmstat <<<"oom_kill 7
			pswpin 1
			pswpout 2"
		put proc/diskstats <<<"8 0 sda $t 0 $((8 * t)) $((t * $3)) 0 0 0 0 9 $((10 * t)) $((t * $3))"
		put proc/net/dev <<<"Inter-| Receive | Transmit
			face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
			eth0: $((900 * t)) $t 0 0 0 0 0 0 $((900 * t)) $t 0 0 0 0 0 0"
		put proc/net/snmp <<<"Tcp: OutSegs RetransSegs CurrEstab
			Tcp: $((50 * t)) $((t * $4 / 100)) 5"
		put left <<<$((1000000 - t * $5 / 100))
		read -rt 0.2 <> <(:) || :
	done
}
# found SOCKET COUNT: ids, severities and culprits of the last of so many samples.
found() {
	run snapshot -uroot -S "$1" --part findings --count "$2" --interval 1 \
		--host-command "PATH=$work/bin:\$PATH FATHOM_ROOT=$root sh"
	tail -n 1 "$work/out" >"$work/last"
}
has() {
	local name=$1 text
	for text in "${@:2}"; do
		grep -qF -e "$text" "$work/last" || { nok "$name: $text" && return; }
	done
	ok "$name"
}
has_no() { if ! grep -qF '"findings":{"status":"ok"' "$work/last" || grep -qF -e "$2" "$work/last"; then nok "$1"; else ok "$1"; fi; }

# write_much SOCKET: what makes some MB of binary log each second.
write_much() {
	local client
	client=$(command -v mariadb || command -v mysql)
	# In place of this shell: whoever ends it ends the client, and so what feeds it.
	exec "$client" --no-defaults -uroot -S "$1" < <(
		echo 'CREATE DATABASE IF NOT EXISTS filling; CREATE TABLE IF NOT EXISTS filling.t (id INT PRIMARY KEY, v LONGTEXT);'
		echo "/*M! SET SESSION binlog_format = ROW */; REPLACE INTO filling.t VALUES (1, '');"
		for ((i = 0; i < 1200; i++)); do
			echo "UPDATE filling.t SET v = REPEAT('$((i % 10))', 400000);"
			read -rt 0.05 <> <(:) || :
		done
	)
}

# Windows of a minute are shortened to what a test can wait for.
export XDG_CONFIG_HOME=$work/config
mkdir -p "$XDG_CONFIG_HOME/fathom"
printf '[rules]\ndisk-full.window = 5\nbinlog-growth.window = 20\n' >"$XDG_CONFIG_HOME/fathom/config"

# doctored SERVER SOCKET
doctored() {
	local server=$1 socket=$2 mover writer
	prepare
	began=$((${EPOCHREALTIME/./} / 10000 - 1000))

	move 0 500000 1 1 0 & mover=$! && background+=("$mover")
	found "$socket" 10
	has_no "$server: a healthy host" '"id":"host-'
	has_no "$server: its filesystem does not fill up" '"id":"disk-full"'
	has_no "$server: nor do binary logs fill it" '"id":"binlog-growth"'
	kill "$mover" && wait "$mover" 2>/dev/null

	move 40 20000 200 900 5000 & mover=$! && background+=("$mover")
	write_much "$socket" & writer=$! && background+=("$writer")
	# On a slow machine the counters may stand still for a while, and the server write little.
	for _ in 1 2 3 4 5; do
		found "$socket" 16
		! grep -qF '"id":"host-cpu","severity":"warning"' "$work/last" ||
			! grep -qF '"id":"binlog-growth","severity":"critical"' "$work/last" || break
	done
	has "$server: stolen CPU" '"id":"host-cpu","severity":"warning"' 'the hypervisor gives'
	has "$server: memory near its end" '"id":"host-memory","severity":"warning"' '98 % of the memory'
	has "$server: a slow disk" '"id":"host-io"' '"kind":"device","id":"sda"'
	has "$server: lost packets" '"id":"host-net","severity":"warning"'
	has "$server: a filesystem that fills up, and when" '"id":"disk-full","severity":"critical"' \
		'"kind":"file","id":"/"' '"kind":"device","id":"/dev/sda1"' 'full in about' 'seconds to full'
	has "$server: what fills it" '"id":"binlog-growth","severity":"critical"' '"kind":"file","id":"binlog.0' \
		'"caused_by":"binlog-growth"'
	kill "$mover" "$writer" && wait "$mover" "$writer" 2>/dev/null
	background=()
}
each_server doctored

# --- a filesystem that is small ------------------------------------------------------------------

# The server's binary logs go to a filesystem of a few megabytes, which a session fills. All of it is real but the
# rest of the machine: what that does is not the test's.
again() { tests/tools/servers.sh restart "$FATHOM_TEST_SERVERS" "$@" >"$work/restart" 2>&1; }
leave_small() {
	[ -z "$small" ] || again "$name"
	[ -z "$small" ] || umount -l "$small"
	small=
}
share() { df -Pk "$small" | awk 'END { printf "%d", 100 * $3 / ($3 + $4) }'; }
# look TEXT: samples until that is told.
look() {
	local i
	for ((i = 0; i < 8; i++)); do
		run snapshot -uroot -S "$socket" --part findings,host_fs --count 4 --interval 1 \
			--host-command "FATHOM_ROOT=$root sh"
		tail -n 1 "$work/out" >"$work/last"
		! grep -qF -e "$1" "$work/last" || break
	done
}
sql() { mariadb --no-defaults -N -uroot -S "$socket" -e "$1" >/dev/null; }
# fill SHARE: in percent.
fill() {
	local i
	for ((i = 0; i < 100 && $(share) < $1; i++)); do
		sql "/*M! SET SESSION binlog_format = ROW */;
			REPLACE INTO filling.t VALUES (1, REPEAT('$((i % 10))', 400000))" || return 1
	done
	[ "$(share)" -ge "$1" ]
}

# small_one SERVER SOCKET
small_one() {
	local server=$1 mover told seen last
	socket=$2 name=${1,,} small=$FATHOM_TEST_SERVERS/${1,,}/small
	prepare
	leave() { leave_small; }
	mkdir -p "$small" && mount -t tmpfs -o size=24m,mode=777 fathom-small "$small" || exit 1
	# Not that of the other server.
	{ grep -v fathom-small /proc/self/mountinfo; grep -F " $small " /proc/self/mountinfo; } >"$root/proc/self/mountinfo"
	is "$server: starts with its binary logs there" again "$name" --log-bin="$small/binlog"
	began=$((${EPOCHREALTIME/./} / 10000 - 1000))
	move 0 500000 1 1 0 & mover=$! && background+=("$mover")
	sql 'CREATE DATABASE IF NOT EXISTS filling; CREATE TABLE IF NOT EXISTS filling.t (id INT PRIMARY KEY, v LONGTEXT)'
	is "$server: half of it is written" fill 45
	look "\"mount\":\"$small\""
	has_no "$server: half full is no news" '"id":"disk-full"'
	is "$server: nearly all of it is written" fill 93
	told=$EPOCHREALTIME
	look '"id":"disk-full"'
	has "$server: a filesystem that is nearly full" '"id":"disk-full","severity":"warning"' \
		"\"kind\":\"file\",\"id\":\"$small\"" '"kind":"device","id":"fathom-small"' '(binlog) is 9'
	seen=$(grep -F -m 1 '"id":"disk-full"' "$work/out" | grep -o '"time":"[^"]*"' | cut -d '"' -f 4)
	echo "# verdict disk-full $name $(awk "BEGIN { printf \"%.1f\", $(date -d "$seen" +%s.%N) - $told }") file:$small"
	has_no "$server: nothing else fills up" '"id":"binlog-growth"'
	has_no "$server: and the host is well" '"id":"host-'
	sql 'FLUSH BINARY LOGS' && last=$(ls "$small" | grep '[0-9]$' | tail -n 1)
	is "$server: what no replica needs is purged" sql "PURGE BINARY LOGS TO '$last'"
	look "\"mount\":\"$small\""
	has_no "$server: and it is well again" '"id":"disk-full"'
	kill "$mover" && wait "$mover" 2>/dev/null
	background=()
	leave_small
}

if small=$(mktemp -d "$work/small.XXXXXX") && ! mount -t tmpfs -o size=24m fathom-small "$small" 2>"$work/mount"; then
	if [ -n "$CI" ]; then
		nok "a filesystem of a few megabytes cannot be mounted"
	else
		ok "disk-full on a small filesystem # skip $(head -n 1 "$work/mount")"
	fi
else
	umount "$small" && small=
	each_server small_one
fi
plan
