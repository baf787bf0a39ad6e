# Sourced by test_story_*.sh with $server (MARIADB or MYSQL) set: what an engineer does with the console. TAP.
# shellcheck shell=bash disable=SC2154

schema=story
. "$(dirname "$0")/scene.sh"

sql 'CREATE DATABASE IF NOT EXISTS story; CREATE TABLE IF NOT EXISTS story.stock (id INT PRIMARY KEY, v INT) ENGINE=InnoDB;
	REPLACE INTO story.stock VALUES (1, 10), (2, 10), (3, 10);
	CREATE TABLE IF NOT EXISTS story.big (id INT PRIMARY KEY AUTO_INCREMENT, pad VARCHAR(40)) ENGINE=InnoDB;
	INSERT INTO story.big (pad) SELECT REPEAT("x", 40) FROM story.stock a, story.stock b, story.stock c, story.stock d, story.stock e, story.stock f'

# --- find the session that blocks others, and kill it -----------------------------------------

hold root 'SET innodb_lock_wait_timeout=600; BEGIN; UPDATE stock SET v = v - 1 WHERE id = 1;'
await 10 "SELECT COUNT(*) FROM information_schema.INNODB_TRX" 1
blocker=$(sql 'SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX')
hold middle "SET innodb_lock_wait_timeout=600; BEGIN; UPDATE stock SET v = v + 1 WHERE id = 2; UPDATE stock SET v = v + 1 WHERE id = 1; COMMIT;"
await 10 "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" 1
for i in 1 2 3; do hold "waiter$i" "SET innodb_lock_wait_timeout=600; UPDATE stock SET v = v + $i WHERE id = 2;"; done
await 10 "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" 4

name='the verdict names the root blocker, not the session with most direct waiters'
cat >"$work/script" <<END
resize 160x45
wait-for 10 4 sessions wait behind $blocker: idle in transaction
wait-for row lock ← $blocker
save-screen $work/pile.txt
key V
wait-for 5 Sessions
save-screen $work/there.txt
quit
END
story
# Without performance schema nobody knows what it ran before we looked.
if [ "$server" = MARIADB ]; then
	name='the blocker is on the screen although it idles'
	check grep -Eq "$blocker .*idle in transaction" "$work/there.txt"
else
	name='the blocker is on the screen although it idles, with its last statement'
	check grep -Eq "$blocker .*idle in transaction.*last: UPDATE stock" "$work/there.txt"
fi

name='it is killed by two keys and a yes, and all go free'
cat >"$work/script" <<END
resize 160x45
key 2
wait-for 10 idle in transaction
key V
wait-idle
key X
wait-for Kill the connection of session $blocker
wait-for To roll back +1 row
wait-for rule of thumb
wait-for 4 sessions wait
wait-for Go free +4 sessions:
save-screen $work/question.txt
key y
wait-for 20 gone after .*rolled back 1 row
wait-for 20 4 of 4 went free
wait-for 20 no session waits for another
quit
END
story
name='the server agrees'
check await 10 "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" 0
name='the kill is in the audit file'
check grep -q "$blocker" "$work/state/fathom/audit.jsonl"

# --- find the query that eats the server and read its plan -------------------------------------

hold eater "SELECT COUNT(*) FROM big a, big b, big c WHERE a.pad < b.pad AND b.pad < c.pad OR a.id + b.id = c.id;"
await 10 "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT COUNT(*) FROM big a%'" 1
name='the query that eats the server is found, and its plan shows the full scans'
cat >"$work/script" <<END
resize 160x45
key 2
wait-for 10 SELECT COUNT
type /
type big a
key Enter
wait-for filter|1 of
key e
wait-for 15 Plan (of the running statement|with what was done so far)
wait-for 15 big|\\ba\\b
save-screen $work/plan.txt
key e
wait-idle
save-screen $work/plan-table.txt
key e
wait-for query_block|"query|nested
key Left
key Left
quit
END
story
name='its statement is ended from the detail, the session stays'
cat >"$work/script" <<END
resize 160x45
key 2
wait-for 10 SELECT COUNT
type /
type big a
key Enter
wait-for 1 of
key Enter
wait-for Session [0-9]+
key x
wait-for Kill the statement of session
key y
wait-for 20 ended|gone
quit
END
story
name='the statement is gone on the server'
check await 10 "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT COUNT(*) FROM big a%'" 0

# --- a deadlock that was before fathom came ----------------------------------------------------

verbosity=$(sql 'SELECT @@log_error_verbosity' 2>/dev/null) && sql 'SET GLOBAL log_error_verbosity = 3'
sql 'SET GLOBAL innodb_print_all_deadlocks = ON'
hold gate "SELECT GET_LOCK('go', 10);"
gate=${held[-1]}
await 10 "SELECT IS_USED_LOCK('go') IS NOT NULL" 1
hold one "SET innodb_lock_wait_timeout=600; BEGIN; UPDATE stock SET v = 1 WHERE id = 1; DO GET_LOCK('go', 60); UPDATE stock SET v = 1 WHERE id = 2;"
await 10 "SELECT COUNT(*) FROM information_schema.INNODB_TRX" 1
hold two "SET innodb_lock_wait_timeout=600; BEGIN; UPDATE stock SET v = 2 WHERE id = 2; UPDATE stock SET v = 2 WHERE id = 1;"
await 10 "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" 1
kill "$gate"
await 10 "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" 0
name='the error log has it, both sides laid out'
cat >"$work/script" <<END
resize 160x45
type :
type deadlocks
key Enter
wait-for 10 since the server was started
key l
wait-for 20 in the last 200 kB of
wait-for 10 opposite order.*story\.stock
key Enter
wait-for Deadlock of [0-9]+-.*opposite order
wait-for UPDATE stock SET v = 2 WHERE id = 1
key Esc
wait-for in the last 200 kB of
key l
wait-for 10 since the server was started
quit
END
story
sql 'SET GLOBAL innodb_print_all_deadlocks = OFF'
[ -z "$verbosity" ] || sql "SET GLOBAL log_error_verbosity = $verbosity"

# --- survive a restart ------------------------------------------------------------------------

name='a restart is survived: stale, down, back again with a new uptime'
marker=$work/restarted
(
	while [ ! -e "$work/live.txt" ]; do read -rt 0.1 <> <(:) || :; done
	"$(dirname "$0")/../tools/servers.sh" restart "$FATHOM_TEST_SERVERS" "$(tr 'A-Z_' 'a-z-' <<<"$server")" >/dev/null 2>&1
	touch "$marker"
) &
cat >"$work/script" <<END
resize 160x30
wait-for 10 no session waits
wait-for 10 live
save-screen $work/live.txt
wait-for 60 not connected|does not answer|connecting
wait-for 60 no session waits for another
wait-for 10 live
wait-for 10 up [1-9]?[0-9]s
quit
END
story
# Where the console never came that far, nobody need restart anything.
touch "$work/live.txt"
wait $!

echo "1..$n"
[ -z "$failed" ]
