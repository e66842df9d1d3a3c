# /// script
# requires-python = ">=3.11"
# dependencies = ["cookiecutter==2.7.1", "libcst==1.9.0", "pyyaml==6.0.3"]
# ///
"""Run the updater of a folder, the first argument, where uv has put the libraries that it needs."""

import sys

# Added to the exit status of the updater: what uv itself ends with is less.
RAN = 100

if __name__ == "__main__":
    # In the place of this file's folder, or a module there could stand in the way of another's.
    sys.path[0] = sys.argv.pop(1)
    from updates.main import main

    sys.exit(RAN + main())
