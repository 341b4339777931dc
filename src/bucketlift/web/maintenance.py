"""The page of maintenance, on which an administrator downloads a backup of the ledger."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from bucketlift.service.ops import database
from bucketlift.service.ops.backup_copy import BackupCopy, delete_left_copies
from bucketlift.web.render import render
from bucketlift.web.visit import Administering

router = APIRouter(prefix="/maintenance")


@router.get("")
def show(request: Request, visit: Administering) -> Response:
    pause = visit.app.ledger.pauses.paused()
    return render(request, "maintenance.html", ledger=visit.app.ledger.database.name, pause=pause)


@router.post("/backup")
def back_up(visit: Administering) -> Response:
    """Download a backup of the whole ledger. The temporary file is deleted after it was sent."""
    delete_left_copies(visit.app.home)
    copy = BackupCopy(visit.app.home)
    try:
        label = database.back_up(visit.app, copy.path)
    except BaseException:
        copy.delete()
        raise
    return FileResponse(
        copy.path,
        filename=f"bucketlift-{label.made_at:%Y%m%d-%H%M%S}.sqlite",
        media_type="application/octet-stream",
        background=BackgroundTask(copy.delete),
    )
