"""What becomes of each file in the folders beside this one: by default, and with the settings that read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from cases.reading import Settings


@dataclass(frozen=True, kw_only=True)
class Hint:
    """The file, or the sample, is refused, and the hint has this text."""

    reason: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows in the file's order, and all notes."""

    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Way:
    file: str
    settings: Settings
    expected: Hint | Table
    columns: tuple[str, ...] = ()
    """Those of a sample that is written as the settings say; empty: the sample of the folder."""
    first: bool = False
    """Whether the file is loaded without a sample: its own header names the fields."""

    def __str__(self) -> str:
        return f"{self.file} {self.settings or 'by default'}{' without a sample' * self.first}"


def dialect(**keys: Any) -> Settings:
    return {"dialect": keys}


def contract(**keys: Any) -> Settings:
    return {"contract": keys}


def fields(**keys: Any) -> Settings:
    return {"fields": keys}


def held(reason: str, text: str) -> Hint:
    return Hint(reason=reason, text=text)


def table(*rows: tuple[Any, ...], notes: tuple[str, ...] = ()) -> Table:
    return Table(rows=rows, notes=notes)


def rejected(text: str) -> Hint:
    return held("too-many-rejects", text)


def left_out(what: str, count: int) -> tuple[str, ...]:
    return (f"{what} were left out: {count}",)


def ways(
    file: str, *read: tuple[Settings, Hint | Table], columns: str = "", first: bool = False
) -> Iterator[Way]:
    names = tuple(columns.split())
    for settings, expected in read:
        yield Way(file=file, settings=settings, expected=expected, columns=names, first=first)


ABOVE = left_out("Lines above the table", 1)
BELOW = left_out("Lines below the table", 1)
USE_SEMICOLONS = held("sample", 'dialect: {delimiter: ";"}')
USE_TABS = held("sample", 'dialect: {delimiter: "\\t"}')
USE_BARS = 'dialect: {delimiter: "|"}'
MEND = rejected("Look at the rejects, correct the file")
"""No setting reads them."""
ANN: tuple[tuple[str, ...], ...] = (("1", "Ann"),)
ANN_BO: tuple[tuple[str, ...], ...] = (*ANN, ("2", "Bo"))
SHOP = (("1", "10.5", "4"), ("2", "11", "5"), ("3", "12", "6"))
CITIES = (("1", "Ann", "Rome"), ("2", "Bo, Jr.", "Oslo"), ("3", "Cy", "Bern"))
RATES = (("Aruba", "ABW", "1.5", "1.7"), ("Chad", "TCD", "2.5", "2.6"))
PAID = (("01/02/2026", "9001", "5.00"),)
LETTERS = (("1", "Zoë", "Köln"), ("2", "Łukasz", "Łódź"))
UNCHECKED = ("The file is signed, and its signature was not checked: the task names no `pgp: signers`",)


def ghosts(count: int) -> tuple[str, ...]:
    return left_out("Empty rows", count)


def typed_bank(**signs: Any) -> Settings:
    number = {"type": "decimal", "scale": 2, **signs}
    day = {"type": "date", "format": "%d.%m.%Y"}
    return dialect(delimiter=";") | fields(Datum=day, Betrag=number, Saldo=number)


def timestamp(text: str, **keys: Any) -> Settings:
    return fields(At={"type": "timestamp", "format": text, **keys})


def money(text: str) -> Decimal:
    return Decimal(text)


