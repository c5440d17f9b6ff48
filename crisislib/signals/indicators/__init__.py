"""The indicators, and the table of them."""
