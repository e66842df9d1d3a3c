"""Renders of the template that are made once, for all who need them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from updates.commands import Refused, git
from updates.rendering import CONTEXT, FILES, check_out, render
from updates.state import Answers

# A fleet has few kinds of services, or else none that is asked for twice.
KEPT = 64
STORE = "store.git"
Kind = tuple[str, Answers]


class Renders:
    """Renders of the commits of a clone, below a folder.

    Shared, they are made in this process and stay, for other processes too; otherwise each is made
    in a process of its own, for one who asks.
    """

    def __init__(
        self, clone: Path, url: str, folder: Path, shared: bool, directory: str = ""
    ) -> None:
        self.clone, self.url, self.directory = clone, url, directory
        self.folder, self.shared = folder, shared

    def prepare(self, *kinds: Kind) -> None:
        """Make renders that will be asked for side by side, if they are not shared."""
        if kinds and not self.shared:
            with ThreadPoolExecutor(len(kinds)) as pool:
                for made in [pool.submit(self.make, *kind) for kind in kinds]:
                    made.result()

    def make(self, commit: str, answers: Answers) -> None:
        """Make a render, if it is missing."""
        with self.held(commit, answers):
            pass

    def bring(self, commit: str, answers: Answers, goal: Path) -> None:
        """Bring a render to a new folder."""
        with self.held(commit, answers) as place:
            (shutil.copytree if self.shared else shutil.move)(place, goal)

    def read(self, commit: str, answers: Answers) -> dict[str, bytes]:
        """Return the contents of the files of a render."""
        with self.held(commit, answers) as place:
            [folder] = (place / FILES).iterdir()
            files = [path for path in folder.rglob("*") if path.is_file()]
            return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    @contextmanager
    def held(self, commit: str, answers: Answers) -> Iterator[Path]:
        """Give the place of a render, which is made if it is missing, and which nobody removes."""
        kind = json.dumps([commit, self.directory, answers], sort_keys=True)
        place = self.folder / hashlib.sha256(kind.encode()).hexdigest()
        with locked(place):
            if not (place / CONTEXT).exists():
                shutil.rmtree(place, ignore_errors=True)
                work = render if self.shared else render_apart
                work(self.check_out(commit), answers, (self.url, commit), place)
                if self.shared:
                    self.store(place / FILES)
            os.utime(place)
            yield place
        self.make_room()

    def store(self, files: Path) -> None:
        """Write the files of a render as git's objects, of which then each merge finds most."""
        repository = self.folder / STORE
        with locked(repository):
            if not repository.exists():
                git("init", "--quiet", "--bare", repository, cwd=self.folder)
        places = {"GIT_DIR": repository, "GIT_WORK_TREE": files, "GIT_INDEX_FILE": f"{files}.index"}
        variables = {name: str(place) for name, place in places.items()}
        # As a merge adds them.
        add = ("-c", "core.autocrlf=false", "add", "--all", "--force", files)
        git(*add, cwd=self.folder, environment=variables)

    def lend(self, objects: Path) -> None:
        """Let a repository read the objects of all renders beside its own."""
        with (objects / "info" / "alternates").open("a", encoding="utf-8") as alternates:
            alternates.write(f"{self.folder / STORE / 'objects'}\n")

    def check_out(self, commit: str) -> Path:
        """Return the files of a commit, which are there once."""
        place = self.folder / "sources" / f"{commit}-{self.directory.replace('/', '-')}"
        with locked(place):
            if not place.exists():
                part = place.with_name(f"{place.name}.part")
                shutil.rmtree(part, ignore_errors=True)
                check_out(self.clone, commit, self.directory, part)
                part.rename(place)
        return place

    def make_room(self) -> None:
        """Remove the oldest renders, if there are too many."""
        places = [file.parent for file in self.folder.glob(f"*/{CONTEXT}")]
        for place in sorted(places, key=last_use)[:-KEPT]:
            with suppress(BlockingIOError), locked(place, wait=False):
                shutil.rmtree(place, ignore_errors=True)


def last_use(place: Path) -> float:
    """Return when a render was asked for; it may be gone by now."""
    with suppress(FileNotFoundError):
        return place.stat().st_mtime
    return 0.0


def render_apart(source: Path, answers: Answers, origin: tuple[str, str], place: Path) -> None:
    """Render in a process of its own."""
    job = {"source": str(source), "answers": answers, "origin": origin, "place": str(place)}
    done = subprocess.run(
        [sys.executable, "-m", "updates.rendering"],
        cwd=Path(__file__).resolve().parent.parent,
        input=json.dumps(job),
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise Refused(done.stderr.strip() or f"A render ended with {done.returncode}.")


@contextmanager
def locked(place: Path, wait: bool = True) -> Iterator[Path]:
    """Hold the lock of a folder, which need not be there."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield place
