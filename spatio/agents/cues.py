"""Cues: the words and shapes by which a sentence shows that it matters, or that it does not.

English first, with the commonest of German, French and Spanish; what has none of them is ranked by
how central it is alone.
"""

from __future__ import annotations

import re

_STOP = """
    a about after all also am an and any are as at be because been before being but by can could did do
    does for from get got had has have he her here him his how i if in into is it its just me more most my
    no not now of off on one only or other our out over own said same she so some such than that the their
    them then there these they this those though to too up us very was we were what when where which while
    who why will with would you your
    der die das den dem ein eine einen und oder aber nicht ist sind war wir ich er sie es mit von zu im auf
    für bei nach aus auch noch nur wie dass als
    le la les un une des et ou mais pas est sont nous je il elle avec de du au aux en pour sur dans par plus
    que qui ce cette se ne el los las y es son con para
"""
STOP = frozenset(_STOP.split())
"""Words that carry no meaning by themselves."""

_MONTHS = (
    "January February March April May June July August September October November December "
    "Januar Februar März Juni Juli Oktober Dezember janvier février mars avril juin juillet août "
    "enero febrero abril junio julio agosto septiembre octubre noviembre diciembre"
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Montag Dienstag Mittwoch Donnerstag Freitag"
_NEAR = "tomorrow|next week|next month|this week|end of the (?:week|month|year)|morgen|demain|mañana"
_DUTY = """
    decided?|decision|agree[ds]?|deadline|due|overdue|must|have to|has to|needs? to|no later than|until
    by (?:the )?(?:end|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\\w*|owns|responsible|promised?|to do|todo|action
    next steps?|block(?:ed|er)|approved|signed|booked|cancel\\w*|moved? to|starts? on|takes over
    entschieden|beschlossen|muss|müssen|bis zum|fällig|décidé|doit|doivent|avant le|decidido|debe|hay que
"""
_SENSE = """
    main|central|key|conclu(?:sion|de[sd]?)|found that|finding|result|means that|because|therefore
    the reason|caused?|convinced|in short|overall|learnt|learned|lesson|risk|problem|important
    recommend\\w*|instead of|so we|we will|i will|will talk|plan to|want to|wants|would
"""
_TURN = "only|still|not yet|except|unless|from now on|starting|first|new|if"
_GOOD = """
    decision|action|next step|to.?do|conclusion|summary|outcome|result|agreed|what we change
    entscheidung|aufgaben|nächste schritte|ergebnis|décision|actions|próximos pasos
"""
_FAIR = "impact|risk|finding|plan|deadline|cost|budget|open|follow|lesson|change|goal"
_POOR = "present|attend|agenda|next time|next meeting|misc|small talk|links|references|ingredients"
_IDLE = """
    laugh(?:ed|s)?|funny|joke[sd]?|anecdotes?|as (?:usual|always)|thank(?:s| you)|friendly|nice|lovely
    wonderful|beautiful|weather|photos?|coffee|lunch
"""


def _any(words: str, *, whole: bool = True) -> re.Pattern[str]:
    """One of the alternatives, on however many lines they stand."""
    pattern = "|".join(line.strip() for line in words.strip().splitlines())
    return re.compile(rf"\b(?:{pattern})\b" if whole else pattern, re.IGNORECASE)


_AMOUNT = r"[€$£¥]\s?\d|\d\s?(?:€|\$|%|percent|euros?|dollars?|pounds|EUR|USD|GBP|CHF)\b"
_TIME = r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[.:]\d\d\b|\b\d{1,2}\.\s?\d{1,2}\.(?:\d{2,4})?"

FACTS = (
    (1.0, re.compile(_AMOUNT, re.IGNORECASE)),
    (0.9, re.compile(_TIME)),
    (0.9, re.compile(rf"\b(?:{'|'.join(_MONTHS.split())})\b")),
    (0.5, re.compile(rf"\b(?:{'|'.join(_DAYS.split())})\b|\b(?:{_NEAR})\b")),
    (0.3, re.compile(r"\d")),
)
"""What can be looked up later, and how much it weighs."""

CUES = ((1.0, _any(_DUTY)), (0.8, _any(_SENSE)), (0.5, _any(_TURN)))
"""Words of deciding and owing; of reasoning and wanting; of limits and turns."""

SECTIONS = (
    (1.2, _any(_GOOD, whole=False)),
    (0.4, _any(_FAIR, whole=False)),
    (-0.6, _any(_POOR, whole=False)),
)
"""Headings that raise or lower what stands under them."""

IDLE = _any(_IDLE)
"""Small talk."""