def _headers() -> Iterator[Way]:
    survey = (("9001", "77", "Mail", "", "Phone", "Very"), ("9002", "77", "", "Chat", "", "So, so"))
    two_above = dialect(header=False, skip_lines=2)
    yield from ways(
        "02-surveymonkey-two-headers/sm.csv",
        ({}, held("blank-column", "`skip_lines: 2`")),
        (two_above, held("preamble", "contract: {preamble: accept}")),
        (two_above | contract(preamble="accept"), table(*survey, notes=left_out("Lines above the table", 2))),
    )
    semicolons = (("1", "Ann", "Köln"), ("2", "Bo; Jr.", "Rom"))
    for file in ("sep.csv", "sep-bom.csv"):
        yield from ways(
            f"03-sep-line/{file}",
            ({}, USE_SEMICOLONS),
            (dialect(delimiter=";"), held("preamble", "skip_lines: 1")),
            (dialect(delimiter=";", skip_lines=1), table(*semicolons, notes=ABOVE)),
            (dialect(delimiter=";", header_line=2), table(*semicolons, notes=ABOVE)),
            (dialect(delimiter=";") | contract(preamble="ignore"), table(*semicolons, notes=ABOVE)),
        )
    yield from ways(
        "03-sep-line/sep-comma.csv",
        (dialect(delimiter=";"), held("no-header", 'dialect: {header_line: 2, delimiter: ","}')),
    )
    yield from ways(
        "03b-sep-comma/sep-comma.csv",
        ({}, held("preamble", "skip_lines: 1")),
        (dialect(skip_lines=1), table(("1", "Ann", "Rom"), notes=ABOVE)),
        (contract(preamble="ignore"), table(("1", "Ann", "Rom"), notes=ABOVE)),
    )
    yield from ways(
        "03c-skip-lines-and-sample/sep.csv",
        ({}, USE_SEMICOLONS),
        (dialect(delimiter=";", skip_lines=1), table(("1", "Ann", "Rom"), notes=ABOVE)),
    )
    yield from ways(
        "03d-skip-lines-headerless/f.csv",
        ({}, held("no-header", "dialect: {header: false, skip_lines: 1}")),
        (dialect(header=False, skip_lines=1), table(*ANN_BO, notes=ABOVE)),
    )
    number = contract(duplicate="number")
    both = (("1", "5.00", "6.00", "x"), ("2", "7.00", "8.00", "y"))
    yield from ways(
        "25-duplicate-headers/dup.csv",
        ({}, held("duplicate-column", "duplicate: number")),
        (number, held("extra-column", "use a sample that has them")),
    )
    yield from ways(
        "25-duplicate-headers/dup.csv",
        (number, table(*both, notes=('Columns with the same name were numbered: "Amount_2"',))),
        columns="Id Amount Amount Note",
    )
    yield from ways(
        "25-duplicate-headers/dup-other.csv",
        ({}, held("duplicate-column", "duplicate: number")),
        (
            contract(duplicate="ignore"),
            table(
                ("1", "5.00", "x"),
                notes=('Columns that the sample does not have were left out: "Comment", "Comment"',),
            ),
        ),
    )
    yield from ways("25-duplicate-headers/case.csv", ({}, held("duplicate-column", "duplicate: number")))
    yield from ways(
        "25-duplicate-headers/case.csv",
        (number, table(("1", "Ann", "99"), notes=('Columns with the same name were numbered: "id_2"',))),
        columns="ID Name id",
    )
    lookalikes = {
        "break": ("First Name", "First\nName"),
        "nbsp": ("First Name", "First\u00a0Name"),
        "shy": ("First Name", "First\u00ad Name"),
        "two-blanks": ("First Name", "First  Name"),
        "zwsp": ("Id", "\u200bId"),
        "smart": ("Employee's no", "Employee\u2019s no"),
    }
    for file, (name, alias) in lookalikes.items():
        note = f'Columns under an alias: "{alias}" is "{name}"'
        yield from ways(
            f"36-lookalike-headers/{file}.csv",
            ({}, held("renamed-column", "`aliases`")),
            (fields(**{name: {"aliases": [alias]}}), table(("1", "Ann", "5"), notes=(note,))),
        )
    yield from ways("36-lookalike-headers/nfd.csv", ({}, held("missing-column", "a sample")))
    below = ("Records below the header were left out: 1", "Left out below the header: (s),(degC),(m/s)")
    yield from ways(
        "39-units-row/units.csv",
        ({}, held("rows-below-header", "dialect: {rows_below_header: 1}")),
        (dialect(rows_below_header=1), table(("0", "12.1", "3.0"), ("1", "12.2", "3.1"), notes=below)),
    )
    quotes = (("1", "1748736094501", "0.68", "sell", "0"), ("2", "1748736094502", "0.69", "buy", "0"))
    yield from ways(
        "39-units-row/short.csv",
        ({}, rejected("dialect: {header: false, skip_lines: 1}")),
        columns="id timestamp price side",
    )
    yield from ways(
        "39-units-row/short.csv",
        (dialect(header=False, skip_lines=1), table(*quotes, notes=ABOVE)),
        columns="id timestamp price side last",
    )


