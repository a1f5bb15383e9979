"""sort-by, select, group-by, first, last: records rearranged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from commands.stream import Item, Record, Source
from tests.commands.desk import Desk, Ran, records
from vfs.path import Path

ROWS = records(
    {"name": "b", "n": 2, "due": date(2026, 1, 2), "tags": ("x", "y")},
    {"name": "A", "n": 10, "due": None, "tags": ()},
    {"name": "c", "n": None, "due": date(2026, 1, 1), "tags": ("x",)},
    {"name": "a", "n": 2, "due": date(2025, 1, 1), "tags": ("y",)},
)


def names(ran: Ran) -> str:
    return "".join(str(record.fields["name"]) for record in ran.records)


def test_records_are_sorted_by_one_field_or_several() -> None:
    assert names(Desk().run("sort-by name", ROWS)) == "Aabc"
    assert names(Desk().run("sort-by n", ROWS)) == "baAc"
    assert names(Desk().run("sort-by n -name", ROWS)) == "baAc"
    assert names(Desk().run("sort-by -n name", ROWS)) == "AabC".replace("C", "c")
    assert names(Desk().run("sort-by due", ROWS)) == "acbA"


def test_what_lacks_the_field_comes_last_whichever_way_the_order_goes() -> None:
    assert names(Desk().run("sort-by n -r", ROWS)) == "Abac"
    assert names(Desk().run("sort-by -due", ROWS)) == "bcaA"


def test_values_of_different_kinds_have_an_order() -> None:
    mixed = records(
        *({"v": value} for value in ("x", 3, True, None, Decimal("2.5"), date(2026, 1, 1), ("a",), 1.5)),
        {"v": datetime(2026, 1, 1, 5, tzinfo=UTC)},
        {"v": float("nan")},
    )
    assert len(Desk().run("sort-by v", mixed).records) == len(mixed)


def test_sorting_by_a_mistyped_field_says_so_and_loses_nothing() -> None:
    ran = Desk().run("sort-by nmae", ROWS)
    assert ran.status == 1
    assert "did you mean name?" in ran.err
    assert len(ran.records) == 4
    assert Desk().run("sort-by", ROWS).status == 2
    assert "unknown option --up" in Desk().run("sort-by --up n", ROWS).err


def test_select_keeps_fields_in_the_order_asked_and_renames_them() -> None:
    given = [Record("whole line", {"a": 1, "b": "x\ty\nz", "c": None}, Path.parse("/n/a"))]
    ran = Desk().run("select b first=a path", given)
    assert list(ran.records[0].fields.items()) == [("b", "x\ty\nz"), ("first", 1), ("path", "/n/a")]
    assert ran.out == "x y z\t1\t/n/a\n"
    assert ran.records[0].path == Path.parse("/n/a")
    assert "FIELD must be" in Desk().run("select a=", given).err


def test_select_of_an_unknown_field_is_an_error() -> None:
    ran = Desk().run("select nme", ROWS)
    assert ran.status == 1
    assert "did you mean name?" in ran.err


def test_groups_are_counted_in_the_order_they_are_seen() -> None:
    ran = Desk().run("group-by n", ROWS)
    assert [(record.fields["n"], record.fields["count"]) for record in ran.records] == [
        (2, 2),
        (10, 1),
        (None, 1),
    ]


def test_a_list_counts_in_the_group_of_each_item() -> None:
    ran = Desk().run("group-by tags", ROWS)
    assert ran.out == "x\t2\ny\t2\n\t1\n"


def test_sums_and_means_are_exact() -> None:
    money = records(
        *({"who": "a", "amount": Decimal(text)} for text in ("0.1", "0.2", "1000000000000000", "0.000000001"))
    )
    fields = (
        Desk()
        .run("group-by who --sum amount --avg amount --min amount --max amount", money)
        .records[0]
        .fields
    )
    assert fields["sum_amount"] == Decimal("1000000000000000.300000001")
    assert fields["avg_amount"] == Decimal("250000000000000.0750000002") or str(
        fields["avg_amount"]
    ).startswith("250000000000000.075")
    assert (fields["min_amount"], fields["max_amount"]) == (Decimal("0.000000001"), Decimal(10**15))


def test_sums_of_money_are_made_of_each_currency_for_itself() -> None:
    rows = records(
        {"who": "a", "amount": Decimal("0.10"), "currency": "USD", "size": 1},
        {"who": "a", "amount": Decimal("0.20"), "currency": "USD", "size": 2},
        {"who": "a", "amount": Decimal("5"), "currency": "EUR", "size": 4},
    )
    ran = Desk().run("group-by who --sum amount --min amount", rows)
    assert ran.out == "a\tUSD\t2\t0.30\t0.10\na\tEUR\t1\t5\t5\n"
    assert list(ran.records[0].fields) == ["who", "currency", "count", "sum_amount", "min_amount"]
    assert Desk().run("group-by currency --sum amount", rows).out == "USD\t2\t0.30\nEUR\t1\t5\n"
    assert Desk().run("group-by who --sum size", rows).out == "a\t3\t7\n"
    assert Desk().run("group-by who", rows).out == "a\t3\n"
    thirds = records(*({"who": "a", "amount": Decimal(n), "currency": "USD"} for n in (1, 1, 2)))
    assert Desk().run("group-by who --avg amount", thirds).records[0].fields["avg_amount"] == Decimal("1.33")


def test_select_says_when_amounts_lose_their_currency() -> None:
    rows = records({"amount": Decimal(1), "currency": "USD"}, {"amount": Decimal(2), "currency": "EUR"})
    ran = Desk().run("select amount", rows)
    assert (ran.status, ran.out) == (0, "1\n2\n")
    assert ran.err.startswith("select: amounts in EUR and USD stand here without their currency\n")
    assert Desk().run("select amount currency", rows).err == ""
    assert Desk().run("select amount", rows[:1]).err == ""


def test_times_are_grouped_by_their_month() -> None:
    rows = records(
        {"at": datetime(2026, 1, 31, 12, tzinfo=UTC)},
        {"at": date(2026, 1, 1)},
        {"at": "2026-02-03"},
        {"at": None},
    )
    assert Desk().run("group-by at:month", rows).out == "2026-01\t2\n2026-02\t1\n\t1\n"
    assert Desk().run("group-by at:decade", rows).status == 2


class Counting(Source):
    """Records without end, which remembers how many were asked for and whether the reader left."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0
        self.left = False

    async def fetch(self) -> Item | None:
        self.given += 10
        return [Record(str(at), {"n": at}) for at in range(self.given - 10, self.given)]

    async def leave(self) -> None:
        self.left = True


def test_first_stops_whoever_produces_the_rest() -> None:
    source = Counting()
    ran = Desk().run("first 12", source=source)
    assert len(ran.records) == 12
    assert (source.given, source.left) == (20, True)
    nothing = Counting()
    assert Desk().run("first 0", source=nothing).out == ""
    assert nothing.given == 0


def test_first_and_last_take_lines_too() -> None:
    lines: Sequence[bytes] = (b"on", b"e\ntwo\nth", b"ree")
    assert Desk().run("first 2", *lines).out == "one\ntwo\n"
    assert Desk().run("last 2", *lines).out == "two\nthree\n"
    assert Desk().run("last", ROWS).records == [ROWS[-1]]
    assert "must be a whole number" in Desk().run("first x", *lines).err
