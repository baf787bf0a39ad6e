#!/usr/bin/env bash
# What each privilege unlocks: an account without any gets one at a time, on each flavor. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
. "$(dirname "$0")/cli.sh"
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - grants # skip real servers are not wanted" && exit; }

password='Pw-12345'
sql() { mariadb --no-defaults --skip-ssl -uroot -S "$socket" -N -e "$1"; }
grant() { sql "GRANT $1 TO 'observer'@'%'"; }
look() {
	run check --format=json -uobserver -p"$password" "localhost:$port"
	cp "$work/out" "$work/check"
	run snapshot -uobserver -p"$password" "localhost:$port"
}
# Sessions of others are there: one sleeps, as root.
others='[r for r in part("processlist")["rows"] if r["user"] == "root"]'
# checked NAME EXPRESSION: of what check said; snapped: of the snapshot.
checked() { json "$server: $1" "$2" "$work/check"; }
snapped() { json "$server: $1" "$2" "$work/out"; }
# lacks STEP... / has STEP...: what check says of them now.
lacks() { checked "lacks $*" "all(status[s] == 'warn' and 'GRANT' in fix[s] for s in '$*'.split())"; }
has() { checked "has $*" "all(status[s] == 'ok' and fix[s] is None for s in '$*'.split())"; }