def _delimiters() -> Iterator[Way]:
    one_more = "Extra empty cells at the end of records were left out: {}"
    accept = dialect(trailing_delimiter="accept")
    yield from ways("04-trailing-delimiter/everywhere.psv", ({}, held("wrong-delimiter", USE_BARS)))
    yield from ways(
        "04-trailing-delimiter/everywhere.psv",
        (dialect(delimiter="|"), held("blank-column", "blank: ignore")),
        (
            dialect(delimiter="|") | contract(blank="ignore"),
            table(*SHOP, notes=("Columns without a name were left out: 4",)),
        ),
        columns="Id Px Qty",
    )
    yield from ways(
        "04-trailing-delimiter/no-header.tbl",
        ({}, held("wrong-delimiter", USE_BARS)),
        (dialect(delimiter="|", header=False), rejected("trailing_delimiter: accept")),
        (
            dialect(delimiter="|", header=False, trailing_delimiter="accept"),
            table(*SHOP, notes=(one_more.format(3),)),
        ),
    )
    yield from ways(
        "04-trailing-delimiter/rows-only.csv",
        ({}, rejected("trailing_delimiter: accept")),
        (accept, table(*SHOP, notes=(one_more.format(3),))),
    )
    yield from ways(
        "04-trailing-delimiter/one-shorter.csv",
        ({}, rejected("trailing_delimiter: accept")),
        (accept, table(("1", "10.5", "4"), ("2", "11", "5"), notes=(one_more.format(1),))),
    )
    for file, delimiter, settings, rows in (
        ("p.txt", '"||"', dialect(delimiter="||"), (("1", "Ann", "Rome"), ("2", "Bo|x", "Oslo"))),
        ("ctrl-a.txt", '"\\u0001"', dialect(delimiter="\u0001"), (("1", "Ann", "Rome"),)),
        ("pilcrow.txt", '"¦"', dialect(delimiter="¦"), (("1", "Ann", "Rome"),)),
        ("thorn.dat", '"\\u0014"', dialect(delimiter="\u0014", quote="þ"), (("1", 'Ann, "A"', "Rome"),)),
    ):
        named = f"12-multichar-delimiter/{file}"
        yield from ways(named, ({}, held("wrong-delimiter", f"delimiter: {delimiter}")))
        yield from ways(named, (settings, table(*rows)), columns="Id Name City")
    semicolons = (("1", "Ann", "Rom"), ("2", "Bo", "Oslo"))
    yield from ways(
        "27-wrong-delimiter/eu.csv", ({}, USE_SEMICOLONS), (dialect(delimiter=";"), table(*semicolons))
    )
    for file, mark, told in (("pipes.csv", "|", '"|"'), ("tabs.csv", "\t", '"\\t"')):
        named = f"27-wrong-delimiter/{file}"
        yield from ways(
            named,
            ({}, USE_SEMICOLONS),
            (dialect(delimiter=";"), held("wrong-delimiter", f"dialect: {{delimiter: {told}}}")),
        )
        yield from ways(named, (dialect(delimiter=mark), table(("1", "Ann", "Rom"))), columns="Id Name City")
    yield from ways(
        "30-quotes-as-people-write/all-in-one.csv",
        ({}, held("wrong-delimiter", "dialect: {quoted_lines: true}")),
        (dialect(quoted_lines=True), table(("1", "Ann", "a, b"), ("2", "Bo", "x"))),
    )


def _line_ends() -> Iterator[Way]:
    yield from ways(
        "05-cr-only/mac.csv",
        ({}, held("broken-header", "dialect: {line_end: cr}")),
        (dialect(line_end="cr"), table(*CITIES)),
    )
    semicolons = tuple(tuple(cell.replace(",", ";") for cell in row) for row in CITIES)
    yield from ways(
        "05-cr-only/mac-semicolon.csv", ({}, held("wrong-delimiter", 'dialect: {delimiter: ";"}'))
    )
    yield from ways(
        "05-cr-only/mac-semicolon.csv",
        (dialect(delimiter=";"), held("broken-header", "dialect: {line_end: cr}")),
        (dialect(delimiter=";", line_end="cr"), table(*semicolons)),
        columns="Id Name City",
    )
    yield from ways(
        "24-carriage-returns/crcrlf.csv",
        ({}, held("broken-header", "dialect: {line_end: crcrlf}")),
        (dialect(line_end="crcrlf"), table(("1", "x", "a"), ("2", "ok", "b"))),
    )
    for file in ("bare-cr.csv", "mixed.csv", "lfcr.csv"):
        yield from ways(f"24-carriage-returns/{file}", ({}, MEND))
    broken = "line one\r\nline two\rline three"
    yield from ways("24-carriage-returns/quoted-cr.csv", ({}, table(("1", broken, "a"), ("2", "ok", "b"))))
    kept = "a\u0085b\u2028c\u2029d\ve\ff\u001cg"
    yield from ways("24-carriage-returns/nel.csv", ({}, table(("1", kept, "a"), ("2", "ok", "b"))))


