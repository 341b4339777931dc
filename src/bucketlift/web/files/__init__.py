"""One file: where it stands, what is different, its rejects, and what can be decided about it."""

from fastapi import APIRouter

from bucketlift.web.files import one, rejects

router = APIRouter()
for part in (one, rejects):
    router.include_router(part.router)
