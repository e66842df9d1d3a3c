"""Brings the releases of the template into services that exist, by merges of trees.

The launcher in each service runs the newest release of ``__main__.py``; the fleet runs that of
its checkout, and uses the parts.
"""
