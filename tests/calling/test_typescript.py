"""The client in TypeScript: made of the contract, checked by the compiler, and run by Node."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import time
from pathlib import Path

from browsing import missing
from filelock import FileLock
from rendering import COMBINATIONS, ROOT, render

from calling.conftest import CALLED, Called
from identity.issuer import Issuer
from identity.keys import token

USAGE = Path(__file__).with_name("usage.ts")


def run(command: list[str], folder: Path) -> str:
    """Run a program in a folder, and return what it prints."""
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def installed(package: Path) -> Path:
    """Return the packages that the lock file names, which are kept between runs."""
    lock = (package / "package-lock.json").read_bytes()
    place = ROOT / "build" / "npm" / f"typescript-{hashlib.sha256(lock).hexdigest()[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not (place / "complete").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(package / name, place)
            run(["npm", "ci", "--no-audit", "--no-fund"], place)
            (place / "complete").touch()
    return place / "node_modules"


def test_client_is_typed_and_asks_as_the_contract_says(
    called: Called, issuer: Issuer, tmp_path: Path
) -> None:
    if not shutil.which("npm"):
        missing("npm")
    service = render(COMBINATIONS[CALLED] | {"use_typescript_client": True}, tmp_path)
    package = service / "clients" / "typescript"
    (package / "node_modules").symlink_to(installed(package))
    shutil.copy(USAGE, package / "src")

    run(["npm", "run", "build"], package)
    now = int(time.time())
    good, old = (
        token(issuer.keys[0], issuer.address, scope="items.read", exp=now + seconds)
        for seconds in (600, -60)
    )
    address = f"http://127.0.0.1:{called.port}"
    printed = run(["node", "dist/usage.js", address, old, good], package)

    assert json.loads(printed) == {
        "expired": [401, "Unauthorized"],
        "comma": ["one"],
        "several": ["three", "two"],
        "none": 3,
        "missing": [404, "Item not found"],
        "csv": 3,
        "plain": 3,
        "id": "from-typescript",
    }
    (package / "node_modules").unlink()
    assert git_sees(service) == {
        *("package.json", "package-lock.json", "tsconfig.json", "generate.mjs"),
        "src/index.ts",
        "src/usage.ts",
    }


def git_sees(service: Path) -> set[str]:
    """Return the files of the package that a team would commit."""
    run(["git", "init", "--quiet"], service)
    listed = run(["git", "ls-files", "--others", "--exclude-standard", "clients"], service)
    return {line.removeprefix("clients/typescript/") for line in listed.splitlines()}
