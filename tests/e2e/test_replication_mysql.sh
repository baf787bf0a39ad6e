#!/usr/bin/env bash
family=mysql
. "$(dirname "$0")/replication.sh"
