/*
 * The fields of all parts of the host, with what they mean. Counters are since the host's boot (or the
 * thing's own start); the makers are in host_*.c, the schemas in hostschema.c.
 */
#ifndef COLLECT_HOSTFIELDS_H
#define COLLECT_HOSTFIELDS_H

#include "model/schema.h"

#define HOST_CPU_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "CPU", "total for all cores together, cpu0 and so on for one.", \
	  "/proc/stat", "") \
	F(USER, "user", REAL, SECONDS, COUNTER, "User", "Time in programs.", "/proc/stat, field 1", \
	  "Where a database should spend its time; near 100 % of all cores, sessions queue for them.") \
	F(NICE, "nice", REAL, SECONDS, COUNTER, "Nice", "Time in programs of lowered priority.", \
	  "/proc/stat, field 2", "Near zero; back-ups and batch jobs.") \
	F(SYSTEM, "system", REAL, SECONDS, COUNTER, "System", "Time in the kernel for programs.", \
	  "/proc/stat, field 3", \
	  "A quarter of the user time or less; more: many small reads, memory being reclaimed, or mutex " \
	  "contention.") \
	F(IDLE, "idle", REAL, SECONDS, COUNTER, "Idle", "Time with nothing to do.", "/proc/stat, field 4", \
	  "Some should be left for bursts.") \
	F(IOWAIT, "iowait", REAL, SECONDS, COUNTER, "I/O wait", \
	  "Idle time while some thread waited for a disk.", "/proc/stat, field 5", \
	  "Low; high with slow disks: see their latency. The core could have worked on something else.") \
	F(IRQ, "irq", REAL, SECONDS, COUNTER, "Interrupts", "Time in interrupts, soft ones included.", \
	  "/proc/stat, fields 6 and 7", "A few percent; all on one core: network card queues.") \
	F(STEAL, "steal", REAL, SECONDS, COUNTER, "Steal", \
	  "Time that this virtual machine wanted and the hypervisor gave to others.", \
	  "/proc/stat, field 8", "Near zero. More than a few percent: a noisy neighbour, or CPU credits used up.") \
	F(CORES, "cores", INT, COUNT, GAUGE, "Cores", "Cores that are online.", "/proc/stat", \
	  "As bought.") \
	F(RUN_QUEUE, "run_queue", INT, COUNT, GAUGE, "Run queue", \
	  "Threads that run or want to run right now, the reader itself included.", \
	  "/proc/stat procs_running", "Up to the number of cores.") \
	F(BLOCKED, "blocked", INT, COUNT, GAUGE, "Blocked", "Threads that wait for a disk right now.", \
	  "/proc/stat procs_blocked", "Zero or a few.") \
	F(SWITCHES, "context_switches", INT, COUNT, COUNTER, "Switches", \
	  "How often a core went from one thread to another.", "/proc/stat ctxt", \
	  "Some thousands a second and core.") \
	F(FORKS, "forks", INT, COUNT, COUNTER, "Forks", "Processes and threads that were started.", \
	  "/proc/stat processes", "A few a second.") \
	F(LOAD1, "load1", REAL, COUNT, GAUGE, "Load 1m", \
	  "Threads that ran, wanted to or waited for a disk, averaged over a minute.", "/proc/loadavg", \
	  "Below the number of cores.") \
	F(LOAD5, "load5", REAL, COUNT, GAUGE, "Load 5m", "The same over five minutes.", "/proc/loadavg", \
	  "Below the number of cores.") \
	F(LOAD15, "load15", REAL, COUNT, GAUGE, "Load 15m", "The same over fifteen minutes.", \
	  "/proc/loadavg", "Below the number of cores.") \
	F(PSI_SOME, "pressure_some", REAL, PERCENT, GAUGE, "Pressure", \
	  "Share of the last ten seconds in which some thread could run and found no core.", \
	  "/proc/pressure/cpu some avg10", "Below 10 %; it tells want of CPU better than the load does.") \
	F(PSI_SOME_TOTAL, "pressure_some_total", REAL, SECONDS, COUNTER, "Pressure", \
	  "Time in which some thread could run and found no core.", "/proc/pressure/cpu some total", \
	  "Below 10 % of the time.") \
	F(PSI_FULL, "pressure_full", REAL, PERCENT, GAUGE, "Stalled", \
	  "Share of the last ten seconds in which no thread got on for want of CPU; of a container that is " \
	  "throttled.", "/proc/pressure/cpu full avg10", "0.") \
	F(PSI_FULL_TOTAL, "pressure_full_total", REAL, SECONDS, COUNTER, "Stalled", \
	  "Time in which no thread got on for want of CPU.", "/proc/pressure/cpu full total", "0.") \
	F(QUOTA, "quota_cores", REAL, COUNT, GAUGE, "CPU limit", \
	  "Cores that the server's cgroup may use: the smallest limit from its own to the root.", \
	  "cpu.max; version 1: cpu.cfs_quota_us / cpu.cfs_period_us", \
	  "Absent: no limit. A container is judged by it, not by the host's cores.") \
	F(CGROUP_CPU, "cgroup_cpu", REAL, SECONDS, COUNTER, "Cgroup CPU", \
	  "CPU time of all in the server's cgroup.", "cpu.stat usage_usec; version 1: cpuacct.usage", \
	  "Below its limit.") \
	F(THROTTLED_PERIODS, "throttled_periods", INT, COUNT, COUNTER, "Throttled", \
	  "Periods (of 100 ms mostly) in which the cgroup used up its limit and had to stop.", \
	  "cpu.stat nr_throttled", "0. Each is a stall of tens of milliseconds for all sessions.") \
	F(THROTTLED, "throttled", REAL, SECONDS, COUNTER, "Throttled for", \
	  "Time that the cgroup's threads were kept from running by its limit.", \
	  "cpu.stat throttled_usec; version 1: throttled_time", "0.")

