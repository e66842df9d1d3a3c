"""The ways over from other frameworks: both services of a page are run, and asked the same."""
