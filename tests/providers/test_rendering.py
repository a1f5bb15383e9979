"""Documents as text: what is shown, what the index holds, and what a hostile document cannot do."""

from __future__ import annotations

import io
import pathlib
import sqlite3
import struct
import subprocess
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from providers.local.folder import Local
from providers.rendering import package
from providers.rendering.cells import Format, format_of, number_text
from providers.rendering.pdf import PdfReader
from providers.rendering.renderer import Renderer
from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from providers.store.provider import StoreProvider
from providers.store.store import Store
from spatio.demo.pdf import document as pdf
from spatio.demo.xlsx import spreadsheet
from tests.store.desk import change, files, make_store, path, put, read
from tests.workspaces import Answer, copy_of_demo, run_in
from vfs.drive import drive
from vfs.errors import Unsupported
from vfs.path import Path
from vfs.query import parse_query

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LINKED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK = (
    f'<workbook {MAIN} xmlns:r="{LINKED}"><workbookPr%s/><sheets>'
    '<sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="x" Target="/xl/worksheets/first.xml"/></Relationships>'
)


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    one = Renderer()
    yield one
    one.close()


def archive(parts: Mapping[str, str | bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", packing) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return kept.getvalue()


def sheet(rows: str, *, book: str = BOOK % "", **more: str) -> bytes:
    first = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
    parts = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": LINKS, "xl/worksheets/first.xml": first}
    return archive({**parts, **{f"xl/{name}.xml": text for name, text in more.items()}})


def docx(body: str, styles: str = "", *, head: str = "") -> bytes:
    parts = {"word/document.xml": f"{head}<w:document {WORD}><w:body>{body}</w:body></w:document>"}
    if styles:
        parts["word/styles.xml"] = f"<w:styles {WORD}>{styles}</w:styles>"
    return archive(parts)


def paragraph(text: str, about: str = "") -> str:
    return f"<w:p><w:pPr>{about}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


# -- spreadsheets


def test_a_spreadsheet_is_a_heading_and_rows_for_each_sheet(renderer: Renderer) -> None:
    data = spreadsheet({"Bills": [["what", "euros"], ["Café & bar", 12.5]], "Empty": [], "Days": [[None, 7]]})
    assert renderer.text(data) == "# Bills\nwhat\teuros\nCafé & bar\t12.5\n\n# Empty\n\n# Days\n\t7\n"


def test_cells_of_every_kind_are_written_as_a_person_reads_them(renderer: Renderer) -> None:
    strings = (
        f"<sst {MAIN}><si><t>plain</t></si><si><r><t>two </t></r><r><t>runs</t></r>"
        "<rPh sb='0' eb='1'><t>ignored</t></rPh></si></sst>"
    )
    styles = (
        f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>'
    )
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
        '<c r="D1" t="b"><v>1</v></c></row>'
        '<row r="3"><c t="str"><f>A1</f><v>from a\nformula</v></c><c t="e"><v>#DIV/0!</v></c>'
        '<c t="inlineStr"><is><t>inline</t></is></c></row>'
        '<row r="4"><c r="A4" s="1"><v>46345</v></c><c r="B4" s="2"><v>46345.604166666664</v></c>'
        '<c r="C4"><v>0.30000000000000004</v></c></row>'
    )
    assert renderer.text(sheet(rows, sharedStrings=strings, styles=styles)) == (
        "# One\nplain\ttwo runs\t\tTRUE\nfrom a formula\t#DIV/0!\tinline\n"
        "2026-11-19\t2026-11-19T14:30:00\t0.3\n"
    )


def test_a_book_that_counts_from_1904_shows_its_own_dates(renderer: Renderer) -> None:
    styles = f'<styleSheet {MAIN}><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    rows = '<row><c s="0"><v>0</v></c></row>'
    shown = renderer.text(sheet(rows, book=BOOK % ' date1904="1"', styles=styles))
    assert shown == "# One\n1904-01-01\n"


@pytest.mark.parametrize(
    ("code", "format"),
    [
        ("General", Format.NUMBER),
        ("0.00E+00", Format.NUMBER),
        ('[Red]0.00" days"', Format.NUMBER),
        ("[$-409]d mmm yyyy", Format.MOMENT),
        ("mmm", Format.MOMENT),
        ("h:mm AM/PM", Format.CLOCK),
        ("mm:ss.0", Format.CLOCK),
        ("[h]:mm:ss", Format.LAPSE),
        (r"0\d", Format.NUMBER),
    ],
)
def test_a_format_says_whether_a_number_is_a_time(code: str, format: Format) -> None:
    assert format_of(200, code) is format


@pytest.mark.parametrize(
    ("number", "format", "shown"),
    [
        ("1", Format.MOMENT, "1900-01-01"),
        ("60", Format.MOMENT, "1900-02-29"),
        ("61", Format.MOMENT, "1900-03-01"),
        ("46345.99999999", Format.MOMENT, "2026-11-20"),
        ("0.5", Format.CLOCK, "12:00:00"),
        ("1.0625", Format.LAPSE, "25:30:00"),
        ("-3", Format.MOMENT, "-3"),
        ("1e300", Format.MOMENT, "1e+300"),
        ("2999999", Format.MOMENT, "2999999"),
        ("12345678901234567890", Format.NUMBER, "12345678901234567890"),
        ("nan", Format.MOMENT, "nan"),
        ("no number", Format.NUMBER, "no number"),
    ],
)
def test_numbers_and_times_at_the_borders(number: str, format: Format, shown: str) -> None:
    assert number_text(number, format) == shown


# -- Word documents


def test_headings_lists_and_tables_of_a_document(renderer: Renderer) -> None:
    styles = (
        '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="Punkt"><w:name w:val="List Bullet"/><w:pPr><w:numPr/></w:pPr></w:style>'
        '<w:style w:styleId="Enger"><w:name w:val="x"/><w:basedOn w:val="Punkt"/></w:style>'
    )
    body = (
        paragraph("The <![CDATA[<plan>]]>", '<w:pStyle w:val="berschrift1"/>')
        + "<w:p><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r>"
        "</w:del><w:ins><w:r><w:t xml:space='preserve'> three</w:t></w:r></w:ins></w:p>"
        + paragraph("item", '<w:pStyle w:val="Enger"/>')
        + paragraph("below it", '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="3"/></w:numPr>')
        + paragraph("no item", '<w:pStyle w:val="Punkt"/><w:numPr><w:numId w:val="0"/></w:numPr>')
        + "<w:tbl><w:tr>"
        + f"<w:tc>{paragraph('a')}{paragraph('b')}</w:tc><w:tc>{paragraph('')}</w:tc>"
        + f"<w:tc>{paragraph('c')}</w:tc></w:tr></w:tbl><w:p/>"
    )
    assert renderer.text(docx(body, styles)) == (
        "# The <plan>\n\nOne\ttwo three\n- item\n  - below it\nno item\na b\t\tc\n"
    )


def test_a_text_box_that_is_there_twice_is_shown_once(renderer: Renderer) -> None:
    box = f"<w:txbxContent>{paragraph('boxed')}</w:txbxContent>"
    body = (
        f'<w:p xmlns:mc="m"><mc:AlternateContent><mc:Choice>{box}</mc:Choice>'
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent><w:r><w:t>around</w:t></w:r></w:p>"
    )
    assert renderer.text(docx(body)) == "boxed\naround\n"


# -- PDFs


def test_the_pages_of_a_pdf_follow_each_other(renderer: Renderer) -> None:
    text = renderer.text(pdf("Long report", [f"line {number}" for number in range(60)]))
    assert text is not None
    lines = text.splitlines()
    assert lines[:2] == ["Long report", "line 0"]
    assert lines[-1] == "line 59"
    assert "" in lines


def test_the_process_that_reads_pdfs_is_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPATIO_SECRET_IMAP_ADA", "canary")
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*words: Any, **how: Any) -> subprocess.Popen[bytes]:
        assert "canary" not in how["env"].values()
        started.append(real(*words, **how))
        return started[-1]

    monkeypatch.setattr("providers.rendering.pdf.subprocess.Popen", popen)
    reader = PdfReader()
    try:
        assert reader.text(pdf("words", [])) == "words\n"
        assert len(started) == 1
    finally:
        reader.close()


