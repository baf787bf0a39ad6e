#!/usr/bin/env bash
# The command line without any server: what wrong input gets, what help, man page and completion are
# made of. TAP.
. "$(dirname "$0")/cli.sh"

# --- wrong words --------------------------------------------------------------------------

expect "an unknown option is named, with the nearest" 1 \
	'^fathom: --hots: unknown option; did you mean "--host"\?$' --hots=x
expect "an unknown letter" 1 '^fathom: -z: unknown option' -z
expect "a missing value" 1 '^fathom: -h: needs a value: HOST' -h
expect "a value out of range" 1 '^fathom: --port: "0" is not a whole number from 1 to 65535$' -P 0 db
expect "a word that is none of the choices" 1 'did you mean "verify-identity"\?' --ssl-mode=verify-identiy db
expect "an option of another command" 1 '^fathom: --part: the console has no such option' --part=status db
expect "a command of another version" 1 '^fathom: record: this version does not have it' record db
expect "an unknown part, with the nearest" 1 \
	'^fathom: --part: unknown part "proceslist"; did you mean "processlist"\?$' \
	snapshot --part=status,proceslist db
expect "an inner part is not exported" 1 'unknown part "sessions"' snapshot --part=sessions db
expect "an empty list of parts" 1 'unknown part ""' snapshot --part= db
expect "csv wants one part" 1 '^fathom: --format=csv: it takes exactly one part; ' snapshot --format=csv db
expect "csv wants no more than one" 1 'exactly one part' snapshot --format=csv --part=status,self db
expect "check wants one target" 1 '^fathom: check: more than one TARGET' check a b
expect "a broken target" 1 '^fathom: "db:many": port: "many" is not a whole number' check db:many
expect "a URL of something else" 1 '^fathom: "https://db": only mysql:// is known' snapshot https://db
expect "an unknown key in a URL" 1 'unknown key "sl-mode"; did you mean "ssl-mode"\?' check "mysql://db/?sl-mode=required"
expect "a password in a place where it is seen" 1 '^fathom: "...@db": a password has no place here' check app:secret@db
isnt "and it is not repeated" grep -q secret "$work/err"
FATHOM_PORT=x expect "a wrong environment" 1 '^fathom: FATHOM_PORT: "x" is not a whole number.*; change that' check db
FATHOM_INTERVAL=0 expect "a wrong environment of the program" 1 '^fathom: FATHOM_INTERVAL: "0" is not' check db

# --- the configuration --------------------------------------------------------------------

file=$XDG_CONFIG_HOME/fathom/config
config <<'EOF'
[fathom]
theem = dark
EOF
expect "an unknown setting, with file, line and the nearest" 1 \
	"^fathom: $file:2: unknown setting \"theem\"; did you mean \"theme\"\?$" check db
config <<'EOF'
[fathom]
interval = soon
EOF
expect "a wrong value" 1 "^fathom: $file:2: interval: \"soon\" is not a number from 0.1 to 60$" check db
config <<'EOF'
[tarket prod]
host = db
EOF
expect "an unknown section" 1 "^fathom: $file:1: unknown section \"tarket\"; did you mean \"target\"\?$" check db
printf '[target prod]\npassword secret\n' | config
expect "a line that is none" 1 "^fathom: $file:2: cannot read the line" check db
isnt "and its password is not repeated" grep -q secret "$work/err"
expect "a file that is not there" 1 '^fathom: /nonexistent: No such file or directory$' --config=/nonexistent check db
expect "help needs no configuration" 0 '' --help
printf '\0\1\2' | config
expect "a file that is no text" 1 "^fathom: $file: this is not a text file$" check db
config </dev/null
printf '[client]\nhost=fromfile\n' >"$work/my.cnf"
expect "an option file that is not there" 1 'nonexistent' --defaults-file=/nonexistent check
printf 'nonsense before a group\n' >"$work/broken.cnf"
expect "a broken option file" 1 'broken\.cnf:1' --defaults-file="$work/broken.cnf" check

