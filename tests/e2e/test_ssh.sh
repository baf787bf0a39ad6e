#!/usr/bin/env bash
# The console, check and snapshot on servers behind SSH: real sshd, the connection through its tunnel. TAP.
# Run by hand with the variables of tests/tools/servers.sh, and FATHOM.
. "$(dirname "$0")/cli.sh"
[ -n "$FATHOM_TEST_SERVERS" ] || { echo "ok 1 - servers behind SSH # skip real servers are not wanted" && exit; }

sshd="$srcdir/tests/tools/sshd.sh"

# console ARGUMENT...: begins to run the script; meanwhile the test does things to the host. Whatever it did, it
# mends before it goes on, lest one failure is that of all that follow.
console() {
	rm -f "$work/live" "$work/lost" "$work/frozen"
	FATHOM_SCRIPT=$work/script "$FATHOM" "$@" >"$work/out" 2>"$work/err" </dev/null &
	running=$!
	background+=("$running")
}
# shown SCREEN: waits until it was saved; false when the script has ended without.
shown() {
	until [ -e "$work/$1" ]; do
		kill -0 "$running" 2>/dev/null || return 1
		sleep 0.05
	done
}
# over: waits for the script's end; its status in $rc.
over() { wait "$running" && rc=0 || rc=$?; }

# through TRANSPORT SERVER PORT: check, snapshot and console, all of them by way of the tunnel.
through() {
	local transport=$1 server="$2 by $1" port=$3
	local ssh=(--no-defaults --ssh-config="$FATHOM_SSHD_CONFIG" --ssh-transport="$transport" --ssh-tunnel -ufull -pfull -P "$port")
	local tls=(--ssl-mode=verify-identity --ssl-ca="$FATHOM_TEST_CA")

	# --- check ------------------------------------------------------------------------------

	run check --format=json "${ssh[@]}" --ssh=main -h localhost "${tls[@]}"
	is "$server: check goes through SSH" [ "$rc" = 0 ]
	json "each step of it" 'all(status[s] == "ok" for s in "ssh-resolve ssh-tcp ssh-host-key ssh-login host-shell tunnel tcp tls login".split())'
	json "the name was verified" '"name verified" in text["tls"]'
	out "a certificate for another name is refused" 2 '^fail	tls	.*not for the name 127.0.0.1' \
		check "${ssh[@]}" --ssh=main -h 127.0.0.1 "${tls[@]}"
	out "a host that forwards nothing is told" 2 '^fail	(tcp|login)	the SSH host does not connect us: .*administratively prohibited' \
		check "${ssh[@]}" --ssh=shut
	out "a server that does not listen there is told" 2 '^fail	(tcp|login)	the SSH host does not connect us: .*(refused|connect failed)' \
		check "${ssh[@]}" --ssh=main -P 1

	# --- data ---------------------------------------------------------------------------------

	run snapshot "${ssh[@]}" --ssh=main --part=processlist
	is "$server: a snapshot through it" [ "$rc" = 0 ]
	json "with its sessions" 'j["error"] is None and len(part("processlist")["rows"]) > 0'

	run report --format=json --seconds 1 "${ssh[@]}" --ssh=main
	is "$server: a report through it" [ "$rc" = 0 ]
	json "with what its host says" 'j["partial"] is False and j["sections"]["host"]["tables"]["host_memory"]["rows"][0]["total"] > 0
		and [f for f in j["sections"]["inventory"]["facts"] if f["name"] == "cores" and f["value"] > 0]'

	# --- the console ----------------------------------------------------------------------------

	# The server goes when the first screen is there, and comes back when its loss is seen.
	cat >"$work/script" <<-END
		resize 160x40
		wait-for 60 ● live
		key 2
		wait-for 30 Sessions
		wait-idle
		save-screen $work/live
		wait-for 60 not connected to .*(SSH|ssh)
		save-screen $work/lost
		wait-for 60 ● live
		quit
	END
	console "${ssh[@]}" --ssh=main
	shown live && "$sshd" signal "$FATHOM_SSHD" main KILL
	shown lost
	"$sshd" restart "$FATHOM_SSHD" main
	over
	is "$server: the console through it, which goes and comes back" [ "$rc" = 0 ]
	isnt "nothing of it is left" ls "$TMPDIR"/fathom-ssh-* 2>/dev/null
}

# frozen SERVER SOCKET: the host stops while the console looks at it. Neither the server's numbers nor a key wait for it.
frozen() {
	cat >"$work/script" <<-END
		resize 160x40
		key 6
		wait-for 60 Server +\S+ \d+ +cpu \d
		save-screen $work/live
		wait-for 60 no answer for
		key 2
		wait-for 3 Sessions
		key 1
		wait-for 3 ● live
		save-screen $work/frozen
		key 6
		wait-for 60 Server +\S+ \d+ +cpu \d
		quit
	END
	console --ssh=main --ssh-config="$FATHOM_SSHD_CONFIG" --ssh-transport=libssh2 -uroot -S "$2"
	shown live && "$sshd" signal "$FATHOM_SSHD" main STOP
	shown frozen
	"$sshd" signal "$FATHOM_SSHD" main CONT
	over
	is "$1: a frozen host delays no key" [ "$rc" = 0 ]
}

# eats SERVER SOCKET PORT: which session eats the CPU of a host far away, through its sshd. The column shows by itself.
eats() {
	local id client=(mariadb --no-defaults --skip-ssl -uroot -S "$2")
	"${client[@]}" -e "SELECT BENCHMARK(1000000000, SHA2('eat', 256))" >/dev/null 2>&1 &
	background+=($!)
	cat >"$work/script" <<-'END'
		resize 160x24
		wait-for 60 ● live
		key 2
		wait-for 60 \d\d\.\d%.*BENCHMARK
		quit
	END
	FATHOM_SCRIPT=$work/script expect "$1: the session that eats the CPU of a remote host shows" 0 "" --ssh=main \
		--ssh-config="$FATHOM_SSHD_CONFIG" --ssh-transport=libssh2 --ssh-tunnel -ufull -pfull -P "$3"
	"${client[@]}" -N -e "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT BENCHMARK%'" |
		while read -r id; do "${client[@]}" -e "KILL $id"; done
}

# all_of SERVER SOCKET PORT: with sshds of its own.
all_of() {
	local transport
	leave() { [ -z "$FATHOM_SSHD" ] || "$sshd" stop "$FATHOM_SSHD"; }
	export TMPDIR=$work/tmp XDG_STATE_HOME=$work/state
	mkdir -p "$TMPDIR"
	eval "$("$sshd" start "$work/sshd" main shut 'AllowTcpForwarding no')"
	[ -n "$FATHOM_SSHD" ] || { ok "$1 behind SSH # skip no sshd here" && return; }
	for transport in ssh libssh2; do
		through $transport "$1" "$3"
	done
	frozen "$1" "$2"
	eats "$1" "$2" "$3"
}
each_server all_of
plan
