"""Stories with what an analyst or a fact check said of them, as a rumour model learns from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.spread.forecast.events import Events, Floats, Ints
from crisislib.spread.rumour.ngram_model import mask, mask_names
from crisislib.spread.rumour.story_features import (
    reaction_table,
)


@dataclass(frozen=True)
class Stories:
    """Labelled or new stories with all that is known of them.

    Attributes
    ----------
    text : list of str
        Source posts, length k.
    authors : pandas.DataFrame
        As :func:`~crisislib.spread.rumour.story_features.author_features` takes it, k rows.
    events : Events
        Their spread, k cascades.
    owner, t : numpy.ndarray
        Story and age (s) of each reaction with words, in any order.
    words : list of str
        The source posts without names, numbers and links.
    reactions : list of str
        Words of each reaction, without account names, numbers and links.
    hits : pandas.DataFrame
        :func:`~crisislib.spread.rumour.story_features.reaction_table` of `reactions`.
    """

    text: list[str]
    words: list[str]
    authors: pd.DataFrame
    events: Events
    owner: Ints
    t: Floats
    reactions: list[str]
    hits: pd.DataFrame

    def __len__(self) -> int:
        return len(self.text)

    def take(self, which: Ints) -> Stories:
        """Some stories, in the order given.

        Parameters
        ----------
        which : numpy.ndarray of shape (j,)
            Positions.

        Returns
        -------
        Stories
            With their reactions.
        """
        place = np.full(len(self), -1)
        place[which] = np.arange(len(which))
        rows = np.flatnonzero(place[self.owner] >= 0)
        return Stories(
            [self.text[i] for i in which],
            [self.words[i] for i in which],
            self.authors.iloc[which].reset_index(drop=True),
            self.events.take(which),
            place[self.owner[rows]],
            self.t[rows],
            [self.reactions[i] for i in rows],
            self.hits.iloc[rows].reset_index(drop=True),
        )


def stories(
    text: list[str], authors: pd.DataFrame, events: Events, owner: Ints, t: Floats, reactions: list[str]
) -> Stories:
    """Prepare stories: the words of each reaction are read once, for every age.

    Parameters
    ----------
    text : list of str
        Source posts, length k.
    authors : pandas.DataFrame
        As :func:`~crisislib.spread.rumour.story_features.author_features` takes it, k rows.
    events : Events
        Their spread, k cascades.
    owner : numpy.ndarray of shape (n,)
        Story of each reaction with words.
    t : numpy.ndarray of shape (n,)
        Its age, seconds since the source post.
    reactions : list of str
        Its words, length n.

    Returns
    -------
    Stories
    """
    hits = reaction_table(pa.array(reactions, pa.string()))
    return Stories(text, [mask_names(w) for w in text], authors, events, owner, t, [mask(w) for w in reactions], hits)
