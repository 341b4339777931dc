"""Endpoints for monitoring: liveness, readiness and metrics."""

from __future__ import annotations

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bucketlift.api.metrics import Figures
from bucketlift.service.ops.serving import Serving


def health_app(serving: Serving) -> FastAPI:
    """Nothing here is secret or can be changed, so no sign-in is required."""
    app = FastAPI(title="Bucketlift", docs_url=None, redoc_url=None, openapi_url=None)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(serving))

    @app.get("/health/live")
    def live() -> JSONResponse:
        """200 while the process answers."""
        return JSONResponse({"live": True})

    @app.get("/health/ready")
    def ready() -> JSONResponse:
        """200 if it can work; otherwise 503 with the reason."""
        found = serving.health()
        return JSONResponse(found, status_code=200 if found["ready"] else 503)

    @app.get("/metrics")
    def metrics() -> Response:
        """In Prometheus's text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
