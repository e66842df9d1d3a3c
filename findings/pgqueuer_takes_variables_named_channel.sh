#!/usr/bin/env bash
# PgQueuer 1.6.0: the names of its tables, its function, its trigger and its channel are read from
# the environment, and not only by names of its own, such as PGQUEUER_CHANNEL, but also by the bare
# ones, such as CHANNEL, FUNCTION, TRIGGER and QUEUE_TABLE, in any case. A program that has a
# variable of such a name for itself uses other objects than its migrations made, or listens where
# nothing is told. Names that are given in code win.
# Seen: mail and sms for channel and function; ch_pgqueuer and fn_pgqueuer_changed where given.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pgqueuer==1.6.0"

CHANNEL=mail function=sms "$folder/venv/bin/python" - <<'EOF'
from pgqueuer.domain.settings import DBSettings

NAMES = {"channel": "ch_pgqueuer", "function": "fn_pgqueuer_changed"}

found, given = DBSettings(), DBSettings(**NAMES)
print(found.channel, found.function, given.channel, given.function)
assert (found.channel, found.function) == ("mail", "sms")
assert {"channel": given.channel, "function": given.function} == NAMES
EOF
