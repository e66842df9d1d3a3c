"""A service that was created by an older template takes the newer one."""
