#!/usr/bin/env bash
family=mariadb
. "$(dirname "$0")/replication.sh"