def _ends() -> Iterator[Way]:
    skip = contract(repeated_header="skip")
    joined = table(*ANN_BO, ("3", "Cy"), ("4", "Di"), notes=left_out("Repeats of the header row", 1))
    for file in ("cat-headers.csv", "cat-plain.csv.gz", "cat.csv.gz", "no-newline.csv"):
        yield from ways(
            f"15-bom-in-the-middle/{file}",
            ({}, rejected("contract: {repeated_header: skip}")),
            (skip, joined),
        )
    marks = left_out("Byte order marks inside the file", 1)
    yield from ways(
        "15-bom-in-the-middle/cat-noheader.csv",
        ({}, held("no-header", "dialect: {header: false}")),
        (dialect(header=False), table(*ANN_BO, ("3", "Cy"), notes=marks)),
    )
    yield from ways("15-bom-in-the-middle/double-bom.csv", ({}, table(*ANN)))
    bank = (("1001", "Ann", "10.00"), ("1002", "Bo", "20.50"), ("1003", "Tess", "1.00"))
    yield from ways("16-trailer-records/bank.txt", ({}, held("wrong-delimiter", USE_BARS)))
    records = dialect(delimiter="|", header=False, skip_lines=1, footer="T|")
    yield from ways(
        "16-trailer-records/bank.txt",
        (records, held("preamble", "contract: {preamble: accept}")),
        (records | contract(preamble="accept"), table(*bank, notes=ABOVE + BELOW)),
        columns="Id Name Amount",
    )
    for file, settings, rows in (
        ("16-trailer-records/count.csv", contract(trailing="ignore"), PAID),
        ("16-trailer-records/count.csv", dialect(footer="Record count"), PAID),
        (
            "16-trailer-records/eof.csv",
            dialect(footer="***END OF FILE***"),
            (*PAID, ("01/03/2026", "9002", "7.00")),
        ),
        ("16b-footer-words/q.csv", dialect(footer="Total rows"), PAID),
        ("16b-footer-words/ws.csv", dialect(footer="Total"), PAID),
    ):
        yield from ways(file, ({}, rejected("")), (settings, table(*rows, notes=BELOW)))
    # As wide as the table.
    total = ("Total rows: 1", "", "")
    trailer = ("TRAILER", "1", "5.00")
    for file, word, spelled, last in (
        ("16b-footer-words/q2.csv", "Total rows", '"Total rows"', total),
        ("16-trailer-records/same-width.csv", "TRAILER", "TRAILER", trailer),
    ):
        yield from ways(
            file,
            ({}, held("doubtful-footer", f"dialect: {{footer: [{spelled}]}}")),
            (dialect(footer=word), table(*PAID, notes=BELOW)),
            (dialect(footer=[]), table(*PAID, last)),
        )
    two = left_out("Lines below the table", 2)
    for file, words in (
        ("16-trailer-records/quoted.csv", ["Total", "Total rows"]),
        ("16b-footer-words/two.csv", ["Grand total", "End of report"]),
    ):
        yield from ways(
            file,
            ({}, held("doubtful-footer", "dialect: {footer: [")),
            (dialect(footer=words), table(*PAID, notes=two)),
        )
    sam = (("AAA", "Acme", "!end"), ("BBB", "Beta", "!end"))
    for file, word in (
        ("16-trailer-records/sam.dat", "EOF "),
        ("16b-footer-words/sam.dat", "EOF PUBLIC"),
        ("16b-footer-words/sam.dat", "EOF"),
    ):
        yield from ways(
            file,
            (
                dialect(delimiter="|", header=False, skip_lines=1, footer=word),
                table(*sam, notes=ABOVE + BELOW),
            ),
            columns="Id Name end",
        )
    strip = dialect(trailing_controls="strip")
    for file, people, count in (("dos.csv", ANN_BO, 1), ("dos-line.csv", ANN, 3), ("formfeed.csv", ANN, 1)):
        note = left_out("Control characters at the end of the file", count)
        yield from ways(
            f"19-ctrl-z/{file}",
            ({}, rejected("dialect: {trailing_controls: strip}")),
            (strip, table(*people, notes=note)),
        )
    yield from ways(
        "19-ctrl-z/one-column.csv",
        ({}, rejected("dialect: {trailing_controls: strip}")),
        (strip, table(("1",), ("2",), notes=left_out("Control characters at the end of the file", 1))),
        columns="Id",
    )
    yield from ways("19-ctrl-z/inside.csv", ({}, table(("1", "An\x1an"), ("2", "Bo"))))


def _empty_rows() -> Iterator[Way]:
    ann, bo = ("1", "Ann", "2026-01-05"), ("2", "Bo", "2026-01-06")
    skip, ask = contract(empty_rows="skip"), rejected("contract: {empty_rows: skip}")
    nothing = ("", "", "")
    yield from ways(
        "17-ghost-rows/ghost-plain.csv",
        ({}, ask),
        (skip, table(ann, bo, notes=ghosts(6))),
        (
            contract(empty_rows="keep"),
            table(ann, nothing, bo, *[nothing] * 5, notes=("Empty rows were loaded: 6",)),
        ),
    )
    unnamed = "Columns without a name were left out: 4, 5"
    yield from ways(
        "17-ghost-rows/ghost.csv",
        ({}, held("blank-column", "blank: ignore")),
        (contract(blank="ignore"), ask),
        (contract(blank="ignore", empty_rows="skip"), table(ann, bo, notes=(*ghosts(5), unnamed))),
    )
    yield from ways("17-ghost-rows/semi-blank.csv", ({}, ask), (skip, table(ann, notes=ghosts(3))))


