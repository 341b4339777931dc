"""AssumeRole, as strict as in AWS: the role must exist and trust the external ID, and the session policy
applies.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from bucketlift.testing.answer import Answer, query_refusal
from bucketlift.testing.callers import Caller, Callers, new_key
from bucketlift.testing.policies import Statement, conditions_hold, statements

MAX_POLICY = 2048
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}\Z")
_ROLE_ARN = re.compile(r"arn:([^:]+):iam::(\d{12}):role/(.+)\Z")

_ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>\
<AssumedRoleUser><Arn>{arn}</Arn><AssumedRoleId>AROAEXAMPLE:{session}</AssumedRoleId></AssumedRoleUser>\
<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
<SessionToken>{token}</SessionToken><Expiration>{expires}</Expiration></Credentials></AssumeRoleResult>\
<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></AssumeRoleResponse>"""

_IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\
<GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{key}</UserId><Account>{account}</Account>\
</GetCallerIdentityResult><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>\
</GetCallerIdentityResponse>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    arn: str
    trust: Mapping[str, Any]
    grants: tuple[Statement, ...]


class SecurityTokenService:
    def __init__(self, account: str, callers: Callers, role: Callable[[str], Role | None]) -> None:
        self._account = account
        self._callers = callers
        self._role = role
        self.longest = timedelta(hours=1)
        """Maximum duration of a session, even if the caller requests a longer one."""

    def answer(self, form: Mapping[str, str], caller: Caller) -> Answer:
        match form.get("Action"):
            case "AssumeRole":
                return self._assume(form, caller)
            case "GetCallerIdentity":
                return _answer(_IDENTITY.format(arn=caller.arn, key=caller.access_key, account=self._account))
            case action:
                return query_refusal(400, "InvalidAction", f"this server does not know {action}")

    def _assume(self, form: Mapping[str, str], caller: Caller) -> Answer:
        wrong = _wrong(form)
        if wrong is not None:
            return wrong
        role = self._role(form["RoleArn"])
        if role is None or not _trusts(role, form):
            return query_refusal(
                403,
                "AccessDenied",
                f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {form['RoleArn']}",
            )
        session = self._session(role, form)
        self._callers.add(session)
        return _answer(
            _ASSUMED.format(
                arn=escape(session.arn),
                session=escape(form["RoleSessionName"]),
                key=session.access_key,
                secret=session.secret_key,
                token=session.token,
                expires=f"{session.expires:%Y-%m-%dT%H:%M:%SZ}",
            )
        )

    def _session(self, role: Role, form: Mapping[str, str]) -> Caller:
        lasts = min(timedelta(seconds=int(form.get("DurationSeconds", "3600"))), self.longest)
        session_policy = json.loads(form["Policy"]) if "Policy" in form else None
        name = role.arn.rpartition("/")[2]
        return Caller(
            arn=f"arn:aws:sts::{self._account}:assumed-role/{name}/{form['RoleSessionName']}",
            access_key=new_key("ASIA"),
            secret_key=secrets.token_urlsafe(30),
            token=secrets.token_urlsafe(60),
            expires=datetime.now(UTC) + lasts,
            grants=(role.grants, *([statements(session_policy)] if session_policy is not None else [])),
        )


def _wrong(form: Mapping[str, str]) -> Answer | None:
    if not _ROLE_ARN.match(form.get("RoleArn", "")):
        return query_refusal(400, "ValidationError", f"{form.get('RoleArn')} is invalid")
    if not _SESSION_NAME.match(form.get("RoleSessionName", "")):
        return query_refusal(
            400, "ValidationError", "roleSessionName must satisfy [\\w+=,.@-]*, 2 to 64 long"
        )
    if len(form.get("Policy", "")) > MAX_POLICY:
        return query_refusal(400, "ValidationError", "policy must have length less than or equal to 2048")
    try:
        json.loads(form.get("Policy", "{}"))
    except ValueError:
        return query_refusal(400, "MalformedPolicyDocument", "The policy is not valid JSON")
    return None


def _trusts(role: Role, form: Mapping[str, str]) -> bool:
    """Whether a statement of the role's trust policy allows this call. Principals are not compared, because
    there is only one caller.
    """
    context = {"sts:externalid": form["ExternalId"]} if "ExternalId" in form else {}
    applying = [
        statement["Effect"]
        for statement in statements(role.trust)
        if "sts:AssumeRole" in _actions(statement) and conditions_hold(statement, context)
    ]
    return set(applying) == {"Allow"}


def _actions(statement: Statement) -> list[str]:
    action = statement.get("Action", [])
    return [action] if isinstance(action, str) else list(action)


def _answer(body: str) -> Answer:
    return Answer(status=200, headers={"content-type": "text/xml"}, body=body.encode())
