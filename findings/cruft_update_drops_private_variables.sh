#!/usr/bin/env bash
# cruft 2.16.0 with cookiecutter 2.7.1: `cruft create` gives a private variable (its name begins with an
# underscore) the value of --extra-context and stores it in .cruft.json; `cruft update` renders
# both versions with the template's default instead, also where --variables-to-update names it,
# says "Good work!" and exits with 0. A line that shows the variable then cannot be updated.
# Seen: the file keeps "kept: given" without the template's change, which stands in a .rej file.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
export COOKIECUTTER_CONFIG="$folder/config.yaml"
printf 'cookiecutters_dir: %s\nreplay_dir: %s\n' "$folder/a" "$folder/b" >"$COOKIECUTTER_CONFIG"

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "cruft==2.16.0" "cookiecutter==2.7.1" "typer<0.26"
cruft="$folder/venv/bin/cruft"

template="$folder/template"
mkdir -p "$template/{{cookiecutter.name}}"
cd "$template"
git init --quiet --initial-branch=main
printf '{"name": "thing", "_kept": "default"}\n' >cookiecutter.json
printf 'kept: {{ cookiecutter._kept }}\n' >"{{cookiecutter.name}}/file.txt"
git add --all && git commit --quiet --message one

cd "$folder"
"$cruft" create --no-input --extra-context '{"_kept": "given"}' "$template" >/dev/null
cd thing
git init --quiet --initial-branch=main && git add --all && git commit --quiet --message created
grep --quiet '^kept: given$' file.txt
grep --quiet '"_kept": "given"' .cruft.json

printf 'still kept: {{ cookiecutter._kept }}\n' >"$template/{{cookiecutter.name}}/file.txt"
git -C "$template" commit --quiet --all --message two
said=$("$cruft" update --skip-apply-ask --variables-to-update '{"_kept": "given"}' 2>&1)

echo "$said"
tail -n +1 file.txt*
grep --quiet "Good work!" <<<"$said"
! grep --quiet '^still kept: given$' file.txt
