"""How many updates of services that teams had edited went through, counted over a whole run."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

# In a property of a test: the exit status of an update, and that of the checks after it.
UPDATE, CHECKED = "update", "checked after an update"
WANTED = 0.97
# The share of fewer, as of one file that is run alone, says little.
ENOUGH = 50


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts, if there are any."""
    if updates := recorded(terminalreporter, UPDATE):
        terminalreporter.write_line(tell(updates, recorded(terminalreporter, CHECKED)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a run fail that has too many conflicts."""
    # Workers have no terminal: what runs them counts.
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.exitstatus == pytest.ExitCode.OK:
        updates = recorded(reporter, UPDATE)
        if len(updates) >= ENOUGH and updates.count(0) < WANTED * len(updates):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def recorded(reporter: pytest.TerminalReporter, name: str) -> list[int]:
    """Return what tests recorded by a name."""
    reports = [each for kind in ("passed", "failed") for each in reporter.getreports(kind)]
    return [value for each in reports for key, value in each.user_properties if key == name]


def tell(updates: Sequence[int], checked: Sequence[int]) -> str:
    """Return the counts as one line."""
    done, silent = updates.count(0), len(checked) - checked.count(0)
    return (
        f"Updates of services that teams had edited: {len(updates)},"
        f" with conflicts: {len(updates) - done} ({done / len(updates):.1%} without;"
        f" at least {WANTED:.0%} are wanted); checked: {len(checked)}, broken: {silent}"
    )
