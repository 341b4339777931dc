"""The options by which the commands for accounts and for destinations name an SFTP server."""

from __future__ import annotations

from typing import Annotated

import typer

HostOption = Annotated[str | None, typer.Option(help="For sftp: the server.")]
PortOption = Annotated[int | None, typer.Option(help="For sftp: its port; the default is 22.")]
UserOption = Annotated[str | None, typer.Option(help="For sftp: the user.")]
HostKeyOption = Annotated[
    list[str] | None, typer.Option(help="For sftp: the server's public key; it can be repeated.")
]
PrivateKeyFileOption = Annotated[str | None, typer.Option(help="For sftp: the file with the private key.")]
PrivateKeySecretOption = Annotated[
    str | None, typer.Option(help="For sftp: the secret in the vault with the private key.")
]
