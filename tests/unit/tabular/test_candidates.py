"""The words of a file in each encoding, for a person to choose."""

# ruff: noqa: RUF001 - letters of many alphabets
from __future__ import annotations

import pytest

from bucketlift.tabular.bytes.charsets import charset
from bucketlift.tabular.decode import candidates
from bucketlift.tabular.decode.candidates import Candidate, Examples, examples_of

WORDS = {
    "cp1251": "Иванов Пётр Москва",
    "koi8-r": "Иванов Пётр Москва",
    "cp866": "Иванов Пётр Москва",
    "iso8859-5": "Иванов Пётр Москва",
    "cp1252": "Zoë Jürgen José",
    "mac_roman": "Zoë Jürgen José",
    "cp850": "Zoë Jürgen José",
    "cp1250": "Łukasz Żółć Dvořák",
    "iso8859-2": "Łódź Škoda Dvořák",
    "cp852": "Łukasz Żółć Dvořák",
    "cp1253": "Παπαδόπουλος Αθήνα",
    "cp1254": "Işık Doğan Çağlar",
    "cp1257": "Jānis Bērziņš Žukauskas",
    "cp1255": "שלום כהן לוי",
    "cp1256": "محمد أحمد",
    "cp874": "สมชาย กรุงเทพ",
    "cp932": "山田 太郎 ソニー",
    "euc_jp": "山田 太郎 タナカ",
    "gb18030": "张伟 北京 李娜",
    "big5": "陳大文 台北 功",
    "cp949": "김철수 서울",
}


def examples(tmp_path, data: bytes) -> Examples:
    path = tmp_path / "some.csv"
    path.write_bytes(data)
    return examples_of(path)


@pytest.mark.parametrize("encoding", WORDS)
def test_the_right_words_are_among_the_first(tmp_path, encoding):
    words = tuple(WORDS[encoding].split())
    rows = "".join(f"{number},{word}\r\n" for number, word in enumerate(words))

    found = examples(tmp_path, f"id,name\r\n{rows}".encode(encoding)).candidates

    assert words in [each.words for each in found[:5] if encoding in each.encodings]


def test_every_encoding_that_is_shown_can_be_set_in_a_task(tmp_path):
    found = examples(tmp_path, "id\nИванов\n".encode("cp1251"))

    names = [name for each in found.candidates for name in each.encodings]
    assert all(charset(name) for name in names)


def test_only_the_damaged_words_of_utf_8_are_shown(tmp_path):
    found = examples(tmp_path, "Zoë\nŁódź\nJos".encode() + b"\xe9\n")

    assert found.words == 1
    assert Candidate(encodings=("cp1253", "iso8859-7"), words=("Josι",)) in found.candidates


def test_utf_8_is_the_first_where_every_word_is(tmp_path):
    found = examples(tmp_path, "Zoë\nŁódź\nИванов\n".encode())

    assert found.candidates[0] == Candidate(encodings=("utf-8",), words=("Zoë", "Łódź", "Иванов"))


def test_utf_16_is_certain(tmp_path):
    found = examples(tmp_path, "id\nZoë\n".encode("utf-16"))

    assert found.candidates == (Candidate(encodings=("utf-16",), words=("id", "Zoë")),)


def test_ascii_has_no_word_in_doubt(tmp_path):
    assert examples(tmp_path, b"id\nx\n") == Examples(words=0, candidates=())
    assert examples(tmp_path, b"") == Examples(words=0, candidates=())


def test_a_long_run_of_text_is_shown_in_short(tmp_path):
    found = examples(tmp_path, ("a" * 50 + "é|x|y\n").encode("cp1252"))

    assert found.candidates[0].words[0] == "a" * 40 + "..."


def test_no_more_words_are_kept_than_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(candidates, "MOST_WORDS", 2)

    words = candidates._words(tmp_path / "some.csv")
    monkeypatch.setattr(candidates, "_words", lambda _: words)

    found = examples(tmp_path, b"\xe9\n\xe9\n\xe8\n\xea\n")

    assert (found.words, list(words)) == (2, [b"\xea"])


def test_no_part_of_a_run_that_is_too_long_is_looked_at(tmp_path):
    found = examples(tmp_path, "山".encode("cp932") * 3_000 + "\n太郎\n".encode("cp932"))

    assert found.words == 1
