"""Changes of a claim, to be recorded in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bucketlift.model.claim import Claim, ClaimId, Suspicion
from bucketlift.model.lifecycle import FileState
from bucketlift.model.mending import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The result of reading a file."""

    rows: int = 0
    rejected: int = 0
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    shape: Shape | None = None
    contract: str | None = None
    """Fingerprint of the contract that it was checked against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A claim's change to another state, with the reason. It also clears the mark of a worker in progress."""

    claim: ClaimId
    to: FileState
    was: FileState | None = None
    """The state of the claim when it was read. If it has changed since, this transition is not made. None: any state
    that may change to ``to``.
    """
    reason: str | None = None
    what: str | None = None
    hint: str | None = None
    content: Content | None = None
    """None: the recorded content is unchanged."""
    accepted: frozenset[str] | None = None
    """The held reasons that a person accepted; None: unchanged."""
    moved_to: str | None = None
    """The place of its verified copy; None: unchanged."""
    deaths: int | None = None
    """The number of workers that died while they processed only this file; None: unchanged."""

    def applied(self, claim: Claim) -> Claim:
        """The claim after the transition."""
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
    """A worker starts to read or load a claim. The claim's state does not change."""

    claim: Claim
    suspicion: Suspicion
    deaths: int
    load: bool
    """Whether a load is starting: then the destination may have a receipt from now on."""

    def applied(self) -> Claim:
        """The claim with this mark."""
        begun = self.load or self.claim.load_begun
        return replace(self.claim, suspicion=self.suspicion, deaths=self.deaths, load_begun=begun)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A new explanation of the state that a claim has."""

    claim: Claim
    what: str
    hint: str
