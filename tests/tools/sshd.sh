#!/usr/bin/env bash
# Throw-away OpenSSH servers for tests, in a folder of their own, on loopback, with keys made for them.
#
#   sshd.sh run NAME [LINE]... [NAME [LINE]...]... -- COMMAND...
#                                  starts them, runs the command with their variables, stops and
#                                  removes them, whatever happens
#   sshd.sh start DIR NAME [LINE]...   starts servers in DIR, beside those that run there, and prints
#                                  the variables for eval
#   sshd.sh signal DIR NAME SIGNAL sends a signal to a server and to the connections it serves: STOP
#                                  freezes them, CONT thaws them, KILL ends them
#   sshd.sh signal-shells DIR NAME SIGNAL   sends it to what runs in its sessions; they stay
#   sshd.sh restart DIR NAME       one of them anew, on the same port, with the same keys
#   sshd.sh stop DIR               stops them all and removes DIR
#
# A NAME is of small letters and digits. A LINE is one of sshd_config, known by the blank in it, and
# belongs to the NAME before: sshd.sh run main 'AllowTcpForwarding no' -- COMMAND.
#
# They log in the account that runs this, and nobody else; by key only. As root /run/sshd is made
# where it is missing, since sshd wants it. After SSHD_SECONDS (900) they end by themselves.
# SSHD_HOST_KEYS: types of the host keys, "ed25519 ecdsa rsa" unless told.
#
# Variables, with the NAME in capitals for S:
#
#   FATHOM_SSHD_S_PORT          its port on 127.0.0.1
#   FATHOM_SSHD_S_PIDFILE, FATHOM_SSHD_S_LOG
#   FATHOM_SSHD_S_HOST_KEYS     folder of its host keys: ed25519, ed25519.pub, …
#   FATHOM_SSHD                 the folder, for "sshd.sh signal", "restart" and "start"
#   FATHOM_SSHD_USER            whom they log in
#   FATHOM_SSHD_KEYS            folder of keys: ed25519, ecdsa, ecdsa-pass (its passphrase is
#                               "open sesame"), rsa and their .pub; stranger is let in nowhere
#   FATHOM_SSHD_KNOWN_HOSTS     all their host keys, as [127.0.0.1]:port
#   FATHOM_SSHD_CONFIG          a client's configuration in which each NAME is a host

