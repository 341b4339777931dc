"""The pages of loads. Each kind of load has its own form; the buttons and the way of saving are the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request, Response

from bucketlift.errors import BucketliftError
from bucketlift.model.account import QualtricsDestination
from bucketlift.rules.delivery.promises import described
from bucketlift.service.destinations import own_destinations
from bucketlift.service.editor import drafts, tasks
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.sources import Fields, sources_of
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.web.loading.contacts_form import ContactsForm
from bucketlift.web.loading.field_problems import input_of, problem_at
from bucketlift.web.loading.load_kinds import KINDS, LoadForm, LoadKind, Tables
from bucketlift.web.places import Here, address, editor
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted, Visit

UNCHECKED = 422
MEANWHILE = DraftProblem(
    path=(),
    what="The workflow has been changed by someone else",
    hint="Check that this task still fits, and save again.",
)


def routes(kind: LoadKind) -> APIRouter:
    """The routes of one kind of load."""
    router = APIRouter(prefix=f"/workflows/{{workflow}}/tasks/{{task}}/{kind.path}")

    @router.get("")
    def show(request: Request, visit: Editing, place: Here) -> Response:
        draft = drafts.get(visit.app, place.workflow)
        known = tasks.find(draft, place, kind.task)
        here = _LoadPage(visit=visit, kind=kind, place=place, draft=draft, sources=sources_of(draft, place))
        form = here.new() if known is None else kind.form.of(known, here.fields(known.get("from", "")))
        return here.answer(request, form)

    @router.post("")
    def use(request: Request, visit: Editing, place: Here, posted: Posted) -> Response:
        """Save the load, or change the form and show it again. The button that was clicked decides which."""
        draft = drafts.get(visit.app, place.workflow)
        tasks.find(draft, place, kind.task)  # raises an error if the task was deleted in the meantime
        here = _LoadPage(visit=visit, kind=kind, place=place, draft=draft, sources=sources_of(draft, place))
        form = kind.form.posted(posted)
        if doing := str(posted.get("do", "")):
            return here.answer(request, here.changed(form, doing))
        problems = here.problems(form)
        if problems or not drafts.is_current(visit.app, draft, posted.get("number"), place.form):
            return here.answer(request, form, problems=problems or (MEANWHILE,))
        document = form.as_document(here.fields(form.source))
        tasks.save(visit.app, draft, place, kind.task, document, name=form.name, by=visit.user.name)
        return go(request, editor(place), "The task is saved.")

    return router


@dataclass(frozen=True, kw_only=True)
class _LoadPage:
    """The page of one load in its workflow."""

    visit: Visit
    kind: LoadKind
    place: TaskPosition
    draft: Draft
    sources: Fields

    def fields(self, source: str) -> list[str]:
        return self.sources.get(source, [])

    def new(self) -> LoadForm:
        """A new form. It has the source that is nearest before the load, and the destination if only one is
        possible.
        """
        known = [
            name
            for name, each in self.visit.app.ledger.catalog.destinations().items()
            if self.kind.takes(each)
        ]
        source = next(reversed(self.sources), "")
        form = self.kind.form.new(source, known[0] if len(known) == 1 else "", self.draft.key)
        form = self._by_name(form)
        return form.with_usual_rules() if isinstance(form, ContactsForm) else form

    def changed(self, form: LoadForm, doing: str) -> LoadForm:
        if doing == "all":
            tables, _ = self._looked(form.to)
            return form.by_name(self.fields(form.source), self.kind.targets(form, tables))
        return self._by_name(form) if doing == "source" else form.changed(doing)

    def problems(self, form: LoadForm) -> tuple[DraftProblem, ...]:
        if faults := tuple(form.faults()):
            return tuple(DraftProblem(path=(), what=each, hint="") for each in faults)
        document = form.as_document(self.fields(form.source))
        return tasks.problems(
            self.visit.app, self.draft, self.place, self.kind.task, document, name=form.name
        )

    def answer(
        self, request: Request, form: LoadForm, *, problems: tuple[DraftProblem, ...] = ()
    ) -> Response:
        tables, unreachable = self._looked(form.to)
        known = self.visit.app.ledger.catalog.destinations()
        destinations = {name: each for name, each in known.items() if self.kind.takes(each)}
        return render(
            request,
            f"loading/{self.kind.path}_form.html" if is_part(request) else "loading/load.html",
            status=UNCHECKED if problems else 200,
            kind=self.kind,
            draft=self.draft,
            form=form,
            sources=self.sources,
            fields=self.fields(form.source),
            destinations=destinations,
            promise=described(destinations[form.to].settings) if form.to in destinations else "",
            on_platform=form.to in destinations
            and isinstance(destinations[form.to].settings, QualtricsDestination),
            tables=tables,
            targets=self.kind.targets(form, tables),
            unreachable=unreachable,
            problems=problems,
            problem_at=partial(problem_at, problems),
            input_of=input_of,
            post_to=address(self.place, self.kind.path),
            back=editor(self.place),
            **self.kind.context(self.visit.app, self.place, self.draft, form, tables),
        )

    def _by_name(self, form: LoadForm) -> LoadForm:
        """Map all fields by their names, in the same way as for a table that does not exist yet."""
        return form.by_name(self.fields(form.source), self.kind.targets(form, {}))

    def _looked(self, destination: str) -> tuple[Tables, BucketliftError | None]:
        if not destination:
            return {}, None
        try:
            return own_destinations.columns(self.visit.app, destination), None
        except BucketliftError as error:
            return {}, error


ROUTERS = tuple(routes(kind) for kind in KINDS)
