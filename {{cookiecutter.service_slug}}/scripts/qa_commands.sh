#!/usr/bin/env bash
# Run all checks. With --fix, first repair what ruff can; with --lint, leave the tests out.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  "" | --lint) ;;
  --fix)
    uv run ruff check --fix-only
    uv run ruff format
    ;;
  *)
    echo "usage: $0 [--fix | --lint]" >&2
    exit 2
    ;;
esac

uv run ruff check
uv run ruff format --check
uv run mypy
uv run lint-imports
if [[ "${1:-}" != --lint ]]; then
  uv run pytest
fi
