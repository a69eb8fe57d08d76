"""The errors of Diplograph: one base, one stable code a kind, and the place where to look.

What the data does wrong in bulk (shapes, checks, evidence) is a finding, returned as data; an error is what
stops the work at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


Severity = Literal["violation", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an error or a finding points: any part may be unknown.

    Lines and columns are counted from 1, as editors do.
    """

    file: Path | str | None = None
    line: int | None = None
    column: int | None = None
    term: str | None = None
    passage: str | None = None

    def __str__(self) -> str:
        parts = [str(self.file)] if self.file is not None else []
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts) or self.passage or self.term or ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or worth a look in the data, told so that an analyst can mend it.

    Args:
        source: The shape, check or step that found it: `evidence`, `sums`, `dgs:TenureShape`.
        severity: How bad it is; only a violation fails a build or a validation.
        message: What is wrong, in plain words.
        place: Where: file and line of the data, passage of the article.
        focus: The IRI of what the finding is about.
        path: The property at fault.
        value: The value at fault, as it is written.
        rests_on: What it rests on if something was inferred: the passages or the asserted triples.
        hint: What would mend it.
        count: How many repeats this finding stands for.
    """

    source: str
    severity: Severity
    message: str
    place: Place | None = None
    focus: str | None = None
    path: str | None = None
    value: str | None = None
    rests_on: tuple[str, ...] = ()
    hint: str | None = None
    count: int = 1

    def __str__(self) -> str:
        where = str(self.place) if self.place is not None else self.focus or ""
        text = f"{self.severity}: {where}: {self.message}" if where else f"{self.severity}: {self.message}"
        return f"{text}\n  {self.hint}" if self.hint else text


class DiplographError(Exception):
    """The base of every error that Diplograph raises on purpose.

    Args:
        message: What is wrong, naming the offending term or value.
        place: Where it is wrong.
        hint: What to do about it.
        code: A stable code for programs; each kind has its own.
    """

    code = "error"

    def __init__(
        self, message: str, *, place: Place | None = None, hint: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        where = str(self.place) if self.place is not None else ""
        text = f"{where}: {self.message}" if where else self.message
        return f"{text}\n  {self.hint}" if self.hint else text


class SyntaxProblem(DiplographError, ValueError):
    """A file or a query is not well-formed."""

    code = "syntax"


class InvalidValue(DiplographError, ValueError):
    """A value is not one of those allowed: an EDTF date, a parameter, a literal."""

    code = "invalid-value"


class EvidenceMismatch(DiplographError, ValueError):
    """A passage and the text it points into do not agree."""

    code = "evidence"


class RuleProblem(DiplographError, ValueError):
    """A rule is outside the subset that the engine compiles."""

    code = "rule"


class RemoteFailure(DiplographError, ConnectionError):
    """A SPARQL endpoint refused, failed or could not be reached."""

    code = "remote"


class ResourceLimit(DiplographError, RuntimeError):
    """A deadline, a memory limit or a size limit was reached."""

    code = "limit"


class NotFound(DiplographError, LookupError):
    """Something named does not exist; `suggestions` holds the nearest names."""

    code = "not-found"

    def __init__(
        self,
        message: str,
        *,
        suggestions: Iterable[str] = (),
        place: Place | None = None,
        hint: str | None = None,
        code: str | None = None,
    ) -> None:
        self.suggestions = tuple(suggestions)
        if hint is None and self.suggestions:
            hint = "did you mean " + " or ".join(self.suggestions) + "?"
        super().__init__(message, place=place, hint=hint, code=code)


class UnknownTerm(NotFound):
    """A term of our own namespaces, or a prefix, that nothing declares."""

    code = "unknown-term"


def nearest(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Returns up to `count` of the known names that look most like `name`, best first."""
    spelled = {candidate.casefold(): candidate for candidate in sorted(known)}
    wanted = name.casefold()
    begun = [each for each in spelled if len(wanted) > 3 and each.startswith(wanted)]
    like = get_close_matches(wanted, spelled, n=count, cutoff=0.6)
    return tuple(spelled[match] for match in list(dict.fromkeys(like + begun))[:count])
