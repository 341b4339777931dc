"""Endpoints for monitoring: liveness, readiness and metrics."""

from __future__ import annotations

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bucketlift.api.metrics import Figures
from bucketlift.service.ops.serving import Serving


def health_app(serving: Serving) -> FastAPI:
    """The server with the endpoints for monitoring. They need no sign-in, because they show no secrets and
    change nothing.
    """
    app = FastAPI(title="Bucketlift", docs_url=None, redoc_url=None, openapi_url=None)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(serving))

    @app.get("/health/live")
    def live() -> JSONResponse:
        """Answer with status 200 while the process is alive."""
        return JSONResponse({"live": True})

    @app.get("/health/ready")
    def ready() -> JSONResponse:
        """Answer with status 200 if the process can work, otherwise with 503 and the reason."""
        found = serving.health()
        return JSONResponse(found, status_code=200 if found["ready"] else 503)

    @app.get("/metrics")
    def metrics() -> Response:
        """Answer with the metrics in Prometheus's text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
