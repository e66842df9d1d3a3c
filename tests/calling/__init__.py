"""A service whose generated client calls another service."""