#define HOST_MEMORY_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Always memory: there is one row.", "fathom", "") \
	F(LIMIT, "limit", INT, BYTES, GAUGE, "Limit", \
	  "The memory that the server can have: the host's, or its cgroup's limit where that is less.", \
	  "/proc/meminfo MemTotal, memory.max", "Larger than the buffer pool and the sessions' buffers together.") \
	F(USED, "used", INT, BYTES, GAUGE, "Used", \
	  "What counts against the limit and cannot be dropped at once: total less available; in a cgroup " \
	  "with a limit, its use less inactive file pages.", \
	  "/proc/meminfo; memory.current, memory.stat", \
	  "Below 90 % of the limit. Above that the kernel reclaims, swaps, and in the end kills.") \
	F(TOTAL, "total", INT, BYTES, GAUGE, "Total", "Memory of the host.", "/proc/meminfo MemTotal", \
	  "As bought.") \
	F(FREE, "free", INT, BYTES, GAUGE, "Free", "Memory that is used for nothing.", \
	  "/proc/meminfo MemFree", "Small on a healthy host: what is free is cache not yet.") \
	F(AVAILABLE, "available", INT, BYTES, GAUGE, "Available", \
	  "Memory that programs can get without swapping.", "/proc/meminfo MemAvailable (Linux 3.14)", \
	  "Above 10 % of the total.") \
	F(CACHED, "cached", INT, BYTES, GAUGE, "Cached", \
	  "Page cache and what the kernel can drop of its own: files, binary logs, back-ups.", \
	  "/proc/meminfo Cached, SReclaimable, less Shmem", "Whatever is left over.") \
	F(BUFFERS, "buffers", INT, BYTES, GAUGE, "Buffers", "Cache of block devices.", \
	  "/proc/meminfo Buffers", "Small.") \
	F(DIRTY, "dirty", INT, BYTES, GAUGE, "Dirty", \
	  "Cache that is to be written to disk, or is being written.", \
	  "/proc/meminfo Dirty, Writeback", "Some megabytes; gigabytes make the next fsync slow.") \
	F(SHARED, "shared", INT, BYTES, GAUGE, "Shared", "Shared memory and files in tmpfs.", \
	  "/proc/meminfo Shmem", "Small; a tmpdir in memory counts here.") \
	F(SWAP_TOTAL, "swap_total", INT, BYTES, GAUGE, "Swap", "Swap space.", "/proc/meminfo SwapTotal", \
	  "Some, or none.") \
	F(SWAP_USED, "swap_used", INT, BYTES, GAUGE, "Swap used", "Swap space in use.", \
	  "/proc/meminfo SwapTotal, SwapFree", "What lies there and stays there does no harm; see swap in.") \
	F(SWAP_IN, "swap_in", INT, BYTES, COUNTER, "Swap in", "Memory read back from swap.", \
	  "/proc/vmstat pswpin", "0. Any steady rate makes everything slow.") \
	F(SWAP_OUT, "swap_out", INT, BYTES, COUNTER, "Swap out", "Memory written to swap.", \
	  "/proc/vmstat pswpout", "0, or now and then something.") \
	F(MAJOR_FAULTS, "major_faults", INT, COUNT, COUNTER, "Major faults", \
	  "Page faults that had to read from disk.", "/proc/vmstat pgmajfault", "A few a second.") \
	F(HUGE_TOTAL, "huge_total", INT, BYTES, GAUGE, "Huge pages", \
	  "Memory set aside as huge pages: only programs that ask for them can use it.", \
	  "/proc/meminfo HugePages_Total, Hugepagesize", "0, or a little over the buffer pool.") \
	F(HUGE_FREE, "huge_free", INT, BYTES, GAUGE, "Huge free", "Huge pages that nobody uses.", \
	  "/proc/meminfo HugePages_Free, Hugepagesize", "Small: what is free here is lost to all else.") \
	F(PSI_SOME, "pressure_some", REAL, PERCENT, GAUGE, "Pressure", \
	  "Share of the last ten seconds in which some thread waited for memory to be made free.", \
	  "/proc/pressure/memory some avg10", "0, or below 1 %.") \
	F(PSI_SOME_TOTAL, "pressure_some_total", REAL, SECONDS, COUNTER, "Pressure", \
	  "Time in which some thread waited for memory.", "/proc/pressure/memory some total", "0.") \
	F(PSI_FULL, "pressure_full", REAL, PERCENT, GAUGE, "Stalled", \
	  "Share of the last ten seconds in which all threads waited for memory.", \
	  "/proc/pressure/memory full avg10", "0. Above 5 % the host is thrashing.") \
	F(PSI_FULL_TOTAL, "pressure_full_total", REAL, SECONDS, COUNTER, "Stalled", \
	  "Time in which all threads waited for memory.", "/proc/pressure/memory full total", "0.") \
	F(OOM_KILLS, "oom_kills", INT, COUNT, COUNTER, "OOM kills", \
	  "Processes that the kernel killed because memory had run out, since the boot.", \
	  "/proc/vmstat oom_kill (Linux 4.13)", \
	  "0. Otherwise look whom: dmesg, or the journal; mysqld is mostly the largest.") \
	F(CGROUP_LIMIT, "cgroup_limit", INT, BYTES, GAUGE, "Cgroup limit", \
	  "The smallest memory limit of the server's cgroup and those above it.", \
	  "memory.max; version 1: memory.limit_in_bytes", "Absent: none.") \
	F(CGROUP_USED, "cgroup_used", INT, BYTES, GAUGE, "Cgroup used", \
	  "Memory of the server's cgroup, its page cache included.", \
	  "memory.current; version 1: memory.usage_in_bytes", \
	  "May stand at the limit: cache fills what there is. See used.") \
	F(CGROUP_CACHE, "cgroup_cache", INT, BYTES, GAUGE, "Cgroup cache", \
	  "Page cache of the cgroup that can be dropped at once.", \
	  "memory.stat inactive_file; version 1: total_inactive_file", "What is left over.") \
	F(CGROUP_OOM, "cgroup_oom_kills", INT, COUNT, COUNTER, "Cgroup OOM", \
	  "Processes of the cgroup that were killed because it was at its limit.", \
	  "memory.events oom_kill; version 1: memory.oom_control", "0.") \
	F(CGROUP_MAX_EVENTS, "cgroup_limit_hits", INT, COUNT, COUNTER, "Limit hits", \
	  "How often the cgroup ran into its limit and had to reclaim.", \
	  "memory.events max; version 1: memory.failcnt", "Slow growth is page cache; fast growth stalls.")

