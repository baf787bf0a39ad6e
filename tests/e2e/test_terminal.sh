#!/usr/bin/env bash
# The console in a real terminal (tmux): opens, resizes, suspends, crashes, loses its terminal. Needs no
# server: a port that refuses shows as much. TAP.

command -v tmux >/dev/null || { echo "ok 1 - terminal # skip no tmux" && exit; }
work=$(mktemp -d)
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config LC_ALL=C.UTF-8
# By its full path, for another tmux in a folder of a test's own would be another server.
mux() { tmux -S "$work/mux" -f /dev/null "$@"; }
cleanup() {
	mux kill-server 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
n=0 failed=
is() {
	local name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name" && failed=1
		mux capture-pane -p -t t 2>/dev/null | sed 's/^/# /'
	fi
}
# await COMMAND...: until it succeeds, ten seconds at the most.
await() {
	local end=$((SECONDS + 10))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		read -rt 0.05 <> <(:) || :
	done
}
shows() { mux capture-pane -p -t t | grep -Eq -e "$1"; }
gone() { [ -n "$1" ] && ! kill -0 "$1" 2>/dev/null; }
keys() { mux send-keys -t t "$@"; }
# start: a shell in an 80x24 terminal, and the console in it; its process in $pid.
start() {
	mux kill-server 2>/dev/null
	rm -f "$work/pid"
	mux new-session -d -s t -x 80 -y 24 "env PS1='shell> ' bash --norc --noprofile -i"
	mux set -g status off
	await shows 'shell>' || return 1
	keys "'$FATHOM' --no-defaults -u nobody 127.0.0.1:9 ; echo status \$?" Enter
	await shows '1 Overview' && pid=$(pgrep -f -n -- "^$FATHOM --no-defaults -u nobody 127.0.0.1:9")
}
# sane: the terminal echoes and edits lines again.
sane() {
	keys "clear; stty -a | grep -o ' -*icanon' ; stty -a | grep -o ' -*echo '" Enter
	await shows '^ icanon' && await shows '^ echo'
}

start
is 'it opens at 80x24 and says that nobody answers' await shows 'not connected'
is 'the verdict gives the reason' await shows 'refused|no server'
mux resize-window -t t -x 40 -y 12
is 'it follows the terminal to 40x12' await shows '^ .{0,40}$'
mux resize-window -t t -x 200 -y 50
is 'and to 200x50' await shows 'Statements a second'
mux resize-window -t t -x 60 -y 10
is 'ten rows are enough for the verdict' await shows 'not connected'
mux resize-window -t t -x 80 -y 24
await shows '0 Self'
keys C-z
is 'C-z gives the terminal back' await shows 'Stopped'
is 'as it was' sane
keys 'fg' Enter
is 'fg brings the screen back' await shows '1 Overview'
keys q
is 'q ends it' await gone "$pid"
is 'and leaves the terminal as it was' sane

start
# Not SEGV, which a sanitizer would take for a fault of ours.
kill -ABRT "$pid"
is 'a crash ends it' await gone "$pid"
is 'and leaves the terminal as it was, too' sane

start
mux kill-session -t t
is 'it is gone with its terminal' await gone "$pid"

start
kill -TERM "$pid"
is 'TERM ends it' await shows 'status'
is 'and the terminal is as it was' sane

# --- the script in place of a keyboard ---------------------------------------------------------

# fails SCRIPT WORDS: ends with 4, says the line and WORDS, and shows the screen.
fails() {
	printf '%s\n' '# a comment' "$1" >"$work/script"
	FATHOM_SCRIPT=$work/script "$FATHOM" --no-defaults -u nobody 127.0.0.1:9 </dev/null >"$work/out" 2>"$work/err"
	[ $? = 4 ] && grep -q "script:2: .*$2" "$work/err" && grep -q 'fathom  ' "$work/err"
}
is 'a script with a key that is none fails' fails 'key Entre' 'no such key'
is 'one with a step that is none' fails 'press x' 'no such step'
is 'one that waits for what never comes' fails 'wait-for 0.2 never there' 'never matched'

echo "1..$n"
[ -z "$failed" ]
