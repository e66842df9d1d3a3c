#!/usr/bin/env bash
# Make .lambda/function.zip, with what uv.lock names, for AWS Lambda:
# scripts/build_lambda.sh [x86_64|aarch64]
set -euo pipefail
cd "$(dirname "$0")/.."

architecture="${1:-x86_64}"
if [[ $# -gt 1 || ! "$architecture" =~ ^(x86_64|aarch64)$ ]]; then
  echo "usage: $0 [x86_64|aarch64]" >&2
  exit 2
fi
# Of the unzipped function, in bytes.
limit=262144000
folder=.lambda/function
version="{{ cookiecutter.python_version }}"
# {% if cookiecutter.python_version == "3.11" %}
# Lambda's own 3.11 is on Amazon Linux 2, for which some dependencies have no wheel.
version=3.12
# {% endif %}
python=(uv run --no-project --python "$version" python)

rm -rf .lambda
mkdir -p "$folder"
uv export --quiet --locked --no-dev --output-file .lambda/requirements.txt
uv pip install --quiet --requirements .lambda/requirements.txt --target "$folder" \
  --python-version "$version" --python-platform "$architecture-manylinux_2_28" --only-binary :all:
rm -rf "${folder:?}/bin"
# {% if cookiecutter.use_database %}
cp -R alembic alembic.ini "$folder"
# {% endif %}
cp -R api-spec.yml app config.py lambda_handler.py "$folder"
find "$folder" -name __pycache__ -prune -exec rm -rf {} +

# Nothing can be written there, and a zip does not keep the times by which Python knows its own.
# Some files of libraries are no Python.
"${python[@]}" -m compileall -q --invalidation-mode unchecked-hash "$folder" >/dev/null || true
(cd "$folder" && "${python[@]}" -m zipfile -c ../function.zip ./*)

size="$("${python[@]}" -c 'import pathlib, sys
print(sum(each.stat().st_size for each in pathlib.Path(sys.argv[1]).rglob("*") if each.is_file()))
' "$folder")"
echo ".lambda/function.zip: $((size / 1000000)) MB unzipped, of $((limit / 1000000)) MB that Lambda takes"
if ((size > limit)); then
  rm .lambda/function.zip
  echo "It is too large for a zip: deploy the image, or leave dependencies out." >&2
  exit 1
fi
