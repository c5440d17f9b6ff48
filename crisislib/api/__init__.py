"""The library's public functions: the stages' own, on plain frames; `import crisislib` offers them."""
