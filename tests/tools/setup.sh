# Sourced by ./check and ./demo: the Debian packages that each needs, how to get them, and the first
# step of a build. Nothing here reads standard input.

packages_build="autoconf autoconf-archive automake gcc libc6-dev make pkg-config libncurses-dev
	libmariadb-dev libreadline-dev libjansson-dev libpcre2-dev libinih-dev libutf8proc-dev
	libssl-dev libssh2-1-dev uthash-dev"
packages_demo="mariadb-server-core mariadb-client-core"
packages_check="libcmocka-dev clang libclang-rt-dev llvm mariadb-server mariadb-client openssl
	busybox python3 tmux xz-utils openssh-server openssh-client libpam-wrapper galera-4 rsync sysstat"

# packages_missing NAME...: prints those that are not installed.
packages_missing() {
	local p
	for p; do
		dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null | grep -q '^install ok installed$' ||
			printf '%s ' "$p"
	done
}

# packages_apt LOG ARGUMENT...: apt-get as root, with nobody to answer a question.
packages_apt() {
	local log=$1 sudo=
	shift
	if [ "$(id -u)" != 0 ]; then
		sudo="sudo -n"
		# A person at a terminal may type a password; sudo asks /dev/tty for it.
		[ -t 0 ] && [ -t 2 ] && sudo="sudo"
	fi
	$sudo env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
		apt-get -q -o DPkg::Lock::Timeout=120 "$@" </dev/null >>"$log" 2>&1
}

# packages_install LOG NAME...: installs what is named; fetches the lists only if that fails.
packages_install() {
	local log=$1
	shift
	packages_apt "$log" install -y --no-install-recommends "$@" ||
		{ packages_apt "$log" update &&
			packages_apt "$log" install -y --no-install-recommends "$@"; }
}

# packages_hint NAME...: what somebody who may do that is to be asked for.
packages_hint() {
	printf 'Whoever is root here can install them:\n  apt-get install --no-install-recommends'
	printf ' %s' "$@"
	echo
}

# tree_prepare: makes ./configure where it is missing or old.
tree_prepare() {
	# A tree that is configured in place cannot be built elsewhere too.
	[ ! -e config.status ] ||
		{ echo "this folder itself is configured: run make distclean first" && return 1; }
	[ configure -nt configure.ac ] && [ Makefile.in -nt Makefile.am ] ||
		autoreconf -fi
}
