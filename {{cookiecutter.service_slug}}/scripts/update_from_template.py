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
    return subprocess.check_output(["git", *arguments], stderr=subprocess.PIPE, encoding="utf-8")


def find_newest_release(clone: str, file: str) -> str:
    """Return the newest release, by the tags or else by cruft.json; without any, the branch."""
    if not git(clone, "ls-tree", "HEAD", file):
        sys.exit(f"The template has no {file} at its top: say cruft link --directory FOLDER then.")
    listed: dict[str, str] = json.loads(git(clone, "show", f"HEAD:{file}")).get("releases", {})
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
    for name in re.findall(r"GIT_(?!CONFIG)\w+", git("rev-parse", "--local-env-vars")):
        os.environ.pop(name, None)  # Set for hooks, it sends every command to one repository.
    here = "./" * bool(git("ls-files", ".cruft.json"))  # Of several services, that of this folder.
    state = {} if address else json.loads(git("show", f"HEAD:{here}.cruft.json"))
    place = f"{state['directory']}/" if state.get("directory") else ""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TEMPLATE_CLONE"] = f"{folder}/template.git"
        git("clone", "-q", "--bare", "--", address or state["template"], f"{folder}/template.git")
        clone = f"--git-dir={folder}/template.git"
        newest = find_newest_release(clone, f"{place}cruft.json")
        git(clone, f"--work-tree={folder}", "checkout", newest, "--", f"{place}updates")
        os.environ.setdefault("UV", shutil.which("uv") or sys.exit("Install uv first."))
        updater = subprocess.Popen([sys.executable, f"{folder}/{place}updates", *sys.argv[1:]])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The updater gets it, and tidies up.
        return updater.wait()


try:
    sys.exit(main())
except subprocess.CalledProcessError as error:
    sys.exit(re.sub(r"(://)[^/\s]*@", r"\1", f"git says: {error.stderr.strip()}"))  # No password.
except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
    sys.exit(f"The template cannot be found: {error!r}")
