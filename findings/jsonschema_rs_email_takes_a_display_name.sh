#!/usr/bin/env bash
# jsonschema-rs 0.61.2: with validate_formats=True, `format: email` accepts what has the name of its
# owner before it, "Ann <ann@example.org>", which is no mailbox of JSON Schema (Validation 2020-12,
# section 7.3.2, by RFC 5321, section 4.1.2). EmailOptions(allow_display_text=False) refuses it.
# Seen: valid by default, refused with the option; a plain address is valid both ways.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "jsonschema-rs==0.61.2"

"$folder/venv/bin/python" - <<'EOF'
from jsonschema_rs import Draft202012Validator, EmailOptions

SCHEMA = {"type": "string", "format": "email"}
PLAIN, NAMED = "ann@example.org", "Ann <ann@example.org>"

by_default = Draft202012Validator(SCHEMA, validate_formats=True)
strict = Draft202012Validator(
    SCHEMA, validate_formats=True, email_options=EmailOptions(allow_display_text=False)
)

for text in (PLAIN, NAMED):
    print(f"{text}: {by_default.is_valid(text)} by default, {strict.is_valid(text)} when strict")
assert by_default.is_valid(PLAIN) and strict.is_valid(PLAIN)
assert by_default.is_valid(NAMED)
assert not strict.is_valid(NAMED)
EOF
