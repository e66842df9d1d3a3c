#!/usr/bin/env bash
# py-yaml12 0.2.0: a mapping with a key that is there twice is read without a word, and the last
# value wins, though keys are unique (YAML 1.2.2, section 3.2.1.1); a merge key `<<`, of YAML 1.1, is a
# key like others. In a contract, a second `get:` would take the first one's place.
# Seen: {'get': 'second'}, and {'<<': {'a': 1}, 'b': 2}.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "py-yaml12==0.2.0"

"$folder/venv/bin/python" - <<'EOF'
import yaml12

TWICE = "get: first\nget: second\n"
MERGED = "base: &base {a: 1}\nall:\n  <<: *base\n  b: 2\n"

print(yaml12.parse_yaml(TWICE), yaml12.parse_yaml(MERGED)["all"])
assert yaml12.parse_yaml(TWICE) == {"get": "second"}
assert yaml12.parse_yaml(MERGED)["all"] == {"<<": {"a": 1}, "b": 2}
EOF
