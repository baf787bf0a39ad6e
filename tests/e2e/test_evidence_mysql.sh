#!/usr/bin/env bash
server=MYSQL
. "$(dirname "$0")/evidence.sh"
