#!/usr/bin/env bash
# snapshot and check against real servers: what data looks like, what failures look like. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
. "$(dirname "$0")/cli.sh"
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - snapshot and check # skip real servers are not wanted" && exit; }

# sql SERVER STATEMENT: as root, through the socket.
sql() {
	local socket=FATHOM_TEST_$1_SOCKET
	mariadb --no-defaults --skip-ssl -uroot -S "${!socket}" -N -e "$2"
}
all_parts="status variables processlist transactions row_lock_waits metadata_locks statements innodb
	replication replicas binlog group galera findings self deadlocks"

for server in MARIADB MARIADB_PS MYSQL; do
	socket=FATHOM_TEST_${server}_SOCKET socket=${!socket}
	port=FATHOM_TEST_${server}_PORT port=${!port}
	[ -n "$socket" ] || continue
	flavor=mariadb
	[ $server != MYSQL ] || flavor=mysql
	tcp=(-ufull -pfull "localhost:$port" --ssl-ca="$FATHOM_TEST_CA")

	# --- data -------------------------------------------------------------------------

	run snapshot -uroot "$socket"
	is "$server: snapshot" [ "$rc" = 0 ]
	is "it says nothing else" [ ! -s "$work/err" ]
	is "it is JSON to others" python3 -m json.tool "$work/out" "$work/tool"
	json "one object with the contract's keys" 'len(lines) == 1 and list(j) ==
		["fathom", "time", "target", "error", "partial", "uptime", "parts"]'
	json "the target" 'list(j["target"]) == ["name", "host", "port", "socket", "flavor", "version", "role", "label"] and
		j["target"]["flavor"] == "'$flavor'" and j["target"]["socket"] == "'"$socket"'" and j["target"]["host"] is None'
	json "no error, not partial, an uptime" 'j["error"] is None and j["partial"] is False and j["uptime"] >= 0'
	json "every part that needs no host" 'list(j["parts"]) == """'"$all_parts"'""".split()'
	json "each with the contract's keys" 'all(list(p) == ["status", "reason", "read_at", "ms", "rows_cut", "absent", "rows"]
		for p in j["parts"].values())'
	json "each with a known status, and a reason where it is not ok" 'all(p["status"] == "ok" and p["reason"] is None or
		p["status"] in ("stale", "denied", "unsupported", "failed") and p["reason"] and not p["rows"] for p in j["parts"].values())'
	json "times are RFC 3339" '__import__("re").fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", part("status")["read_at"])'
	json "the status is whole" 'len(part("status")["rows"]) > 300 and
		{r["name"]: r["value"] for r in part("status")["rows"]}["Uptime"] >= 0'
	json "variables too" 'len(part("variables")["rows"]) > 400 and
		{r["name"]: r["value"] for r in part("variables")["rows"]}["port"] == '"$port"
	json "the sessions have the contract's fields" 'set("id user host db command state time info transaction_age rows_locks rows_modified blocked_by blocks".split())
		<= set(part("processlist")["rows"][0])'

	sql $server "SELECT /* caf\xc3\xa9 \xff */ SLEEP(20)" >/dev/null 2>&1 &
	sleeper=$!
	found() {
		run snapshot -uroot "$socket" --part=processlist &&
			grep -q 'SLEEP(20)' "$work/out"
	}
	is "$server: a hostile statement is read" await found
	json "as valid UTF-8" '[r for r in part("processlist")["rows"] if "SLEEP(20)" in (r["info"] or "")]'
	json "only the part that was asked for" 'list(j["parts"]) == ["processlist"]'
	run snapshot -uroot "$socket" --part=processlist --format=table
	is "on a terminal it is harmless" eval 'grep -q "SLEEP(20)" "$work/out" && iconv -f UTF-8 -t UTF-8 "$work/out" >"$work/utf8"'
	sql $server "KILL $(sql $server 'SHOW PROCESSLIST' | awk '/SLEEP\(20\)/ { print $1 }')"
	wait $sleeper 2>/dev/null

	run snapshot "${tcp[@]}" --part=status,processlist --count=3 --interval=0.2
	is "$server: over TCP and TLS, three samples" [ "$rc" = 0 ]
	json "are three objects" 'len(lines) == 3 and len({l["time"] for l in lines}) == 3 and not any(l["partial"] for l in lines)'
	json "each of them a new reading" 'len({l["parts"]["processlist"]["read_at"] for l in lines}) == 3'
	json "the role does not depend on the parts" 'j["target"]["role"] == "standalone"'
	json "by host and port" 'j["target"]["host"] == "localhost" and j["target"]["port"] == '"$port"' and j["target"]["socket"] is None'

	run snapshot -uroot "$socket" --part=variables --format=csv
	is "$server: CSV" [ "$rc" = 0 ]
	is "is what RFC 4180 says" python3 -c 'import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
