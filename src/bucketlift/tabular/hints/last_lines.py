"""Detects totals, counts or trailers in a file's last lines, and the `footer` setting that leaves these lines
out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bucketlift.model.contract import Contract, Dialect, Policy
from bucketlift.model.hold import HeldReason, Hold, Verdict
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, Marks
from bucketlift.tabular.csv.records import Broken, Record, whole_record
from bucketlift.tabular.decode.escapes import content, contents
from bucketlift.tabular.header.footer import MOST_LINES, find_footer
from bucketlift.tabular.header.header import Header, framer_below
from bucketlift.tabular.header.separators import DELIMITERS
from bucketlift.tabular.header.shapes import Column, Shape, shape_of
from bucketlift.tabular.types.columns import ColumnReader
from bucketlift.yaml_text import hint as in_hint

LONGEST = 1 << 14
"""Number of bytes at the end of a file in which its last lines are searched."""
SUMMED_BYTES = 1 << 20
"""Maximum bytes of a table whose columns are added up. Of a larger table, only the first part is used."""
_WORDS = (
    r"grand totals?|sub-?totals?|totals?|sums?|summe|gesamt(?:summe|betrag)?|zwischensumme|endsumme|somme|total g[ée]n[ée]ral"
    r"|totale|totaal|totalt?|suma|summa|razem|celkem|итого|всего|toplam|yhteensä|i alt|összesen|合計|合计|总计|總計"
    r"|trailer|trl|tlr|footer|eof|end of (?:file|report|data)|(?:record|row|line) count|(?:number of )?(?:rows|records)"
    r"|(?:sub|grand )?total (?:rows|records|amount|count|number)"
    r"|averages?|avg|mean|median|durchschnitt|mittelwert|moyenne|promedio|gemiddelde|минимум|максимум|среднее"
)
_COUNTED = r"rows?|records?|lines?|items?|zeilen|datens[äa]tze|lignes|filas|registros|righe|rijen"
_LAST = re.compile(rf"\W*(?:{_WORDS})(?![^\W\d_])[\W\d]*(?:(?:rows|records|lines)\W*)?", re.IGNORECASE)
_COUNT = re.compile(
    rf"\W*(?:\d[\d.,]*\s+(?:{_COUNTED})(?:\s+(?:affected|selected|returned|found|exported|in (?:set|total)))?"
    r"|(?:page|seite)\s+\d+(?:\s*(?:of|/|von)\s*\d+)?)\W*",
    re.IGNORECASE,
)
_MARK = re.compile(r"\*+")
"""Matches the asterisks with which SAP starts a line of totals."""
_PREFIX = re.compile(r"[^\d:=]*")
_RULE = re.compile(r"[-=_*+ ]*(?:--|==|__|\*\*)[-=_*+ ]*")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?|-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(r"-?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+", re.ASCII)
MOST_BELOW = 3
"""Maximum number of lines below a total that do not have a word for totals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLine:
    start: int
    cells: list[str]
    """The cells of the line if it is a complete record; otherwise empty."""
    is_set_off: bool = False
    """Whether a blank line is directly above this line, and no blank line is between the two lines above that
    blank line.
    """

    @property
    def word(self) -> str:
        return next((cell.strip() for cell in self.cells if cell.strip()), "")

    @property
    def is_text(self) -> bool:
        """Whether only one cell of the line is filled, and this cell has a letter."""
        return sum(bool(cell.strip()) for cell in self.cells) == 1 and any(map(str.isalpha, self.word))

    @property
    def is_total(self) -> bool:
        return any(each.fullmatch(self.word) for each in (_LAST, _COUNT, _MARK))

    @property
    def empty(self) -> list[bool]:
        """For each cell, whether it is empty."""
        return [not cell.strip() for cell in self.cells]

    @property
    def is_rule(self) -> bool:
        """Whether the cells are lines of dashes, as above a total."""
        filled = [cell.strip() for cell in self.cells if cell.strip()]
        return bool(filled) and all(map(_RULE.fullmatch, filled))


def hold_for_total(
    data: Bytes, marks: Marks, contract: Contract, header: Header, verdict: Verdict
) -> Hold | None:
    """The hold for a file whose last records would be loaded, although their content shows that they are
    totals, counts or trailers; otherwise None. Texts may follow these records.
    """
    if contract.dialect.footer or contract.dialect.footer_given:
        return None
    width = len(header.names)
    last, is_certain = _summary(data, marks, header)
    wide = [line for line in last if len(line.cells) == width and not line.is_rule]
    loaded = [line for line in wide if not _is_rejected(line, contract, verdict)]
    if not loaded:
        return None
    records = records_above(data, marks, header, last[0].start)
    if not any(_is_no_record(line, records) for line in loaded):
        return None
    which = "The last record looks" if len(loaded) == 1 else f"The last {len(loaded)} records look"
    footer = _footer_setting(last, data, marks, contract, header) if is_certain else None
    single = len(loaded) == 1
    way = f"set `{footer}`" if footer else f"ask the sender for files without {'it' if single else 'them'}"
    no_row, row = ("it is not a row", "it is a row") if single else ("they are not rows", "they are rows")
    return Hold(
        reason=HeldReason.DOUBTFUL_FOOTER,
        what=f"{which} like a total, a count or a trailer, not a row of the table",
        hint=f"If {no_row}, {way}. If {row}, set `dialect: {{footer: []}}`, or accept the file.",
    )


