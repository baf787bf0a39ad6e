#!/usr/bin/env bash
# The host under real servers: its numbers against the machine's own at the same moment; then doctored hosts
# that this machine cannot be driven into, and who eats the CPU. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
. "$(dirname "$0")/cli.sh"
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - host # skip real servers are not wanted" && exit; }

parts=host_cpu,host_memory,host_disk,host_fs,host_net,host_process
meminfo() { awk -v k="$1:" '$1 == k { print $2 * 1024 }' /proc/meminfo; }

# What only grows, as the machine's own tools tell it: name and number. What fathom reads in between lies between.
counters() {
	awk '/^cpu / { printf "user %.2f\n", ($2 + $3) / '"$(getconf CLK_TCK)"' }; /^ctxt/ { print "switches", $2 }' /proc/stat
	awk -v tick="$(getconf CLK_TCK)" '{ printf "server_cpu %.2f\n", ($14 + $15) / tick }' "/proc/$pid/stat"
	awk '/^write_bytes/ { print "server_written", $2 }' "/proc/$pid/io"
	awk '/^Tcp: [0-9]/ { print "segments", $12 }' /proc/net/snmp
	iostat -dk "$disk" | awk -v d="$disk" '$1 == d { printf "read %.0f\nwritten %.0f\n", $6 * 1024, $7 * 1024 }'
}
# The means since it was started that iostat makes of them, in its own words.
means() {
	iostat -dx "$disk" | awk -v d="$disk" '/^Device/ { for (i = 1; i <= NF; i++) at[$i] = i }
		$1 == d { printf "r_await %s\nw_await %s\naqu %s\nutil %s\n", $at["r_await"], $at["w_await"], $at["aqu-sz"], $at["%util"] }'
	awk '{ print "uptime", $1 }' /proc/uptime
}
# Sums of hundredths are no exact binary numbers: a millionth is less than any step.
between() { json "$server: $1, between two looks of $3" "seen('$2') - 1e-6 <= $4 <= seen('$2', 1) + 1e-6" "$work/local"; }

