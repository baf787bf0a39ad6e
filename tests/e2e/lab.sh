# Sourced by test_lab_*.sh with $server set: the lab, from up to down, through crashes. TAP.
# Run by hand with FATHOM=…/fathom FATHOM_TEST_SERVERS=1.
# shellcheck shell=bash disable=SC2154,SC2046,SC2086

[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - lab # skip real servers are not wanted" && exit; }
if [ "$server" = mysql ]; then
	[ -n "$FATHOM_MYSQL_ROOT" ] || { echo "ok 1 - lab # skip no MySQL here" && exit; }
	up=(up --mysql-root "$FATHOM_MYSQL_ROOT")
else
	up=(up)
fi

n=0 failed=
ok() { n=$((n + 1)) && echo "ok $n - $server: $1"; }
nok() { n=$((n + 1)) failed=1 && echo "not ok $n - $server: $1" && sed 's/^/# /' "$work"/{out,err}; }
# is NAME COMMAND...: passes when the command does.
is() {
	local name=$1
	shift
	if "$@"; then ok "$name"; else nok "$name"; fi
}
# lab VERB...: what it printed is in $work/out and err, its status in $rc.
lab() {
	"$FATHOM" lab "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	return $rc
}
# ends STATUS VERB...: that is its status.
ends() {
	local want=$1
	shift
	lab "$@"
	[ $rc = "$want" ]
}
says() { grep -q -e "$1" "$work/out" "$work/err"; }
# sql NAME STATEMENT: prints its result.
sql() { "$FATHOM" lab exec -e "$2" "$1" -N 2>/dev/null </dev/null; }
# await SECONDS COMMAND...: until it succeeds.
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}
# Pids of whatever has our folder in its arguments (grep itself has it not).
processes() {
	grep -lzF -f "$work/folder" /proc/[0-9]*/cmdline 2>/dev/null | sed 's,/proc/\([0-9]*\)/.*,\1,'
}
alive() { [ -n "$(processes)" ]; }
gone() { ! alive; }
removed() { gone && [ ! -e "$FATHOM_LAB_DIR" ]; }
# As root the account that the keeper runs as cannot remove the folder itself from ours.
emptied() { gone && [ -z "$(ls -A "$FATHOM_LAB_DIR" 2>/dev/null)" ]; }
# pid KEY [N]: from the state file: keeper, worker, or the Nth server's process.
pid_of() {
	python3 -c 'import json,sys
s = json.load(open(sys.argv[1] + "/lab.json"))
p = s["servers"][int(sys.argv[3])]["process"] if sys.argv[2] == "process" else s[sys.argv[2]]
print(p["pid"] if p else 0)' "$FATHOM_LAB_DIR" "$@"
}
mode() { stat -c %a "$1"; }

