#!/usr/bin/env bash
# croniter 7.0.0: a schedule of once a day, at a time that comes twice where clocks go back, is due
# twice on that day, in a time zone of zoneinfo. CronSim 2.8 follows Debian's cron, where it is due
# once; an hourly schedule is due each hour of both.
# Seen, for 30 1 * * * in London, in UTC: croniter 25 00:30, 25 01:30, 26 01:30; CronSim 25 00:30,
# 26 01:30, 27 01:30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "croniter==7.0.0" "cronsim==2.8" "tzdata==2026.6"

"$folder/venv/bin/python" - <<'EOF'
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim

START = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/London"))


def written(times):
    return [f"{time.astimezone(UTC):%d %H:%M}" for time in islice(times, 3)]


by_croniter = written(croniter("30 1 * * *", START, ret_type=datetime))
by_cronsim = written(CronSim("30 1 * * *", START))
print("croniter", *by_croniter, sep=", ")
print("CronSim", *by_cronsim, sep=", ")
assert by_croniter == ["25 00:30", "25 01:30", "26 01:30"]
assert by_cronsim == ["25 00:30", "26 01:30", "27 01:30"]
EOF
