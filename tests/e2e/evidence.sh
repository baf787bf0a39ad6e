# Sourced by test_evidence_*.sh with $server (MARIADB or MYSQL) set: a pile-up rings and runs the alert command, its
# evidence is kept in a file, its culprit is one key away and killed, and the next estimate knows how long that took. TAP.
# shellcheck shell=bash disable=SC2154

schema=evidence
. "$(dirname "$0")/scene.sh"

waiting="SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"

sql 'DROP DATABASE IF EXISTS evidence; CREATE DATABASE evidence; USE evidence;
	CREATE TABLE d (d INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO d VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
	CREATE TABLE stock (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; INSERT INTO stock VALUES (1, 10);
	CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, a INT, b CHAR(40), KEY (a), KEY (b)) ENGINE=InnoDB'
fill='INSERT INTO evidence.big (a, b) SELECT RAND() * 1000000, UUID() FROM evidence.d a, evidence.d b, evidence.d c, evidence.d d, evidence.d e'

hold root "SET innodb_lock_wait_timeout=600; BEGIN; $fill; UPDATE evidence.stock SET v = 1 WHERE id = 1;"
await 60 "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 100000" 1
root=$(sql 'SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX')
long=$(printf 'x%.0s' {1..3000})
for i in 1 2 3; do
	hold "waiter$i" "SET innodb_lock_wait_timeout=600; UPDATE evidence.stock SET v = IF('$long' = '', 1, 'IDENTIFIED BY \"hunter2\" $i') WHERE id = 1;"
done
await 20 "$waiting" 3

name='a pile-up rings once and runs the alert command; w keeps the evidence; one key leads to the culprit, which is killed'
mkdir -p "$work/config/fathom" "$work/kept"
cat >"$work/config/fathom/config" <<END
[fathom]
alert-command = cat >>$work/alerts.json
bundle-folder = $work/kept
END
cat >"$work/script" <<END
resize 160x45
wait-for 15 3 sessions wait behind $root
type :
type alerts
key Enter
wait-for 15 bell rung · notification sent · command ended well
key Esc
key w
wait-for 40 evidence kept( in|:)
save-screen $work/kept.txt
key 9
wait-for 10 row-lock-pileup
key c
wait-for 10 Session $root|Transaction
key X
wait-for Kill the connection of session $root
wait-for To roll back +100001 rows, an estimated
wait-for by rule of thumb
wait-for Go free +3 sessions:
key y
wait-for 60 gone after .*rolled back 100,001 rows in
wait-for 30 3 of 3 went free
quit
END
story

name='the finding came as one JSON object, once, with its culprit'
check test "$(grep -c '"id":"row-lock-pileup"' "$work/alerts.json")" = 1
name='the object names the target and the session'
check grep -q "\"socket\":\"$socket\".*\"culprits\":\[{\"kind\":\"session\",\"id\":\"$root\"" "$work/alerts.json"
bundle=$(ls "$work"/kept/fathom-bundle-*.json)
has() { grep -q "$1" "$bundle"; }
name='the bundle is for its owner only'
check test "$(stat -c %a "$bundle")" = 600
name='it has the tree'
check has "\"blocking_tree\":\[{\"depth\":0,\"session\":$root,\"transaction\":null,\"behind\":3"
name='it has the whole statements'
check has "SET v = IF('$long' = '', 1, 'IDENTIFIED BY '\*\*\*' "
name='passwords in statements are blotted out'
check test "$(grep -c hunter2 "$bundle")" = 0
name="it has InnoDB's status and the findings"
check has 'INNODB MONITOR OUTPUT.*"not_read"'
check has '"findings":{"status":"ok".*"id":"row-lock-pileup"'
name='it has the transaction of the culprit, and locks or why there are none'
check has "\"id\":$root,\"why\":\"3 sessions wait behind it\",\"statement\":.*\"transaction\":\[{\"title\":\"Transaction\",\"rows\":\[{"
check has "\"locks\":\[{\"title\":"

await 20 "$waiting" 0
hold again "BEGIN; $fill;"
await 60 "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_rows_modified >= 100000" 1
again=$(sql 'SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX')
name='the next console estimates by the rollback that was watched'
cat >"$work/script" <<END
resize 160x45
key 2
wait-for 10 idle in transaction
type /
type id=$again
key Enter
wait-for 10 100K|100k|100000
key X
wait-for 10 by 1 rollback watched on this server
key Esc
quit
END
story
grep -h '"target"' "$work/state/fathom/rollbacks.jsonl" | sed 's/^/# /'

echo "1..$n"
[ -z "$failed" ]
