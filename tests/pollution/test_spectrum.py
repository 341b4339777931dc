"""The eleven valid shapes of the public csv-spectrum suite, over data of our own: each is read exactly."""

from __future__ import annotations

import pytest

from pollution.case import Base
from pollution.judge import Read
from pollution.readers import bucketlift_default
from pollution.tables import Table
from pollution.writing import Style

SHAPES: dict[str, tuple[bytes, tuple[str, ...], list[tuple[str, ...]]]] = {
    "comma in quotes": (
        b'ship,port,crew\nAurora,"Bergen, Norway",12\n',
        ("ship", "port", "crew"),
        [("Aurora", "Bergen, Norway", "12")],
    ),
    "empty values": (
        b'ship,port,crew\nAurora,"",""\nBoreas,Cork,9\n',
        ("ship", "port", "crew"),
        [("Aurora", "", ""), ("Boreas", "Cork", "9")],
    ),
    "empty values, CRLF": (
        b'ship,port,crew\r\nAurora,"",""\r\nBoreas,Cork,9\r\n',
        ("ship", "port", "crew"),
        [("Aurora", "", ""), ("Boreas", "Cork", "9")],
    ),
    "escaped quotes": (
        b'ship,call\nAurora,"the ""old lady"""\nBoreas,"""B"""\n',
        ("ship", "call"),
        [("Aurora", 'the "old lady"'), ("Boreas", '"B"')],
    ),
    "JSON in a cell": (
        b'ship,place\nAurora,"{""at"": [60.4, 5.3], ""quay"": ""B, north""}"\n',
        ("ship", "place"),
        [("Aurora", '{"at": [60.4, 5.3], "quay": "B, north"}')],
    ),
    "newlines": (
        b'ship,log,crew\nAurora,"left at noon\nback at six",12\n"Bo\nreas",,9\n',
        ("ship", "log", "crew"),
        [("Aurora", "left at noon\nback at six", "12"), ("Bo\nreas", "", "9")],
    ),
    "newlines, CRLF": (
        b'ship,log,crew\r\nAurora,"left at noon\r\nback at six",12\r\n"Bo\r\nreas",,9\r\n',
        ("ship", "log", "crew"),
        [("Aurora", "left at noon\r\nback at six", "12"), ("Bo\r\nreas", "", "9")],
    ),
    "quotes and newlines": (
        b'ship,log\nAurora,"the pilot said\n""slow"",\nand slept"\nBoreas,none\n',
        ("ship", "log"),
        [("Aurora", 'the pilot said\n"slow",\nand slept'), ("Boreas", "none")],
    ),
    "simple": (b"ship,port\nAurora,Bergen\n", ("ship", "port"), [("Aurora", "Bergen")]),
    "simple, CRLF": (b"ship,port\r\nAurora,Bergen\r\n", ("ship", "port"), [("Aurora", "Bergen")]),
    "UTF-8": (
        "ship,port\nЖизнь,Яхта\n北風,長崎\nÆgir,Þórshöfn\n".encode(),
        ("ship", "port"),
        [("Жизнь", "Яхта"), ("北風", "長崎"), ("Ægir", "Þórshöfn")],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("last_end", [True, False], ids=["", "no line end at the end"])
def test_a_valid_shape_is_read_exactly(tmp_path, shape, last_end):
    data, names, rows = SHAPES[shape]
    path = tmp_path / "shape"
    path.write_bytes(data if last_end else data.rstrip())

    read = bucketlift_default(path, Base(table=Table(name="", names=names, rows=()), style=Style()))

    assert (read.rows, read.rejects, read.refused) == (tuple(rows), Read().rejects, False)
