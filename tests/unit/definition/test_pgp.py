"""What a workflow file says of encrypted and compressed files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.definition.compile.definition import Installed
from bucketlift.model.packing import Archive, Compression, ZipEntries
from bucketlift.model.pgp import KeyKind, Pgp


def with_key(text):
    return ("          kind: s3\n", f"          kind: s3\n          {text}\n")


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("{keys: [a, b]}", Pgp(keys=("a", "b"))),
        ("{keys: [a], signers: [s]}", Pgp(keys=("a",), signers=("s",), require_signature=True)),
        ("{keys: [a], signers: [s], require_signature: false}", Pgp(keys=("a",), signers=("s",))),
        ("{keys: [a], required: false}", Pgp(keys=("a",), required=False)),
    ],
)
def test_signers_must_have_signed_unless_it_is_said_otherwise(compiled, said, made):
    (extract,) = compiled(with_key(f"pgp: {said}")).workflows[0].extracts

    assert extract.pgp == made


def test_a_task_says_how_its_files_are_compressed_or_lets_them_tell(compiled):
    (usual,) = compiled().workflows[0].extracts
    (said,) = compiled(with_key("compression: zstd")).workflows[0].extracts

    assert (usual.pgp, usual.compression, usual.zip) == (None, Compression.AUTO, ZipEntries.ONE)
    assert said == replace(usual, compression=Compression.ZSTD)


def test_keys_that_the_installation_lacks_or_has_for_something_else_are_told(problems):
    installed = Installed(
        accounts={}, destinations={}, keys={"hr-2026": KeyKind.DECRYPT, "sam": KeyKind.SIGNER}
    )

    told = problems(with_key("pgp: {keys: [hr-2062, sam], signers: [hr-2026]}"), installed=installed)

    assert [each.split(":")[0] for each in told] == [
        "there is no PGP key (decrypt) `hr-2062`",
        "there is no PGP key (decrypt) `sam`",
        "there is no PGP key (signer) `hr-2026`",
    ]


@pytest.mark.parametrize("said", ["{}", "{keys: []}", "{keys: [a, a]}", "{keys: a}", "{key: [a]}"])
def test_what_names_no_key_is_refused(problems, said):
    assert len(problems(with_key(f"pgp: {said}"))) > 0


def test_an_archive_says_which_files_are_read(compiled):
    (extract,) = (
        compiled(with_key('archive: {entries: "data/*.csv", ignore: "README*"}')).workflows[0].extracts
    )

    assert extract.archive == Archive(entries="data/*.csv", ignore=("README*",))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "archive: {entries: /data/*.csv}",
            "`archive: entries` has a pattern that matches no file: '/data/*.csv'",
        ),
        ('archive: {ignore: ["a", ""]}', "`archive: ignore` has a pattern that matches no file: ''"),
        (
            "archive: {}\n          compression: none",
            "`archive` cannot be used with `compression: none`, which decompresses nothing",
        ),
        ("archive: {entry: a}", "unknown key `entry`"),
        ('archive: {entries: ""}', "`entries` is empty"),
    ],
)
def test_an_archive_that_could_read_nothing_is_refused(problems, said, told):
    (found,) = problems(with_key(said))

    assert found.startswith(told)
    assert "line " in found
