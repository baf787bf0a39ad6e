#!/usr/bin/env bash
# What the rules of replication say of mariadb replicas in trouble.
family=mariadb
. "$(dirname "$0")/findings_replication.sh"
