"""Merging and undoing against a plain oracle, for random files, rules and undos."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bucketlift.model.load import LoadId
from bucketlift.ports import RowsRefused
from budgets import examples
from contract.directories import TestedDirectory, in_sqlite, rows, some_contacts

NAMES = {"id": "ExternalReference", "name": "FirstName", "mail": "Email"}
TARGETS = tuple(NAMES.values())


@dataclass(kw_only=True)
class Contact:
    """What each load said about the contact, in order: the load, and all values of its row."""

    said: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def values(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for _, row in self.said:
            found |= row
        return {name: value for name, value in found.items() if value}


@dataclass(kw_only=True)
class Oracle:
    contacts: list[Contact] = field(default_factory=list)

    def load(
        self, name: str, merge: list[tuple[str, ...]], file: list[dict[str, str]]
    ) -> tuple[list[int], list[int]]:
        """(lines of ambiguous rows, [inserted, updated, unchanged]); nothing is loaded if a row is ambiguous."""
        before = [Contact(said=list(each.said)) for each in self.contacts]
        counts, refused = [0, 0, 0], []
        for line, row in enumerate(file, 2):
            matches = self._match(merge, row)
            if len(matches) > 1:
                refused.append(line)
            elif matches:
                former = matches[0].values
                matches[0].said.append((name, row))
                counts[1 if matches[0].values != former else 2] += 1
            else:
                self.contacts.append(Contact(said=[(name, row)]))
                counts[0] += 1
        if refused:
            self.contacts = before
        return refused, counts

    def _match(self, merge: list[tuple[str, ...]], row: dict[str, str]) -> list[Contact]:
        for rule in merge:
            if any(not row.get(name, "").strip() for name in rule):
                continue
            found = [
                each
                for each in self.contacts
                if all(each.values.get(name, "").casefold() == row[name].casefold() for name in rule)
            ]
            if found:
                return found
        return []

    def undo(self, name: str) -> None:
        for each in self.contacts:
            each.said = [entry for entry in each.said if entry[0] != name]
        self.contacts = [each for each in self.contacts if each.said]


texts = st.sampled_from(["", "a", "A", "ß", "SS", "b", " "])
whole_rows = st.tuples(texts, texts, texts)
rules = st.lists(
    st.lists(st.sampled_from(TARGETS), min_size=1, max_size=3, unique=True).map(tuple),
    max_size=3,
    unique=True,
)
fields = st.lists(st.sampled_from(list(NAMES)), min_size=1, max_size=3, unique=True)
loads = st.tuples(st.just("load"), rules, fields, st.lists(whole_rows, max_size=6))
undos = st.tuples(st.just("undo"), st.integers(0, 20))
stories = st.lists(loads | undos, max_size=8)


@pytest.mark.slow
@given(story=stories)
@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_story_ends_as_the_oracle_says(tmp_path_factory, story):
    directory = in_sqlite(tmp_path_factory.mktemp("story") / secrets.token_hex(4))
    oracle = Oracle()
    names: list[str] = []
    for number, (what, *told) in enumerate(story):
        if what == "undo":
            name = names[told[0] % len(names)] if names else "none"
            directory.loader.unload(some_contacts(), LoadId(name))
            oracle.undo(name)
        else:
            merge, chosen, file = told
            names.append(f"load-{number}")
            _load_both(directory, oracle, names[-1], merge, chosen, file)
        assert directory.people() == [each.values for each in oracle.contacts]


def _load_both(
    directory: TestedDirectory,
    oracle: Oracle,
    name: str,
    merge: list[tuple[str, ...]],
    chosen: list[str],
    file: list[tuple[str, str, str]],
) -> None:
    loaded = {source: NAMES[source] for source in NAMES if source in chosen}
    known = [rule for rule in merge if set(rule) <= set(loaded.values())]
    said = [
        {NAMES[source]: value for source, value in zip(NAMES, row, strict=True) if source in loaded}
        for row in file
    ]
    refused, counted = oracle.load(name, known, said)
    target, file_rows = some_contacts(*known, fields=loaded), {name: rows(*file)}
    if refused:
        with pytest.raises(RowsRefused) as error:
            directory.load(target, file_rows)
        assert [each.line for each in error.value.rows[LoadId(name)]] == refused
        return
    (receipt,) = directory.load(target, file_rows)
    assert [receipt.inserted, receipt.updated, receipt.unchanged] == counted
