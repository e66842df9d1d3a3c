#!/usr/bin/env bash
# taplo 0.9.3 (PyPI): with a `taplo.toml` that it cannot read, `taplo format` warns on standard
# error, rewrites the files by its defaults all the same, and ends with 0; a `--config` that names
# the file makes no difference. One wrong value takes all settings away, and once the files have the
# format of the defaults, a pre-commit hook shows nothing, as it passes.
# Seen: "invalid configuration file error=TOML parse error", status 0, and the array of a file that
# has `array_auto_collapse = false` in one line.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "taplo==0.9.3"

cd "$folder"
format() {
    printf 'names = [\n  "a",\n  "b",\n]\n' > data.toml
    "$folder/venv/bin/taplo" format "$@" data.toml 2> said
}

printf '[formatting]\narray_auto_collapse = false\n' > taplo.toml
format
[ "$(wc -l < data.toml)" -eq 4 ]

# A number in the place of a text, in another setting.
printf '[formatting]\narray_auto_collapse = false\nindent_string = 4\n' > taplo.toml
for options in "--colors=never" "--config=taplo.toml"; do
    format "$options"
    echo "status $?"
    grep "invalid configuration file" said
    [ "$(cat data.toml)" = 'names = ["a", "b"]' ]
done
