"""Forecast: how far a cascade will go, with intervals that hold."""
