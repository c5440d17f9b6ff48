"""Makers of the model files that are shipped: run by hand, their output is committed."""
