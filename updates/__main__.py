# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "cookiecutter==2.7.1",
#   "cruft==2.16.0",
#   "libcst==1.9.0",
#   "pyyaml==6.0.3",
#   # What cruft 2.16 imports is deprecated or gone in newer ones.
#   "typer<0.26",
# ]
# ///
"""Run the updater. The launcher of a service gives it the arguments, and the service's folder."""

import sys
from pathlib import Path

# In this folder, or in that of the service, a module could stand in the way of another's name.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

if __name__ == "__main__":
    from updates.main import main

    sys.exit(main())
