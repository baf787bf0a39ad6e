# Sourced: where downloads and empty data folders of test servers are kept, outside the tree.
# As root it is not below /root, which the servers' own account cannot enter.

if [ -n "$XDG_CACHE_HOME" ]; then
	fathom_cache=$XDG_CACHE_HOME/fathom
elif [ "$(id -u)" = 0 ]; then
	fathom_cache=/var/cache/fathom
else
	fathom_cache=$HOME/.cache/fathom
fi
