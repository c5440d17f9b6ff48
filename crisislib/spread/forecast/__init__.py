"""Forecast: how far a story will go, when it peaks, and what a correction would save, with intervals that hold."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.spread.forecast.story_forecasts import Forecast, forecast_stories

__all__ = ["Forecast", "forecast_stories"]

resolve_lazily(__name__)
