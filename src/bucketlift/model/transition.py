"""Changes of a claim that the ledger is asked to keep."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bucketlift.model.claim import Claim, ClaimId, Suspicion
from bucketlift.model.lifecycle import FileState
from bucketlift.model.mending import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What reading a file found."""

    rows: int = 0
    rejected: int = 0
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    shape: Shape | None = None
    contract: str | None = None
    """Fingerprint of the contract that judged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One claim moves to another state, and why. The suspicion that a worker died over it ends with the move."""

    claim: ClaimId
    to: FileState
    was: FileState | None = None
    """The state it was read in: a claim that has left it since is not moved. None: any state with an arrow to ``to``."""
    reason: str | None = None
    what: str | None = None
    hint: str | None = None
    content: Content | None = None
    """None: what the ledger knows of the file's content stays."""
    accepted: frozenset[str] | None = None
    """The held reasons that a person accepted; None: as before."""
    moved_to: str | None = None
    """The place of its verified copy; None: as before."""
    deaths: int | None = None
    """Deaths of workers over this file alone; None: as before."""

    def applied(self, claim: Claim) -> Claim:
        """The claim as it is after the move."""
        content = self.content or Content(
            rows=claim.rows,
            rejected=claim.rejected,
            sha256=claim.sha256,
            notes=claim.notes,
            shape=claim.shape,
            contract=claim.contract,
        )
        return replace(
            claim,
            state=self.to,
            reason=self.reason,
            what=self.what,
            hint=self.hint,
            rows=content.rows,
            rejected=content.rejected,
            sha256=content.sha256,
            notes=content.notes,
            shape=content.shape,
            contract=content.contract,
            accepted=claim.accepted if self.accepted is None else self.accepted,
            moved_to=self.moved_to or claim.moved_to,
            suspicion=None,
            deaths=claim.deaths if self.deaths is None else self.deaths,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A worker begins to read or to load a claim. The claim's state stays."""

    claim: Claim
    suspicion: Suspicion
    deaths: int
    load: bool
    """A load is begun: the destination may have a receipt from now on."""

    def applied(self) -> Claim:
        """The claim as it is once it is marked."""
        begun = self.load or self.claim.load_begun
        return replace(self.claim, suspicion=self.suspicion, deaths=self.deaths, load_begun=begun)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Another text for the state that a claim is in."""

    claim: Claim
    what: str
    hint: str
