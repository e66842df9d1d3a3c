# /// script
# requires-python = ">=3.11"
# ///
"""Bring the changes of the template into this service, by the updater of its newest release.

The template is what the committed .cruft.json names, or --adopt, and no other; see --help.
"""

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
    """Run git and return what it prints; exit with its complaint if it fails."""
    result = subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8")
    if result.returncode:
        # Between the scheme and the host of an address may be a password.
        sys.exit(re.sub(r"(://)[^/\s]*@", r"\1", f"git says: {result.stderr.strip()}"))
    return result.stdout


def find_newest_release(clone: str) -> str:
    """Return the newest release, by the tags or else by cruft.json; without any, the branch."""
    found = {"0.0.0": "HEAD", **json.loads(git(clone, "show", "HEAD:cruft.json"))["releases"]}
    found |= {tag.removeprefix("v"): f"refs/tags/{tag}" for tag in git(clone, "tag").split()}
    names = (name for name in found if re.fullmatch(r"\d+\.\d+\.\d+", name))
    return str(found[max(names, key=lambda name: [*map(int, name.split("."))])])


def main() -> int:
    """Run the updater; return its exit status."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--adopt")
    address = parser.parse_known_args()[0].adopt
    # Set by git for hooks and aliases: every command would go to the same repository.
    for name in git("rev-parse", "--local-env-vars").split():
        if "CONFIG" not in name:
            os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        address = address or json.loads(git("show", "HEAD:.cruft.json"))["template"]
        git("clone", "--quiet", "--bare", "--", address, f"{folder}/template.git")
        clone = f"--git-dir={folder}/template.git"
        git(clone, f"--work-tree={folder}", "checkout", find_newest_release(clone), "--", "updates")
        os.environ["TEMPLATE_CLONE"] = f"{folder}/template.git"
        uv = os.environ.get("UV") or shutil.which("uv") or sys.exit("Install uv first.")
        script = ["--no-project", "--quiet", f"{folder}/updates/__main__.py"]
        updater = subprocess.Popen([uv, "run", *script, *sys.argv[1:]])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The updater gets it, and tidies up.
        return updater.wait()


if __name__ == "__main__":
    sys.exit(main())
