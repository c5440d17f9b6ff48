"""A watch opened for reading: what others did in such a case, and what a language model of the user says."""

from __future__ import annotations

from crisislib.workbench import case_frames
from crisislib.workbench.display import Fragment
from crisislib.workbench.opened_watch import OpenedWatch


class OpenedCases(OpenedWatch):
    """One watch with its past cases.

    Parameters
    ----------
    context : ReportContext
        Tables, window, version and language of the watch.
    """

    def cases(self, incident: str = "", most: int = 3) -> Fragment:
        """What was done last time: past cases like an incident, your own and public ones, with their reasons.

        Parameters
        ----------
        incident : str
            Id of the incident; the one that matters most when empty.
        most : int
            Cases at most.

        Returns
        -------
        Fragment
        """
        return case_frames.cases(self.context, incident, most=most)

    def explain(self) -> Fragment:
        """What your language model says of the posts of the window; sentences that no post bears out are dropped.

        Off unless `CRISIS_LLM_URL` and `CRISIS_LLM_MODEL` are set; posts are sent to that address, so no shipped
        notebook calls it.

        Returns
        -------
        Fragment
        """
        return case_frames.explained(self.context)
