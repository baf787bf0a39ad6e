#!/usr/bin/env bash
# The lab with MySQL. TAP.
server=mysql
. "$(dirname "$0")/lab.sh"