def _quotes() -> Iterator[Way]:
    accept = dialect(blank_around_quotes="accept")
    streets = (("1", "Smith, John", "1 High St, Leeds"), ("2", " Bo", "Rome"))
    blanks = "Quoted cells whose surrounding blanks were left out: {}"
    differ = 'Names differ in case or surrounding blanks: " Name", " Address"'
    ask = rejected("dialect: {blank_around_quotes: accept}")
    yield from ways(
        "11-space-before-quote/rows.csv", ({}, ask), (accept, table(*streets, notes=(blanks.format(3),)))
    )
    yield from ways(
        "11-space-before-quote/s.csv",
        ({}, ask),
        (accept, table(*streets, notes=(blanks.format(3), differ))),
    )
    yield from ways(
        "30-quotes-as-people-write/trailing-space.csv",
        ({}, ask),
        (accept, table(("1", "Ann", "x"), ("2", "ok", "z"), notes=(blanks.format(1),))),
    )
    stripped = ('Formula guards (="...") were stripped from cells: 5',)
    yield from ways(
        "26-formula-guard/guard.csv",
        ({}, rejected("dialect: {formula_guard: strip}")),
        (
            dialect(formula_guard="strip"),
            table(("00123", "02138", "5.00"), ("00124", "09999", "7"), notes=stripped),
        ),
    )
    for file, row in (
        ("apos.csv", ("'00123", "'02138", "5")),
        ("sci.csv", ("4.00639E+12", "2138", "1.5E+3")),
        ("us.csv", ("\x1f00123", "02138", "5")),
    ):
        yield from ways(f"26-formula-guard/{file}", ({}, table(row)))
    yield from ways(
        "30-quotes-as-people-write/single.csv",
        ({}, held("doubtful-quotes", 'dialect: {quote: "\'"}')),
        (dialect(quote="'"), table(("1", "Smith, John", "x"), ("2", "O'Neil", "y"))),
    )
    yield from ways(
        "30-quotes-as-people-write/smart.csv",
        ({}, rejected("dialect: {quote: “”}")),
        (dialect(quote="“”"), table(("1", "Smith, John", "x"))),
    )
    for file in ("backslash.csv", "inches.csv"):
        yield from ways(f"30-quotes-as-people-write/{file}", ({}, MEND))
    yield from ways(
        "10-pg-copy-text/t.tsv",
        ({}, USE_TABS),
        (dialect(delimiter="\t", quote="none"), held("doubtful-escapes", "preset: postgresql, header: true")),
        (
            dialect(preset="postgresql", header=True),
            table(
                ("1", "Ann", "line one\nline two"),
                ("2", "Bo", None),
                ("3", "C:\\dir", "a\tb"),
                ("4", '"Dee"', "ok"),
                notes=BELOW,
            ),
        ),
    )
    yield from ways(
        "35-quoted-null/pg.csv",
        (
            dialect(null="NULL"),
            table(
                ("1", "Null", ""),
                ("2", None, ""),
                ("3", None, "x"),
                ("4", "", "y"),
                ("5", "", "z"),
                notes=("Quoted null words that were read as null: 1",),
            ),
        ),
        (
            dialect(null={"words": ["NULL", ""], "quoted": False}),
            table(("1", "Null", None), ("2", None, ""), ("3", "NULL", "x"), ("4", "", "y"), ("5", None, "z")),
        ),
    )