def _summary(data: Bytes, marks: Marks, header: Header) -> tuple[list[LastLine], bool]:
    """The last lines, from the first one that looks like a total or a text below the table, and whether all
    of them look so.

    A few lines below the total may have other words, if the records above prove that these lines are not
    rows.
    """
    last, below, width = list[LastLine](), list[LastLine](), len(header.names)
    for line in last_lines(data, marks, header):
        is_full = len(line.cells) == width
        if (
            line.is_total
            or line.is_rule
            or (line.is_text and (not is_full or (line.is_set_off and width > 1)))
        ):
            last.insert(0, line)
        elif not last and is_full and any(line.empty) and not all(line.empty) and len(below) < MOST_BELOW:
            below.insert(0, line)
        else:
            break
    if not last:
        return _sums(data, marks, header), True
    records = records_above(data, marks, header, last[0].start) if below else []
    if all(_is_no_record(each, records) for each in below):
        return [*last, *below], not below
    return [], True


def _sums(data: Bytes, marks: Marks, header: Header) -> list[LastLine]:
    """The last line, if it has only sums of the columns above, and its first cell is empty although the first
    cells of the records are filled; otherwise no line.
    """
    line = next(last_lines(data, marks, header), None)
    if line is None or len(line.cells) != len(header.names) or not line.empty[0] or all(line.empty):
        return []
    records = records_above(data, marks, header, line.start)
    if len(records) < 2 or not all(record[0] for record in records):
        return []
    columns = zip(*records, strict=True)
    fits = [
        not cell.strip() or (_is_sum(cell.strip(), column) and any(each.strip("0.,") for each in column))
        for cell, column in zip(line.cells, columns, strict=True)
    ]
    return [line] if all(fits) else []


def hint_for_last_lines(
    rejects: Sequence[Reject], data: Bytes, marks: Marks, contract: Contract, header: Header
) -> str | None:
    """The setting that leaves out the last lines, if all rejects are among these lines and none looks like a
    record; otherwise None.
    """
    if contract.dialect.footer or not 0 < len(rejects) <= MOST_LINES:
        return None
    first, last = min(each.offset for each in rejects), list[LastLine]()
    for line in last_lines(data, marks, header):
        is_odd = line.is_total or line.is_rule
        if line.start < first and not (is_odd and len(line.cells) == len(header.names)):
            break
        if not is_odd and not line.is_text:
            return None
        last.insert(0, line)
    if not last or _may_have_rows(last, data, marks, contract, header):
        return None
    ignore = replace(contract, policies=replace(contract.policies, trailing=Policy.IGNORE))
    found = find_footer(data, marks, ignore, header)
    if found is not None and found.start <= first:
        setting: str | None = "contract: {trailing: ignore}"
    else:
        setting = _footer_setting(last, data, marks, contract, header)
    return None if setting is None else f"If the last lines are not rows of the table, set `{setting}`."


def _may_have_rows(
    last: Sequence[LastLine], data: Bytes, marks: Marks, contract: Contract, header: Header
) -> bool:
    """Whether another setting may read one of these lines as a row, or whether they are most of the lines
    below the header.
    """
    texts = [line.word for line in last if not (line.is_total or line.is_rule)]
    if any(_may_be_row(text, contract.dialect, len(header.names)) for text in texts):
        return True
    start = last[0].start
    above = len(records_above(data, marks, header, start))
    is_set_off = data[max(0, start - 3) : start].replace(CR, b"").endswith(LF + LF)
    return above == 0 or (above < len(texts) and not is_set_off)


def _may_be_row(text: str, dialect: Dialect, width: int) -> bool:
    """Whether a delimiter separates cells in the text, or the bytes look like ASCII text in a wide encoding."""
    if dialect.encoding.startswith(("utf-16", "utf-32")) and _is_ascii_in_utf16(text):
        return True
    return any(
        _is_separated(text.split(mark), width) for mark in (dialect.delimiter, *DELIMITERS) if mark in text
    )


def _is_separated(cells: Sequence[str], width: int) -> bool:
    """Whether there are enough cells, and no blanks show that they are parts of a sentence."""
    is_compact = all(cell and not cell[0].isspace() for cell in cells)
    return (len(cells) >= width and is_compact) or (len(cells) == width and " " not in cells[0].strip())


def _is_ascii_in_utf16(text: str) -> bool:
    return any(text.encode(each, "surrogatepass").isascii() for each in ("utf-16-le", "utf-16-be"))