sys.exit(not (len(rows) > 400 and all(r["name"] and r["target"] == sys.argv[2] and r["read_at"] and None not in r for r in rows)))' \
		"$work/out" "$socket"
	is "lines end with CR LF" python3 -c 'import sys
text = open(sys.argv[1], "rb").read()
sys.exit(not (text.startswith(b"name,value,") and text.endswith(b"\r\n") and text.count(b"\r\n") > 400))' "$work/out"

	# --- targets beside each other ----------------------------------------------------

	expect "$server: a dead target takes none with it" 2 'refused' \
		snapshot --part=status -ufull -pfull "localhost:$port" 127.0.0.1:1
	json "the living one is whole" 'len(lines) == 2 and not lines[0]["partial"] and lines[0]["parts"]["status"]["rows"] and lines[1]["error"]["code"] == "connect"'

	# --- failures ---------------------------------------------------------------------

	expect "$server: a wrong password" 2 "Access denied for user 'full'.*; check user and password" \
		snapshot --part=status -ufull -pwrong "localhost:$port"
	json "in the data" 'j["partial"] and j["error"]["code"] == "login" and j["error"]["number"] == 1045'
	out "in check" 2 '^fail	login	Access denied.*; check user and password$' check -ufull -pwrong "localhost:$port"
	is "which does not repeat it" eval '! grep -q wrong "$work/out" "$work/err"'
	expect "a user that is not there" 2 'Access denied' snapshot --part=status -unobody -px "localhost:$port"
	expect "an authority that signed nothing here" 2 'TLS|certificate' snapshot --part=status -ufull -pfull \
		--ssl-mode=verify-ca --ssl-ca="$FATHOM_TEST_WRONG_CA" "localhost:$port"
	json "is an error of TLS" 'j["error"]["code"] == "tls"'
	out "check stops there" 2 '^fail	tls	.*; ' check -ufull -pfull --ssl-mode=verify-ca \
		--ssl-ca="$FATHOM_TEST_WRONG_CA" "localhost:$port"
	expect "a certificate for another name" 2 'not for the name 127\.0\.0\.1' snapshot --part=status -ufull -pfull \
		--ssl-mode=verify-identity --ssl-ca="$FATHOM_TEST_CA" "127.0.0.1:$port"
	out "the right name" 0 'verified' check "${tcp[@]}" --ssl-mode=verify-identity

	# --- check ------------------------------------------------------------------------

	run check --format=json "${tcp[@]}"
	is "$server: check" [ "$rc" = 0 ]
	json "goes all the way" 'all(status[s] in ("ok", "warn") for s in "options resolve tcp tls login server role".split())'
	json "says where options came from" 'any(s["text"] == "user=full from command line" for s in j["steps"])'
	json "masks secrets" 'any(s["text"].startswith("password=**") for s in j["steps"]) and "full" not in [s["text"].split("=")[-1] for s in j["steps"]]'
	json "misses no privilege" 'status["grants"] == "ok" and status["kill"] == "ok"'
	json "knows the server" '"performance schema" in text["server"]'
	run check "${tcp[@]}"
	isnt "lines have three fields" grep -vqE '^(ok|warn|fail|skip)	[a-z_-]+	[^	]+$' "$work/out"
	out "a read-only target has no kill" 0 '^skip	kill' check --read-only -uroot "$socket"
	out "without TLS it says so" 0 '^warn	tls	not encrypted' check -ufull -pfull --skip-ssl "127.0.0.1:$port"

	# --- lost on the way --------------------------------------------------------------

	rm -f "$work/stream"
	"$FATHOM" snapshot --part=status --count=0 --interval=0.1 "${tcp[@]}" >"$work/stream" 2>"$work/err" &
	pid=$!
	sampled() { [ "$(cat "$work/stream" 2>/dev/null | wc -l)" -ge 2 ]; }
	is "$server: samples arrive as they are had" await sampled
	kill -INT $pid && wait $pid
	rc=$?
	is "an interrupt ends them with 0" [ $rc = 0 ]
	json "and the last one is whole" 'len(lines) >= 2 and not any(l["partial"] for l in lines)' "$work/stream"
	rm "$work/stream"
	"$FATHOM" snapshot --part=status --count=100 --interval=0.1 "${tcp[@]}" >"$work/stream" 2>"$work/err" &
	pid=$!
	await sampled
	kill -INT $pid && wait $pid
	rc=$?
	is "with a number to go it ends with 3" [ $rc = 3 ]
