"""Doubles and fixtures that several rooms' tests share."""
