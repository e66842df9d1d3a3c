#!/usr/bin/env bash
# Run all checks. With --fix, first repair what ruff can; with --lint, leave the tests out.
# With --audit, ask instead what is known to be vulnerable of what uv.lock names.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  "" | --lint) ;;
  --fix)
    uv run ruff check --fix-only
    uv run ruff format
    ;;
  --audit)
    # A mirror of https://api.osv.dev/, where that is out of reach.
    status=0
    uv audit --locked --preview-features audit-command \
      ${AUDIT_SERVICE_URL:+--service-url "$AUDIT_SERVICE_URL"} || status=$?
    if [[ $status == 2 ]]; then
      echo "Nothing was audited: the advisory service did not answer." >&2
    fi
    exit "$status"
    ;;
  *)
    echo "usage: $0 [--audit | --fix | --lint]" >&2
    exit 2
    ;;
esac

uv run ruff check
uv run ruff format --check
uv run mypy
uv run lint-imports
uv run scripts/contract.py lint
# {% if cookiecutter.use_clients %}
# Only where there are services to call.
if grep -qs '"contract"' client-gen-config.json; then
  uv run scripts/generate_clients.py --check
fi
# {% endif %}
if [[ "${1:-}" != --lint ]]; then
  uv run pytest
fi
