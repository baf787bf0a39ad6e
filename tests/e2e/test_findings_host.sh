#!/usr/bin/env bash
# What the rules of the host say of hosts that this machine cannot be driven into: a real server beside a
# doctored /proc whose counters move. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
. "$(dirname "$0")/cli.sh"
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - findings of the host # skip real servers are not wanted" && exit; }

root=$work/root
mkdir -p "$root/proc/net" "$root/proc/self"
put() { sed 's/^\t*//' >"$root/$1.new" && mv "$root/$1.new" "$root/$1"; }

# move STEAL AVAILABLE DISK_MS RETRANSMITS: from now on so many hundredths of stolen time a second, kB that are
# available, milliseconds for each of a hundred requests a second, segments sent again a second.
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
		read -rt 0.2 <> <(:) || :
	done
}
# found SOCKET: ids, severities and culprits of the last of ten samples.
found() {
	run snapshot -uroot -S "$1" --part findings --count 10 --interval 1 --host-command "FATHOM_ROOT=$root sh"
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

for server in MARIADB MYSQL; do
	socket=FATHOM_TEST_${server}_SOCKET socket=${!socket}
	[ -n "$socket" ] || continue
	began=$((${EPOCHREALTIME/./} / 10000 - 1000))

	move 0 500000 1 1 & mover=$! && background+=("$mover")
	found "$socket"
	has_no "$server: a healthy host" '"id":"host-'
	kill "$mover" && wait "$mover" 2>/dev/null

	move 40 20000 200 900 & mover=$! && background+=("$mover")
	found "$socket"
	has "$server: stolen CPU" '"id":"host-cpu","severity":"warning"' 'the hypervisor gives'
	has "$server: memory near its end" '"id":"host-memory","severity":"warning"' '98 % of the memory'
	has "$server: a slow disk" '"id":"host-io"' '"kind":"device","id":"sda"'
	has "$server: lost packets" '"id":"host-net","severity":"warning"'
	kill "$mover" && wait "$mover" 2>/dev/null
	background=()
done
plan
