"""How a cell of an export is read, as DuckDB expressions: ids, flags, sentiment; others have their own readers.

Each function takes SQL of type VARCHAR and returns another SQL expression, so that the engine reads
whole columns and no Python runs per row. :func:`clean` and :func:`plain` take a raw cell; all others
take the name of a column that these have cleaned, since they repeat it many times. Where the
:class:`~crisislib.collect.importing.column_profile.Shape` of a column shows that no cell needs the long way, the
expression is a short one that gives the same. What cannot be read becomes null; who calls decides
whether a null is a rejected row or a warning.
"""

from __future__ import annotations

from crisislib.collect.importing.column_profile import Shape

_NOTHING = "('', 'nan', 'NaN', 'None', 'none', 'null', 'NULL', 'N/A', '\\N', '<NA>', 'NaT', '#N/A', "
_NOTHING += "'-', '--', '—', '无', '暂无', 'undefined', '[]', '{}')"
"""What tools write for nothing."""


def quoted(text: str) -> str:
    """A SQL string literal.

    Parameters
    ----------
    text : str
        Any text.
    """
    return "'" + text.replace("'", "''") + "'"


def clean(cell: str) -> str:
    """A raw cell (its outer space is off already), null where it is empty.

    Parameters
    ----------
    cell : str
        SQL expression.
    """
    return f"nullif({cell}, '')"


def plain(cell: str, shape: Shape | None = None) -> str:
    """A raw cell in which the words that tools write for nothing (`nan`, `None`, `null`) are null too.

    Parameters
    ----------
    cell : str
        SQL expression.
    shape : Shape, optional
        Of the column, where known.
    """
    if shape is not None and shape.worded:
        return cell if shape.full else clean(cell)
    return f"CASE WHEN {cell} NOT IN {_NOTHING} THEN {cell} END"


def ident(cell: str, shape: Shape | None = None) -> str:
    """An id: quotes, guards and a spreadsheet's `.0` off; null where a spreadsheet has rounded it.

    Parameters
    ----------
    cell : str
        SQL expression.
    shape : Shape, optional
        Of the column, where known.
    """
    if shape is not None and shape.bare:
        return cell
    guarded = " OR ".join(f"{cell} LIKE {quoted(mark + '%')}" for mark in "\"'`=")
    bare = f"CASE WHEN {guarded} THEN nullif(trim({cell}, '\"''`='), '') ELSE {cell} END"
    whole = f"CASE WHEN {cell} LIKE '%.0' THEN regexp_replace({bare}, '^(\\d+)\\.0$', '\\1') ELSE {bare} END"
    return f"CASE WHEN {rounded_id(cell)} THEN NULL ELSE {whole} END"


def rounded_id(cell: str) -> str:
    """Whether a spreadsheet has turned the id into `4.9E+18`, so that digits are lost.

    Parameters
    ----------
    cell : str
        SQL expression.
    """
    return f"coalesce({cell} ILIKE '%e+%' AND regexp_full_match({cell}, '\\d([.,]\\d+)?[eE]\\+\\d+'), false)"


def place_id(cell: str) -> str:
    """An address as an id, without what only tells how a reader came there; null where there is none.

    Parameters
    ----------
    cell : str
        SQL expression.
    """
    bare = f"regexp_replace({cell}, '^(?i)https?://(www\\.|m\\.)?', '')"
    read = f"regexp_replace({bare}, '([?&](utm_[a-z]+|fbclid|gclid|share[a-z_]*|from)=[^&#]*)+|#.*$', '', 'g')"
    return f"'u' || left(sha256(regexp_replace({read}, '/+$', '')), 20)"


def flag(cell: str) -> str:
    """Yes or no as written in either language; null for anything else.

    Parameters
    ----------
    cell : str
        SQL expression.
    """
    word = f"lower({cell})"
    return (
        f"CASE WHEN {word} IN ('true', 't', '1', '1.0', 'yes', 'y', '是', '已认证', 'verified') THEN true "
        f"WHEN {word} IN ('false', 'f', '0', '0.0', 'no', 'n', '否', '未认证', '-1', 'unverified') THEN false END"
    )


