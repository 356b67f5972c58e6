"""Markdown, or plain text under a YAML front matter (`---`) -> press release."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import yaml
from frontmatter.default_handlers import YAMLHandler

from indexer.release import PressRelease, Section, paragraphs_of, sections_of
from indexer.sources.extraction.named_fields import SUPPORTED_NAMES, add_value, field_of, release_from_fields
from indexer.sources.problems import ContentError, ReadProblem

# The most characters of a name that a message quotes.
_QUOTED_CHARS = 40
_BOUNDARY = re.compile(r"^---[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}(?P<level>#{1,6})\s+(?P<text>.*)$")
_NULL_VALUES = ("", "~", "null")

# A value that goes on behind a bracket.
_BRACKETED = re.compile(
    r"^([^\s:#\[][^:\n]{0,60}:[ \t]{1,20})(\[[^\]\n]{0,200}\][ \t]{0,20}[^\s,#].*)$", re.MULTILINE
)
_HANDLER = YAMLHandler(fm_boundary=_BOUNDARY)


def has_front_matter(text: str) -> bool:
    """Whether the first line of `text` that is not blank is `---`."""
    return _HANDLER.detect(text.lstrip())


def read_front_matter(text: str, source_path: str) -> Iterator[PressRelease | ReadProblem]:
    """The release of a text, after a warning for every unknown name.

    Without a title in the front matter the first `# ` heading is the title; other headings begin sections.
    Raises ContentError, with the line, where the front matter is not YAML, a value cannot be used or there is
    no title.
    """
    metadata: dict[str, object] = {}
    if has_front_matter(text):
        metadata, text = _split_front_matter(text)
    values: dict[str, object] = {}
    for name, value in metadata.items():
        field = field_of(name)
        if field is None:
            yield ReadProblem(
                source_path,
                f"머리말의 ‘{name[:_QUOTED_CHARS]}’는 모르는 이름이라 쓰지 않았습니다.",
                f"쓸 수 있는 이름: {SUPPORTED_NAMES}",
                severity="warning",
            )
        else:
            add_value(values, field, value)
    blocks = _blocks(text)
    title = values.get("title")
    if blocks and blocks[0][0] == 1 and title in (None, blocks[0][1]):
        values["title"] = title or blocks[0][1]
        blocks[0] = (0, "", blocks[0][2])
    yield release_from_fields(values, _sections(blocks), source_path)


def _split_front_matter(text: str) -> tuple[dict[str, object], str]:
    stripped = text.lstrip()
    first_line = text.count("\n", 0, len(text) - len(stripped)) + 1
    try:
        _, head, content = _BOUNDARY.split(stripped, maxsplit=2)
    except ValueError as error:
        hint = "머리말 끝에 --- 한 줄을 쓰세요."
        raise ContentError("머리말이 닫히지 않았습니다.", hint, first_line) from error
    try:
        # The base loader is safe and keeps values as text: an id 007 stays 007.
        loaded = _HANDLER.load(_with_quotes(head), Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark and error.context_mark and mark.line >= head.count("\n"):
            # What is never closed fails at the end; the line to mend is the one that opened it.
            mark = error.context_mark
        line = first_line + mark.line if mark else first_line
        raise ContentError(
            f"머리말의 YAML이 잘못됐습니다({error.problem}).",
            "값에 ‘: ’이나 ‘#’이 있으면 큰따옴표로 감싸고, 들여쓰기를 맞추세요.",
            line,
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        hint = "‘이름: 값’ 꼴로 쓰세요."
        raise ContentError("머리말의 YAML을 읽을 수 없습니다.", hint, first_line) from error
    if loaded in (None, ""):
        return {}, content
    if not isinstance(loaded, dict) or not all(isinstance(name, str) for name in loaded):
        hint = f"쓸 수 있는 이름: {SUPPORTED_NAMES}"
        raise ContentError("머리말이 ‘이름: 값’ 꼴이 아닙니다.", hint, first_line)
    return {
        name: None if isinstance(value, str) and value in _NULL_VALUES else value
        for name, value in loaded.items()
    }, content


def _with_quotes(head: str) -> str:
    """The head with quotation marks around values like [정정] 새 도서관, which YAML takes for a list."""
    return _BRACKETED.sub(lambda match: match[1] + json.dumps(match[2].rstrip(), ensure_ascii=False), head)


def _blocks(text: str) -> list[tuple[int, str, list[str]]]:
    """Level, heading and lines of every part of `text`; text before the first heading has level 0."""
    blocks: list[tuple[int, str, list[str]]] = []
    for line in text.splitlines():
        match = _HEADING.match(line)
        if match:
            heading = match["text"].rstrip().rstrip("#").rstrip()
            blocks.append((len(match["level"]), heading, []))
        elif blocks:
            blocks[-1][2].append(line)
        elif line.strip():
            blocks.append((0, "", [line]))
    return blocks


def _sections(blocks: list[tuple[int, str, list[str]]]) -> tuple[Section, ...]:
    return sections_of((heading, paragraphs_of("\n".join(lines))) for _, heading, lines in blocks)
