"""Smoke tests of the standard, and the fixtures that it gives; owned by the template."""