def _values() -> Iterator[Way]:
    bank = (
        (date(2026, 1, 2), money("-12.50"), money("1234.56")),
        (date(2026, 1, 3), money("1000.00"), money("2234.56")),
    )
    yield from ways(
        "07-decimal-comma/bank.csv",
        ({}, USE_SEMICOLONS),
        (typed_bank(), rejected('decimal_point: ",", thousands: "."')),
        (typed_bank(decimal_point=",", thousands="."), table(*bank)),
    )
    yield from ways(
        "07-decimal-comma/fr.csv",
        ({}, USE_SEMICOLONS),
        (typed_bank(), rejected('decimal_point: ","')),
        (typed_bank(decimal_point=",", thousands=" "), table(bank[0])),
    )
    yield from ways(
        "07-decimal-comma/us.csv",
        ({}, USE_SEMICOLONS),
        (typed_bank(), rejected('thousands: ","')),
        (typed_bank(thousands=","), table((date(2026, 1, 2), money("1234.50"), money("12345.00")))),
    )
    amount = {"type": "decimal", "scale": 2}
    signs = {"thousands": ",", "negative": ["parentheses", "trailing"], "strip": ["$", "€", " "], "null": "-"}
    share = {"type": "decimal", "scale": 1, "strip": "%"}
    amounts = ("400.00", "-30.00", "-50.00", "1200.00", "-12.00", "5.00", None, "7.25")
    shares = ("12.5", "3.0", "0.0", "100.0", None, None, None, None)
    rows = (
        (str(number), one and money(one), other and money(other))
        for number, (one, other) in enumerate(zip(amounts, shares, strict=True), 1)
    )
    yield from ways(
        "08-money/m.csv",
        (fields(Amount=amount), rejected("negative: [")),
        (fields(Amount=amount | signs, Share=share), table(*rows)),
    )
    clock = "%m/%d/%Y, %I:%M:%S %p"
    times = table(("1", datetime(2026, 3, 2, 14, 10, 22)), ("2", datetime(2026, 3, 2, 9, 5)))  # noqa: DTZ001 - without a zone
    for file in ("node.csv", "mixed.csv"):
        yield from ways(f"20-narrow-nbsp-time/{file}", (timestamp(clock), times))
    yield from ways("20-narrow-nbsp-time/lower.csv", (timestamp(clock), rejected("")))
    los_angeles = dict.fromkeys(("PDT", "PST"), "America/Los_Angeles")
    seven, december = (
        datetime(2026, 7, 7, 14, 50, 39, tzinfo=UTC),
        datetime(2026, 12, 7, 15, 50, 39, tzinfo=UTC),
    )
    yield from ways(
        "21-time-zone-names/tz.csv",
        (fields(At={"type": "timestamp"}), rejected("zone_names: {PDT: America/Los_Angeles")),
        (timestamp("%Y-%m-%d %H:%M:%S %Z", zone_names=los_angeles), table(("1", seven), ("2", december))),
    )
    morning = datetime(2026, 7, 7, 7, 50, 39, tzinfo=UTC)
    yield from ways(
        "21-time-zone-names/utc.csv",
        (fields(At={"type": "timestamp"}), rejected("zone_names: {UTC: UTC}")),
        (
            timestamp("%Y-%m-%d %H:%M:%S %Z", zone_names={"UTC": "UTC"}),
            table(("1", morning), ("2", morning)),
        ),
    )
    yield from ways(
        "21-time-zone-names/gmt.csv",
        (timestamp("%a, %d %b %Y %H:%M:%S GMT", timezone="UTC"), table(("1", morning))),
    )
    yield from ways(
        "21-time-zone-names/js.csv",
        (
            timestamp("%a %b %d %Y %H:%M:%S GMT%z (CEST)"),
            table(("1", datetime(2026, 7, 7, 5, 50, 39, tzinfo=UTC))),
        ),
    )
    yield from ways(
        "21-time-zone-names/epoch.csv",
        (fields(At={"type": "timestamp"}), rejected("")),
        (fields(At={"type": "integer"}), table(("1", 1783410639000))),
    )
    yield from ways(
        "21-time-zone-names/paypal.csv",
        (
            {},
            table(("1", "02/03/2026", "09:11:05", "CET"), ("2", "02/07/2026", "09:11:05", "CEST")),
        ),
        columns="Id Date Time Zone",
    )
    types = fields(Id={"type": "integer"}, Hired={"type": "date"}, Pay=amount)
    strip = {name: shape | {"strip": " "} for name, shape in types["fields"].items()}
    people = ((1, date(2026, 1, 5), money("12.50")), (2, None, money("3.00")))
    padded = 'Names differ in case or surrounding blanks: "Id        ", "Hired     ", "Pay       "'
    for file, notes in (("padded.csv", (padded,)), ("leading.csv", ())):
        yield from ways(
            f"23-padded-values/{file}",
            (types, rejected('strip: [" "]')),
            (fields(**strip), table(*people, notes=notes)),
            (types | dialect(trim=True), table(*people)),
        )
    wheat = ("WHEAT - BOARD OF TRADE", "210105", date(2026, 1, 5), "001602", "CBT", 150275, money("12.50"))
    corn = ("CORN", "210105", date(2026, 1, 12), "002602", "CBT", 1050, money("-1.00"))
    market = fields(Day={"type": "date"}, OI={"type": "integer"}, Pct=amount)
    yield from ways(
        "23-padded-values/cftc.txt",
        (dialect(header=False, trim=True) | market, table(wheat, corn)),
        columns="M D Day Code X OI Pct",
    )
    yield from ways("38-numbers/n.csv", (fields(Id={"type": "integer"}), rejected("type: decimal, scale: 0")))