def test_a_pdf_without_words_has_no_text(renderer: Renderer) -> None:
    assert renderer.text(pdf("", [])) is None


def test_the_reader_goes_on_after_a_process_that_was_lost(renderer: Renderer) -> None:
    reader = PdfReader()
    try:
        assert reader.text(pdf("first", [])) == "first\n"
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
        assert reader.text(pdf("second", [])) == "second\n"
    finally:
        reader.close()


def test_a_reader_that_takes_too_long_is_ended() -> None:
    reader = PdfReader(seconds=0.0)
    try:
        assert reader.text(pdf("never", [])) is None
    finally:
        reader.close()


# -- hostile documents


def bomb() -> bytes:
    return sheet("<row><c><v>1</v></c></row>" + " " * 90_000_000)


def lying_bomb() -> bytes:
    """Declares 100 bytes, unpacks to 50 MB."""
    data = bytearray(sheet("<row/>" + " " * 50_000_000))
    at = data.index(b"PK\x01\x02")
    while data[at : at + 4] == b"PK\x01\x02":
        struct.pack_into("<I", data, at + 24, 100)
        lengths = struct.unpack_from("<HHH", data, at + 28)
        at += 46 + sum(lengths)
    return bytes(data)


def many_entries() -> bytes:
    return archive({f"{number:06}": "" for number in range(50_000)}, zipfile.ZIP_STORED)


