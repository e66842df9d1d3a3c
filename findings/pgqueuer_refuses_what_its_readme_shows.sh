#!/usr/bin/env bash
# PgQueuer 1.6.0: the README of the release has a consumer whose main() is `async def` and returns
# the PgQueuer, to be started by `pgq run examples.consumer:main`. `pgq run` refuses it: the factory
# must return an async context manager, so main() needs @asynccontextmanager and a yield.
# Seen: "TypeError: Factory must return an async context manager (AsyncContextManager)," and
# "but returned 'coroutine'.", before it connects to anything.
# With typer 0.29.2, which it allows, `pgq run` ends sooner, at the level of its log:
# "AttributeError: 'str' object has no attribute 'name'".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pgqueuer==1.6.0" "asyncpg==0.32.0" "typer==0.25.1"

# The consumer as the README that was installed has it.
"$folder/venv/bin/python" - "$folder/consumer.py" <<'EOF'
import re
import sys
from importlib.metadata import metadata
from pathlib import Path

readme = str(metadata("pgqueuer").get_payload())
examples = re.findall("```python\n(.*?)```", readme, re.DOTALL)
example = next(each for each in examples if "main" in each)
assert "return pgq" in example and "pgq run examples.consumer:main" in readme
Path(sys.argv[1]).write_text(example, "utf-8")
EOF

cd "$folder"
if timeout 60 venv/bin/pgq run consumer:main >output 2>&1; then
    echo "It started."
    exit 1
fi
grep "^TypeError: Factory must return an async context manager" output

"$folder/venv/bin/pip" install --quiet "typer==0.29.2"
if timeout 60 venv/bin/pgq run consumer:main >output 2>&1; then
    echo "It started with typer 0.29.2."
    exit 1
fi
grep "^AttributeError: 'str' object has no attribute 'name'" output
