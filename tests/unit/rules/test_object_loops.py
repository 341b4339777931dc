"""A load must not write files that its own extract reads again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.model.account import LocalFolder, S3Prefix, SftpServer
from bucketlift.model.objects.file_format import ObjectCompression, ObjectFormat
from bucketlift.model.objects.target import OBJECTS, ObjectsTarget
from bucketlift.model.source import Selection, StoreId
from bucketlift.model.workflow import Workflow
from bucketlift.rules.objects.loops import find_object_loops
from builders import a_load, an_extract

TARGET = ObjectsTarget(table=OBJECTS, columns=(), format=ObjectFormat.CSV)


def a_flow(key: str, *, reads: Selection, to: str) -> Workflow:
    load = a_load(id="export", destination=to, target=TARGET)
    tasks = (an_extract(selection=reads), load)
    return Workflow(key=key, title=key, project="hr", tasks=tasks)


def found(flow: Workflow, *others: Workflow, out: S3Prefix, back: S3Prefix | None = None) -> list[str]:
    destinations = {"out": out, "back": back or out}
    loops = find_object_loops(flow, others, destinations, StoreId)
    return [loop.what for loop in loops]


@pytest.mark.parametrize(
    ("out", "reads", "loops"),
    [
        (S3Prefix(account="acme", bucket="drop", prefix="in/"), Selection(bucket="drop", prefix="in/"), True),
        (
            S3Prefix(account="acme", bucket="drop", prefix="out/"),
            Selection(bucket="drop", prefix="in/"),
            False,
        ),
        (S3Prefix(account="acme", bucket="drop", prefix="out/"), Selection(bucket="drop"), True),
        (S3Prefix(account="acme", bucket="other"), Selection(bucket="drop"), False),
        (S3Prefix(account="lab", bucket="drop"), Selection(bucket="drop"), False),
        (S3Prefix(account="acme", bucket="drop"), Selection(bucket="drop", pattern="*.tsv"), False),
        (S3Prefix(account="acme", bucket="drop"), Selection(bucket="drop", pattern="*.csv"), True),
        (S3Prefix(account="acme", bucket="drop"), Selection(bucket="drop", prefix="expo"), True),
    ],
)
def test_a_load_into_its_own_selection_is_found(out, reads, loops):
    what = "the files that `export` writes would be read again: `files` of `mine`"

    assert found(a_flow("mine", reads=reads, to="out"), out=out) == [what] * loops


def test_a_load_of_other_extensions_does_not_come_back():
    flow = a_flow("mine", reads=Selection(bucket="drop", pattern="*.csv"), to="out")
    packed = replace(TARGET, compression=ObjectCompression.GZIP)
    flow = replace(flow, tasks=(flow.tasks[0], a_load(id="export", destination="out", target=packed)))

    assert found(flow, out=S3Prefix(account="acme", bucket="drop")) == []


def test_a_circle_through_another_workflow_is_found():
    mine = a_flow("mine", reads=Selection(bucket="drop", prefix="in/"), to="out")
    other = a_flow("other", reads=Selection(bucket="exports"), to="back")

    loops = found(
        mine,
        other,
        out=S3Prefix(account="acme", bucket="exports"),
        back=S3Prefix(account="acme", bucket="drop", prefix="in/"),
    )

    assert loops == [
        "the files that `export` writes would be read again: `files` of `other` → `files` of `mine`"
    ]


def test_a_workflow_may_read_what_another_one_writes():
    mine = a_flow("mine", reads=Selection(bucket="drop", prefix="in/"), to="out")
    other = a_flow("other", reads=Selection(bucket="exports"), to="warehouse")

    assert found(mine, other, out=S3Prefix(account="acme", bucket="exports")) == []


KEY = ("ssh-ed25519 AAAA",)


@pytest.mark.parametrize(
    ("store", "out", "loops"),
    [
        ("folder:/srv/drop", LocalFolder(path="/srv/drop"), True),
        ("folder:/srv/drop", LocalFolder(path="/srv/drop/in/out"), True),
        ("folder:/srv/drop", LocalFolder(path="/srv/drop/out"), False),
        ("folder:/srv/drop", LocalFolder(path="/srv/dropped"), False),
        ("sftp://hr@files:22/up", SftpServer(host="Files", user="hr", host_key=KEY, path="up/in"), True),
        ("sftp://hr@files:22/", SftpServer(host="files", user="hr", host_key=KEY), True),
        ("sftp://hr@files:22/up", SftpServer(host="files", user="it", host_key=KEY, path="up/in"), False),
    ],
)
def test_a_load_into_a_folder_that_its_extract_reads_is_found(store, out, loops):
    reads = Selection(bucket="", prefix="in/" if out.path not in ("/srv/drop", "") else "")
    flow = a_flow("mine", reads=reads, to="out")

    known = list(find_object_loops(flow, (), {"out": out}, lambda _: StoreId(store)))

    assert [loop.load for loop in known] == ["export"] * loops
