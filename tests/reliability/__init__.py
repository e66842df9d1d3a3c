"""What a running service withstands: signals, outages, crowds, and requests that are none."""
