"""What waits for a person, and what is still to be done to objects."""

from fastapi import APIRouter

from bucketlift.web.attention import outbox, waiting

router = APIRouter()
for part in (waiting, outbox):
    router.include_router(part.router)
