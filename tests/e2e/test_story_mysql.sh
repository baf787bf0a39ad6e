#!/usr/bin/env bash
server=MYSQL
. "$(dirname "$0")/story.sh"
