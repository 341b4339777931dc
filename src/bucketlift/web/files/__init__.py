"""The pages of one file: state, differences, rejects and decisions."""

from fastapi import APIRouter

from bucketlift.web.files import one, rejects

router = APIRouter()
for part in (one, rejects):
    router.include_router(part.router)
