"""The walk: carries tables between the rooms and the lake; the only room that knows them all."""

from crisislib.pipeline.answer import effects
from crisislib.pipeline.demo import demo
from crisislib.pipeline.due import scheduled
from crisislib.pipeline.gather import Gathered, collect, import_files
from crisislib.pipeline.home import Home
from crisislib.pipeline.labels import label_queue, take_labels, teach
from crisislib.pipeline.learn import backtest, train
from crisislib.pipeline.learnt import learnt
from crisislib.pipeline.people import acknowledge, log_response
from crisislib.pipeline.progress import Told, silent
from crisislib.pipeline.tell import report
from crisislib.pipeline.voila import voila_command, voila_environment
from crisislib.pipeline.walk import run
from crisislib.pipeline.walked import INCIDENT, NEXT, REPORT, Walked

__all__ = [
    "INCIDENT",
    "NEXT",
    "REPORT",
    "Gathered",
    "Home",
    "Told",
    "Walked",
    "acknowledge",
    "backtest",
    "collect",
    "demo",
    "effects",
    "import_files",
    "label_queue",
    "learnt",
    "log_response",
    "report",
    "run",
    "scheduled",
    "silent",
    "take_labels",
    "teach",
    "train",
    "voila_command",
    "voila_environment",
]
