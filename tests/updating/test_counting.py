"""A run in which too many updates end with a conflict fails."""

from __future__ import annotations

import pytest

from updating.counting import ENOUGH

pytest_plugins = ["pytester"]
TEST = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_update(number, record_property):
    record_property("update", 2 if number < {conflicts} else 0)
    record_property("checked after an update", 0)
"""


@pytest.mark.parametrize(
    ("count", "conflicts", "status"),
    [(100, 3, 0), (100, 4, 1), (ENOUGH - 1, 2, 0), (ENOUGH, 2, 1)],
)
def test_run_fails_below_the_share_that_is_wanted(
    count: int, conflicts: int, status: int, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(TEST.format(count=count, conflicts=conflicts))

    result = pytester.runpytest_inprocess("-p", "updating.counting")

    assert result.ret == status
    result.stdout.fnmatch_lines([f"*edited: {count}, with conflicts: {conflicts} (*, broken: 0"])
