"""Typed clients of other services, generated from their contracts; never edit one by hand."""
