"""What services made of the conflicts of their last update, kept for the rest of the fleet."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fleet.rehearsal import explain
from fleet.services import Listed, clone
from fleet.workers import open_template
from updates.resolutions import learn
from updates.service import Service


def learn_here(listed: Listed, template: Path, url: str, cache: Path) -> str:
    """Keep what a service resolved; return why that could not be, or nothing."""
    try:
        with tempfile.TemporaryDirectory(prefix="fleet-", ignore_cleanup_errors=True) as scratch:
            folder = Path(scratch, "service.git")
            clone(listed, folder, "--bare", whole=True)
            learn(Service(folder, listed.place), open_template(template, url), cache, listed.name)
    except Exception as error:
        return explain(error)
    return ""