for server in MARIADB MYSQL; do
	socket=FATHOM_TEST_${server}_SOCKET socket=${!socket}
	pidfile=FATHOM_TEST_${server}_PIDFILE
	[ -n "$socket" ] || continue
	pid=$(cat "${!pidfile}")

	# --- this machine -------------------------------------------------------------------
	datadir=FATHOM_TEST_${server}_DATADIR
	read -r device _ _ _ _ mount < <(df -kP "${!datadir}" | tail -n 1)
	disk=$(lsblk -nso NAME "$device" 2>/dev/null | tail -n 1 | tr -dc '[:alnum:]-')
	[ -b "/dev/$disk" ] || disk=${device#/dev/}
	{ counters && means; } >"$work/before"
	run snapshot -uroot -S "$socket" --part $parts
	{ counters && means; } >"$work/after"
	free -b >"$work/free"
	cp "$work/out" "$work/local"
	export LOOKS="$work/before $work/after"
	row='dict((r["name"], r) for r in part("%s")["rows"])'
	# shellcheck disable=SC2059
	cpu=$(printf "$row" host_cpu) memory=$(printf "$row" host_memory)
	json "$server: cores as nproc counts them" "$cpu['total']['cores'] == $(nproc)" "$work/local"
	json "$server: memory as meminfo has it" "$memory['memory']['total'] == $(meminfo MemTotal)" "$work/local"
	json "$server: what is available, within 5 %" \
		"abs($memory['memory']['available'] / $(meminfo MemAvailable) - 1) < 0.05" "$work/local"
	json "$server: / is as large as df says" \
		"[r for r in part('host_fs')['rows'] if r['mount'] == '/'][0]['size'] == $(df -kP / | awk 'END { print $2 * 1024 }')" "$work/local"
	fs="[r for r in part('host_fs')['rows'] if r['mount'] == '$mount'][0]"
	json "$server: as full as df says, within 1 %" \
		"abs($fs['used'] - $(df -kP "$mount" | awk 'END { print $3 * 1024 }')) < 0.01 * $fs['size']" "$work/local"
	json "$server: as many inodes, within 1 %" \
		"abs($fs['inodes_used'] - $(df -iP "$mount" | awk 'END { print $3 }')) <= 0.01 * $fs['inodes']" "$work/local"
	json "$server: what lies there" "'datadir' in $fs['used_for']" "$work/local"
	json "$server: memory as free has it" "$memory['memory']['total'] == $(awk '/^Mem/ { print $2 }' "$work/free") and
		abs($memory['memory']['available'] - $(awk '/^Mem/ { print $7 }' "$work/free")) < 0.05 * $memory['memory']['total'] and
		$memory['memory']['swap_total'] == $(awk '/^Swap/ { print $2 }' "$work/free")" "$work/local"
	between "CPU time" user /proc/stat "$cpu['total']['user'] + $cpu['total']['nice']"
	between "context switches" switches /proc/stat "$cpu['total']['context_switches']"
	between "the server's CPU time" server_cpu /proc/PID/stat "part('host_process')['rows'][0]['cpu']"
	between "what it wrote" server_written /proc/PID/io "part('host_process')['rows'][0]['written_bytes']"
	between "TCP segments" segments /proc/net/snmp "[r for r in part('host_net')['rows'] if r['name'] == 'tcp'][0]['out_segments']"
	if [ -b "/dev/$disk" ] && command -v iostat >/dev/null; then
		d="[r for r in part('host_disk')['rows'] if r['name'] == '$disk'][0]"
		between "bytes read from the disk" read iostat "$d['read_bytes']"
		between "bytes written to it" written iostat "$d['written_bytes']"
		# Means that iostat rounds to two digits, and that move a little between two looks.
		near() { json "$server: $1 as iostat has it" "$2 and abs($2 - seen('$3')) <= 0.006 + 2 * abs(seen('$3', 1) - seen('$3'))" "$work/local"; }
		near "a read's latency" "1000 * $d['read_time'] / $d['reads']" r_await
		near "a write's latency" "1000 * $d['write_time'] / $d['writes']" w_await
		near "the queue" "$d['queue_time'] / seen('uptime')" aqu
		near "use" "100 * $d['busy'] / seen('uptime')" util
		json "$server: the datadir is on it" "'datadir' in $d['used_for']" "$work/local"
	fi
	json "$server: descriptors as in /proc/PID/fd, and their limit" \
		"abs(part('host_process')['rows'][0]['fds'] - $(find "/proc/$pid/fd" -type l | wc -l)) <= 5 and
		 part('host_process')['rows'][0]['fd_limit'] == $(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")" "$work/local"
	json "$server: the process is the one of its pid file" \
		"[r['pid'] for r in part('host_process')['rows'] if r['kind'] == 'server'] == [$pid]" "$work/local"

	# --- a doctored host ------------------------------------------------------------------
	root=$work/root
	mkdir -p "$root/proc/net" "$root/proc/self"
	echo 'cpu 1000 0 500 8000 200 0 0 4000 0 0' >"$root/proc/stat"
	echo 'cpu0 1000 0 500 8000 200 0 0 4000 0 0' >>"$root/proc/stat"
	echo '9000.00 1.00' >"$root/proc/uptime"
	printf 'MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 50 kB\n' >"$root/proc/meminfo"
	printf 'oom_kill 7\npswpin 1\npswpout 2\n' >"$root/proc/vmstat"
	echo '8 0 sda 9 0 9 9 9 0 9 9 0 9 9' >"$root/proc/diskstats"
	run snapshot -uroot -S "$socket" --part host_cpu,host_memory --host-command "FATHOM_ROOT=$root sh"
	json "$server: steal is read through a command" "$cpu['total']['steal'] == 40.0"
	json "$server: OOM kills too" "$memory['memory']['oom_kills'] == 7"
	json "$server: a kernel without pressure says so" \
		"$cpu['total']['pressure_some'] is None and 'pressure/cpu' in part('host_cpu')['absent']['pressure_some']"
	json "$server: one without MemAvailable is judged by what is free or cache" "$memory['memory']['used'] == 800 * 1024"
	rm -r "$root" && mkdir -p "$root/etc"
	run snapshot -uroot -S "$socket" --part host_cpu --host-command "FATHOM_ROOT=$root sh"
	json "$server: a host without /proc is told apart" \
		"part('host_cpu')['status'] in ('unsupported', 'failed') and part('host_cpu')['reason']"

	# --- who eats the CPU --------------------------------------------------------------------
	mariadb --no-defaults --skip-ssl -uroot -S "$socket" -e "SELECT BENCHMARK(100000000, SHA2('eat', 256))" >/dev/null 2>&1 &
	background+=($!)
	cat >"$work/script" <<-'EOS'
		resize 160x24
		key 2
		wait-for 30 \d\d\.\d%.*BENCHMARK
		key 6
		wait-for 20 Server +\S+ \d+ +cpu \d
		quit
	EOS
	FATHOM_SCRIPT=$work/script expect "$server: the session that eats the CPU shows" 0 "" -uroot -S "$socket"
	mariadb --no-defaults --skip-ssl -uroot -S "$socket" -N -e \
		"SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT BENCHMARK%'" |
		while read -r id; do mariadb --no-defaults --skip-ssl -uroot -S "$socket" -e "KILL $id"; done
done
plan
