"""Forecast: how far a story will go, when it peaks, and what a correction would save, with intervals that hold."""

from crisislib.spread.forecast.stories import Forecast, forecast

__all__ = ["Forecast", "forecast"]