done

# A server of our own, to break: its certificate has expired, and it dies.
if [ -n "$FATHOM_TEST_MARIADB_SOCKET" ]; then
	# The account that servers run as as root cannot enter our folder.
	ca=$FATHOM_TEST_CA
	own=$(mktemp -d /tmp/fathom-cli-own.XXXXXX)
	trap '"$srcdir/tests/tools/servers.sh" stop "$own" >/dev/null 2>&1; finish' EXIT
	EXTRA_OPTIONS="--ssl-cert=$FATHOM_TEST_EXPIRED_CERT --ssl-key=$FATHOM_TEST_EXPIRED_KEY" \
		"$srcdir/tests/tools/servers.sh" start "$own" mariadb >"$work/own.env" 2>"$work/err"
	rc=$?
	is "a server of our own" [ $rc = 0 ]
	unset FATHOM_TEST_MARIADB_PORT FATHOM_TEST_MARIADB_PIDFILE
	# shellcheck disable=SC1091
	. "$work/own.env"
	port=$FATHOM_TEST_MARIADB_PORT pidfile=$FATHOM_TEST_MARIADB_PIDFILE
	expect "an expired certificate" 2 'expired' snapshot --part=status -ufull -pfull --ssl-mode=verify-ca \
		--ssl-ca="$ca" "localhost:$port"
	json "is an error of TLS" 'j["error"]["code"] == "tls"'
	rm "$work/stream"
	"$FATHOM" snapshot --part=status,processlist --count=20 --interval=0.2 -ufull -pfull \
		"localhost:$port" >"$work/stream" 2>"$work/err" &
	pid=$!
	await sampled
	kill -KILL "$(cat "$pidfile")"
	wait $pid
	rc=$?
	is "a server that dies on the way: status 2" [ $rc = 2 ]
	json "what was had is there" 'len(lines) == 20 and not lines[0]["partial"]' "$work/stream"
	json "then it is partial, with the error, and the old rows are marked" 'lines[-1]["partial"] and lines[-1]["error"]["code"] in ("lost", "connect")
		and lines[-1]["parts"]["status"]["status"] == "stale" and lines[-1]["parts"]["status"]["rows"]' "$work/stream"
	is "stderr tells once" [ "$(grep -c '^fathom: ' "$work/err")" -le 3 ]
fi

plan
