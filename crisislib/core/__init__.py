"""What every room speaks: errors, tables, watches, queries, levels, findings, languages.

Imports nothing else of ours; every stage may import it.
"""