def wide_rows() -> bytes:
    """Few bytes, each of them a row of 16,384 cells."""
    return sheet('<row><c r="XFD1"><v>1</v></c></row>' * 5000)


def shared_amplified() -> bytes:
    """One long text, in each of ten thousand cells."""
    strings = f"<sst {MAIN}><si><t>{'long ' * 200_000}</t></si></sst>"
    return sheet("<row>" + '<c t="s"><v>0</v></c>' * 10_000 + "</row>", sharedStrings=strings)


def same_sheet_often() -> bytes:
    sheets = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId1"/>' for n in range(5000))
    rows = "<row><c><v>12345678</v></c></row>" * 5000
    return sheet(rows, book=f'<workbook {MAIN} xmlns:r="{LINKED}"><sheets>{sheets}</sheets></workbook>')


def laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return docx(paragraph("&a9;"), head=f"<!DOCTYPE d [{entities}]>")


def outside_entity() -> bytes:
    return docx(paragraph("&e;"), head='<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>')


def one_tag() -> bytes:
    """A tag with more attributes than anybody could mean."""
    return sheet("<row " + " ".join(f'a{at}="{at * 7919 % 100003}"' for at in range(200_000)) + "/>")


def deep() -> bytes:
    return docx("<w:tbl><w:tr><w:tc>" * 100_000)


def deep_cells() -> bytes:
    return docx("<w:tbl><w:tr><w:tc>" * 60 + "</w:tc></w:tr></w:tbl>" * 60)