#define HOST_DISK_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Disk", "The block device, partitions count with their disk; total for what is known of all together.", \
	  "/proc/diskstats", "") \
	F(USED_FOR, "used_for", TEXT, NONE, GAUGE, "Holds", \
	  "What of the server's lies there: datadir, tmpdir, binlog, redo, undo, relay log.", \
	  "SHOW VARIABLES, mountinfo", "") \
	F(READS, "reads", INT, COUNT, COUNTER, "Reads", "Reads that were completed.", \
	  "/proc/diskstats, field 1", "Below what the device can do.") \
	F(READ_BYTES, "read_bytes", INT, BYTES, COUNTER, "Read", "Bytes read.", \
	  "/proc/diskstats, field 3", "Below what the device can do.") \
	F(READ_TIME, "read_time", REAL, SECONDS, COUNTER, "Read time", \
	  "Time of all reads added, waiting in the queue included; by reads: the latency.", \
	  "/proc/diskstats, field 4", "Well below a second a second.") \
	F(WRITES, "writes", INT, COUNT, COUNTER, "Writes", "Writes that were completed.", \
	  "/proc/diskstats, field 5", "Below what the device can do.") \
	F(WRITTEN_BYTES, "written_bytes", INT, BYTES, COUNTER, "Written", "Bytes written.", \
	  "/proc/diskstats, field 7", "Below what the device can do.") \
	F(WRITE_TIME, "write_time", REAL, SECONDS, COUNTER, "Write time", \
	  "Time of all writes added, waiting in the queue included; by writes: the latency.", \
	  "/proc/diskstats, field 8", "Well below a second a second.") \
	F(IN_FLIGHT, "in_flight", INT, COUNT, GAUGE, "In flight", "Requests under way right now.", \
	  "/proc/diskstats, field 9", "Few; hundreds mean that the device cannot follow.") \
	F(BUSY, "busy", REAL, SECONDS, COUNTER, "Util", \
	  "Time in which at least one request was under way.", "/proc/diskstats, field 10", \
	  "A single disk is full at 100 %; flash and arrays work in parallel and can do more: see the " \
	  "latency.") \
	F(QUEUE_TIME, "queue_time", REAL, SECONDS, COUNTER, "Queue", \
	  "Time of all requests added; a second of it: how many are under way on average.", \
	  "/proc/diskstats, field 11", "A few for one disk, tens for flash.") \
	F(ERRORS, "io_errors", INT, COUNT, COUNTER, "Errors", \
	  "Requests that ended in an error, as the driver counts (SCSI, SATA).", \
	  "/sys/block/NAME/device/ioerr_cnt", "Stands still. Growing: the disk is failing, see dmesg.") \
	F(PSI_SOME, "pressure_some", REAL, PERCENT, GAUGE, "Pressure", \
	  "Share of the last ten seconds in which some thread waited for a disk (row total).", \
	  "/proc/pressure/io some avg10", "Below 10 %.") \
	F(PSI_SOME_TOTAL, "pressure_some_total", REAL, SECONDS, COUNTER, "Pressure", \
	  "Time in which some thread waited for a disk (row total).", "/proc/pressure/io some total", \
	  "Below 10 % of the time.") \
	F(PSI_FULL, "pressure_full", REAL, PERCENT, GAUGE, "Stalled", \
	  "Share of the last ten seconds in which all threads with work waited for a disk (row total).", \
	  "/proc/pressure/io full avg10", "Below 5 %.") \
	F(PSI_FULL_TOTAL, "pressure_full_total", REAL, SECONDS, COUNTER, "Stalled", \
	  "Time in which all threads with work waited for a disk (row total).", "/proc/pressure/io full total", \
	  "Below 5 % of the time.")

