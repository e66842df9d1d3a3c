"""Build an example: a render with its answers, less the sample, plus the team's files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent
Render = Callable[[dict[str, Any], Path], Path]


def build_example(name: str, destination: Path, render: Render, examples: Path = EXAMPLES) -> Path:
    """Build the example below a folder, and return where it is.

    ``render`` takes the answers and the folder, and returns the folder of the service.
    ``examples`` may be those of a release.
    """
    example = examples / name
    service = render(read_json(example / "answers.json"), destination)
    for path in read_json(example / "removed.json"):
        (service / path).unlink()
    shutil.copytree(example / "service", service, dirs_exist_ok=True)
    return service


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text("utf-8"))
