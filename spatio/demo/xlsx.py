"""A spreadsheet as bytes: one sheet after another, plain cells, nothing that a program might execute."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

Cell = str | int | float | date | None
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>
%s</Types>"""
_START = f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"""
_BOOK = f"""<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>%s</sheets></workbook>"""
_LINKS = f"""<Relationships xmlns="{_PACKAGE}/relationships">%s</Relationships>"""
_ONE_TYPE = f"""<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="{_KIND}.worksheet+xml"/>"""
_ONE_LINK = f"""<Relationship Id="rId%d" Type="{_RELS}/worksheet" Target="worksheets/sheet%d.xml"/>"""
_FIXED = (2020, 1, 1, 0, 0, 0)


def spreadsheet(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """An .xlsx file; the same sheets always give the same bytes."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in _parts(sheets):
            archive.writestr(zipfile.ZipInfo(path, _FIXED), text.encode(), zipfile.ZIP_DEFLATED)
    return kept.getvalue()


def _parts(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> Sequence[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    named = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1)
    )
    parts = [
        ("[Content_Types].xml", _TYPES % "".join(_ONE_TYPE % n for n in numbers)),
        ("_rels/.rels", _START),
        ("xl/workbook.xml", _BOOK % named),
        ("xl/_rels/workbook.xml.rels", _LINKS % "".join(_ONE_LINK % (n, n) for n in numbers)),
    ]
    parts += [(f"xl/worksheets/sheet{n}.xml", _sheet(rows)) for n, rows in enumerate(sheets.values(), 1)]
    return [(path, _HEAD + text) for path, text in parts]


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    drawn = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{_column(at)}{number}", value) for at, value in enumerate(row))
        drawn.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(drawn)}</sheetData></worksheet>'


def _cell(place: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _column(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