#define HOST_FS_FIELDS(F) \
	F(MOUNT, "mount", TEXT, NONE, GAUGE, "Mounted on", "Where the filesystem is mounted.", "df -kP", "") \
	F(DEVICE, "device", TEXT, NONE, GAUGE, "Device", "What is mounted there.", "df -kP", "") \
	F(TYPE, "type", TEXT, NONE, GAUGE, "Type", "Kind of filesystem.", "/proc/self/mountinfo", \
	  "xfs or ext4 for a database.") \
	F(USED_FOR, "used_for", TEXT, NONE, GAUGE, "Holds", \
	  "What of the server's lies there: datadir, tmpdir, binlog, redo, undo, relay log.", \
	  "SHOW VARIABLES, mountinfo", "") \
	F(SIZE, "size", INT, BYTES, GAUGE, "Size", "Size of the filesystem.", "df -kP", "As bought.") \
	F(USED, "used", INT, BYTES, GAUGE, "Used", "Bytes in use.", "df -kP", \
	  "Below 85 %. A full disk stops every write; MySQL waits, MariaDB too, until there is room.") \
	F(AVAILABLE, "available", INT, BYTES, GAUGE, "Available", \
	  "Bytes that can still be used, less than free by what is kept for root.", "df -kP", \
	  "More than the largest table: ALTER TABLE may copy it.") \
	F(INODES, "inodes", INT, COUNT, GAUGE, "Inodes", \
	  "How many files it can hold; absent where it has no such limit (btrfs).", "df -iP", \
	  "Far more than it holds.") \
	F(INODES_USED, "inodes_used", INT, COUNT, GAUGE, "Inodes used", "How many it holds.", "df -iP", \
	  "Below 85 %: without inodes no file can be made, however much room there is.") \
	F(READ_ONLY, "read_only", INT, BOOL, GAUGE, "Read-only", \
	  "Whether it is mounted read-only. Kernels do that by themselves after a disk error.", \
	  "/proc/self/mountinfo", "No for what the server writes to.") \
	F(ERRORS, "fs_errors", INT, COUNT, COUNTER, "Errors", \
	  "Errors that the filesystem found in itself since it was last checked (ext4).", \
	  "/sys/fs/ext4/NAME/errors_count", "0. Otherwise: a back-up now, then fsck.")

