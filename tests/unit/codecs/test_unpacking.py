"""Compressed files come out as they went in, or are refused with the reason; nothing grows without bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import timedelta

import pyarrow as pa
import pytest

from bucketlift.codecs.unpack import Packing
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.packing import Bounds, Compression, ZipEntries

TABLE = b"id,name\n" + b"".join(b"%d,Ann\n" % row for row in range(3000))


def zipped(*entries: tuple[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", kind) as made:
        for name, content in entries:
            made.writestr(name, content)
    return sink.getvalue()


WAYS: dict[Compression, Callable[[bytes], bytes]] = {
    Compression.GZIP: gzip.compress,
    Compression.BZIP2: bz2.compress,
    Compression.XZ: lzma.compress,
    Compression.ZSTD: lambda content: bytes(pa.compress(content, "zstd", asbytes=True)),
    Compression.ZIP: lambda content: zipped(("table.csv", content)),
}
STREAMS = [kind for kind in WAYS if kind is not Compression.ZIP]


@pytest.mark.parametrize("kind", WAYS)
def test_what_was_compressed_comes_out_as_it_went_in(unpack, kind):
    assert unpack(WAYS[kind](TABLE)) == [TABLE]
    assert unpack(WAYS[kind](TABLE), Packing(compression=kind)) == [TABLE]


@pytest.mark.parametrize("kind", WAYS)
def test_an_empty_table_compressed_is_an_empty_table(unpack, kind):
    assert unpack(WAYS[kind](b"")) == [b""]


@pytest.mark.parametrize("kind", STREAMS)
def test_all_members_are_read(unpack, kind):
    assert unpack(WAYS[kind](TABLE) + WAYS[kind](b"") + WAYS[kind](b"3,Cid\n")) == [TABLE + b"3,Cid\n"]


@pytest.mark.parametrize("kind", WAYS)
def test_one_that_is_cut_off_is_held_wherever_it_is_cut(unpack, kind):
    whole = WAYS[kind](TABLE)

    cuts = [len(whole) * tenth // 10 for tenth in range(1, 10)] + [len(whole) - 1]

    assert {reason(unpack(whole[:cut])) for cut in cuts} == {HeldReason.COMPRESSION_DAMAGED}


@pytest.mark.parametrize("kind", [Compression.GZIP, Compression.BZIP2, Compression.XZ])
@pytest.mark.parametrize("size", [0, 1, 5, 4000, 5000, 20_000])
def test_members_of_any_size_follow_one_another(unpack, kind, size):
    member = random.Random(size).randbytes(size)  # noqa: S311

    assert unpack(WAYS[kind](member) * 50 + WAYS[kind](TABLE)) == [member * 50 + TABLE]


@pytest.mark.parametrize("kind", STREAMS)
def test_one_whose_second_member_is_cut_off_is_held(unpack, kind):
    whole = WAYS[kind](TABLE)

    cuts = [len(whole) + more for more in range(1, len(whole), max(1, len(whole) // 9))]

    assert {reason(unpack((whole + whole)[:cut])) for cut in cuts} == {HeldReason.COMPRESSION_DAMAGED}


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("tail", [b"\n", b"junk", b"id,name\n1,Ann\n"])
def test_other_bytes_behind_the_end_are_not_passed_over(unpack, kind, tail):
    assert reason(unpack(WAYS[kind](TABLE) + tail)) is HeldReason.COMPRESSION_DAMAGED


@pytest.mark.parametrize("kind", [Compression.GZIP, Compression.XZ])
def test_nuls_behind_the_end_are_padding(unpack, kind):
    assert unpack(WAYS[kind](TABLE) + bytes(1024)) == [TABLE]


@pytest.mark.parametrize("kind", [Compression.GZIP, Compression.BZIP2, Compression.XZ, Compression.ZIP])
def test_a_bit_that_changed_is_noticed(unpack, kind):
    whole = WAYS[kind](TABLE)

    found = []
    for place in range(len(whole) // 4, len(whole) * 3 // 4, len(whole) // 20 + 1):
        changed = bytearray(whole)
        changed[place] ^= 0x10
        found.append(unpack(bytes(changed)))

    assert {reason(each) for each in found} == {HeldReason.COMPRESSION_DAMAGED}


@pytest.mark.parametrize("kind", WAYS)
def test_a_bomb_is_stopped(unpack, kind):
    bomb = WAYS[kind](bytes(2_000_000))

    by_bytes = unpack(bomb, bounds=Bounds(largest=1_000_000))
    by_ratio = unpack(bomb, bounds=Bounds(free=1000, ratio=10))
    by_task = unpack(bomb, max_bytes=1000)

    assert [reason(each) for each in (by_bytes, by_ratio, by_task)] == [
        HeldReason.UNPACKS_TOO_BIG,
        HeldReason.UNPACKS_TOO_BIG,
        HeldReason.TOO_BIG,
    ]


@pytest.mark.parametrize("kind", WAYS)
def test_what_takes_too_long_is_stopped(unpack, kind):
    found = unpack(WAYS[kind](TABLE), bounds=Bounds(time=timedelta(0)))

    assert reason(found) is HeldReason.UNPACKS_TOO_LONG


def test_several_entries_are_held_unless_all_are_wanted(unpack):
    both = zipped(("b.csv", b"id\n1\n"), ("a.csv", b"id\n2\n"))

    one, every = unpack(both), unpack(both, Packing(entries=ZipEntries.ALL))

    assert (reason(one), every) == (HeldReason.ZIP_ENTRIES, [b"id\n1\n", b"id\n2\n"])
    assert reason(unpack(zipped())) is HeldReason.ZIP_ENTRIES


def test_what_macos_adds_is_left_out_and_told(unpack, notes):
    packed = zipped(("t.csv", TABLE), ("__MACOSX/._t.csv", b"\0\5"), (".DS_Store", b"\0"))

    assert (unpack(packed), notes) == ([TABLE], ["2 macOS metadata entries of the zip were left out"])


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "a/../../b", "C:\\x.csv", "x\n.csv"])
def test_the_name_of_an_entry_is_no_path(unpack, name):
    assert unpack(zipped((name, TABLE))) == [TABLE]


def test_one_zip_behind_another_is_not_passed_over(unpack):
    first, second = zipped(("a.csv", TABLE)), zipped(("b.csv", b"id\n"))

    assert reason(unpack(first + second)) is HeldReason.COMPRESSION_DAMAGED


def test_bytes_between_entries_are_not_passed_over(unpack):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as made:
        made.writestr("a.csv", b"id\n1\n")
        made.writestr("b.csv", b"id\n2\n")
        del made.filelist[0]
        del made.NameToInfo["a.csv"]

    assert reason(unpack(sink.getvalue())) is HeldReason.COMPRESSION_DAMAGED


def test_a_zip_that_was_streamed_has_sizes_behind_its_entries(unpack):
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.sent = b""

        def writable(self):
            return True

        def write(self, piece):
            self.sent += bytes(piece)
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.csv", TABLE)
        made.writestr("b.csv", b"id\n")

    assert unpack(pipe.sent, Packing(entries=ZipEntries.ALL)) == [TABLE, b"id\n"]


def test_a_locked_zip_and_an_excel_workbook_are_refused_by_name(unpack):
    locked = bytearray(zipped(("a.csv", TABLE)))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + at] |= 1
    workbook = zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>"))

    assert [said(unpack(bytes(each))) for each in (locked, workbook)] == [
        (HeldReason.COMPRESSION_REFUSED, "The zip is encrypted with a password"),
        (HeldReason.COMPRESSION_REFUSED, "The file is an Excel workbook, not CSV or TSV"),
    ]


def test_a_list_of_entries_that_would_fill_the_memory_is_not_read(unpack):
    packed = bytearray(zipped(("a.csv", TABLE)))
    end = packed.rindex(b"PK\x05\x06")
    packed[end + 12 : end + 16] = (0x7FFFFFFF).to_bytes(4, "little")

    assert reason(unpack(bytes(packed))) is HeldReason.COMPRESSION_DAMAGED


def test_xz_that_asks_for_much_memory_is_refused(unpack):
    small = lzma.compress(b"id\n", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    greedy = bytearray(small)
    greedy[16] = 36  # the dictionary's size in the block header: 1 GiB
    greedy[20:24] = zlib.crc32(bytes(greedy[12:20])).to_bytes(4, "little")

    assert said(unpack(bytes(greedy))) == (
        HeldReason.COMPRESSION_REFUSED,
        "Unpacking the file would take more than 256 MiB of memory",
    )


@pytest.mark.parametrize(
    "beginning",
    [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01\x00", b"\x04\x22\x4d\x18", b"\x1f\x9d\x90", b"LZIP\x01"],
)
def test_what_cannot_be_read_is_named(unpack, beginning):
    found = unpack(beginning + TABLE)

    assert reason(found) is HeldReason.COMPRESSION_REFUSED
    assert found.what.startswith("The file is packed with ")


def test_what_is_compressed_twice_or_encrypted_inside_is_refused(unpack):
    twice = gzip.compress(gzip.compress(TABLE))
    inside = gzip.compress(b"-----BEGIN PGP MESSAGE-----\n\n")

    assert [said(unpack(each)) for each in (twice, inside)] == [
        (HeldReason.COMPRESSION_REFUSED, "The content of the compressed file is compressed again"),
        (HeldReason.COMPRESSION_REFUSED, "The content of the compressed file is encrypted"),
    ]


def test_a_task_that_says_how_files_are_compressed_takes_no_others(unpack):
    found = [
        unpack(TABLE, Packing(compression=Compression.GZIP)),
        unpack(WAYS[Compression.ZIP](TABLE), Packing(compression=Compression.GZIP)),
    ]

    assert [said(each) for each in found] == [
        (HeldReason.COMPRESSION_REFUSED, "The task sets compression gzip, but the file is not compressed"),
        (HeldReason.COMPRESSION_REFUSED, "The task sets compression gzip, but the file is zip"),
    ]
    assert unpack(gzip.compress(TABLE), Packing(compression=Compression.NONE)) == [gzip.compress(TABLE)]


@pytest.mark.parametrize("low", [0x50, 0x5F])
def test_zstd_may_begin_and_end_with_frames_to_skip(unpack, low):
    skipped = struct.pack("<IIH", 0x184D2A00 + low, 2, 7)
    plain = WAYS[Compression.ZSTD](TABLE)

    assert unpack(skipped + plain + skipped) == [TABLE]
    assert reason(unpack(skipped + plain[:-1])) is HeldReason.COMPRESSION_DAMAGED


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"a",
        b"BZh,name\n",
        b"BZh9,x\n1,2\n",
        b"PK,name\n",
        b"PK\t1\n",
        "é,x\n".encode(),
        b"\xef\xbb\xbfid\n",
        b"7z,x\n",
        b"P*M,x\n",
    ],
)
def test_a_table_that_begins_almost_like_something_packed_is_plain(unpack, text):
    assert unpack(text) == [text]


def test_an_encrypted_file_is_named_where_the_task_knows_nothing_of_pgp(unpack):
    armoured = b"-----BEGIN PGP MESSAGE-----\n\nhQ==\n"
    old, new = b"\x85\x01\x0c\x03" + bytes(60), b"\xc1\xc0\x4c\x03" + bytes(60)

    assert [reason(unpack(each)) for each in (armoured, old, new)] == [HeldReason.ENCRYPTED] * 3


def reason(found) -> HeldReason:
    assert isinstance(found, Hold), found
    return found.reason


def said(found) -> tuple[HeldReason, str]:
    return reason(found), found.what