def encrypted() -> bytes:
    data = bytearray(docx(paragraph("secret")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def looping_pages() -> bytes:
    return pdf("x", ["y"]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")


HOSTILE: Sequence[Callable[[], bytes]] = (
    bomb, lying_bomb, many_entries, wide_rows, shared_amplified, same_sheet_often, laughs, outside_entity,
    one_tag, deep, deep_cells, encrypted, looping_pages,
)  # fmt: skip


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_a_hostile_document_has_no_text(renderer: Renderer, make: Callable[[], bytes]) -> None:
    assert renderer.text(make()) is None


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\0" * 40,
        b"%PDF-1.7\nnothing follows",
        archive({"a.txt": "only text"}),
        archive({"xl/workbook.xml": "<not closed"}),
        archive({"xl/workbook.xml": BOOK % ""}),
        archive({"word/document.xml": b"\xff\xfe\x00broken"}),
        sheet('<row><c r="ZZZZ1"><v>1</v></c></row>'),
        sheet('<row><c s="many"><v>1</v></c></row>'),
    ],
)
def test_a_broken_document_has_no_text(renderer: Renderer, data: bytes) -> None:
    assert renderer.text(data) is None


def test_every_cut_of_a_document_is_read_or_left(renderer: Renderer) -> None:
    whole = docx(paragraph("cut short"))
    for at in range(len(whole)):
        assert renderer.text(whole[:at]) is None
    assert renderer.text(whole) == "cut short\n"


def test_reading_a_package_ends_with_its_time() -> None:
    now = iter([0.0, package.SECONDS + 1])
    held = package.Package(docx(paragraph("slow")), clock=lambda: next(now))
    with pytest.raises(package.Unreadable):
        held.parse("word/document.xml", package_events())


def package_events() -> package.Events:
    class Deaf:
        def start(self, name: str, attributes: package.Attributes) -> None: ...
        def end(self, name: str) -> None: ...
        def text(self, text: str) -> None: ...

    return Deaf()


# -- in the store


async def text_at(provider: StoreProvider | Local, name: str) -> str:
    async with provider.text(path(name)) as content:
        return b"".join([block async for block in content]).decode()


async def found(provider: StoreProvider, words: str) -> list[str]:
    answer = await provider.search(path("/"), parse_query(words), 10)
    assert answer is not None
    return sorted(str(hit.path) for hit in answer.hits)


@pytest.fixture
def store(tmp_path: pathlib.Path) -> Iterator[Store]:
    one = make_store(tmp_path)
    yield one
    drive(one.aclose())


def test_words_of_documents_are_found_until_they_change(store: Store) -> None:
    async def scene() -> None:
        mine = files(store)
        await put(mine, "/a.xlsx", spreadsheet({"Sheet": [["marmalade"]]}))
        await put(mine, "/b.docx", docx(paragraph("quince jelly")))
        await put(mine, "/c.pdf", pdf("Apricot", []))
        assert await found(mine, "marmalade") == ["/a.xlsx"]
        assert await found(mine, '"quince jelly"') == ["/b.docx"]
        assert await found(mine, "apricot") == ["/c.pdf"]
        await put(mine, "/a.xlsx", spreadsheet({"Sheet": [["honey"]]}))
        assert await found(mine, "marmalade") == []
        await mine.move(path("/b.docx"), path("/d.docx"), change())
        await mine.copy(path("/d.docx"), path("/e.docx"), change())
        assert await found(mine, "quince") == ["/d.docx", "/e.docx"]
        await mine.remove(path("/d.docx"), change())
        assert await found(mine, "quince") == ["/e.docx"]
        assert await StoreIndexing(store).check() == []

    drive(scene())


def test_undo_brings_the_rendered_text_back(store: Store) -> None:
    async def scene() -> None:
        mine = files(store)
        await put(mine, "/a.docx", docx(paragraph("the first draft")))
        await put(mine, "/a.docx", docx(paragraph("the second draft")))
        await StoreHistory(store).undo()
        assert await found(mine, "first") == ["/a.docx"]
        assert await found(mine, "second") == []
        assert await text_at(mine, "/a.docx") == "the first draft\n"
        assert await StoreIndexing(store).check() == []

    drive(scene())


def test_a_large_document_is_rendered_whole_and_found_by_its_beginning(store: Store) -> None:
    rows = [[f"row {number:06} of many"] for number in range(90_000)]
    data = spreadsheet({"Large": [["beginning"], *rows]})
    text = "# Large\nbeginning\n" + "".join(f"{row[0]}\n" for row in rows)

    async def scene() -> None:
        mine = files(store)
        await put(mine, "/large.xlsx", data)
        assert await text_at(mine, "/large.xlsx") == text
        assert await read(mine, "/large.xlsx") == data
        answer = await mine.search(path("/"), parse_query("beginning"), 10)
        assert answer is not None
        assert [hit.node.name for hit in answer.hits] == ["large.xlsx"]
        assert "only the beginning was searched" in answer.remark
        assert await StoreIndexing(store).check() == []

    assert len(text) > 1024 * 1024
    drive(scene())


def test_a_large_file_with_a_short_text_is_searched_whole(store: Store) -> None:
    data = archive(
        {"word/document.xml": f"<w:document {WORD}>{paragraph('short')}</w:document>", "p": bytes(2 << 20)},
        zipfile.ZIP_STORED,
    )

    async def scene() -> None:
        mine = files(store)
        await put(mine, "/pictures.docx", data)
        answer = await mine.search(path("/"), parse_query("short"), 10)
        assert answer is not None
        assert (len(answer.hits), answer.remark) == (1, "")
        assert await StoreIndexing(store).check() == []

    drive(scene())


def test_what_is_no_document_keeps_its_bytes_and_is_still_searched(store: Store) -> None:
    async def scene() -> None:
        mine = files(store)
        await put(mine, "/list.pdf", "plain words under a false name")
        with pytest.raises(Unsupported):
            await text_at(mine, "/list.pdf")
        assert await found(mine, "plain") == ["/list.pdf"]
        await put(mine, "/bomb.xlsx", bomb())
        with pytest.raises(Unsupported):
            await text_at(mine, "/bomb.xlsx")
        assert await StoreIndexing(store).check() == []

    drive(scene())


def test_documents_that_were_kept_without_text_get_it_by_a_rebuild_or_a_write(store: Store) -> None:
    first, second = docx(paragraph("forgotten words")), docx(paragraph("other words"))

    def forget(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE content SET excerpt = NULL")

    async def scene() -> None:
        mine, indexing = files(store), StoreIndexing(store)
        await put(mine, "/a.docx", first)
        await put(mine, "/b.docx", second)
        await store.write(forget)
        await indexing.rebuild()
        assert await found(mine, "words") == ["/a.docx", "/b.docx"]
        await store.write(forget)
        # As an index was before there were rendered texts.
        made = await indexing_without_texts(store)
        assert made == 2
        assert await found(mine, "words") == []
        await put(mine, "/again.docx", first)
        await put(mine, "/a.docx", first)
        assert await found(mine, "words") == ["/a.docx", "/again.docx"]
        assert await indexing.check() == []

    drive(scene())


async def indexing_without_texts(store: Store) -> int:
    indexing = StoreIndexing(store)
    return await store.write(lambda connection: indexing._rebuild(connection, (), None))


def test_many_documents_at_once_are_all_rendered(store: Store) -> None:
    async def scene() -> None:
        mine = files(store)

        async def given() -> AsyncIterator[tuple[Path, bytes]]:
            for number in range(20):
                yield path(f"/{number}.pdf"), pdf(f"Number {number % 7} preserve", [])
                yield path(f"/{number}.txt"), b"no preserve"

        async for _ in mine.write_many(given(), change()):
            pass
        answer = await mine.search(path("/"), parse_query("preserve"), 100)
        assert answer is not None
        assert len(answer.hits) == 40
        assert await StoreIndexing(store).check() == []

    drive(scene())


def test_a_folder_of_this_computer_shows_documents_as_text(tmp_path: pathlib.Path) -> None:
    (tmp_path / "A.XLSX").write_bytes(spreadsheet({"S": [[date(2026, 1, 2)]]}))
    (tmp_path / "b.pdf").write_bytes(pdf("Local", []))
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4 broken")

    async def scene() -> None:
        local = Local(str(tmp_path))
        assert await text_at(local, "/A.XLSX") == "# S\n2026-01-02\n"
        assert await text_at(local, "/b.pdf") == "Local\n"
        with pytest.raises(Unsupported):
            await text_at(local, "/c.pdf")
        assert not local.renders(path("/d.md"))
        await local.aclose()

    drive(scene())


# -- at the prompt


@pytest.fixture
def demo(tmp_path: pathlib.Path) -> Callable[..., Answer]:
    home = copy_of_demo(tmp_path / "demo")
    return lambda *lines: run_in(home, *lines)


def test_cat_shows_a_spreadsheet_as_rows(demo: Callable[..., Answer]) -> None:
    answer = demo("cat /files/accounts/accounts-2026.xlsx | head -3")
    heading, columns, first = answer.out.splitlines()
    assert heading == "# Invoices"
    assert columns.split("\t")[:2] == ["invoice", "client"]
    assert first.startswith("INV-2026-001\t")
    assert (answer.status, answer.err) == (0, "")


def test_raw_bytes_copies_and_sizes_are_those_that_are_stored(demo: Callable[..., Answer]) -> None:
    answer = demo(
        "cd /files/accounts",
        "cp accounts-2026.xlsx /tmp/copy.bin",
        "cat --raw accounts-2026.xlsx > /tmp/raw.bin",
        "cat < accounts-2026.xlsx > /tmp/read.bin",
        "wc -c < /tmp/copy.bin",
        "diff /tmp/raw.bin /tmp/copy.bin && diff /tmp/read.bin /tmp/copy.bin && echo same",
        "ls -l accounts-2026.xlsx",
    )
    size, same, listed = answer.out.splitlines()
    assert same == "same"
    assert listed.split()[1] == size.strip()


def test_search_and_grep_find_words_inside_documents(demo: Callable[..., Answer]) -> None:
    answer = demo("search Attention in /files/invoices", "grep -l 'To pay' /files/invoices/*.pdf | wc -l")
    assert "INV-2026-002.pdf: Attention: " in answer.out
    assert answer.out.splitlines()[-1].strip() == "14"
    assert "accounts-2026.xlsx" in demo('search "issued due paid" in /files').out


def test_a_reader_of_many_documents_may_leave_early(demo: Callable[..., Answer]) -> None:
    answer = demo("cat /files/invoices/*.pdf | head -1")
    assert (answer.out, answer.err, answer.status) == ("Invoice INV-2026-001\n", "", 0)


def test_editing_in_place_never_replaces_a_document_by_its_text(demo: Callable[..., Answer]) -> None:
    answer = demo(
        "cd /files/accounts",
        "sed -i s/Harbour/Other/ accounts-2026.xlsx",
        "cat accounts-2026.xlsx | grep -c Harbour",
        "cat --raw accounts-2026.xlsx | head -c 2",
    )
    count, magic = answer.out.splitlines()
    assert int(count) > 0
    assert magic == "PK"