#define HOST_NET_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Interface", "The interface; tcp for the protocol's own counters.", \
	  "/proc/net/dev", "") \
	F(IN_BYTES, "in_bytes", INT, BYTES, COUNTER, "In", "Bytes received.", "/proc/net/dev", \
	  "Below the card's speed: 10 Gbit/s are 1.16 GB/s.") \
	F(IN_PACKETS, "in_packets", INT, COUNT, COUNTER, "Packets in", "Packets received.", \
	  "/proc/net/dev", "What is usual.") \
	F(IN_ERRORS, "in_errors", INT, COUNT, COUNTER, "Errors in", "Packets received damaged.", \
	  "/proc/net/dev", "0: else cable, card or port.") \
	F(IN_DROPS, "in_drops", INT, COUNT, COUNTER, "Drops in", \
	  "Packets received and thrown away for want of room (or of anybody interested).", \
	  "/proc/net/dev", "Near zero.") \
	F(OUT_BYTES, "out_bytes", INT, BYTES, COUNTER, "Out", "Bytes sent.", "/proc/net/dev", \
	  "Below the card's speed.") \
	F(OUT_PACKETS, "out_packets", INT, COUNT, COUNTER, "Packets out", "Packets sent.", \
	  "/proc/net/dev", "What is usual.") \
	F(OUT_ERRORS, "out_errors", INT, COUNT, COUNTER, "Errors out", "Packets that could not be sent.", \
	  "/proc/net/dev", "0.") \
	F(OUT_DROPS, "out_drops", INT, COUNT, COUNTER, "Drops out", "Packets thrown away before sending.", \
	  "/proc/net/dev", "Near zero.") \
	F(SEGMENTS, "out_segments", INT, COUNT, COUNTER, "Segments", "TCP segments sent (row tcp).", \
	  "/proc/net/snmp Tcp OutSegs", "What is usual.") \
	F(RETRANSMITS, "retransmits", INT, COUNT, COUNTER, "Retransmits", \
	  "TCP segments sent again because no answer came (row tcp).", "/proc/net/snmp Tcp RetransSegs", \
	  "Below 0.1 % of the segments; more: packets get lost, and replication and clients stall.") \
	F(ESTABLISHED, "established", INT, COUNT, GAUGE, "Connections", "TCP connections that are open (row tcp).", \
	  "/proc/net/snmp Tcp CurrEstab", "What is usual.") \
	F(OVERFLOWS, "listen_overflows", INT, COUNT, COUNTER, "Listen overflows", \
	  "Connections that were turned away because the queue of a listening socket was full (row tcp).", \
	  "/proc/net/netstat TcpExt ListenOverflows", \
	  "0. Growing: raise back_log and net.core.somaxconn, or find what keeps the server from accepting.") \
	F(LISTEN_DROPS, "listen_drops", INT, COUNT, COUNTER, "Listen drops", \
	  "Connections that were dropped while they were set up, whatever the reason (row tcp).", \
	  "/proc/net/netstat TcpExt ListenDrops", "0.")