set -o pipefail
self=$(cd "$(dirname "$0")" && pwd)/${0##*/}
die() { printf 'sshd: %s\n' "$*" >&2 && exit 1; }
sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || die "no sshd here: apt-get install openssh-server"

# --- keys ---------------------------------------------------------------------------------

# make_key FILE TYPE [PASSPHRASE]
make_key() {
	local bits=()
	[ "$2" != rsa ] || bits=(-b 2048)
	ssh-keygen -q -t "$2" "${bits[@]}" -N "${3-}" -C "fathom test" -f "$1" </dev/null
}

user_keys() {
	[ ! -d "$dir/keys" ] || return 0
	mkdir -m 700 "$dir/keys" && make_key "$dir/keys/ed25519" ed25519 &&
		make_key "$dir/keys/ecdsa" ecdsa && make_key "$dir/keys/rsa" rsa &&
		make_key "$dir/keys/ecdsa-pass" ecdsa "open sesame" &&
		cat "$dir"/keys/*.pub >"$dir/authorized_keys" && make_key "$dir/keys/stranger" ed25519
}

# --- one server ---------------------------------------------------------------------------

# write_config NAME LINE...: whatever comes first counts, so a test's lines win.
write_config() {
	local d=$dir/$1 type
	shift
	{
		printf '%s\n' "$@"
		# At this level it tells the process of each connection.
		printf '%s\n' 'LogLevel DEBUG1' 'ListenAddress 127.0.0.1' "PidFile $d/pid" \
			"AuthorizedKeysFile $dir/authorized_keys" 'StrictModes no' 'UsePAM no' \
			'PasswordAuthentication no' 'KbdInteractiveAuthentication no' \
			'PermitRootLogin prohibit-password' 'UseDNS no' 'PrintMotd no' 'MaxStartups 100'
		for type in ${SSHD_HOST_KEYS:-ed25519 ecdsa rsa}; do
			make_key "$d/host/$type" "$type" && echo "HostKey $d/host/$type"
		done
	} >"$d/config"
	# OpenSSH 9.8 shuts out for a while who fails to log in, as tests do.
	"$sshd" -t -f "$d/config" -o 'PerSourcePenalties no' 2>/dev/null || return 0
	echo 'PerSourcePenalties no' >>"$d/config"
}

# launch NAME: starts it on the port of DIR/NAME/port and waits until it listens.
launch() {
	local d=$dir/$1 end=$((SECONDS + 20))
	rm -f "$d/pid"
	: >"$d/log"
	(cd / && exec setsid "$sshd" -D -f "$d/config" -p "$(cat "$d/port")" -E "$d/log" </dev/null \
		>/dev/null 2>&1 9>&-) &
	local pid=$!
	disown $pid
	until grep -q '^Server listening' "$d/log" && [ -s "$d/pid" ]; do
		if ! kill -0 $pid 2>/dev/null || [ $SECONDS -gt $end ]; then
			kill -KILL $pid 2>/dev/null
			return 1
		fi
		sleep 0.02
	done
}

# start_one NAME LINE...: from nothing to a server that listens; prints its variables.
start_one() {
	local name=$1 d=$dir/$1 try key
	[[ $1 =~ ^[a-z][a-z0-9]*$ ]] || die "$1: no name of a server"
	mkdir -m 700 "$d" "$d/host" && write_config "$@" || return 1
	# Somebody may hold the port.
	for try in 1 2 3 4 5; do
		echo $((31000 + (RANDOM * 32768 + RANDOM) % 1500)) >"$d/port"
		launch "$name" && break
		[ "$try" -lt 5 ] || { tail -n 5 "$d/log" >&2 && return 1; }
	done
	local port
	port=$(cat "$d/port")
	for key in "$d"/host/*.pub; do
		echo "[127.0.0.1]:$port $(cut -d ' ' -f 1-2 "$key")"
	done >>"$dir/known_hosts"
	printf '%s\n' "Host $name" '	HostName 127.0.0.1' "	Port $port" "	User $(id -un)" \
		"	IdentityFile $dir/keys/ed25519" '	IdentitiesOnly yes' '	IdentityAgent none' \
		"	UserKnownHostsFile $dir/known_hosts" '	GlobalKnownHostsFile /dev/null' >>"$dir/config"
	name=FATHOM_SSHD_${name^^}
	cat <<-END
		export ${name}_PORT=$port ${name}_PIDFILE=$d/pid ${name}_LOG=$d/log
		export ${name}_HOST_KEYS=$d/host
	END
}

# pids NAME: the server that listens and the connections it serves, which outlive it.
pids() {
	local d=$dir/$1 pid
	{
		cat "$d/pid"
		sed -n 's/^debug1: Forked child \([0-9]*\)\.\r*$/\1/p
			s/^User child is on pid \([0-9]*\)\r*$/\1/p' "$d/log"
	} 2>/dev/null | while read -r pid; do
		# Not one that is dead, and which nobody has waited for.
		[[ $(cat "/proc/$pid/stat" 2>/dev/null) != *'(sshd'*') '[^ZX]* ]] || echo "$pid"
	done
}

# send SIGNAL NAME: to the one that listens first, lest it takes another connection meanwhile.
send() {
	local pid
	for pid in $(pids "$2"); do kill -"$1" "$pid" 2>/dev/null; done
}

# send_shells SIGNAL NAME: what they run is a child of a process that serves a connection.
send_shells() {
	local pid child
	for pid in $(pids "$2"); do
		for child in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do
			[[ $(cat "/proc/$child/comm" 2>/dev/null) == sshd* ]] || kill -"$1" "$child"
		done
	done
}

# finish NAME: kills it, and waits until it is gone.
finish() {
	local i
	for ((i = 0; i < 200; i++)); do
		[ -n "$(pids "$1")" ] || return 0
		send KILL "$1"
		sleep 0.02
	done
}

# --- all of them --------------------------------------------------------------------------

names() { (cd "$dir" && ls -d -- */config 2>/dev/null | sed 's,/.*,,'); }

