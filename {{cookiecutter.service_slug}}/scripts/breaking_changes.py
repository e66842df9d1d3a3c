"""What of the contract breaks clients of the last release, by the rules of Redocly."""

import io
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from redocly import CONTRACT, SETTINGS, NotChecked, redocly

RELEASE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def check_breaking_changes(release: str) -> int:
    """List what breaks clients of a release; return 1 unless the version says that it may."""
    with tempfile.TemporaryDirectory() as folder:
        # So it stands before the files of the release in what is listed.
        contract = Path(folder, release, CONTRACT)
        with ZipFile(io.BytesIO(git("archive", "--format=zip", release))) as archive:
            archive.extractall(contract.parent)
        if not contract.exists():
            print(f"Nothing can break: {release} has no {CONTRACT}.")
            return 0
        report = compare(contract)
        lines = [*list_breaking_changes(report, f"{os.path.relpath(folder)}/")]
    before, after = (str(report["infoVersions"].get(each)) for each in ("base", "revision"))
    allowed = may_break(before, after)
    for line in lines:
        print("WARN" if allowed else "ERR ", line)
    told = f"{len(lines)} breaking change{'s' * (len(lines) != 1)} since {release}"
    if not lines or allowed:
        print(f"{told}; info.version was {before} and is {after}.")
        return 0
    print(
        f"{told}, and info.version was {before} and is {after}: take them back, or raise its "
        "major part; before 1.0.0, the minor one."
    )
    return 1


def compare(contract: Path) -> dict[str, Any]:
    """Return what Redocly says of the contract, compared with an older one."""
    options = (SETTINGS, "--format=json", "--fail-on=none")
    result = redocly("diff", str(contract), CONTRACT, *options, capture_output=True)
    if result.returncode:
        name = f"{contract.parent.name}/{CONTRACT}"
        said = re.sub(r"\n +at .*", "", result.stderr.strip())
        raise NotChecked(f"{name} and {CONTRACT} cannot be compared.\n{said}")
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def list_breaking_changes(report: dict[str, Any], folder: str) -> Iterator[str]:
    """Yield a line for each breaking change, but not for what was deprecated long enough."""
    changes = report["changes"]
    over = [
        each for each in changes if each["kind"] == "removed" and is_over(each["base"]["value"])
    ]
    places = {each["path"] for each in over}
    for change in changes:
        if change in over:
            continue
        for verdict in change["verdicts"]:
            if verdict["ruleId"] == "required-properties-removed" and is_gone(change, places):
                continue
            if verdict["impact"] == "major":
                place = verdict["location"]
                file = place["file"].removeprefix(folder)
                where = f"{name_of(change['path'])} ({file}:{place['line']})"
                yield f"{where}: {verdict['message']} [{verdict['ruleId']}]"


def is_gone(change: dict[str, Any], places: set[str]) -> bool:
    """Tell whether all properties that are required no longer are among those that are over."""
    before, after = (change[each].get("value", []) for each in ("base", "revision"))
    names = (name.replace("~", "~0").replace("/", "~1") for name in before if name not in after)
    return all(f"{change['path']}/properties/{name}" in places for name in names)


def is_over(removed: Any) -> bool:
    """Tell whether all of what was removed was deprecated, with an ``x-sunset`` that is past."""
    if isinstance(removed, list):
        return all(map(is_over, removed))
    if not isinstance(removed, dict):
        return False
    if operations := METHODS & removed.keys():
        return all(is_over(removed[method]) for method in operations)
    until = str(removed.get("x-sunset", ""))[:10]
    today = datetime.now(UTC).date().isoformat()
    return removed.get("deprecated") is True and "0" <= until < today


def name_of(pointer: str) -> str:
    """Return the operation or the path that a JSON Pointer leads to, or else what it says."""
    words = [word.replace("~1", "/").replace("~0", "~") for word in pointer.split("/")[1:]]
    if words[:1] != ["paths"] or len(words) < 2:
        return "/".join(words)
    method = words[2].upper() if words[2:] and words[2] in METHODS else ""
    return f"{method} {words[1]}".strip()


def may_break(before: str, after: str) -> bool:
    """Tell whether a version may break what another one promised (SemVer 2.0.0, 4 and 8)."""
    old, new = RELEASE.match(before), RELEASE.match(after)
    if not old or not new:
        return False
    # Before 1.0.0, the minor part may.
    parts = 1 if int(old[1]) else 2
    return [*map(int, new.groups())][:parts] > [*map(int, old.groups())][:parts]


def find_last_release() -> str:
    """Return the tag of the newest version before this state of the service, or nothing."""
    tags = {*git("tag", "--merged", "HEAD").decode().split()}
    if not git("status", "--porcelain", "--", "."):
        tags -= {*git("tag", "--points-at", "HEAD").decode().split()}
    versions = {tag: RELEASE.fullmatch(tag) for tag in tags}
    releases = {tag: [*map(int, found.groups())] for tag, found in versions.items() if found}
    if not releases and git("rev-parse", "--is-shallow-repository").strip() == b"true":
        raise NotChecked("This clone is shallow, and has no release: fetch all commits and tags.")
    return max(releases, key=lambda tag: releases[tag], default="")


def git(*arguments: str) -> bytes:
    """Run git in this folder, and return what it prints."""
    try:
        return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout
    except OSError as error:
        raise NotChecked(f"git cannot be run: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        raise NotChecked(f"git says: {error.stderr.decode().strip()}") from None
