"""Which workers can execute a workflow: any live worker, or only the worker that its destinations and
accounts name.
"""

from __future__ import annotations

from collections.abc import Iterable

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.model.account import Destination, file_of, worker_of, worker_with
from bucketlift.model.worker import WorkerKind
from bucketlift.model.workflow import Workflow
from bucketlift.service.core.app import App


def workers_of_files(app: App, workflow: Workflow) -> dict[str, str]:
    """The destinations and accounts of a workflow that only one worker can reach, each with the name of this
    worker.
    """
    known, accounts = app.ledger.catalog.destinations(), app.ledger.catalog.accounts()
    named = {}
    for extract in workflow.extracts:
        account = accounts.get(extract.account)
        worker = None if account is None else worker_with(account.settings)
        if worker is not None:
            named[f"account {extract.account}"] = worker
    for load in workflow.loads:
        found = known.get(load.destination)
        worker = None if found is None else worker_of(found.settings)
        if worker is not None:
            named[load.destination] = worker
    return named


def refuse_unreachable(app: App, destinations: Iterable[Destination]) -> None:
    """Check that, in a fleet, each destination that is a file names its worker.

    Raises:
        RequestWrong: a destination does not name its worker.
    """
    for each in destinations if app.is_fleet else ():
        if file_of(each.settings) is not None and worker_of(each.settings) is None:
            raise RequestWrong(
                f"In a fleet, a {each.settings.kind} destination must name the worker that can reach its file",
                to=each.name,
                hint=f"Add `worker: NAME` (this machine's is {app.worker}), or load into PostgreSQL.",
            )


def can_do(app: App, workflow: str, worker: str) -> bool:
    """Whether the worker can reach every destination of a workflow."""
    try:
        needed = workers_of_files(app, app.ledger.catalog.workflow(workflow).workflow)
    except NotFound:
        return True  # The workflow was deleted after its run was queued: any worker can end the run.
    return all(name == worker for name in needed.values())


def at_work(app: App, workflow: str) -> bool:
    """Whether a live worker can execute the workflow now."""
    return any(
        each.fresh
        and not each.draining
        and each.kind is not WorkerKind.COMMAND
        and can_do(app, workflow, each.name)
        for each in app.ledger.workers.all()
    )


def require_places(app: App, destinations: Iterable[str]) -> None:
    """Check that this worker can reach the destinations.

    Raises:
        NotFound: there is no such destination.
        RequestWrong: a destination is a file that only another worker can reach.
    """
    for name in destinations:
        worker = worker_of(app.ledger.catalog.destination(name).settings)
        if worker not in (None, app.worker):
            raise RequestWrong(
                f"Only worker {worker} can reach the destination",
                to=name,
                hint=f"Run the command on its machine, with BUCKETLIFT_WORKER={worker}.",
            )


def require_reach(app: App, workflow: str) -> None:
    """Check that this worker can reach every destination and account of a workflow.

    Raises:
        RequestWrong: only another worker can reach a destination or an account, and that worker is not
        running.
    """
    for place, worker in workers_of_files(app, app.ledger.catalog.workflow(workflow).workflow).items():
        if worker != app.worker:
            raise RequestWrong(
                f"Only worker {worker} can reach the {'account' if place.startswith('account ') else 'destination'}, and it is "
                "not running",
                to=place,
                hint=f"Start the worker with `bucketlift worker` on its machine. If this is its machine, set BUCKETLIFT_WORKER={worker}.",
            )
