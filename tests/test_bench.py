"""The benchmarks run to their end; what they measure on a busy machine counts for nothing."""

from __future__ import annotations

import subprocess
import sys

from rendering import ROOT

SMALL = ["--rows=1000", "--rounds=1", "--slow-rounds=1", "--token-rounds=1"]


def test_benchmark_measures_everything() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "bench", *SMALL], cwd=ROOT, text=True, capture_output=True
    )

    assert result.returncode in (0, 1), result.stderr
    lines = result.stdout.splitlines()
    for framework in ("flask", "async"):
        for way in ("/copy", "/rows", "/fetch-all", "/items, token seen", "/items, token new"):
            assert [line for line in lines if line.startswith(f"{framework} {way} ")], way
    assert " bytes long, " not in result.stdout