# Ends what a test that was killed left behind.
keeper() {
	[ ! -e "$dir/keeper" ] || return 0
	mkfifo "$dir/keeper.wait"
	(cd / && exec setsid bash -c 'read -r -t "$1" <>"$2"/keeper.wait; exec "$0" stop "$2"' \
		"$self" "${SSHD_SECONDS:-900}" "$dir" </dev/null >/dev/null 2>&1 9>&-) &
	echo $! >"$dir/keeper"
	disown $!
}

# start_all NAME [LINE]... [NAME [LINE]...]...: prints the variables.
start_all() {
	local words=() word
	[ "$(id -u)" != 0 ] || mkdir -p -m 755 /run/sshd || return 1
	user_keys || die "ssh-keygen cannot make keys"
	keeper
	for word; do
		if [[ $word != *' '* && ${#words[@]} -gt 0 ]]; then
			start_one "${words[@]}" || return 1
			words=()
		fi
		words+=("$word")
	done
	[ ${#words[@]} -eq 0 ] || start_one "${words[@]}" || return 1
	cat <<-END
		export FATHOM_SSHD=$dir FATHOM_SSHD_USER=$(id -un) FATHOM_SSHD_KEYS=$dir/keys
		export FATHOM_SSHD_KNOWN_HOSTS=$dir/known_hosts FATHOM_SSHD_CONFIG=$dir/config
	END
}

stop_all() {
	local name pid
	for name in $(names); do finish "$name"; done
	pid=$(cat "$dir/keeper" 2>/dev/null)
	rm -rf "$dir"
	[ -z "$pid" ] || [ "$pid" = $$ ] || kill "$pid" 2>/dev/null
}

# at DIR: the folder that the verb is about.
at() { dir=$(cd "$1" 2>/dev/null && pwd) || die "$1: no such folder"; }

verb=$1
shift
case $verb in
start)
	[ $# -gt 1 ] || die "start DIR NAME [LINE]..."
	[ -e "$1/keys" ] || fresh=yes
	mkdir -p "$1" && chmod 700 "$1" && at "$1"
	shift
	trap 'exit 130' INT TERM HUP
	trap '[ -z "$fresh" ] || stop_all' EXIT
	start_all "$@" || exit 1
	trap - EXIT
	;;
stop)
	at "$1" && stop_all
	;;
signal)
	at "$1" && send "$3" "$2"
	;;
signal-shells)
	at "$1" && send_shells "$3" "$2"
	;;
restart)
	at "$1" && finish "$2"
	launch "$2" || launch "$2" || die "$2 does not start: $(tail -n 1 "$dir/$2/log")"
	;;
run)
	words=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do words+=("$1") && shift; done
	[ $# -gt 1 ] || die "run NAME [LINE]... -- COMMAND..."
	shift
	dir=$(mktemp -d "${TMPDIR:-/tmp}/fathom-sshd.XXXXXX") || exit 1
	trap 'exit 130' INT TERM HUP
	trap stop_all EXIT
	start_all "${words[@]}" >"$dir/env" || exit 1
	. "$dir/env"
	# In the background, so that a signal is heard while it runs.
	"$@" <&0 &
	wait $!
	exit $?
	;;
*) die "run, start, signal, signal-shells, restart or stop" ;;
esac