config <<'EOF'
[fathom]
interval = 2
[target prod]
host = db3
user = app
password = topsecret
label = live
EOF
MYSQL_HOST=elsewhere out "--print-config says what holds" 0 '^interval = 2$' --print-config prod -P 3307
is "and where it came from" grep -qx "# $file:2" "$work/out"
is "with options" grep -qx "# command line" "$work/out"
is "targets" grep -q '^host = db3$' "$work/out"
is "secrets are masked" eval 'grep -q "^password = \*" "$work/out" && ! grep -q topsecret "$work/out" "$work/err"'
out "option files are read" 0 '^host = fromfile$' --print-config --defaults-file="$work/my.cnf"
out "completion knows the targets" 0 '^prod$' --list-targets

# --- no target ----------------------------------------------------------------------------

if [ -S /run/mysqld/mysqld.sock ] || [ -S /tmp/mysql.sock ]; then
	echo "ok $((n += 1)) - no target # skip there is a local server"
else
	expect "check does not guess among the configured" 1 \
		'^fathom: check: no TARGET; the configuration has prod; name one' --no-defaults check
	config </dev/null
	expect "nothing to go by: how to connect" 1 '^  fathom -h db3.prod -u app -p' --no-defaults
	is "in six lines" [ "$(wc -l <"$work/err")" = 6 ]
	expect "the same for commands" 1 '^  fathom lab up' --no-defaults snapshot
fi
config </dev/null

# --- the console --------------------------------------------------------------------------

expect "the console wants a terminal" 1 'not a terminal' db
expect "an unknown panel, with the nearest" 1 \
	'^fathom: --panel: there is no panel "sesions"; did you mean "sessions"\?$' --panel=sesions db
expect "an unknown theme" 1 'there is no theme "drak"; did you mean "dark"\?' --theme=drak db
printf '[fathom]\npanel = lokcs\n' | config
expect "a panel in the configuration" 1 "^fathom: $file:2: there is no panel" db
printf '[columns]\nsesions = id user\n' | config
expect "columns of no panel" 1 "^fathom: $file:2: there is no panel \"sesions\"; did you mean" db
echo quit >"$work/script"
export FATHOM_SCRIPT=$work/script
printf '[columns]\nsessions = id usr\n' | config
expect "columns that a panel has not" 1 "^fathom: $file:2: there is no column \"usr\"; did you mean \"user\"" db
printf '[columns]\nsessions = id -user\n' | config
expect "columns that it has" 0 "" db
expect "a filter that is none" 1 'time>' --panel=sessions '--filter=time>' db
unset FATHOM_SCRIPT
printf '[keys]\nkil = X\n' | config
expect "keys of no action" 1 "^fathom: $file:2: " db
config </dev/null

# --- targets that are not there -----------------------------------------------------------

expect "an unknown host" 2 'no-such-host\.invalid' snapshot --part=status no-such-host.invalid
json "gives an object all the same" \
	'len(lines) == 1 and j["partial"] is True and j["error"]["code"] == "resolve" and j["error"]["what"]'
json "with its target" 'j["target"]["name"] == "no-such-host.invalid" and j["target"]["flavor"] is None and j["target"]["role"] == "unknown"'
json "and the part that was asked for" 'list(j["parts"]) == ["status"] and part("status")["status"] == "failed" and part("status")["rows"] == []'
is "which other programs can read" python3 -m json.tool "$work/out" "$work/tool"
out "check stops at the name" 2 '^fail	resolve	no-such-host' check no-such-host.invalid
is "and skips the rest" [ "$(grep -c '^skip' "$work/out")" -ge 3 ]
expect "a port that refuses" 2 'refused' snapshot --part=status 127.0.0.1:1
json "says so" 'j["error"]["code"] == "connect" and j["target"]["port"] == 1'
out "check stops at the port" 2 '^fail	tcp	.*refused.*; ' check 127.0.0.1:1
expect "no such socket" 2 'No such file' snapshot --part=status /nonexistent.sock
json "says so too" 'j["error"]["code"] == "connect" and j["target"]["socket"] == "/nonexistent.sock" and j["target"]["host"] is None'
out "as JSON" 2 '^\{"steps":\[' check --format=json /nonexistent.sock
json "with four keys a step" 'all(list(s) == ["step", "status", "text", "fix"] for s in j["steps"]) and status["tcp"] == "fail" and status["login"] == "skip"'
expect "each target and sample has its object" 2 '' \
	snapshot --part=status --count=2 --interval=0.1 127.0.0.1:1 /nonexistent.sock
