"""Jobs that take some polls to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hosted_platform.wire import Refused


@dataclass(kw_only=True)
class Job:
    result: dict[str, Any]
    """What its status shows at its end."""
    polls: int
    """The number of polls that find it unfinished; below 0: it never ends."""


@dataclass(kw_only=True)
class Jobs:
    polls: int = 1
    _jobs: dict[str, Job] = field(default_factory=dict)

    @property
    def running(self) -> int:
        return sum(job.polls != 0 for job in self._jobs.values())

    def start(self, name: str, result: dict[str, Any]) -> str:
        job = f"{name}-{len(self._jobs) + 1}"
        self._jobs[job] = Job(result=result, polls=self.polls)
        return job

    def status(self, job: str) -> dict[str, Any]:
        known = self._jobs.get(job)
        if known is None:
            raise Refused(404, "NF_1", "no such job")
        if known.polls == 0:
            return {"percentComplete": 100, "status": "complete", **known.result}
        known.polls -= known.polls > 0
        return {"percentComplete": 50, "status": "inProgress"}

    def forget(self) -> None:
        self._jobs.clear()

    def end(self) -> None:
        """All jobs end now."""
        for job in self._jobs.values():
            job.polls = 0
