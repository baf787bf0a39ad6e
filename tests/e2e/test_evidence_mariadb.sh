#!/usr/bin/env bash
server=MARIADB
. "$(dirname "$0")/evidence.sh"
