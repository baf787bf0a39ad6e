#!/usr/bin/env bash
# What this machine cannot be driven into, on a doctored host: stolen CPU, OOM kills, disk errors, an old
# kernel, containers at their limits, another clock, files that the login may not read. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
. "$(dirname "$0")/cli.sh"
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - host faults # skip real servers are not wanted" && exit; }

socket=${FATHOM_TEST_MARIADB_SOCKET:-$FATHOM_TEST_MYSQL_SOCKET}
pidfile=${FATHOM_TEST_MARIADB_PIDFILE:-$FATHOM_TEST_MYSQL_PIDFILE}
root=$work/root

# put NAME: a file of the doctored host, whole at once.
put() {
	mkdir -p "$(dirname "$root/$1")"
	cat >"$root/$1.new" && mv "$root/$1.new" "$root/$1"
}

# A host of two cores and one disk, with the server as its process 812.
build() {
	rm -rf "$root"
	put "$pidfile" <<<812
	put proc/812/comm <<<mariadbd
	put proc/812/stat <<<'812 (mariadbd) S 1 812 812 0 -1 0 1 0 1 0 100 50 0 0 20 0 9 0 4242 1000000 500 0 0 0'
	printf 'Name:\tmariadbd\nUid:\t0\t0\t0\t0\nNSpid:\t812\n' | put proc/812/status
	put proc/sys/kernel/hostname <<<"$(uname -n)"
	put proc/loadavg <<<'0.10 0.20 0.30 1/100 812'
	put proc/uptime <<<"${uptime:-9000.00 1.00}"
	put proc/self/mountinfo <<<'22 1 8:0 / / rw - ext4 /dev/sda rw'
	printf 'MemTotal: 1000000 kB\nMemFree: 100000 kB\nMemAvailable: 300000 kB\nCached: 200000 kB\n' | put proc/meminfo
	count 0
}

# count N: the counters after N steps: of 100 ticks 40 are stolen; a disk request in 30 fails.
count() {
	local t=$(($1 * 10))
	put proc/stat <<-EOT
		cpu $((t * 5)) 0 $((t * 1)) 0 0 0 0 $((t * 4)) 0 0
		cpu0 $((t * 5)) 0 $((t * 1)) 0 0 0 0 $((t * 4)) 0 0
		ctxt $t
		procs_running 3
	EOT
	printf 'oom_kill %d\npswpin 1\npswpout 2\n' $((7 + $1)) | put proc/vmstat
	put proc/diskstats <<<"8 0 sda $((t * 3)) 0 $((t * 9)) $((t * 90)) 9 0 9 9 1 $((t * 8)) $((t * 99))"
	put sys/block/sda/device/ioerr_cnt <<<"$(printf '0x%x' $((31 + $1)))"
	[ -z "$throttled" ] || eval "$throttled"
}

# Moves the counters on until it is ended: rates want a host that does something.
live() {
	local i=1
	while [ -d "$root" ]; do
		count $((i++))
		sleep 0.1
	done 2>/dev/null
}

# shows NAME TEXT...: keys and conditions in the host panel of the doctored host, on a wide screen;
# the screen at the end is in $work/screen.
shows() {
	local name=$1 mover
	shift
	live &
	mover=$!
	{
		printf '%s\n' 'resize 200x50' 'key 6' "$@" "save-screen $work/screen" quit
	} >"$work/script"
	FATHOM_SCRIPT=$work/script expect "$name" 0 "" -uroot -S "$socket" --interval 0.5 \
		--host-command "FATHOM_ROOT=$root sh"
	kill $mover && wait $mover 2>/dev/null
	:
}

throttled=
build
shows "steal, the disk's errors and OOM kills are seen in the panel" \
	'wait-for 20 steal 40%' 'wait-for 20 OOM kills \d' 'wait-for 20 sda .* (3[2-9]|[4-9]\d|\d{3}) '
is "an old kernel's pressure is unknown, not none" grep -qE 'pressure –' "$work/screen"
is "the server is the one of the pid file" grep -qE 'Server .*mariadbd 812' "$work/screen"

# --- containers -------------------------------------------------------------------------------
throttled='printf "usage_usec %d\nnr_periods %d\nnr_throttled %d\nthrottled_usec %d\n" $((t * 15000)) $t $((t / 2)) $((t * 3000)) |
	put sys/fs/cgroup/db.slice/cpu.stat'
build
put proc/812/cgroup <<<0::/db.slice
put sys/fs/cgroup/db.slice/cpu.max <<<'150000 100000'
put sys/fs/cgroup/db.slice/memory.max <<<$((512 << 20))
put sys/fs/cgroup/db.slice/memory.current <<<$((480 << 20))
printf 'low 0\noom_kill 3\n' | put sys/fs/cgroup/db.slice/memory.events
printf 'anon 100\ninactive_file 1000\n' | put sys/fs/cgroup/db.slice/memory.stat
shows "version 2: the container's limits, and that it is throttled" \
	'wait-for 20 cgroup .*/1\.5.*throttled \d' 'wait-for 20 /512M.*OOM kills 3'

throttled='printf "nr_periods %d\nnr_throttled %d\nthrottled_time %d\n" $t $((t / 2)) $((t * 3000000)) |
	put sys/fs/cgroup/cpu/db/cpu.stat; put sys/fs/cgroup/cpuacct/db/cpuacct.usage <<<$((t * 15000000))'
build
printf '3:cpuacct:/db\n2:cpu:/db\n1:memory:/db\n' | put proc/812/cgroup
put sys/fs/cgroup/cpu/db/cpu.cfs_quota_us <<<150000
put sys/fs/cgroup/cpu/db/cpu.cfs_period_us <<<100000
put sys/fs/cgroup/memory/db/memory.limit_in_bytes <<<$((512 << 20))
put sys/fs/cgroup/memory/db/memory.usage_in_bytes <<<$((480 << 20))
printf 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n' | put sys/fs/cgroup/memory/db/memory.oom_control
printf 'total_inactive_file 1000\n' | put sys/fs/cgroup/memory/db/memory.stat
shows "version 1: the same" \
	'wait-for 20 cgroup .*/1\.5.*throttled \d' 'wait-for 20 /512M.*OOM kills 3'

# --- another clock ----------------------------------------------------------------------------
throttled='put proc/uptime <<<"$((t * 1000000)).00 1.00"'
build
shows "a far side whose clock runs away changes no rate" 'wait-for 20 steal 40%' 'wait-for 20 user 50%'

# --- an ordinary user -------------------------------------------------------------------------
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	run snapshot -uroot -S "$socket" --part host_process \
		--host-command 'setpriv --reuid=nobody --regid=nogroup --clear-groups sh'
	json "another user's descriptors and I/O are denied, with that reason" \
		"all('same user or root' in part('host_process')['absent'][f] for f in ('fds', 'read_bytes'))"
	json "what all may read of it is there" \
		"part('host_process')['rows'][0]['kind'] == 'server' and part('host_process')['rows'][0]['rss'] > 0"
fi
plan
