"""Services that a team wrote on top of a render, and what builds and runs them."""
