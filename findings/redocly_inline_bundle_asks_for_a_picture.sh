#!/usr/bin/env bash
# Redocly CLI 2.77.0: `build-docs --inlineBundle` embeds its scripts, and yet the page asks
# cdn.redoc.ly for a picture each time that it is opened.
# Seen: https://cdn.redoc.ly/redoc/logo-mini-full.svg
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund @redocly/cli@2.77.0
cat >contract.yml <<'EOF'
openapi: 3.0.3
info: { title: Things, version: 1.0.0 }
paths: {}
EOF

export REDOCLY_TELEMETRY=off
node_modules/.bin/redocly build-docs contract.yml --inlineBundle --output=page.html >log 2>&1

test -z "$(grep '<script[^>]* src=' page.html)"
grep --only-matching 'https://cdn.redoc.ly/redoc/logo-mini-full.svg' page.html