json "in order" '[o["target"]["name"] for o in lines] == ["127.0.0.1:1", "/nonexistent.sock"] * 2'
out "a table says it in words" 2 'refused' snapshot --format=table --part=status 127.0.0.1:1

# --- a server that never answers ----------------------------------------------------------

cat >"$work/silent.py" <<'EOF'
import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)
time.sleep(60)
EOF
python3 "$work/silent.py" >"$work/port" &
background+=($!)
await [ -s "$work/port" ]
port=$(cat "$work/port")
expect "a silent server costs its timeout" 2 '' snapshot --part=status --connect-timeout=0.3 127.0.0.1:"$port"
json "and is called what it is" 'j["error"]["code"] == "timeout"'

# start NAME ARGUMENT...: runs in the background, output in $work/NAME.out, pid in $pid.
start() {
	local name=$1
	shift
	"$FATHOM" "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null &
	pid=$!
}
connected() { grep -qz "$1" "/proc/$pid/cmdline" && [ "$(ls "/proc/$pid/task" | wc -l)" -gt 1 ]; }
for words in "-psecret 127.0.0.1:$port" "--password=secret 127.0.0.1:$port" \
	"mysql://app:secret@127.0.0.1:$port/?connect-timeout=20"; do
	# shellcheck disable=SC2086
	start secret snapshot --part=status $words
	await connected "$port"
	isnt "a password does not stay in argv: ${words%% *}" grep -qa secret "/proc/$pid/cmdline"
	kill -INT "$pid" && wait "$pid"
	rc=$?
	is "an interrupted snapshot ends with 3" [ $rc = 3 ]
done
json "and writes what it had" 'len(lines) == 1 and j["partial"] is True and j["error"]["code"] == "cancelled"' "$work/secret.out"
start all snapshot --part=status --count=0 --interval=0.1 127.0.0.1:"$port"
await connected "$port"
kill -TERM "$pid" && wait "$pid"
rc=$?
is "one that runs until then ends with 0" [ $rc = 0 ]
"$FATHOM" snapshot --part=status --count=0 --interval=0.1 127.0.0.1:1 2>"$work/err" | head -n 2 >"$work/out"
rc=${PIPESTATUS[0]}
is "a reader who leaves ends it quietly" [ "$rc" = 0 ]
isnt "without a word about the pipe" grep -qi pipe "$work/err"
if [ -c /dev/full ]; then
	"$FATHOM" snapshot --part=status 127.0.0.1:1 >/dev/full 2>"$work/err"
	rc=$?
	is "a full disk is told" eval '[ $rc = 1 ] && grep -q "^fathom: standard output: No space left" "$work/err"'
	for words in --help --print-config "lab --help"; do
		# shellcheck disable=SC2086 # words
		"$FATHOM" $words >/dev/full 2>"$work/err"
		rc=$?
		is "and by $words" eval '[ $rc = 1 ] && grep -q "^fathom: standard output: " "$work/err"'
	done
	"$FATHOM" check 127.0.0.1:1 >/dev/full 2>"$work/err"
	rc=$?
	is "and by check, which keeps its status" eval '[ $rc = 2 ] && grep -q "^fathom: standard output: " "$work/err"'
fi
"$FATHOM" snapshot --part=status 127.0.0.1:1 <&- >&- 2>"$work/err"
rc=$?
is "a closed output is nobody else's file" eval '[ $rc = 1 ] && grep -q "^fathom: standard output: Bad file" "$work/err"'
"$FATHOM" --help 2>"$work/err" | true
rc=${PIPESTATUS[0]}
isnt "a reader that left is no news" test -s "$work/err"

# --- passwords that are typed -------------------------------------------------------------

expect "without a terminal there is nobody to ask" 1 \
	'^fathom: password: there is no terminal to ask for it on; ' snapshot -p 127.0.0.1:1
