# /// script
# requires-python = ">=3.11"
# dependencies = ["cookiecutter==2.7.1", "libcst==1.9.0", "pyyaml==6.0.3"]
# ///
"""Run the updater of a folder, the first argument, where uv has put the libraries that it needs."""

import sys
from contextlib import suppress
from pathlib import Path

# Added to the exit status of the updater: what uv itself ends with is less.
RAN = 100

if __name__ == "__main__":
    with suppress(OSError):
        Path(__file__).with_suffix(".python").write_text(sys.executable, "utf-8")
    # In the place of this file's folder, or a module there could stand in the way of another's.
    sys.path[0] = sys.argv.pop(1)
    from updates.main import main

    sys.exit(RAN + main())
