"""Parameters as controls: for readers in JupyterLab, who choose an incident and a language and see the page again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from crisislib.core.i18n import LANGUAGES, N_, tr
from crisislib.workbench import incident_tables
from crisislib.workbench.executive_page import executive
from crisislib.workbench.report_context import ReportContext

INCIDENT, LANGUAGE = N_("Incident"), N_("Language")
NAMES = {"zh": "中文", "en": "English"}
NONE = N_("No incident has been opened for this watch.")


def controls(context: ReportContext) -> widgets.VBox:
    """The first page of a report with controls above it.

    Parameters
    ----------
    context : ReportContext
        The report; what is chosen changes the page below the controls and nothing else.

    Returns
    -------
    ipywidgets.VBox
        Two lists and the page.
    """
    language = context.language
    rows = incident_tables.present(context)
    named = list(zip(incident_tables.titles(context, rows), rows["incident_id"], strict=True))
    incident = widgets.Dropdown(options=named or [(tr(NONE, language), "")], description=tr(INCIDENT, language))
    speaks = widgets.Dropdown(
        options=[(NAMES[one], one) for one in LANGUAGES], value=language, description=tr(LANGUAGE, language)
    )
    page = widgets.Output()

    def show(_: Any = None) -> None:
        page.clear_output(wait=True)
        with page:
            display(executive(replace(context, language=speaks.value), incident.value or ""))

    for control in (incident, speaks):
        control.layout.width = "auto"
        control.observe(show, names="value")
    # Nothing is drawn before somebody chooses: the notebook shows the page already, and a runner without a front end
    # (papermill) can wait for ever for a widget that catches output.
    return widgets.VBox([widgets.HBox([incident, speaks]), page])
