# /// script
# requires-python = ">=3.11"
# ///
"""Bring the changes of the template into this service, by the updater of its newest release."""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile


def git(*arguments: str) -> str:
    """Run git and return what it prints."""
    command = ["git", *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def find_newest_release(clone: str) -> str:
    """Return the newest release, by the tags or else by cruft.json; without any, the branch."""
    listed: dict[str, str] = json.loads(git(clone, "show", "HEAD:cruft.json")).get("releases", {})
    there = git(clone, "rev-list", "--all").split()
    found = {"0.0.0": "HEAD"} | {name: listed[name] for name in listed if listed[name] in there}
    found |= {tag.removeprefix("v"): f"refs/tags/{tag}" for tag in git(clone, "tag").split()}
    names = (name for name in found if re.fullmatch(r"\d+\.\d+\.\d+", name))
    return found[max(names, key=lambda name: [*map(int, name.split("."))])]


def main() -> int:
    """Run the updater of what the committed .cruft.json, or --adopt, names, and of no other."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--adopt", nargs="?")
    address = parser.parse_known_args()[0].adopt
    # Set by git for hooks and aliases: every command would go to the same repository.
    for name in re.findall(r"GIT_(?!CONFIG)\w+", git("rev-parse", "--local-env-vars")):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        address = address or json.loads(git("show", "HEAD:.cruft.json"))["template"]
        git("clone", "--quiet", "--bare", "--", address, f"{folder}/template.git")
        clone = f"--git-dir={folder}/template.git"
        git(clone, f"--work-tree={folder}", "checkout", find_newest_release(clone), "--", "updates")
        os.environ["TEMPLATE_CLONE"] = f"{folder}/template.git"
        uv = os.environ.get("UV") or shutil.which("uv") or sys.exit("Install uv first.")
        command = [uv, "run", "--no-project", "--quiet", f"{folder}/updates/__main__.py"]
        updater = subprocess.Popen([*command, *sys.argv[1:]])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The updater gets it, and tidies up.
        return updater.wait()


try:
    sys.exit(main())
except subprocess.CalledProcessError as error:
    # Between the scheme and the host of an address may be a password.
    sys.exit(re.sub(r"(://)[^/\s]*@", r"\1", f"git says: {error.stderr.strip()}"))
except (KeyError, OSError, TypeError, ValueError) as error:
    sys.exit(f"The template cannot be found: {error!r}")
