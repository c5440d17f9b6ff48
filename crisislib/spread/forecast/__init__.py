"""Forecast: how far a story will go, when it peaks, and what a correction would save, with intervals that hold."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.spread.forecast.story_forecasts import Forecast, forecast

__all__ = ["Forecast", "forecast"]

resolve_lazily(__name__)
