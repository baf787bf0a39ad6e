#!/bin/sh
# The servers that ./check starts are what tests/tools/servers.sh promises. TAP.

n=0
# try NAME WANT COMMAND...: passes when the command's output has WANT in it.
try() {
	name=$1 want=$2 n=$((n + 1))
	shift 2
	got=$("$@" 2>&1)
	case $got in
	*"$want"*) echo "ok $n - $name" ;;
	*) echo "not ok $n - $name" && echo "$got" | sed 's/^/# /' ;;
	esac
}

sql() { mariadb --no-defaults -N --connect-timeout 10 "$@"; }

for s in MARIADB MARIADB_PS MYSQL; do
	eval "socket=\$FATHOM_TEST_${s}_SOCKET port=\$FATHOM_TEST_${s}_PORT"
	eval "admin=\$FATHOM_TEST_${s}_ADMIN_PORT"
	if [ -z "$socket" ]; then
		n=$((n + 1)) && echo "ok $n - $s # skip it was not started"
		continue
	fi
	schema=1 && [ $s != MARIADB ] || schema=0
	try "$s: root on the socket, performance schema $schema" "$schema" \
		sql -u root -S "$socket" -e 'SELECT @@performance_schema'
	full="sql -u full -pfull --protocol=tcp"
	secure="--ssl-ca=$FATHOM_TEST_CA --ssl-verify-server-cert"
	try "$s: by TLS and name" TLS $full -h localhost -P "$port" $secure \
		-e "SHOW STATUS LIKE 'Ssl_version'"
	try "$s: the certificate does not name the address" 2026 $full -h 127.0.0.1 -P "$port" $secure
	try "$s: the wrong authority" 2026 $full -h localhost -P "$port" \
		--ssl-ca="$FATHOM_TEST_WRONG_CA" --ssl-verify-server-cert
	try "$s: the spare port" full@ $full -h 127.0.0.1 -P "$admin" -e 'SELECT CURRENT_USER()'
	[ $s = MYSQL ] || try "$s: ed25519" ed@ sql -u ed -ped -S "$socket" -e 'SELECT CURRENT_USER()'
done
echo "1..$n"