cat >"$work/typing.py" <<'EOF'
# Runs a command on a terminal of its own, types when it asks, prints what it showed and its status.
import os, pty, sys, termios
typed = sys.argv[1].encode().decode("unicode_escape").encode()
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown, asked = b"", False
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    shown += data
    if not asked and b"for 127" in shown and shown.rstrip().endswith(b":"):
        asked = True
        echo = termios.tcgetattr(fd)[3] & termios.ECHO
        sys.stdout.write("echo %s\n" % ("on" if echo else "off"))
        os.write(fd, typed)
_, status = os.waitpid(pid, 0)
sys.stdout.write("status %d\n" % os.waitstatus_to_exitcode(status))
sys.stdout.write(shown.decode(errors="replace"))
EOF
# type KEYS ARGUMENT...
type_it() {
	# setsid: no terminal but the one it makes
	setsid python3 "$work/typing.py" "$1" "$FATHOM" "${@:2}" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
}
type_it 'secret\n' snapshot --part=status -u app -p 127.0.0.1:1 app@127.0.0.1:1
is "a password is asked for without echo" grep -q '^echo off' "$work/out"
is "once for all targets of a user" [ "$(grep -c 'Password of app for 127.0.0.1:1, app@127.0.0.1:1:' "$work/out")" = 1 ]
isnt "and not shown" grep -q secret "$work/out"
is "then it goes on" grep -q '^status 2' "$work/out"
type_it '\x03' snapshot --part=status -p 127.0.0.1:1
is "C-c at the question ends it with 3" grep -q '^status 3' "$work/out"

# --- documents ----------------------------------------------------------------------------

out "help" 0 '^  -p, --password\[=PASSWORD\]' --help
out "-? too" 0 '^  fathom snapshot ' '-?'
out "of a command" 0 '^      --part=NAME' snapshot --help
out "version" 0 '^fathom [0-9]' --version
"$FATHOM" --completion=bash >"$work/bash" 2>"$work/err"
is "bash takes its completion" bash -n "$work/bash"
# completes WORDS... : what bash offers for the last of them
completes() {
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
		PATH=$(dirname "$FATHOM"):$PATH _fathom fathom "${@: -1}" "${@: -2:1}" 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' - "$work/bash" "$@"
}
is "it completes options" grep -qx -- '--ssl-mode=' <(completes fathom --ssl-m)
is "values" grep -qx 'verify-identity' <(completes fathom --ssl-mode = verify-i)
is "commands" grep -qx 'snapshot' <(completes fathom sn)
is "a command's options" grep -qx -- '--part=' <(completes fathom snapshot --pa)
is "parts" grep -qx 'processlist' <(completes fathom snapshot --part = proc)
is "the formats of a command" [ "$(completes fathom check --format = '' | tr '\n' ' ')" = "text json " ]
is "not those of another" [ -z "$(completes fathom --par)" ]
is "the lab's verbs" grep -qx 'status' <(completes fathom lab st)
for shell in zsh fish; do
	"$FATHOM" --completion=$shell >"$work/$shell" 2>"$work/err"
	if command -v $shell >/dev/null; then
		is "$shell takes its completion" $shell -n "$work/$shell"
	else
		is "$shell completion is there" [ "$(wc -l <"$work/$shell")" -gt 20 ]
	fi
done
"$FATHOM" --help-man >"$work/rows"
page=$work/fathom.1
is "the man page is put together" eval 'awk -f "$srcdir/doc/fill.awk" "$work/rows" "$srcdir/doc/fathom.1.in" >"$page"'
missing=
for option in $("$FATHOM" --help | grep -o -- '--[a-z][a-z-]*') $("$FATHOM" snapshot --help | grep -o -- '--[a-z][a-z-]*'); do
	grep -qF -- "${option//-/\\-}" "$page" || missing+=" $option"
done
[ -z "$missing" ] || echo "# missing:$missing"
is "it has every option" [ -z "$missing" ]
if command -v man >/dev/null; then
	LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -E UTF-8 -l "$page" >"$work/out" 2>"$work/err"
	is "groff has nothing to say about it" [ ! -s "$work/err" ]
elif command -v groff >/dev/null; then
	groff -man -ww -Tutf8 -z "$page" >"$work/out" 2>"$work/err"
	is "groff has nothing to say about it" [ ! -s "$work/err" ]
fi

plan