work=$(mktemp -d "${TMPDIR:-/tmp}/fathom-lab.XXXXXX") && chmod 711 "$work" || exit 1
export FATHOM_LAB_DIR=$work/lab
echo "$FATHOM_LAB_DIR" >"$work/folder"
clean_up() {
	lab down
	gone || kill -9 $(processes) 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# --- up, looked at, worked on ---------------------------------------------------------------

is "up" lab "${up[@]}" --workload busy
[ $rc = 0 ] || { echo "Bail out! no lab to go on with" && exit 1; }
is "up says how to connect" grep -q "^fathom lab-source .*$FATHOM_LAB_DIR/source.sock" "$work/out"
is "up tells each step and its time" grep -Eq '^ *[0-9.]+ s  replica follows' "$work/err"
keeper=$(pid_of keeper)
is "up again changes nothing" lab "${up[@]}"
is "the same keeper" [ "$keeper" = "$(pid_of keeper)" ]
is "the folder is private" [ "$(mode "$FATHOM_LAB_DIR")" = 700 ]
is "so are the passwords" [ "$(mode "$FATHOM_LAB_DIR/lab.json")$(mode "$FATHOM_LAB_DIR/source.cnf")" = 600600 ]
is "no server runs as root" [ "$(stat -c %u /proc/"$(pid_of process 0)")" != 0 ]
is "status" lab status
is "status tells of replication" says 'replica .*running, [0-9]* s behind'
lab status --format json
is "status as JSON" python3 -c 'import json,sys
s = json.loads(open(sys.argv[1]).read())
a, b = s["servers"]
sys.exit(not (s["up"] and s["working"] and a["state"] == b["state"] == "up" and a["port"] != b["port"]
	and a["role"] == "source" and b["replication"].startswith("running")))' "$work/out"

is "exec -e" lab exec -e 'select 40 + 2'
is "exec -e answers" says 42
is "exec gives arguments on" lab exec lab-replica -- -N -e 'select concat("read only ", if(@@read_only, 1, 0))'
is "and reaches the replica" says '^read only 1'
is "exec ends as the client does" ends 1 exec -e nonsense

follows() { [ "$(sql replica "select v from shop.mark where id = $1")" = "김치" ]; }
sql source "create table shop.mark (id int primary key, v varchar(9)); insert into shop.mark values (1, '김치')"
is "the replica follows" await 20 follows 1
is "row format, by GTID" [ "$(sql source 'select @@binlog_format')" = ROW ]
[ $server = mysql ] && schema=1 || schema=0
is "performance schema as installed" [ "$(sql source 'select @@performance_schema')" = $schema ]

users() { [ "$(sql "$1" 'select group_concat(distinct user order by user) from information_schema.processlist where db = "shop"')" = "$2" ]; }
is "the shop works on the source" await 20 users source batch,checkout,web
is "the shop reads from the replica" await 20 users replica report,web
sold() { [ "$(sql source 'select count(*) > 5 from shop.orders where id > 3000')" = 1 ]; }
is "the shop sells" await 30 sold
all_done() { [ "$(sql source 'select min(id) > 1 from shop.orders')" = 1 ]; }
is "the shop clears up after itself" await 60 all_done
is "no statement of it failed, but for deadlocks" [ -z "$(grep -v Deadlock "$FATHOM_LAB_DIR/workload.log")" ]
is "people have their names" [ "$(sql source 'select count(*) > 0 from shop.customers where name = "Zoë Müller" and city <> ""')" = 1 ]
is "nobody gets in by TCP without a password" [ "$(sql source "select count(*) from mysql.user where user = '' or host = '%'")" = 0 ]

is "another kind beside it is refused" ends 1 up --server "$([ $server = mysql ] && echo mariadb || echo mysql)"
is "and said" says 'another lab is up'

# --- broken, mended -------------------------------------------------------------------------

kill -9 "$(pid_of process 1)"
replica_down() { [ "$(pid_of process 1)" = 0 ]; }
await 10 replica_down
is "status sees a dead server" ends 2 status
is "and how it died" says 'killed by'
is "up starts it again" lab "${up[@]}"
is "on its data" follows 1
is "and all is well" lab status

kill -9 "$(pid_of keeper)"
is "without their keeper the servers end by themselves" await 40 gone
is "up cleans up what is left" lab "${up[@]}"
is "and says so" says 'removing what an earlier lab has left'
is "it is a new lab" [ -z "$(sql source 'select * from shop.mark')" ]

kill -9 $(processes)
await 10 gone
: >"$FATHOM_LAB_DIR/source.sock.left"
is "up after everything was killed" lab "${up[@]}" --workload none --topology single
is "a single server, left alone" [ "$(sql source 'select count(*) from information_schema.processlist where db = "shop"')" = 0 ]
is "nothing of the old folder stayed" [ ! -e "$FATHOM_LAB_DIR/source.sock.left" ]

# Somebody else's process that has the pid of one that the lab remembers.
sleep 1000 & stranger=$!
kill -9 $(processes)
await 10 gone
sed -i "s/\"pid\": [0-9]*/\"pid\": $stranger/" "$FATHOM_LAB_DIR/lab.json"
is "down after a crash" lab down
is "nothing is left" removed
is "a recycled pid is left alone" kill -0 $stranger
kill $stranger
is "down again is fine" lab down

# --- interrupted ----------------------------------------------------------------------------

"$FATHOM" lab "${up[@]}" >"$work/out" 2>"$work/err" & child=$!
await 60 grep -q 'data folders made' "$work/err"
kill -INT $child
wait $child
is "interrupted: status 3" [ $? = 3 ]
is "interrupted: nothing is left" removed

"$FATHOM" lab "${up[@]}" >"$work/out" 2>"$work/err" & child=$!
await 60 grep -qi "$server" "$work/err"
{ kill -9 $child && wait $child; } 2>/dev/null
is "killed in the middle: the rest notices" await 40 emptied

is "a lab for two seconds" lab "${up[@]}" --seconds 2 --topology single
is "ends by itself" await 40 emptied

# --- refused --------------------------------------------------------------------------------

mkdir "$work/theirs" && echo precious >"$work/theirs/file"
is "a folder that is not empty is refused" ends 1 up --dir "$work/theirs"
is "down refuses it too" lab down --dir "$work/theirs"
is "and nothing in it is touched" grep -q precious "$work/theirs/file"
long=$work/$(printf 'long%.0s' {1..30})
is "a path too long for a socket is refused" ends 1 up --dir "$long"
is "and said" says 'at most 107 bytes'
is "and not left behind" [ ! -e "$long" ]
mkdir "$work/none"
is "no server in a tree: status 2" ends 2 up --mysql-root "$work/none"
is "and said" says 'no MySQL server in'
is "no lab: status 2" ends 2 status
is "no lab: exec too" ends 2 exec -e 'select 1'
mkdir -m 700 "$FATHOM_LAB_DIR" && echo '{"fathom_lab": 1, broken' >"$FATHOM_LAB_DIR/lab.json"
[ "$(id -u)" != 0 ] || chown -R "$(id -un mysql 2>/dev/null || echo nobody)" "$FATHOM_LAB_DIR"
is "a damaged state file: up says so" ends 2 "${up[@]}"
is "down too" ends 2 down
rm -r "$FATHOM_LAB_DIR"

# --- as an ordinary user --------------------------------------------------------------------

if [ "$(id -u)" = 0 ] && [ $server = mariadb ]; then
	mkdir "$work/home" && chown nobody "$work/home"
	as_user() {
		setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups env -u FATHOM_LAB_DIR \
			HOME="$work/home" TMPDIR="$work/home" "$FATHOM" lab "$@" >"$work/out" 2>"$work/err" </dev/null
	}
	is "as an ordinary user" as_user up
	is "in the place for state" [ -S "$work/home/.local/state/fathom/lab/replica.sock" ]
	is "exec as that user" as_user exec -e 'select 1'
	is "a root leaves it alone" ends 1 up --dir "$work/home/.local/state/fathom/lab"
	is "root may look" lab status --dir "$work/home/.local/state/fathom/lab"
	is "and work on it, as that user" lab exec --dir "$work/home/.local/state/fathom/lab" -- -e 'system id -un'
	is "whatever its files say" says nobody
	is "down as that user" as_user down
	is "its folder is gone" [ ! -e "$work/home/.local/state/fathom/lab" ]
	is "once more" as_user up --topology single --workload none
	is "root may end it" lab down --dir "$work/home/.local/state/fathom/lab"
	is "gone again" [ ! -e "$work/home/.local/state/fathom/lab" ]
fi

echo "1..$n"
[ -z "$failed" ]
