"""The entry point of the command line: exit codes and error output."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from bucketlift.cli import streams

if TYPE_CHECKING:
    from bucketlift.errors import OurFault, RequestWrong

DONE, FAILED, WRONG, HELD, INTERRUPTED = 0, 1, 2, 3, 130


def main() -> NoReturn:
    """Run the command given in ``sys.argv`` and end the process."""
    streams.set_up()
    if sys.argv[1:] == ["--version"]:
        # Answer before slow imports.
        from importlib.metadata import version

        sys.stdout.write(f"bucketlift {version('bucketlift')}\n")
        _end(DONE)
    # Imports create many objects but no garbage. Garbage collection took a sixth of a short run's time.
    gc.disable()
    # Pydantic would search all installed packages for plugins, and Bucketlift uses none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = run(sys.argv[1:])
    _end(code)


def _end(code: int) -> NoReturn:
    """End the process with the exit code. If the output could not be written, the code is FAILED, unless it
    is the code of a run.
    """
    streams.flush()
    sink = streams.sink_of(sys.stdout)
    failure = None if sink is None or sink.is_unread else sink.failure
    if failure is not None:
        sys.stderr.write(
            f"Standard output could not be written ({failure.strerror}). The command's changes are kept.\n"
        )
        streams.flush()
    # Everything is closed by now. A regular interpreter shutdown takes as long as loading a small file.
    os._exit(FAILED if failure is not None and code == DONE and not streams.keeps_exit_code() else code)


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code: 0 if it succeeded, 1 if it failed, 2 if the request is wrong, 3
    if it succeeded and held files.
    """
    import typer

    from bucketlift.cli import output
    from bucketlift.cli.tree import tree
    from bucketlift.errors import BucketliftError, NotFound, RequestWrong

    usage_error: type[Exception] = typer.BadParameter.__bases__[0]
    output.begin(as_json="--json" in arguments)
    try:
        front, rest = split_global_options(arguments)
        code = typer.main.get_command(tree(*rest[:1]))(
            args=front + rest, prog_name="bucketlift", standalone_mode=False
        )
    except typer.Exit as end:
        return int(end.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        output.note("Interrupted. Committed work is kept; the next run continues from there.")
        return INTERRUPTED
    except BucketliftError as error:
        output.error(error)
        return WRONG if isinstance(error, RequestWrong | NotFound) else FAILED
    except usage_error as error:
        output.error(_usage(error))
        return WRONG
    except FileNotFoundError as error:
        return _without_temporary(error)
    except Exception as error:  # noqa: BLE001 - a defect is reported like any other error, also in JSON
        output.error(_defect(error))
        return FAILED
    return code if isinstance(code, int) else DONE


def split_global_options(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate the options that are allowed anywhere on the command line from the other arguments."""
    front, rest = [], list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    at = 0
    while at < end:
        taken = 1 if rest[at] == "--json" or rest[at].startswith("--log-format=") else 0
        taken = 2 if rest[at] == "--log-format" and at + 1 < end else taken
        front += rest[at : at + taken]
        del rest[at : at + taken]
        end -= taken
        at += not taken
    return front, rest


def _without_temporary(error: FileNotFoundError) -> int:
    """Report that there is no writable temporary folder, for commands that open no home."""
    from bucketlift.cli import output
    from bucketlift.errors import RequestWrong

    if "temporary directory" not in str(error):
        output.error(_defect(error))
        return FAILED
    output.error(
        RequestWrong(
            "No folder for temporary files was found",
            hint="Set TMPDIR to a folder that this user may write to.",
        )
    )
    return WRONG


def _defect(error: Exception) -> OurFault:
    """Print the traceback of a defect without the exception's message, which may contain the content of a
    cell.
    """
    import traceback

    from bucketlift.errors import OurFault

    sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
    return OurFault(
        f"Bucketlift failed with {type(error).__name__}", hint="Please report it with the lines above."
    )


def _usage(error: Exception) -> RequestWrong:
    from bucketlift.errors import RequestWrong

    context = getattr(error, "ctx", None)
    hint = f"`{context.command_path} --help` shows its usage." if context else ""
    message = getattr(error, "format_message", error.__str__)
    return RequestWrong(str(message()).rstrip("."), hint=hint)