#define HOST_PROCESS_FIELDS(F) \
	F(PID, "pid", INT, ID, GAUGE, "PID", "Process id, as the host numbers it.", "/proc/PID/stat", "Any.") \
	F(NAME, "name", TEXT, NONE, GAUGE, "Process", "Name of the program.", "/proc/PID/stat", "") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", "server: the one that is watched; other.", "fathom", "") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", "running, sleeping, disk sleep, zombie, stopped.", \
	  "/proc/PID/stat", "sleeping or running; disk sleep that lasts: the disk hangs.") \
	F(CPU, "cpu", REAL, SECONDS, COUNTER, "CPU", "CPU time of all its threads.", \
	  "/proc/PID/stat utime, stime", "Below the number of cores times 100 %.") \
	F(RSS, "rss", INT, BYTES, GAUGE, "RSS", "Memory that it has in RAM.", "/proc/PID/stat rss", \
	  "mysqld: the buffer pool and some gigabytes beside it.") \
	F(SWAP, "swap", INT, BYTES, GAUGE, "Swap", "Memory of it that was swapped out.", \
	  "/proc/PID/status VmSwap", "0 for a database.") \
	F(THREADS, "threads", INT, COUNT, GAUGE, "Threads", "Its threads.", "/proc/PID/stat", \
	  "One for each connection and some tens.") \
	F(FDS, "fds", INT, COUNT, GAUGE, "Files", "Descriptors that are open: files and connections.", \
	  "/proc/PID/fd", "Below its limit by far.") \
	F(FD_LIMIT, "fd_limit", INT, COUNT, GAUGE, "Files at most", \
	  "How many descriptors it may have; absent: any number.", "/proc/PID/limits Max open files", \
	  "Above table_open_cache and max_connections together.") \
	F(READ_BYTES, "read_bytes", INT, BYTES, COUNTER, "Read", "Bytes that it had read from disks.", \
	  "/proc/PID/io read_bytes", "Small with a buffer pool that fits.") \
	F(WRITTEN_BYTES, "written_bytes", INT, BYTES, COUNTER, "Written", \
	  "Bytes that it had written to disks.", "/proc/PID/io write_bytes", \
	  "Redo, binary log and pages: two to four times what changes.") \
	F(AGE, "age", REAL, SECONDS, GAUGE, "Age", "How long it has been running.", \
	  "/proc/PID/stat starttime, /proc/uptime", "Short for a server that should have been up: it crashed.") \
	F(OOM_SCORE, "oom_score", INT, COUNT, GAUGE, "OOM score", \
	  "How likely the kernel picks it when memory runs out; the largest goes first.", \
	  "/proc/PID/oom_score", "Lower for mysqld than for all else: OOMScoreAdjust=-800 in its unit.") \
	F(OOM_ADJUST, "oom_score_adj", INT, COUNT, GAUGE, "OOM adjust", \
	  "By how much that was moved by hand; -1000: never.", "/proc/PID/oom_score_adj", "Below zero.")

/* Of every process, only for choosing which to show. */
#define HOST_PROCESSES_FIELDS(F) \
	F(PID, "pid", INT, ID, GAUGE, "PID", "Process id.", "/proc/PID/stat", "Any.") \
	F(CPU, "cpu", REAL, SECONDS, COUNTER, "CPU", "CPU time of all its threads.", "/proc/PID/stat", \
	  "Below the number of cores times 100 %.") \
	F(RECENT, "recent", REAL, SECONDS, GAUGE, "Lately", \
	  "CPU time since the reading before; since its start where there was none.", "/proc/PID/stat", \
	  "Near zero for all but the server.") \
	F(RSS, "rss", INT, BYTES, GAUGE, "RSS", "Memory that it has in RAM.", "/proc/PID/stat", \
	  "Small for all but the server.")

#define HOST_THREADS_FIELDS(F) \
	F(TID, "tid", INT, ID, GAUGE, "Thread", \
	  "Number of the thread as the server sees it: THREAD_OS_ID, TID.", "/proc/PID/task, NSpid", "Any.") \
	F(HOST_TID, "host_tid", INT, ID, GAUGE, "On the host", \
	  "Its number on the host; another one for a server in a container.", "/proc/PID/task", "Any.") \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Name of the thread.", "/proc/PID/task/TID/stat", "") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", "running, sleeping, disk sleep.", \
	  "/proc/PID/task/TID/stat", "sleeping while it waits for the client or a lock.") \
	F(CPU, "cpu", REAL, SECONDS, COUNTER, "CPU", "CPU time of the thread.", \
	  "/proc/PID/task/TID/schedstat, else stat", "At most 100 %: one thread, one core.") \
	F(RUN_WAIT, "run_wait", REAL, SECONDS, COUNTER, "Run wait", \
	  "Time that it could run and had to wait for a core.", "/proc/PID/task/TID/schedstat", \
	  "Near zero; more: not enough CPU, or a limit on it.") \
	F(READ_BYTES, "read_bytes", INT, BYTES, COUNTER, "Disk read", "Bytes that it had read from disks.", \
	  "/proc/PID/task/TID/io read_bytes", "Zero when the buffer pool has it all.") \
	F(WRITTEN_BYTES, "written_bytes", INT, BYTES, COUNTER, "Disk written", \
	  "Bytes that it had written to disks.", "/proc/PID/task/TID/io write_bytes", \
	  "The redo log and temporary files; pages are written by other threads.")

