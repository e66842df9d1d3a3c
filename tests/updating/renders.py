"""What is rendered for one update is kept for the next: a second render has the same bytes."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cruft
from git import Repo

from updates.renders import Renders, locked

Create = Callable[..., Path]


class KeptRenders:
    """A stand-in for ``cruft.create`` that renders a commit with the same answers once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._create: Create = cruft.create

    def __call__(
        self,
        template: str,
        output_dir: Path,
        *,
        checkout: str | None = None,
        extra_context: dict[str, Any],
        **options: Any,
    ) -> Path:
        """Render, or copy what was rendered, with the address of the template at hand in it."""
        answers = {"checkout": checkout, "extra_context": extra_context}
        # Tests of other folders run in this process, too, and render the work tree.
        if checkout is None or not Path(template).is_dir():
            return self._create(template, output_dir, **answers, **options)
        with Repo(template) as repository:
            kind = repository.commit(checkout).hexsha + json.dumps(extra_context, sort_keys=True)
        place = self._folder / hashlib.sha256(kind.encode()).hexdigest()
        with locked(place):
            if not place.exists():
                # Whole, or not there: a template may be none.
                part = Path(tempfile.mkdtemp(dir=self._folder))
                self._create(template, part, **answers, **options)
                part.rename(place)
        [kept] = place.iterdir()
        folder = output_dir / kept.name
        shutil.copytree(kept, folder)
        file = folder / ".cruft.json"
        state = json.loads(file.read_text("utf-8")) | {"template": template, "checkout": checkout}
        state["context"]["cookiecutter"]["_template"] = template
        text = json.dumps(state, ensure_ascii=False, indent=2, separators=(",", ": "))
        file.write_text(f"{text}\n", "utf-8")
        return folder


def keep_renders(folder: Path) -> type[Renders]:
    """Return renders of which all updates have the same folder."""

    class Kept(Renders):
        def __init__(
            self, clone: Path, url: str, _: Path, shared: bool, directory: str = ""
        ) -> None:
            super().__init__(clone, url, folder, shared=True, directory=directory)

    return Kept
