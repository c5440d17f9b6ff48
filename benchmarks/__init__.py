"""Benchmarks: one program per claim, each ending in one JSON line."""