def last_lines(data: Bytes, marks: Marks, header: Header) -> Iterator[LastLine]:
    """Yield the last physical lines that are not blank. The last line is first."""
    begin = max(header.end, len(data) - LONGEST)
    text = data[begin:]
    if begin > header.end:
        begin, text = begin + text.find(LF) + 1, text[text.find(LF) + 1 :]
    end = len(text)
    for _ in range(MOST_LINES + 1):
        kept = text[:end].rstrip(CR + LF)
        if not kept:
            return
        end = kept.rfind(LF) + 1
        found = whole_record(kept[end:], marks, 0, LONGEST, LONGEST)
        cells = [] if isinstance(found, Broken) else [content(cell, marks) for cell in found.cells]
        yield LastLine(
            start=begin + end,
            cells=[cell.decode("utf-8", "replace") for cell in cells],
            is_set_off=_is_set_off(kept[:end]),
        )


def _is_set_off(above: bytes) -> bool:
    above = above.replace(CR, b"")
    table = above.rstrip(LF)
    return len(above) - len(table) > 1 and not table[: table.rfind(LF) + 1].endswith(LF + LF)


def _is_rejected(line: LastLine, contract: Contract, verdict: Verdict) -> bool:
    """Whether the record would be a reject because of a typed field, so that it is not loaded."""
    return any(
        isinstance(ColumnReader.of(field).cell(line.cells[position]), RejectReason)
        for field, position in zip(contract.fields, verdict.positions, strict=True)
        if position is not None and field.type is not TypeName.TEXT
    )


def records_above(data: Bytes, marks: Marks, header: Header, end: int) -> list[list[str]]:
    """The records above the offset ``end``; none if they are broken. For a large file, only those of its
    first part.
    """
    text = data[: min(end, header.end + SUMMED_BYTES)]
    framed = contents(framer_below(text, marks, header), text, marks)
    return [
        [cell.decode("utf-8", "replace").strip() for cell in each.cells]
        for each in framed
        if isinstance(each, Record)
    ]


def _is_no_record(line: LastLine, records: Sequence[Sequence[str]]) -> bool:
    """Whether the cells next to the word, or the records above, prove that the line is not a row."""
    columns = list(zip(*records, strict=True))
    cells = [cell.strip() for cell in line.cells]
    if not columns:
        return False
    place = next(number for number, cell in enumerate(cells) if cell)
    above = Column.of(columns[place])
    if above.type is not None and shape_of(cells[place]) is Shape.TEXT:
        return True
    if len(records) > 1 and any(
        not cell and all(column) for cell, column in zip(cells, columns, strict=True)
    ):
        return True
    alone = not any(cells[place + 1 :])
    if alone and len(cells) > 1 and (":" in cells[place] or any(map(str.isdigit, cells[place]))):
        return True
    if _counts(cells, records):
        return True
    rows = [record for record in records if not LastLine(start=0, cells=list(record)).is_total]
    summed = list(zip(*rows, strict=True)) or columns
    return any(
        _is_sum(cell, column) for cell, column in zip(cells[place + 1 :], summed[place + 1 :], strict=True)
    )


def _counts(cells: Sequence[str], records: Sequence[Sequence[str]]) -> bool:
    """Whether the line's only number is the number of the records above."""
    filled = [cell for cell in cells if cell]
    numbers = re.findall(r"\d+", " ".join(filled), re.ASCII)
    is_number = len(filled) == 1 or (len(filled) == 2 and filled[1].isdigit())
    return is_number and numbers == [str(len(records))] and len(records) > 1


def _is_sum(cell: str, column: Sequence[str]) -> bool:
    filled = [each for each in column if each]
    for form, mark in ((_PLAIN, ","), (_COMMA, ".")):
        if filled and all(map(form.fullmatch, [cell, *filled])):
            numbers = [Decimal(each.replace(mark, "").replace(",", ".")) for each in [cell, *filled]]
            return sum(numbers[1:]) == numbers[0]
    return False


def _footer_setting(
    last: Sequence[LastLine], data: Bytes, marks: Marks, contract: Contract, header: Header
) -> str | None:
    """The `footer` setting that leaves out exactly these lines; None if there is none."""
    short = [_prefix(line.word) or line.word for line in last]
    led = [_led(line, contract.dialect.delimiter) for line in last]
    for words in (short, [line.word for line in last], led):
        unique = tuple(dict.fromkeys(_before_quotes(word, contract.dialect) for word in words))
        tried = replace(contract, dialect=replace(contract.dialect, footer=unique))
        found = find_footer(data, marks, tried, header)
        if all(unique) and found is not None and found.start == last[0].start:
            return in_hint({"dialect": {"footer": unique}})
    return None


def _prefix(word: str) -> str:
    """The text of the word before its first number; empty if this text has no letter."""
    found = _PREFIX.match(word)
    text = found[0].rstrip() if found else ""
    return text if any(map(str.isalpha, text)) else ""


def _before_quotes(word: str, dialect: Dialect) -> str:
    """The text of the word before its first quote, because a footer word must not have quotes."""
    return re.split(f"[{re.escape(dialect.quote)}]", word)[0].rstrip() if dialect.quote else word


def _led(line: LastLine, delimiter: str) -> str:
    """The line's footer word, with one delimiter before it for each empty cell before it."""
    place = next((number for number, cell in enumerate(line.cells) if cell.strip()), 0)
    return delimiter * place + line.word