def _encodings() -> Iterator[Way]:
    for file, encoding in (
        ("ascii-crlf.txt", "utf-16"),
        ("be-bom.txt", "utf-16"),
        ("le-bom.txt", "utf-16"),
        ("le-nobom.txt", "utf-16-le"),
        ("two-bom.txt", "utf-16"),
    ):
        yield from ways(
            f"28-utf16/{file}",
            ({}, USE_TABS),
            (dialect(delimiter="\t"), held("not-utf-8", f"`encoding: {encoding}`")),
        )
    for file, encoding in (("be-bom.txt", "utf-16"), ("le-bom.txt", "utf-16"), ("le-nobom.txt", "utf-16-le")):
        yield from ways(f"28-utf16/{file}", (dialect(delimiter="\t", encoding=encoding), table(*LETTERS)))
    marks = left_out("Byte order marks inside the file", 1)
    yield from ways(
        "28-utf16/two-bom.txt",
        (dialect(delimiter="\t", encoding="utf-16"), table(*LETTERS, ("3", "Cy", "Bern"), notes=marks)),
    )
    yield from ways(
        "28-utf16/commas.csv",
        (dialect(encoding="utf-16"), table(("1", "Zoë", "Köln"))),
        columns="Id Name City",
    )
    tabs = dialect(delimiter="\t", encoding="utf-16")
    yield from ways(
        "28-utf16/utf8-says-utf16.txt",
        (tabs, held("wrong-encoding", "`encoding: utf-8`")),
        (dialect(delimiter="\t"), table(*LETTERS)),
    )
    yield from ways("28-utf16/odd-end.txt", (tabs, held("wrong-encoding", "Ask the sender")))


def _packed() -> Iterator[Way]:
    for file, entries, others in (
        ("readme.zip", "export.csv", "README.txt"),
        ("statcan.zip", "98100001.csv", "98100001_MetaData.csv"),
        ("wb.zip", "API_X_DS2.csv", "Metadata_Country_API_X.csv, Metadata_Indicator_API_X.csv"),
    ):
        written = f'"{entries}"' if entries[0].isdigit() else entries
        note = f"Left out of the zip, because `archive: entries` does not match: {others}"
        yield from ways(
            f"13-zip-data-and-metadata/{file}",
            ({}, held("zip-entries", f"archive: {{entries: {written}}}")),
            ({"archive": {"entries": entries}}, table(*RATES, notes=(note,))),
        )
    yield from ways("13-zip-data-and-metadata/folder.zip", ({}, table(*RATES)))
    of_macos = ("2 macOS metadata entries of the zip were left out",)
    yield from ways("13-zip-data-and-metadata/mac.zip", ({}, table(*RATES, notes=of_macos)))
    yield from ways("14-zip-deflate64/windows-2gb.zip", ({}, held("compression-refused", "7-Zip")))
    yield from ways("14-zip-deflate64/lzma.zip", ({}, held("compression-damaged", "Ask the sender")))
    accept = {"pgp": {"signed": "accept"}}
    people = (*ANN, ("-2", "Bo"), ("- 3", "Cy"))
    for file, last in (
        ("two.asc", "Di"),
        ("signed.pgp", "Di   "),
        ("signed.asc", "Di   "),
        ("signed-store.pgp", "Di   "),
    ):
        yield from ways(
            f"31b-clearsigned/{file}",
            ({}, held("signed", "pgp: {signed: accept}")),
            (accept, table(*people, ("4", last), notes=UNCHECKED)),
        )
    yield from ways(
        "31b-clearsigned/one.asc",
        ({}, held("signed", "pgp: {signed: accept}")),
        (accept, table(("ann@example.com",), ("-bo@example.com",), notes=UNCHECKED)),
        columns="Email",
    )
    yield from ways("31b-clearsigned/detached.sig", ({}, held("signed", "`pattern`")))


def _no_tables() -> Iterator[Way]:
    for file, reason, text in (
        ("bom-only.csv", "no-header", "the names of the columns"),
        ("newline-only.csv", "no-header", "the names of the columns"),
        ("double.csv.gz", "compression-refused", "compress it once"),
        ("json.csv", "broken-header", "CSV or TSV text"),
        ("jsonl.csv", "broken-header", "CSV or TSV text"),
        ("lfs.csv", "no-header", "git lfs pull"),
        ("s3-error.csv", "broken-header", "upload the file itself"),
        ("sap.xls.csv", "no-header", "export it as 'CSV UTF-8'"),
        ("xls.csv", "not-utf-8", "export it as 'CSV UTF-8'"),
        ("zero.csv", "empty", "empty: skip"),
        ("zlib.csv", "not-utf-8", "Ask the sender for gzip"),
    ):
        yield from ways(f"29-not-a-table/{file}", ({}, held(reason, text)))
    yield from ways("29-not-a-table/header-only.csv", ({}, table()))
    for file in ("gz-as.csv", "plain-as.csv.gz", "tar.csv", "tar.csv.gz"):
        yield from ways(f"29-not-a-table/{file}", ({}, table(*ANN)))


