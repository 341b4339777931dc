"""The pages with files that need a decision, and with pending actions on loaded files."""

from fastapi import APIRouter

from bucketlift.web.attention import outbox, waiting

router = APIRouter()
for part in (waiting, outbox):
    router.include_router(part.router)
