"""Services that people would recognise, each stored as what its team did to release 1.0.0."""