def _lists() -> Iterator[Way]:
    left = left_out("Lines that are not records", 8) + left_out("Repeats of the header row", 1)
    amount = {"type": "decimal", "scale": 2, "decimal_point": ",", "thousands": ".", "negative": "trailing"}
    sap = dialect(preset="sap")
    rows = (("1", "Ann", money("1234.50")), ("2", "Bo", money("-12.00")), ("3", "Cy", money("1.00")))
    yield from ways(
        "37-sap-list/list.txt",
        ({}, held("sample", USE_BARS)),
        (dialect(delimiter="|"), held("wrong-delimiter", "dialect: {preset: sap}")),
        (sap, rejected("contract: {repeated_header: skip}")),
        (sap | contract(repeated_header="skip") | fields(Amount=amount), table(*rows, notes=left)),
    )


def _nul() -> Iterator[Way]:
    strip, hint = dialect(trailing_nul="strip"), rejected("dialect: {trailing_nul: strip}")
    for file, second, count in (
        ("after-crlf", ("2", "Bo"), 3),
        ("block", ("3", "Cy"), 700),
        ("pad-end", ("2", "Bo"), 4096),
        ("pad-record", ("2", "Bo"), 9),
    ):
        left = left_out("NUL bytes at the end of records or of the file", count)
        yield from ways(f"18-nul/{file}.csv", ({}, hint), (strip, table(("1", "Ann"), second, notes=left)))
    yield from ways("18-nul/inside.csv", ({}, MEND), (strip, MEND))


def _first_loads() -> Iterator[Way]:
    """What a newcomer's first load makes of the same files, without a sample."""
    for file, settings, expected in (
        ("03-sep-line/sep.csv", {}, held("no-header", 'dialect: {header_line: 2, delimiter: ";"}')),
        ("03-sep-line/sep-comma.csv", {}, held("no-header", 'dialect: {header_line: 2, delimiter: ","}')),
        (
            "03-sep-line/sep-comma.csv",
            dialect(header_line=2, delimiter=","),
            table(("1", "Ann", "Rom"), notes=ABOVE),
        ),
        ("05-cr-only/mac.csv", {}, held("broken-header", "dialect: {line_end: cr}")),
        ("05-cr-only/mac.csv", dialect(line_end="cr"), table(*CITIES)),
        ("24-carriage-returns/crcrlf.csv", {}, held("broken-header", "dialect: {line_end: crcrlf}")),
        ("12-multichar-delimiter/p.txt", {}, held("wrong-delimiter", 'dialect: {delimiter: "||"}')),
        ("12-multichar-delimiter/pilcrow.txt", {}, held("wrong-delimiter", 'dialect: {delimiter: "¦"}')),
        (
            "12-multichar-delimiter/thorn.dat",
            {},
            held("wrong-delimiter", 'dialect: {delimiter: "\\u0014", quote: "þ"}'),
        ),
        ("15-bom-in-the-middle/cat-noheader.csv", {}, held("doubtful-header", "dialect: {header: false}")),
        ("23-padded-values/cftc.txt", {}, held("doubtful-header", "dialect: {header: false}")),
        ("27-wrong-delimiter/eu.csv", {}, held("wrong-delimiter", 'dialect: {delimiter: ";"}')),
        ("29-not-a-table/lfs.csv", {}, held("no-header", "git lfs pull")),
        ("29-not-a-table/json.csv", {}, held("broken-header", "CSV or TSV text")),
        ("29-not-a-table/sap.xls.csv", {}, held("no-header", "export it as 'CSV UTF-8'")),
        ("30-quotes-as-people-write/all-in-one.csv", {}, held("wrong-delimiter", "quoted_lines: true")),
        ("37-sap-list/list.txt", {}, held("wrong-delimiter", "dialect: {preset: sap}")),
        ("39-units-row/units.csv", {}, held("rows-below-header", "rows_below_header: 1")),
    ):
        yield from ways(file, (settings, expected), first=True)


WAYS: tuple[Way, ...] = (
    *_headers(),
    *_delimiters(),
    *_line_ends(),
    *_ends(),
    *_empty_rows(),
    *_quotes(),
    *_values(),
    *_encodings(),
    *_packed(),
    *_no_tables(),
    *_lists(),
    *_nul(),
    *_first_loads(),
)
