#!/usr/bin/env bash
# fathom report on real servers: the culprit in all formats, files, redaction, a server that is lost. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
. "$(dirname "$0")/cli.sh"
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - report # skip real servers are not wanted" && exit; }
export XDG_STATE_HOME=$work/state TZ=UTC

sockets=() names=()
for server in MARIADB MYSQL; do
	socket=FATHOM_TEST_${server}_SOCKET
	[ -z "${!socket}" ] || { sockets+=("${!socket}") names+=($server); }
done
[ ${#sockets[@]} -gt 0 ] || { echo "ok 1 - report # skip no server" && exit; }

# sql SOCKET STATEMENT [ARGUMENT]...: as root.
sql() { mariadb --no-defaults --skip-ssl -uroot -S "$1" -N -e "${@:2}"; }
# until_is SOCKET STATEMENT VALUE: until the statement prints it.
until_is() {
	local end=$((SECONDS + 20))
	while [ "$(sql "$1" "$2")" != "$3" ]; do
		[ $SECONDS -lt $end ] || return 1
		read -rt 0.1 <> <(:) || :
	done
}

# --- what is wrong is said before anybody waits ---------------------------------------------

one=${sockets[0]}
expect "a folder that is not there" 1 "no/such/file.*No such file" report -uroot "$one" --output "$work/no/such/file"
isnt "nothing was sampled for it" grep -q sampling "$work/err"
expect "a folder in place of a file" 1 "Is a directory" report -uroot "$one" --output "$work"
echo precious >"$work/kept"
expect "a file that exists" 1 "it exists; --force" report -uroot "$one" --output "$work/kept"
is "is kept" grep -qx precious "$work/kept"
for f in text markdown html json; do
	expect "in $f too" 1 "it exists; --force" report -uroot "$one" --output "$work/kept" --format $f
	isnt "nothing was sampled for it" grep -q sampling "$work/err"
done
is "and kept" grep -qx precious "$work/kept"
expect "nobody can be reached" 2 "" report -uroot "$work/no.sock" --format=json
json "the report says so" 'j["partial"] is True and j["error"] and j["verdict"] is None and not j["findings"]'
expect "which monitoring calls unknown" 3 "" report -uroot "$work/no.sock" --exit-code
expect "as it does wrong usage, which is no warning" 3 "secondz" report --secondz 5 --exit-code "$one"
expect "and a wrong value" 3 "--seconds" report -uroot "$one" --exit-code --seconds many
expect "1 without --exit-code" 1 "--seconds" report -uroot "$one" --seconds many

# --- a statement that gets slower from one report to the next --------------------------------

slow() { for _ in 1 2 3 4 5 6 7 8 9 10; do echo "SELECT SLEEP($1) AS rep_regression;"; done; }
for i in "${!sockets[@]}"; do
	[ ${names[i]} = MYSQL ] || continue
	s=${sockets[i]}
	sql "$s" "$(slow 0.02)" >"$work/slept"
	run report -uroot "$s" --seconds 1 --format json
	json "nothing is slower than what was never reported" '"regressions" not in j["sections"]["workload"]["tables"]'
	sql "$s" "$(slow 0.2)" >"$work/slept"
	run report -uroot "$s" --seconds 1 --format json
	json "MYSQL: what got slower since the last report is named" '[r for r in
		j["sections"]["workload"]["tables"]["regressions"]["rows"] if "rep_regression" in r["text"] and r["factor"] > 1.5]'
done

# --- one who idles in a transaction, and two who wait ---------------------------------------

hostile='a|b`c<script>alert(1)</script>'
for i in "${!sockets[@]}"; do
	s=${sockets[i]}
	sql "$s" "DROP DATABASE IF EXISTS \`rep|<b>\`; CREATE DATABASE \`rep|<b>\`;
		CREATE TABLE \`rep|<b>\`.\`st|ock<i>\` (id INT PRIMARY KEY, v VARCHAR(60)) ENGINE=InnoDB;
		INSERT INTO \`rep|<b>\`.\`st|ock<i>\` VALUES (4711, 'x');
		DROP USER IF EXISTS 'batchjob'@'localhost'; CREATE USER 'batchjob'@'localhost' IDENTIFIED BY 'pw';
		GRANT ALL ON *.* TO 'batchjob'@'localhost'"
	mkfifo "$work/idler$i"
	mariadb --no-defaults --skip-ssl -ubatchjob -ppw -S "$s" 'rep|<b>' <"$work/idler$i" >"$work/idler$i.out" 2>&1 &
	background+=($!)
	exec {fd}>"$work/idler$i"
	echo "SET innodb_lock_wait_timeout=600; BEGIN; UPDATE \`st|ock<i>\` SET v = 'secret-1' WHERE id = 4711;" >&"$fd"
	until_is "$s" "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0" 1
	culprit[i]=$(sql "$s" "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0")
	for w in 1 2 3; do
		sql "$s" "SET innodb_lock_wait_timeout=600; UPDATE \`st|ock<i>\` SET v = '$hostile $w' WHERE id = 4711" 'rep|<b>' \
			>"$work/waiter.out" 2>&1 &
		background+=($!)
	done
	until_is "$s" "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" 3
done

# All formats at once: each samples for itself.
for f in text markdown html; do
	"$FATHOM" report -uroot "${sockets[@]}" --seconds 3 --format $f --output "$work/r.$f" 2>"$work/err.$f" </dev/null &
	reports+=($!)
done
"$FATHOM" report -uroot "${sockets[@]}" --seconds 3 --format json --redact --output "$work/kept" --force \
	>"$work/out.redact" 2>"$work/err.redact" </dev/null &
reports+=($!)
run report -uroot "${sockets[@]}" --seconds 3 --format json --exit-code
is "critical is 2 for monitoring" [ $rc = 2 ]
cp "$work/out" "$work/json.out"
for pid in "${reports[@]}"; do
	wait "$pid" || late=$?
done
is "all of them end well" [ -z "$late" ]
is "a file is for its owner only" [ "$(stat -c %a "$work/r.html")" = 600 ]

for i in "${!sockets[@]}"; do
	c=${culprit[i]} name=${names[i]}
	is "$name: the verdict in JSON" python3 - "$work/json.out" "$i" "$c" <<'EOF'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
j, culprit = lines[int(sys.argv[2])], sys.argv[3]
assert list(j)[:6] == ["fathom", "time", "target", "error", "partial", "uptime"], list(j)
assert j["error"] is None and j["partial"] is False
pile = [f for f in j["findings"] if f["id"] == "row-lock-pileup"][0]
assert pile["severity"] == "critical" and 0 < pile["confidence"] <= 1
assert pile["culprits"][0] == {"kind": "session", "id": culprit}, pile["culprits"]
assert [a for a in pile["actions"] if a["kind"] == "kill-connection"]
assert pile["evidence"] and all(set(e) == {"name", "value", "unit"} for e in pile["evidence"])
order = ["critical", "warning", "notice"]
assert j["verdict"] in [f["id"] for f in j["findings"] if f["severity"] == "critical"], j["verdict"]
seen = set()
for f in j["findings"]:  # causes before their symptoms
    assert not set(f["causes"]) & seen, f["id"]
    seen.add(f["id"])
assert {"summary", "innodb", "replication", "workload", "host", "unseen"} <= set(j["sections"])
EOF
	for f in text markdown html; do
		is "$name: the culprit in $f" grep -q "behind $c: idle in transaction" "$work/r.$f"
	done
done
if [ ${#sockets[@]} = 2 ]; then
	is "two targets are compared" python3 - "$work/json.out" <<'EOF'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert len(lines) == 3 and list(lines[2]) == ["comparison"]
tables = {s["id"]: s["tables"] for s in lines[2]["comparison"]}
differ = [r["name"] for r in tables["settings"]["settings"]["rows"]]
assert "version" in differ and "socket" not in differ, differ
EOF
fi

is "the page is well formed, and needs nothing from elsewhere" python3 - "$work/r.html" <<'EOF'
import re, sys
from html.parser import HTMLParser
text = open(sys.argv[1], encoding="utf-8").read()
class Check(HTMLParser):
    stack, ids, links = [], set(), set()
    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br", "path"):
            self.stack.append(tag)
        for name, value in attrs:
            assert name not in ("src", "onclick", "onload", "action"), (tag, name)
            if name == "id":
                assert value not in self.ids, value
                self.ids.add(value)
            if name == "href":
                assert value.startswith("#"), value
                self.links.add(value[1:])
    def handle_startendtag(self, tag, attrs):
        pass
    def handle_endtag(self, tag):
        assert self.stack and self.stack.pop() == tag, (tag, self.stack, self.getpos())
c = Check()
c.feed(text)
c.close()
assert not c.stack and c.links <= c.ids
assert "svg" in text and not re.search(r"https?:|url\(|@import|<script", text)
EOF
is "tables in Markdown have as many cells in each row" python3 - "$work/r.markdown" <<'EOF'
import re, sys
wide, rows = None, 0
for line in open(sys.argv[1], encoding="utf-8"):
    if line.startswith("|"):
        bars = len(re.findall(r"(?<!\\)\|", line))
        assert wide in (None, bars), line
        wide, rows = bars, rows + 1
    else:
        wide = None
assert rows > 50
EOF
isnt "nothing in Markdown is HTML" grep -qE '(^|[^\\])<(b|i|script)' "$work/r.markdown"
isnt "no literals, users and hosts once redacted" grep -qE "secret-1|alert\(|batchjob|$(uname -n)([^a-z]|$)" "$work/kept"
is "but tokens" grep -q 'user-[0-9]*@localhost' "$work/kept"
is "a file is replaced when that is asked for" python3 -m json.tool --json-lines "$work/kept" "$work/tool"
is "the next report of a target can be compared with this one" \
	eval '[[ " ${names[*]} " != *" MYSQL "* ]] || python3 -m json.tool "$XDG_STATE_HOME"/fathom/reports/*mysql*.json "$work/tool"'

# --- a server that is lost in the middle ----------------------------------------------------

# Between fathom and the server, until it was sampled for a while: then nobody listens any more.
cat >"$work/between.py" <<'EOF'
import select, socket, sys, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
pairs, left, end = {}, int(sys.argv[2]), None
while end is None or time.monotonic() < end:
    for ready in select.select([listener, *pairs], [], [], 0.2)[0]:
        if ready is listener:
            client, server = listener.accept()[0], socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            pairs[client], pairs[server] = (server, False), (client, True)
            continue
        if ready not in pairs:
            continue
        other, is_servers = pairs[ready]
        data = ready.recv(65536)
        if not data:
            del pairs[ready], pairs[other]
            other.close()
            ready.close()
            continue
        left -= len(data) if is_servers else 0
        if left < 0 and end is None:
            end = time.monotonic() + 2
        other.sendall(data)
EOF
port=FATHOM_TEST_${names[0]}_PORT
python3 "$work/between.py" "${!port}" 60000 >"$work/port" &
background+=($!)
while [ ! -s "$work/port" ]; do read -rt 0.1 <> <(:) || :; done
run report -ufull -pfull "127.0.0.1:$(cat "$work/port")" --ssl-mode=disabled --seconds 5 --format=json
is "a server that is lost gives status 2" [ $rc = 2 ]
is "who was lost is said" grep -q '^fathom: .*127.0.0.1' "$work/err"
json "what was had is there, marked as partial" 'len(lines) == 1 and j["partial"] is True and j["error"] and j["findings"]
	and j["target"]["version"] and j["sections"]["innodb"]["facts"]'

for i in "${!sockets[@]}"; do
	sql "${sockets[i]}" "KILL ${culprit[i]}" 2>/dev/null
	sql "${sockets[i]}" "DROP DATABASE \`rep|<b>\`; DROP USER 'batchjob'@'localhost'"
done
plan
