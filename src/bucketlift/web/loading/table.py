"""The page of a load into a table."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bucketlift.errors import BucketliftError
from bucketlift.model.account import Destination
from bucketlift.rules.targets import NAMINGS
from bucketlift.service.destinations import own_destinations
from bucketlift.service.editor import drafts, tasks
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.sources import sources_of
from bucketlift.service.editor.tasks import Place
from bucketlift.web.loading.table_form import ROW, TableForm
from bucketlift.web.places import Here, address, editor
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted, Visit

router = APIRouter(prefix="/workflows/{workflow}/tasks/{task}/table")
KIND = "load"
UNCHECKED = 422


@router.get("")
def show(request: Request, visit: Editing, place: Here) -> Response:
    draft = drafts.get(visit.app, place.workflow)
    known = tasks.find(draft, place, KIND)
    sources = sources_of(draft, place)
    if known is None:
        form = _new(visit, draft, sources)
    else:
        form = TableForm.of(known, sources.get(known.get("from", ""), []))
    return _page(request, visit, place, draft, form)


@router.post("")
def use(request: Request, visit: Editing, place: Here, posted: Posted) -> Response:
    """Save the load, or change the form and show it again. The button that was clicked decides this."""
    draft = drafts.get(visit.app, place.workflow)
    tasks.find(draft, place, KIND)  # raises an error if the task was deleted in the meantime
    form = TableForm.posted(posted)
    fields = sources_of(draft, place).get(form.source, [])
    doing = str(posted.get("do", ""))
    if doing:
        return _page(request, visit, place, draft, _changed(visit, form, fields, doing))
    document = form.as_document(fields)
    problems = tasks.problems(visit.app, draft, place, KIND, document)
    if problems or str(draft.number) != posted.get("number"):
        return _page(request, visit, place, draft, form, problems=problems or (MEANWHILE,))
    tasks.save(visit.app, draft, place, KIND, document, name=form.table, by=visit.user.name)
    return go(request, editor(place))


MEANWHILE = DraftProblem(
    path=(),
    what="The workflow has been changed by someone else",
    hint="Check that this task still fits, and save again.",
)


def _new(visit: Visit, draft: Draft, sources: dict[str, list[str]]) -> TableForm:
    """A new form. It names the nearest extract task or transform, and the destination if there is only one."""
    known = list(_databases(visit))
    source = next(reversed(sources), "")
    form = TableForm(source=source, to=known[0] if len(known) == 1 else "", table=draft.key.replace("-", "_"))
    return form.by_name(sources.get(source, []), None)


def _databases(visit: Visit) -> dict[str, Destination]:
    """The destinations that have tables, by name."""
    known = visit.app.ledger.catalog.destinations()
    return {name: each for name, each in known.items() if each.settings.kind in NAMINGS}


def _changed(visit: Visit, form: TableForm, fields: list[str], doing: str) -> TableForm:
    word, _, rest = doing.partition(":")
    match word:
        case "add":
            return form.with_row()
        case "remove" if ROW.fullmatch(rest):
            return form.without_row(int(rest))
        case "all":
            tables, _ = _looked(visit, form.to)
            return form.by_name(fields, tables.get(form.table))
        case "source":
            return form.by_name(fields, None)
        case _:
            return form


def _looked(visit: Visit, destination: str) -> tuple[dict[str, tuple[str, ...]], BucketliftError | None]:
    if not destination:
        return {}, None
    try:
        return own_destinations.columns(visit.app, destination), None
    except BucketliftError as error:
        return {}, error


def _page(
    request: Request,
    visit: Visit,
    place: Place,
    draft: Draft,
    form: TableForm,
    *,
    problems: tuple[DraftProblem, ...] = (),
) -> Response:
    sources = sources_of(draft, place)
    tables, unreachable = _looked(visit, form.to)
    return render(
        request,
        "loading/table_form.html" if is_part(request) else "loading/table.html",
        status=UNCHECKED if problems else 200,
        place=place,
        draft=draft,
        form=form,
        sources=sources,
        fields=sources.get(form.source, []),
        destinations=_databases(visit),
        tables=tables,
        columns=tables.get(form.table),
        unreachable=unreachable,
        problems=problems,
        post_to=address(place, "table"),
        back=editor(place),
    )
