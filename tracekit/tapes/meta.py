"""What a generated tape says about itself, in a comment that vhs passes over: ``# tracekit: {JSON}``."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracekit.core.errors import TracekitError
from tracekit.tapes.language.program import Comment, Program

_MARK = "tracekit:"


class TapeMeta(BaseModel):
    """The label of a tape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9_-]+$", description="Unique among the tapes of all seeds and families")
    family: str = Field(description="The plug-in that composed it")
    level: Literal[1, 2, 3] = Field(description="1: one command, 2: a few that belong together, 3: a story")
    instruction: str = Field(description="What the visible part does, in prose")
    expect: tuple[str, ...] = Field((), description="Strings, each of which a row of the screen shows at some time")
    answer: str | None = Field(None, description="What the session finds out, where it is a question")
    succeeds: bool = Field(True, description="Whether every command is meant to exit with status 0")
    classes: tuple[str, ...] = Field((), description="Subjects, as the released tapes of Neural Computers name them")
    interactive: bool = Field(False, description="Whether a program other than the shell takes keys")
    seed: int | None = Field(None, description="The seed of the corpus that the tape belongs to")


def meta_comment(meta: TapeMeta) -> Comment:
    """The line of a tape that carries its label."""
    return Comment(f" {_MARK} {meta.model_dump_json()}")


def meta_of(program: Program) -> TapeMeta | None:
    """The label of a tape, or None where it has none.

    Raises:
        TracekitError: the comment is there and is no label.
    """
    for command in program.commands:
        if isinstance(command, Comment) and command.text.strip().startswith(_MARK):
            try:
                return TapeMeta.model_validate_json(command.text.strip().removeprefix(_MARK))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"]))
                line = f"line {command.place.line}" if command.place else "the label"
                raise TracekitError(
                    f"the label of the tape can't be read: {where}: {first['msg']}",
                    place=line,
                    remedy="a `# tracekit:` comment holds one JSON object, as `tracekit tape new` writes it",
                ) from error
    return None
