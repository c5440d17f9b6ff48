"""The outlook: how likely a watch is to reach orange within an hour, six hours and a day."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.warn.outlook.outlook_findings import Outlook, asked, predict_outlook, probabilities
    from crisislib.warn.outlook.outlook_model import HORIZONS, Model, load, save
    from crisislib.warn.outlook.outlook_training import train

__all__ = ["HORIZONS", "Model", "Outlook", "asked", "load", "predict_outlook", "probabilities", "save", "train"]

resolve_lazily(__name__)
