"""From text to numbers: code points, n-grams, word lists, lexicons."""
