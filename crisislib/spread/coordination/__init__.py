"""Coordinated behaviour: shares, windows, pairs against chance, groups with their evidence."""
