"""How an edge is known, one method a file, from what is stated to what is only likely."""