def sentiment(cell: str) -> str:
    """The vendor's own sentiment as negative, neutral or positive; numbers by their sign.

    Parameters
    ----------
    cell : str
        SQL expression.
    """
    word = f"lower({cell})"
    cases = "".join(f"WHEN {word} IN ({', '.join(map(quoted, w.split()))}) THEN '{f}' " for f, w in FEELINGS.items())
    number = f"try_cast({word} AS DOUBLE)"
    signs = f"WHEN {number} > 0 THEN 'positive' WHEN {number} < 0 THEN 'negative' WHEN {number} = 0 THEN 'neutral'"
    return f"CASE {cases}{signs} END"


FEELINGS = {
    "positive": "positive positives positiv positivo positiva positif positieve pos 正 正面 正向 积极 非常正面 "
    "позитивная позитивный позитивно позитив положительная положительный ポジティブ 긍정 긍정적 olumlu pozytywny "
    "pozytywna",
    "negative": "negative negatives negativ negativo negativa négatif négative negatieve neg 负 负面 负向 消极 敏感 "
    "非常负面 негативная негативный негативно негатив отрицательная отрицательный ネガティブ 부정 부정적 olumsuz "
    "negatywny negatywna",
    "neutral": "neutral neutrals neutro neutra neutre neutraal neu 中 中性 中立 非敏感 нейтральная нейтральный "
    "нейтрально ニュートラル 중립 중립적 nötr neutralny neutralna",
}
"""Words of vendors for the three, in the languages of their exports."""


def language(cell: str) -> str:
    """The language of a text as its code, where the vendor writes its name: `English` and `英文` are `en`.

    Parameters
    ----------
    cell : str
        SQL expression.
    """
    word = f"lower(trim({cell}))"
    cases = " ".join(f"WHEN {quoted(name)} THEN {quoted(code)}" for name, code in LANGUAGES.items())
    return f"CASE {word} {cases} ELSE {cell} END"


def place(cell: str) -> str:
    """A place without the words that a platform writes before it: `IP属地：北京` and `发布于 北京` are `北京`.

    Parameters
    ----------
    cell : str
        SQL expression.
    """
    before = "^(IP ?(属地|归属地|地址)?[:：] ?|IP ?属地 ?|(来自|发布于|编辑于)[ :：]*)"
    return f"nullif(regexp_replace({cell}, {quoted(before)}, ''), '')"


LANGUAGES = {
    "english": "en", "chinese": "zh", "simplified chinese": "zh", "traditional chinese": "zh", "spanish": "es",
    "french": "fr", "german": "de", "portuguese": "pt", "italian": "it", "japanese": "ja", "korean": "ko",
    "russian": "ru", "arabic": "ar", "hindi": "hi", "dutch": "nl", "indonesian": "id", "turkish": "tr", "polish": "pl",
    "swedish": "sv", "norwegian": "no", "danish": "da", "finnish": "fi", "thai": "th", "vietnamese": "vi",
    "ukrainian": "uk", "greek": "el", "hebrew": "he", "czech": "cs", "hungarian": "hu", "romanian": "ro", "malay": "ms",
    "français": "fr", "anglais": "en", "allemand": "de", "espagnol": "es", "italien": "it", "portugais": "pt",
    "chinois": "zh", "deutsch": "de", "englisch": "en", "französisch": "fr", "spanisch": "es", "italienisch": "it",
    "español": "es", "inglés": "en", "francés": "fr", "alemán": "de", "portugués": "pt", "italiano": "it",
    "português": "pt", "inglês": "en", "espanhol": "es", "inglese": "en", "francese": "fr", "spagnolo": "es",
    "русский": "ru", "английский": "en", "украинский": "uk", "日本語": "ja", "英語": "en", "中国語": "zh",
    "한국어": "ko", "영어": "en", "türkçe": "tr", "polski": "pl", "nederlands": "nl", "法语": "fr", "德语": "de",
    "西班牙语": "es", "俄语": "ru", "葡萄牙语": "pt", "阿拉伯语": "ar", "汉语": "zh", "普通话": "zh", "粤语": "zh",
    "英文": "en", "英语": "en", "中文": "zh", "简体中文": "zh", "繁体中文": "zh", "日语": "ja", "韩语": "ko",
}  # fmt: skip
"""Names of languages as vendors write them -> ISO 639-1."""
