#!/usr/bin/env bash
# The lab with MariaDB. TAP.
server=mariadb
. "$(dirname "$0")/lab.sh"
