#!/usr/bin/env bash
# schemathesis 4.32.5 with pytest 9.2.0: a test of a schema that a fixture gives
# (`schemathesis.pytest.from_fixture`) ends with an AttributeError of the plugin, before the first
# request; it asks for pytest below 10. With 9.1.1 it passes.
# Seen: AttributeError: 'Function' object has no attribute '_nodeid'
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >test_contract.py <<'EOF'
import pytest
import schemathesis

OPERATION = {"responses": {"200": {"description": "Fine"}}}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "One operation", "version": "1"},
    "paths": {"/things": {"get": OPERATION}},
}


@pytest.fixture
def contract():
    return schemathesis.openapi.from_dict(DOCUMENT)


schema = schemathesis.pytest.from_fixture("contract")


@schema.parametrize()
def test_case_is_made(case):
    assert case.method
EOF

python3 -m venv venv
venv/bin/pip install --quiet "schemathesis==4.32.5" "pytest==9.1.1"
venv/bin/python -m pytest -q test_contract.py
venv/bin/pip install --quiet "pytest==9.2.0"
if venv/bin/python -m pytest -q test_contract.py >out.txt; then
  echo "A schema of a fixture works with pytest 9.2.0." >&2
  exit 1
fi
grep "_nodeid" out.txt
