"""How the shipped sentiment model is made: the texts it may learn from, and the fit."""
