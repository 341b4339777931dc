"""Changes of a claim, to be recorded in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bucketlift.model.claim import Claim, ClaimId, Suspicion
from bucketlift.model.lifecycle import FileState
from bucketlift.model.mending import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The result of reading a file, which is stored with its claim."""

    rows: int = 0
    rejected: int = 0
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    shape: Shape | None = None
    contract: str | None = None
    """Fingerprint of the contract against which the file was checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A claim's change to another state, with the reason. It also ends the record that a worker is processing
    the claim.
    """

    claim: ClaimId
    to: FileState
    was: FileState | None = None
    """The state of the claim when it was read. If the state has changed since, this transition is not made.
    None: the transition is made from every state that may change to ``to``.
    """
    reason: str | None = None
    what: str | None = None
    hint: str | None = None
    content: Content | None = None
    """The new content; None if the recorded content does not change."""
    accepted: frozenset[str] | None = None
    """The held reasons that a person accepted; None if they do not change."""
    moved_to: str | None = None
    """The place of the object's verified copy; None if it does not change."""
    deaths: int | None = None
    """The number of workers that died while they processed only this file; None if it does not change."""

    def applied(self, claim: Claim) -> Claim:
        """The claim as it is after the transition."""
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
    """The start of reading or loading a claim in a worker. The claim's state does not change."""

    claim: Claim
    suspicion: Suspicion
    deaths: int
    load: bool
    """Whether a load starts. If so, the destination may have a receipt from now on."""
    choice: tuple[str, ...] | None = None
    """The load tasks that are fixed for the file because a load starts; None if they do not change."""

    def applied(self) -> Claim:
        """The claim with the record that a worker is processing it."""
        begun = self.load or self.claim.load_begun
        choice = self.claim.choice if self.choice is None else self.choice
        return replace(
            self.claim, suspicion=self.suspicion, deaths=self.deaths, load_begun=begun, choice=choice
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A new explanation for a claim whose state does not change."""

    claim: Claim
    what: str
    hint: str
