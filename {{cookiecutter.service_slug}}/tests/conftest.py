"""The fixtures of this service; those of the standard are in tests/standard."""

pytest_plugins = ["tests.standard.plugin"]