for server in MARIADB MARIADB_PS MYSQL; do
	socket=FATHOM_TEST_${server}_SOCKET socket=${!socket}
	port=FATHOM_TEST_${server}_PORT port=${!port}
	[ -n "$socket" ] || continue
	sql "DROP USER IF EXISTS 'observer'@'%'; CREATE USER 'observer'@'%' IDENTIFIED BY '$password'"
	mariadb --no-defaults --skip-ssl -uroot -S "$socket" -e "SELECT SLEEP(100)" >/dev/null 2>&1 &
	background+=($!)
	sleeper() { sql "SHOW PROCESSLIST" | awk '/SLEEP\(100\)/ { print $1 }'; }
	sleeps() { [ -n "$(sleeper)" ]; }
	await sleeps

	# --- nothing ----------------------------------------------------------------------
	look
	is "$server: an account without any privilege is served" [ "$rc" = 0 ]
	has status variables
	lacks trx innodb sessions row_locks channels binlog_end kill
	case $server in
	MARIADB*)
		checked "sessions are seen in part" '": not all of it: needs PROCESS" in text["sessions"]'
		checked "of InnoDB nothing is" 'all(": none of it: needs PROCESS" in text[s] for s in "trx innodb innodb_status innodb_pools innodb_spaces row_locks".split())'
		;;
	esac
	checked "the statement for all of it comes last" '"GRANT PROCESS" in fix["grants"] and "'"'observer'@'%'"'" in fix["grants"]'
	snapped "rates and variables need none" 'part("status")["status"] == "ok" and part("variables")["status"] == "ok"'
	snapped "the sessions are its own" 'part("processlist")["status"] == "ok" and part("processlist")["rows"] and not '"$others"
	snapped "what is refused says what it needs" 'part("transactions")["status"] == "denied" and "GRANT PROCESS" in part("transactions")["reason"]'
	snapped "and nothing failed" 'not [n for n, p in j["parts"].items() if p["status"] == "failed"] and not j["partial"]'

	# --- what the report asks for: nothing that is there, nothing too little -----------
	reported() {
		run report --format=json --seconds 1 -uobserver -p"$password" "localhost:$port"
		python3 -c 'import json, sys
for t in json.loads(open(sys.argv[1]).readline())["sections"]["unseen"]["texts"]:
    print(t if t.startswith("GRANT") else "", end="")' "$work/out" | tee "$work/asked"
	}
	shows() { sql "SHOW GRANTS FOR 'observer'@'%'" | tr -d '`'; }
	reported >/dev/null
	is "$server: the report of an account without any privilege is there" [ "$rc" = 0 ]
	is "$server: it asks for PROCESS" grep -q '^GRANT PROCESS ON' "$work/asked"
	is "$server: and for what shows replication" grep -qE '^GRANT (REPLICATION CLIENT|REPLICA MONITOR) ON' "$work/asked"
	is "$server: which SHOW GRANTS lacks" eval '! shows | grep -qE "PROCESS|REPLICA|SELECT"'
	is "$server: they are SQL" sql "$(cat "$work/asked")"
	reported >/dev/null
	is "$server: nothing more is asked for" [ ! -s "$work/asked" ]
	snapped "all is seen but what is not known to be there" 'not [r for r in
		j["sections"]["unseen"]["tables"]["parts"]["rows"] if r["status"] == "denied" and r["part"] != "Backups"]'
	sql "DROP USER 'observer'@'%'; CREATE USER 'observer'@'%' IDENTIFIED BY '$password'"

	# --- PROCESS ----------------------------------------------------------------------
	grant "PROCESS ON *.*"
	look
	has trx innodb
	snapped "PROCESS shows everybody" "$others"
	snapped "and transactions" 'part("transactions")["status"] == "ok"'
	snapped "and InnoDB's counters" 'part("innodb")["status"] == "ok"'
	case $server in
	MARIADB*) has sessions row_locks ;;
	*) lacks sessions row_locks metadata_locks statements statement_events ;;
	esac
	lacks channels kill
	checked "it is not asked for again" '"PROCESS" not in fix["grants"]'

	# --- the performance schema -------------------------------------------------------
	grant "SELECT ON performance_schema.*"
	look
	case $server in
	MARIADB_PS) has statements ;;
	MYSQL)
		has sessions row_locks metadata_locks statements statement_events group
		snapped "SELECT ON performance_schema shows digests" 'part("statements")["status"] == "ok" and part("statements")["rows"]'
		snapped "and metadata locks" 'part("metadata_locks")["status"] == "ok"'
		;;
	esac
	lacks channels binlog_end kill

	# --- replication ------------------------------------------------------------------
	case $server in
	MARIADB*)
		grant "REPLICA MONITOR ON *.*"
		look
		has channels
		lacks binlog_end
		grant "BINLOG MONITOR ON *.*"
		;;
	*) grant "REPLICATION CLIENT ON *.*" ;;
	esac
	look
	has channels binlog_end
	snapped "the monitor's privilege shows replication" 'part("replication")["status"] == "ok" and part("binlog")["status"] == "ok"'
	snapped "from which comes the role" 'j["target"]["role"] == "standalone"'

	# --- killing ----------------------------------------------------------------------
	lacks kill
	statement=$(python3 -c 'import json, sys
print([s["fix"] for s in json.load(open(sys.argv[1]))["steps"] if s["step"] == "grants"][0])' "$work/check")
	is "$server: the statement for the rest is SQL" sql "$statement"
	look
	has kill grants

	# --- all at once, and by a role ---------------------------------------------------
	sql "DROP USER 'observer'@'%'; CREATE USER 'observer'@'%' IDENTIFIED BY '$password'"
	look
	statement=$(python3 -c 'import json, sys
print([s["fix"] for s in json.load(open(sys.argv[1]))["steps"] if s["step"] == "grants"][0])' "$work/check")
	is "$server: one statement grants all of it" sql "$statement"
	look
	has grants kill sessions trx channels
	checked "nothing is left to grant" 'not [f for f in fix.values() if f and "GRANT" in f]'
	sql "DROP USER 'observer'@'%'; DROP ROLE IF EXISTS watcher; CREATE ROLE watcher; GRANT PROCESS ON *.* TO watcher;
		CREATE USER 'observer'@'%' IDENTIFIED BY '$password'; GRANT watcher TO 'observer'@'%'"
	case $server in
	MARIADB*) sql "SET DEFAULT ROLE watcher FOR 'observer'@'%'" ;;
	*) sql "SET DEFAULT ROLE ALL TO 'observer'@'%'" ;;
	esac
	look
	has trx
	snapped "a role's privileges count" "$others"
	sql "DROP USER 'observer'@'%'; DROP ROLE watcher"

	sql "KILL $(sleeper)"

	# --- instruments ------------------------------------------------------------------
	if [ $server != MARIADB ]; then
		run check --format=json -uroot "$socket"
		cp "$work/out" "$work/check"
		enable=$(python3 -c 'import json, sys
print("".join(s["fix"] for s in json.load(open(sys.argv[1]))["steps"] if s["step"] == "enable"))' "$work/check")
		checked "what is switched off is named" 'status["enable"] == "warn"'
		is "$server: the statement that switches it on is SQL" sql "$enable"
		run check --format=json -uroot "$socket"
		json "$server: then nothing is off" '"enable" not in status and "warn" not in status.values()'
		sql "UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME IN ('events_stages_current', 'events_waits_current')"
		[ $server = MYSQL ] || sql "UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME = 'events_statements_current';
			UPDATE performance_schema.setup_instruments SET ENABLED = 'NO' WHERE NAME = 'wait/lock/metadata/sql/mdl'"
	else
		run check --format=json -uroot "$socket"
		json "$server: without the performance schema check says which line turns it on" \
			'status["settings"] == "warn" and "performance_schema=ON" in fix["settings"]'
	fi
done

plan
