"""IAM roles. moto keeps the roles in memory, the state file stores them, and STS reads their trust and
permissions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from bucketlift.testing.answer import Answer
from bucketlift.testing.backing import Backing
from bucketlift.testing.persistence import StateFile
from bucketlift.testing.policies import statements
from bucketlift.testing.sts import Role

_HEADERS = {
    "content-type": "application/x-www-form-urlencoded",
    "authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request",
}


class Roles:
    def __init__(self, backing: Backing, state: StateFile | None) -> None:
        self._backing = backing
        self._state = state

    def call(self, form: Mapping[str, str]) -> Answer:
        """Execute an IAM call."""
        body = urlencode({"Version": "2010-05-08", **form}).encode()
        answer = self._backing.call("iam", "POST", "/", headers=_HEADERS, body=body)
        if self._state is not None and answer.succeeded:
            self._keep(self._state)
        return answer

    def get(self, arn: str) -> Role | None:
        for role in self._backing.roles():
            if role.arn == arn:
                documents = [json.loads(policy) for policy in role.policies.values()]
                return Role(
                    arn=arn,
                    trust=json.loads(role.assume_role_policy_document),
                    grants=tuple(statement for each in documents for statement in statements(each)),
                )
        return None

    def names(self) -> list[str]:
        return [str(role.name) for role in self._backing.roles()]

    def _keep(self, state: StateFile) -> None:
        present = {role.name: role for role in self._backing.roles()}
        for name, _, _ in state.roles():
            if name not in present:
                state.drop_role(name)
        for role in present.values():
            state.put_role(role.name, role.assume_role_policy_document, dict(role.policies))
