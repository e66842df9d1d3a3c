"""What only development and tests run; no part of it is in the image."""
