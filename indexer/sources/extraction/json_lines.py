"""JSON Lines, one release a line, read as a stream."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from io import BufferedReader

from indexer.release import PressRelease, identify
from indexer.sources.extraction.named_fields import SUPPORTED_NAMES, add_value, field_of
from indexer.sources.extraction.records import embargo_doubt, release_of_record
from indexer.sources.formats.decoding import SAVE_AS_UTF8, check_characters, decode, is_utf16
from indexer.sources.problems import UNEXPECTED_ERRORS, ContentError, ReadProblem, unexpected_problem

# As much as a text file (`parsing.MAX_TEXT_FILE_BYTES`).
MAX_LINE_BYTES = 20_000_000

_REQUIRED = ("title", "body")
_BODY_NAMES = ("body", "본문")
# A control character or a lone surrogate passes the JSON parser only as an escape or a bare DEL. Looking for
# these first spares almost every record the exact check.
_ESCAPES = ("\\u", "\\b", "\\f", "\x7f")
# The most characters of a name that a message quotes.
_QUOTED_CHARS = 40


def read_json_lines(stream: BufferedReader, source_path: str) -> Iterator[PressRelease | ReadProblem]:
    """The releases of `stream` in order, identified, and a problem for each line that is not a release.

    An unknown name is a warning, once a file. Raises what reading the stream raises, and ContentError where
    the whole file is of another kind.
    """
    warned: set[str] = set()
    line_number = records = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        line_number += 1
        if line_number == 1:
            _check_start(line)
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) > MAX_LINE_BYTES:
            records += 1
            _skip_rest_of_line(stream, line)
            reason = f"한 줄이 {MAX_LINE_BYTES // 1_000_000} MB를 넘습니다."
            yield ReadProblem(source_path, reason, "나누어 쓰세요.", line_number)
            continue
        if line.isspace():
            line_number += _skip_blank_lines(stream)
            continue
        records += 1
        try:
            record = _parse(line)
            unknown = {name for name in record if field_of(name) is None and name not in _BODY_NAMES}
            for name in unknown - warned:
                yield _unknown_name_problem(source_path, name, line_number)
            warned |= unknown
            values = _values(record)
            release = release_of_record(values, source_path)
            if doubt := embargo_doubt(release, values, source_path, line_number):
                yield doubt
            yield identify(release)
        except ContentError as error:
            yield ReadProblem(source_path, error.message, error.hint, line_number)
        except UNEXPECTED_ERRORS as error:
            yield unexpected_problem(source_path, error, line_number)
    if not records:
        raise ContentError("빈 파일입니다.", "보도자료를 한 줄에 하나씩 JSON으로 쓰세요.")


def _unknown_name_problem(source_path: str, name: str, line_number: int) -> ReadProblem:
    reason = f"‘{name[:_QUOTED_CHARS]}’는 모르는 이름이라 쓰지 않았습니다."
    hint = f"쓸 수 있는 이름: {SUPPORTED_NAMES}, {'/'.join(_BODY_NAMES)}"
    return ReadProblem(source_path, reason, hint, line_number, "warning")


def _check_start(line: bytes) -> None:
    if is_utf16(line):
        raise ContentError("JSON Lines는 UTF-8이어야 합니다(UTF-16입니다).", SAVE_AS_UTF8)
    if b"\0" in line:
        raise ContentError("글이 아니라 이진 파일입니다.", "한 줄에 JSON 하나를 쓴 파일이어야 합니다.")


def _skip_blank_lines(stream: BufferedReader) -> int:
    """Skip the blank lines that come next, without a Python loop over each; how many there were."""
    lines = 0
    while ahead := stream.peek():
        blank = ahead[: len(ahead) - len(ahead.lstrip())]
        stream.read(len(blank))
        lines += blank.count(b"\n")
        if len(blank) < len(ahead):
            break
    return lines


def _skip_rest_of_line(stream: BufferedReader, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_LINE_BYTES)


def _parse(line: bytes) -> dict[str, object]:
    text = decode(line)
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"JSON이 잘못됐습니다({error.colno}번째 글자: {error.msg})."
        raise ContentError(message, "그 줄을 고치세요.") from error
    except (ValueError, RecursionError) as error:
        raise ContentError("JSON을 읽을 수 없습니다.", "그 줄을 고치세요.") from error
    if not isinstance(record, dict):
        raise ContentError("JSON 객체({…})가 아닙니다.", "한 줄에 객체 하나를 쓰세요.")
    if any(escape in text for escape in _ESCAPES):
        _check_values(record)
    return record


def _check_values(record: dict[str, object]) -> None:
    for name, value in record.items():
        for text in (name, *(value if isinstance(value, list) else (value,))):
            if isinstance(text, str):
                check_characters(text)


def _values(record: dict[str, object]) -> dict[str, object]:
    """The values of a record by field. Raises ContentError where title or body is missing."""
    values: dict[str, object] = {}
    for name, value in record.items():
        field = "body" if name in _BODY_NAMES else field_of(name)
        if field is not None:
            add_value(values, field, value)
    missing = [name for name in _REQUIRED if name not in values]
    if missing:
        raise ContentError(f"{', '.join(missing)} 값이 없습니다.", "title과 body는 꼭 있어야 합니다.")
    return values
