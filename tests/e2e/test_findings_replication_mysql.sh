#!/usr/bin/env bash
# What the rules of replication say of mysql replicas in trouble.
family=mysql
. "$(dirname "$0")/findings_replication.sh"
