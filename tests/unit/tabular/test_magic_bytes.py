"""Files that are no table of text, each by its name and with the way to go on."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib

import pytest

from bucketlift.tabular.decode.magic_bytes import binary_format_of, file_format_of


def tarred(form: int) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=form) as made:
        header = tarfile.TarInfo("a.csv")
        header.size = 3
        made.addfile(header, io.BytesIO(b"id\n"))
    return sink.getvalue()


def workbook(*names: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as made:
        for name in names:
            made.writestr(
                name, b"application/vnd.oasis.opendocument.spreadsheet" if name == "mimetype" else b""
            )
    return sink.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (tarred(tarfile.USTAR_FORMAT), "a tar archive"),
        (tarred(tarfile.GNU_FORMAT), "a tar archive"),
        (workbook("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook (.xlsx)"),
        (workbook("mimetype", "content.xml"), "an OpenDocument spreadsheet (.ods)"),
        (workbook("a.csv"), "a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls) or another Office document"),
        (zlib.compress(b"id,name\n1,x\n"), "compressed with zlib, without the header of gzip"),
        (zlib.compress(b"id,name\n1,x\n", 1), "compressed with zlib, without the header of gzip"),
        (b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nid\n", "clear-signed with PGP"),
        (b"\xef\xbb\xbf-----BEGIN PGP SIGNATURE-----\n", "a PGP signature of another file"),
        (b"-----BEGIN PGP MESSAGE-----\n", "encrypted or signed with PGP"),
        (b"PAR1\x15\x04\x15\x00", "a Parquet file"),
        (b"ARROW1\0\0\xff\xff", "an Arrow file"),
        (b"<html><body>Sign in</body></html>", "an HTML page"),
        (b"<html><table><tr><td>1</td>", "an HTML page with a table, perhaps saved as .xls"),
        (
            b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code>',
            "an error message of S3 (AccessDenied), in place of the file",
        ),
        (b"<rows><row/></rows>", "an XML document"),
        (b'[{"Id":1}]\n', "JSON"),
        (b'{"Id":1}\n{"Id":2}\n', "JSON Lines"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS, in place of the file"),
        (b"sep=;\r\nId;Name\r\n", "a table below a line `sep=;` for Excel"),
        (b'\xef\xbb\xbf"sep=\t"\nId\tName\n', "a table below a line `sep=\\t` for Excel"),
    ],
)
def test_a_file_is_named_by_its_first_bytes(head, kind):
    found = file_format_of(head)

    assert found is not None
    assert (found.kind, found.hint[-1]) == (kind, ".")


@pytest.mark.parametrize(
    "text",
    [
        b"id,name\n1,x\n",
        b"x^,y\n1,2\n",
        b"x\x01y\n",
        b"separator=1,x\n",
        b"sep=,b\n",
        b"<5,>6\n",
        b"version,x\n",
        b"PAR1,PAR2\n1,2\n",
        b"ARROW1,ARROW2\n1,2\n",
        b"",
    ],
)
def test_a_table_is_not_named(text):
    assert file_format_of(text) is None
    assert binary_format_of(text) is None
