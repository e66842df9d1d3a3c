"""Brings the releases of the template into services that exist, by merges of trees.

The launcher in each service runs the newest release of it, ``python -m updates``; the fleet
uses its parts.
"""
