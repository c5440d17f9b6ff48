"""Live sources, one a file, and the table of them."""
