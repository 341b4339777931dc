"""Which files of a zip or tar are read, and what is told of the others; tars as programs write them, and broken ones."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import nullcontext

import pyarrow as pa
import pytest

from bucketlift.codecs import tar
from bucketlift.codecs.unpack import Packing, looks_packed
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.packing import Archive, Bounds, Compression, ZipEntries
from bucketlift.tabular.decode.magic_bytes import is_tar

TABLE = b"id,name\n" + b"".join(b"%d,Ann\n" % row for row in range(3000))
ALL = Packing(entries=ZipEntries.ALL)
DAMAGED = HeldReason.COMPRESSION_DAMAGED


def tarred(*entries: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=form) as made:
        for name, content in entries:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            made.addfile(header, io.BytesIO(content))
    return sink.getvalue()


def zipped(*entries: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return sink.getvalue()


def with_folders(count: int) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as made:
        for number in range(count):
            header = tarfile.TarInfo(f"{number}/")
            header.type = tarfile.DIRTYPE
            made.addfile(header)
    return sink.getvalue()


def of(entries: str, *ignore: str) -> Packing:
    return Packing(archive=Archive(entries=entries, ignore=ignore))


def reason(found) -> HeldReason:
    assert isinstance(found, Hold), found
    return found.reason


ARCHIVES = pytest.mark.parametrize("archived", [zipped, tarred], ids=["zip", "tar"])
COMPRESSORS: list[Callable[[bytes], bytes]] = [
    bytes,
    gzip.compress,
    bz2.compress,
    lzma.compress,
    lambda content: bytes(pa.compress(content, "zstd", asbytes=True)),
]


@ARCHIVES
def test_the_entries_that_a_pattern_names_are_read_in_their_order(unpack, notes, archived):
    packed = archived(
        ("data/b.csv", b"2\n"), ("README.txt", b"x"), ("data/a.csv", b"1\n"), ("meta.csv", b"y")
    )

    assert unpack(packed, of("data/*.csv", "README*")) == [b"2\n", b"1\n"]
    kind = "zip" if archived is zipped else "tar"
    assert notes == [
        f"Left out of the {kind} by `archive: ignore`: README.txt",
        f"Left out of the {kind}, because `archive: entries` does not match: meta.csv",
    ]


@ARCHIVES
def test_several_files_are_held_and_the_hint_reads_the_largest_table(unpack, archived):
    packed = archived(
        ("Metadata [1].csv", b"a,b\n"), ("API_DS2 [x].csv", TABLE), ("notes.pdf", b"x" * 99_999)
    )

    held = unpack(packed)

    assert reason(held) is HeldReason.ZIP_ENTRIES
    assert "contains 3 files: Metadata [1].csv, API_DS2 [x].csv, notes.pdf" in held.what
    found = re.search(r'entries: "?([^"},]+)', held.hint)
    assert found is not None
    assert unpack(packed, of(found[1])) == [TABLE]
    assert len(unpack(packed, ALL)) == 3


@ARCHIVES
def test_a_pattern_without_a_match_is_held_with_the_names_that_are_there(unpack, archived):
    packed = archived(*[(f"{number}.csv", b"id\n") for number in range(7)])

    found = unpack(packed, of("data/*.csv"))

    assert reason(found) is HeldReason.ZIP_ENTRIES
    assert found.what.endswith("It has: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 2 more")


@ARCHIVES
def test_a_file_that_is_there_twice_is_held(unpack, archived):
    with pytest.warns(UserWarning, match="Duplicate name") if archived is zipped else nullcontext():
        packed = archived(("a.csv", b"id\n1\n"), ("a.csv", b"id\n2\n"))

    assert "contains a.csv 2 times" in unpack(packed, ALL).what


@ARCHIVES
def test_what_macos_adds_is_always_left_out(unpack, notes, archived):
    packed = archived(("__MACOSX/._a.csv", b"x"), ("a.csv", TABLE), ("._b.csv", b"x"), (".DS_Store", b"x"))

    assert unpack(packed) == unpack(packed, of("*")) == [TABLE]
    assert notes[0].startswith("3 macOS metadata entries of the ")


@ARCHIVES
def test_a_leading_dot_and_backslashes_do_not_hide_a_file(unpack, archived):
    assert unpack(archived(("./data/a.csv", TABLE)), of("data/*.csv")) == [TABLE]
    assert unpack(archived(("data\\a.csv", TABLE)), of("./data/*.csv")) == [TABLE]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("compress", COMPRESSORS)
def test_a_tar_with_one_file_is_read_however_it_is_compressed(unpack, compress, form):
    assert unpack(compress(tarred(("n" * 90 + "é.csv", TABLE), form=form))) == [TABLE]


def test_an_old_tar_without_a_mark_is_known_by_its_check_sum(unpack):
    old = bytearray(tarred(("a.csv", TABLE), form=tarfile.USTAR_FORMAT))
    old[257:265] = bytes(8)
    old[148:156] = b"        "
    old[148:156] = b"%06o\0 " % sum(old[:512])

    assert unpack(bytes(old)) == [TABLE]


@pytest.mark.parametrize(
    "text", [TABLE, b"0" * 600, b"1" * 148 + b"000007\0 " + b"1" * 400, bytes(1024), b""]
)
def test_a_table_is_not_taken_for_a_tar(text):
    assert not is_tar(text)
    assert not looks_packed(text, Compression.AUTO)


def test_a_small_tar_is_not_read_as_a_table():
    assert looks_packed(tarred(("a.csv", b"id\n")), Compression.AUTO)


def test_a_tar_that_is_cut_off_is_held_wherever_it_is_cut(unpack):
    whole = tarred(("a.csv", TABLE), ("b.csv", TABLE))
    used = len(whole.rstrip(b"\0")) // 512 * 512 + 512

    cuts = [512, 700, used // 2, used // 2 // 512 * 512, used - 512, used - 100, used]

    assert [reason(unpack(whole[:cut], ALL)) for cut in cuts] == [DAMAGED] * len(cuts)


def test_a_damaged_header_is_not_taken_for_the_end(unpack):
    whole = bytearray(tarred(("a.csv", b"id\n1\n"), ("b.csv", b"id\n2\n")))
    whole[1024 + 100] ^= 1

    assert reason(unpack(bytes(whole), ALL)) is DAMAGED


def test_a_tar_behind_another_is_not_passed_over(unpack):
    one = tarred(("a.csv", b"id\n1\n"))

    assert reason(unpack(one + one, ALL)) is DAMAGED
    assert reason(unpack(one + b"x")) is DAMAGED


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "a device"),
        (b"V", "of an unknown kind"),
    ],
)
def test_a_link_or_device_is_read_as_no_file(unpack, notes, kind, word):
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as made:
        header = tarfile.TarInfo("a.csv")
        header.size = len(TABLE)
        made.addfile(header, io.BytesIO(TABLE))
        other = tarfile.TarInfo("b.csv")
        other.type, other.linkname = kind, "/etc/passwd"
        made.addfile(other)

    found = unpack(sink.getvalue(), ALL)

    assert (reason(found), found.what) == (
        HeldReason.COMPRESSION_REFUSED,
        f"b.csv in the tar is {word}, not a file",
    )
    ignored = re.search(r'ignore: \["?([^"\]]+)', found.hint)
    assert ignored is not None
    assert unpack(sink.getvalue(), of("*", ignored[1])) == [TABLE]
    assert notes == ["Left out of the tar by `archive: ignore`: b.csv"]


def test_a_link_in_a_zip_is_read_as_no_file(unpack):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as made:
        link = zipfile.ZipInfo("a.csv")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, b"/etc/passwd")

    assert unpack(sink.getvalue()).what == "a.csv in the zip is a link, not a file"


def test_a_header_that_would_fill_the_memory_is_refused(unpack):
    whole = bytearray(tarred(("n" * 200 + ".csv", b"id\n"), form=tarfile.GNU_FORMAT))
    whole[124:136] = b"%011o\0" % (2 << 20)
    whole[148:156] = b"        "
    whole[148:156] = b"%06o\0 " % sum(whole[:512])

    assert reason(unpack(bytes(whole) + bytes(3 << 20))) is DAMAGED


@pytest.mark.parametrize("compress", COMPRESSORS)
def test_a_tar_that_unpacks_to_too_much_is_stopped(unpack, compress):
    bomb = compress(tarred(("a.csv", bytes(2_000_000))))

    found = unpack(bomb, bounds=Bounds(largest=1_000_000))

    assert reason(found) is HeldReason.UNPACKS_TOO_BIG


def test_a_tar_is_not_unpacked_where_the_task_says_otherwise(unpack):
    plain = tarred(("a.csv", TABLE))

    assert unpack(plain, Packing(compression=Compression.NONE)) == [plain]
    assert unpack(plain, Packing(compression=Compression.GZIP)).what == (
        "The task sets compression gzip, but the file is a tar that is not compressed"
    )
    assert unpack(gzip.compress(plain), Packing(compression=Compression.GZIP)) == [TABLE]


def test_a_tar_in_a_zip_and_a_gzip_in_a_tar_are_held(unpack):
    inside = [zipped(("a.tar", tarred(("a.csv", TABLE)))), tarred(("a.csv.gz", gzip.compress(TABLE)))]

    assert [unpack(each).what for each in inside] == [
        "The content of the compressed file is compressed again"
    ] * 2


def test_a_locked_or_deflate64_entry_matters_only_where_it_is_read(unpack):
    packed = bytearray(zipped(("a.csv", TABLE), ("b.csv", TABLE)))
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        packed[packed.rindex(mark) + at] = 9

    found = unpack(bytes(packed), of("b.csv"))

    assert unpack(bytes(packed), of("a.csv")) == [TABLE]
    assert found.what == "The zip is compressed with Deflate64, which Bucketlift cannot read"
    assert "gzip" in found.hint
    assert "under 2 GB" in found.hint


def test_a_tar_of_too_many_folders_is_held(unpack, monkeypatch):
    monkeypatch.setattr(tar, "_MOST_FOLDERS", 3)

    assert [unpack(with_folders(count)).what for count in (3, 4)] == [
        "The tar contains no files",
        "The tar contains more than 10,000 entries",
    ]
