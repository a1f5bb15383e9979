"""The deeds of a ledger, at its root: what they are called, what they take, and what does them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from providers.banking.categories import Categorizing, category_of
from providers.banking.importing import Importing, Wanted
from providers.banking.journal import journal
from providers.banking.keeping import Files
from providers.banking.rules import LONGEST, SIGNS, Rule
from providers.banking.statement import Answers
from vfs.action import Arguments, Change, Effect, Parameter, Undo, Verb
from vfs.errors import BadName, Unsupported
from vfs.node import Kind, Node, Value
from vfs.path import Path

_ANSWERS = (
    Parameter("account", "the account that the statement is of", required=False),
    Parameter("currency", "the currency of amounts that name none", required=False),
    Parameter("dates", "the order of a date's parts: dmy, mdy, ymd", required=False),
    Parameter("decimal", "what parts decimals: . or ,", required=False),
    Parameter("sign", "in: positive is money in; out: positive is money out", required=False),
    Parameter("columns", "what columns hold, such as date=1,amount=3,payee=2", required=False),
    Parameter("header", "whether the first row names the columns: yes, no", required=False),
    Parameter("charset", "the charset of the text", required=False),
)
IMPORT = Verb(
    "import",
    "adds the transactions of a bank's statement",
    Effect.WRITE,
    Undo.REVERSIBLE,
    (
        Parameter("content", "the statement's bytes, a character each"),
        Parameter("name", "the name of its file", required=False),
        Parameter("kind", "what kind of account a new one is", required=False),
        Parameter("dry_run", "only says what would be added", required=False),
        *_ANSWERS,
    ),
)
CATEGORIZE = Verb(
    "categorize",
    "gives transactions a category",
    Effect.WRITE,
    Undo.REVERSIBLE,
    (
        Parameter("ids", "the ids of the transactions", required=False),
        Parameter("category", "the category; empty for none", required=False),
        Parameter("changes", "pairs of an id and a category", required=False),
    ),
)
RULE = Verb(
    "rule",
    "adds, changes or removes a rule that gives categories",
    Effect.WRITE,
    Undo.REVERSIBLE,
    (
        Parameter("pattern", "what the payee or the description contains; * for anything between"),
        Parameter("category", "the category", required=False),
        Parameter("sign", "in or out, for money in or out only", required=False),
        Parameter("account", "for one account only", required=False),
        Parameter("apply", "fills rows that have no category", required=False),
        Parameter("remove", "removes the rule", required=False),
        Parameter("dry_run", "only says what would change", required=False),
    ),
)
SUGGEST = Verb("suggest", "proposes categories from the past", Effect.READ, Undo.REVERSIBLE)
JOURNAL = Verb(
    "journal",
    "the transactions as a journal for hledger or beancount",
    Effect.READ,
    Undo.REVERSIBLE,
    (
        Parameter("format", "hledger or beancount"),
        Parameter("first", "the first day", required=False),
        Parameter("last", "the last day", required=False),
    ),
)
VERBS = {verb.name: verb for verb in (IMPORT, CATEGORIZE, RULE, SUGGEST, JOURNAL)}

_MONTHS, _ACCOUNTS = Path(("transactions",)), Path(("accounts",))
_REACHED = {
    "import": (_MONTHS, _ACCOUNTS, Path(("imports",))),
    "categorize": (_MONTHS,),
    "rule": (_MONTHS, Path(("rules.csv",))),
    "suggest": (_MONTHS,),
    "journal": (_MONTHS, _ACCOUNTS),
}


def reached(verb: str) -> Sequence[Path]:
    """What a deed reads or changes, with all below; see `vfs.door.Reaching`."""
    return _REACHED.get(verb, ())


async def act(files: Files, verb: str, arguments: Arguments, change: Change) -> Node:
    """Does one; what it came to is in the attributes. Raises Unsupported, BadName, Conflict."""
    if verb not in VERBS:
        raise Unsupported(Path(), f"has no verb `{verb}`")
    told: dict[str, Value]
    if verb == "import":
        told = await Importing(files).run(_wanted(arguments), change)
    elif verb == "categorize":
        told = await Categorizing(files).categorize(_categories(arguments), change)
    elif verb == "rule":
        told = await _rule(files, arguments, change)
    elif verb == "suggest":
        told = await Categorizing(files).suggest()
    else:
        told = await journal(
            files, _text(arguments, "format"), _day(arguments, "first"), _day(arguments, "last")
        )
    return Node("", Kind.FOLDER, attrs=told)


def _text(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadName(name, f"is no text: {value!r}"[:200])
    return value


def _day(arguments: Arguments, name: str) -> date | None:
    value = arguments.get(name)
    if isinstance(value, date):
        return value
    text = _text(arguments, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadName(name, f"'{text[:40]}' is no date such as 2026-11-21") from None


def _wanted(arguments: Arguments) -> Wanted:
    try:
        data = _text(arguments, "content").encode("latin-1")
    except UnicodeEncodeError:
        raise BadName("content", "has to be the statement's bytes, a character each") from None
    answers = Answers(*[_text(arguments, name) for name in Answers._fields])
    for name, allowed in _ALLOWED.items():
        said = getattr(answers, name)
        if said and not allowed(said):
            raise BadName(name, f"'{said[:40]}' is not possible here", hint=_help(name))
    name = _text(arguments, "name").rpartition("/")[2][:200]
    return Wanted(data, name, answers, _text(arguments, "kind"), bool(arguments.get("dry_run")))


_ALLOWED: dict[str, Callable[[str], bool]] = {
    "dates": ("dmy", "mdy", "ymd").__contains__,
    "decimal": (".", ",").__contains__,
    "sign": ("in", "out").__contains__,
    "header": ("yes", "no").__contains__,
    "currency": lambda text: len(text) == 3 and text.isascii() and text.isalpha(),
}


def _help(name: str) -> str:
    return next(parameter.help for parameter in _ANSWERS if parameter.name == name)


def _categories(arguments: Arguments) -> dict[str, str]:
    changes = arguments.get("changes")
    found: dict[str, str] = {}
    if isinstance(changes, tuple):
        for pair in changes:
            if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(one, str) for one in pair)):
                raise BadName("changes", "has to be pairs of an id and a category")
            found[str(pair[0])] = category_of(str(pair[1]))
    ids = arguments.get("ids")
    names = (ids,) if isinstance(ids, str) else ids if isinstance(ids, tuple) else ()
    category = category_of(_text(arguments, "category"))
    found.update((str(one), category) for one in names if one)
    return found


async def _rule(files: Files, arguments: Arguments, change: Change) -> dict[str, Value]:
    pattern, sign = _text(arguments, "pattern").strip(), _text(arguments, "sign")
    remove, category = bool(arguments.get("remove")), category_of(_text(arguments, "category"))
    rule = Rule(pattern, sign, _text(arguments, "account"), category)
    if not rule.key[0].strip("* ") or len(pattern) > LONGEST or not pattern.isprintable():
        raise BadName(pattern[:60] or "pattern", f"a pattern is a word or more, at most {LONGEST} characters")
    if sign not in SIGNS:
        raise BadName(sign[:40], "the sign of a rule is in, out or nothing")
    if not category and not remove:
        raise BadName(pattern, "a rule needs a category")
    return await Categorizing(files).rule(
        rule,
        change,
        remove=remove,
        apply=arguments.get("apply") is not False,
        dry_run=bool(arguments.get("dry_run")),
    )