#define HOST_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Host", "Name of the host.", "/proc/sys/kernel/hostname", "") \
	F(KERNEL, "kernel", TEXT, NONE, GAUGE, "Kernel", "Version of the kernel.", \
	  "/proc/sys/kernel/osrelease", "") \
	F(SYSTEM, "system", TEXT, NONE, GAUGE, "System", "Name of the operating system.", \
	  "/etc/os-release", "") \
	F(UPTIME, "uptime", REAL, SECONDS, GAUGE, "Up", "Since the boot.", "/proc/uptime", \
	  "Shorter than expected: it was restarted, or crashed.") \
	F(BOOTED, "booted", INT, WALL, GAUGE, "Booted", "When it was started.", "/proc/uptime and the clock here", \
	  "Long ago.") \
	F(CORES, "cores", INT, COUNT, GAUGE, "Cores", "Cores that are online.", "/proc/stat", "As bought.") \
	F(MACHINE, "machine", TEXT, NONE, GAUGE, "Machine", \
	  "What it runs on: the maker's or the hypervisor's name.", "/sys/class/dmi/id", "") \
	F(CONTAINER, "container", TEXT, NONE, GAUGE, "Container", \
	  "What kind of container the server runs in.", "/proc/PID/cgroup, NSpid", "") \
	F(CGROUP, "cgroup", TEXT, NONE, GAUGE, "Cgroup", "The cgroup of the server's process.", \
	  "/proc/PID/cgroup", "") \
	F(CGROUP_VERSION, "cgroup_version", INT, COUNT, GAUGE, "Cgroups", "Version of the host's cgroups.", \
	  "/proc/PID/cgroup", "2 since about 2021.") \
	F(PID, "pid", INT, ID, GAUGE, "Server", "Process id of the server, as the host numbers it.", \
	  "pid file, port or socket", "Any.") \
	F(INNER_PID, "inner_pid", INT, ID, GAUGE, "In its container", \
	  "Process id of the server as it sees itself.", "/proc/PID/status NSpid", "Any.") \
	F(FOUND, "found_by", TEXT, NONE, GAUGE, "Found by", "How the server's process was found.", "fathom", "") \
	F(NOT_FOUND, "not_found", TEXT, NONE, GAUGE, "Not found", \
	  "Why the server's process was not found.", "fathom", "")

enum {
#define HOST_ENUM(id, ...) HOST_##id,
	HOST_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_FIELDS,
};

enum {
#define HOST_ENUM(id, ...) HOST_CPU_##id,
	HOST_CPU_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_CPU_FIELDS,
};

enum {
#define HOST_ENUM(id, ...) HOST_MEMORY_##id,
	HOST_MEMORY_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_MEMORY_FIELDS,
};

enum {
#define HOST_ENUM(id, ...) HOST_DISK_##id,
	HOST_DISK_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_DISK_FIELDS,
};

enum {
#define HOST_ENUM(id, ...) HOST_FS_##id,
	HOST_FS_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_FS_FIELDS,
};

enum {
#define HOST_ENUM(id, ...) HOST_NET_##id,
	HOST_NET_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_NET_FIELDS,
};

enum {
#define HOST_ENUM(id, ...) HOST_PROCESS_##id,
	HOST_PROCESS_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_PROCESS_FIELDS,
};

enum {
#define HOST_ENUM(id, ...) HOST_PROCESSES_##id,
	HOST_PROCESSES_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_PROCESSES_FIELDS,
};

enum {
#define HOST_ENUM(id, ...) HOST_THREADS_##id,
	HOST_THREADS_FIELDS(HOST_ENUM)
#undef HOST_ENUM
	N_HOST_THREADS_FIELDS,
};

extern const struct schema host_schema, host_cpu_schema, host_memory_schema, host_disk_schema,
	host_fs_schema, host_net_schema, host_process_schema, host_processes_schema, host_threads_schema;

#endif
