"""Words and phrases of a query as regular expressions over folded text."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = r"[^ \x01]"
"""A character of a word token; marks carry their sign in front and are none."""
_MARKS = r"(?:\x01[^ ]+ )*"
_TOKEN = rf"{_WORD}+ {_MARKS}"


@lru_cache(maxsize=4096)
def term_pattern(word: str, *, wild: bool = True) -> str:
    r"""Regular expression for a word or phrase, from the beginning of its first token to the end of its last.

    Parameters
    ----------
    word : str
        As written in the query, without quotation marks.
    wild : bool
        Whether `*` and `?` are wildcards and a backslash takes that meaning away; else all is literal.

    Returns
    -------
    str
        For RE2 and Python alike; empty where the word holds nothing but blanks or wildcards. Put a blank before it:
        every token of a folded text follows one.

    Notes
    -----
    Inside or beside a word of a spaced script `*` stays within that word. Between Chinese characters it spans any
    words and characters up to the next punctuation mark; standing alone in a phrase it is one word.
    """
    from crisislib.core.folding import ANY, CJK_RANGES, ONE, fold_text

    if wild:
        word = re.sub(r"\\(.)|([*?])", lambda m: m[1] or {"*": ANY, "?": ONE}[m[2]], word, flags=re.DOTALL)
    tokens = fold_text(word).split(" ")
    tokens = [token for token in tokens if token]
    while tokens and not tokens[0].strip(ANY):
        tokens.pop(0)
    while tokens and not tokens[-1].strip(ANY):
        tokens.pop()
    if not any(token.strip(ANY + ONE) for token in tokens):
        return ""

    def cjk(index: int) -> bool:
        if not 0 <= index < len(tokens) or len(tokens[index]) != 1:
            return False
        return any(low <= ord(tokens[index]) <= high for low, high in CJK_RANGES) or ord(tokens[index]) >= 0x20000

    parts = []
    for i, token in enumerate(tokens):
        if not token.strip(ANY + ONE):
            between = cjk(i - 1) or cjk(i + 1)
            parts += [(f"(?:{_WORD}+ )*" if between else f"{_WORD}+ ") if c == ANY else f"{_WORD} " for c in token]
            continue
        before = f"(?:{_WORD}+ )*" if token[0] == ANY and cjk(i - 1) else ""
        after = f"(?:{_WORD}+ )*" if token[-1] == ANY and cjk(i + 1) else ""
        inner = "".join({ANY: f"{_WORD}*", ONE: _WORD}.get(char) or _literal(char) for char in token)
        parts.append(f"{before}{inner} {after}")
    return "".join(parts)


def near_pattern(left: str, right: str, distance: int) -> str:
    """Regular expression for two terms, in either order, with at most so many tokens between.

    Parameters
    ----------
    left, right : str
        From :func:`term_pattern`.
    distance : int
        Words of spaced scripts, or Chinese characters, that may stand between; punctuation does not count.

    Returns
    -------
    str
    """
    gap = f"{_MARKS}(?:{_TOKEN}){{0,{distance}}}"
    return f" (?:{left}{gap}{right}|{right}{gap}{left})"


def _literal(char: str) -> str:
    return r"\x01" if char == "\x01" else re.escape(char)
