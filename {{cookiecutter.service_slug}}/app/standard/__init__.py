"""What is the same in every service: the template owns it, and its updates change it.

Each folder is a room, whose docstring says what it gives; pyproject.toml says which is above which.
"""
