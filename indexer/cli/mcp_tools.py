"""The tools of `bodo mcp` and the server that offers them.

The low-level server of the `mcp` package: the high-level one answers wrong arguments in English, and has no
argument called `from`.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import anyio
import mcp_types as types
from anyio import to_thread
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from pydantic import BaseModel, ValidationError

from indexer import __version__
from indexer.cli.mcp_models import (
    UNTRUSTED,
    ReadArguments,
    ReleasePart,
    SearchArguments,
    SearchResult,
    SuggestArguments,
    SuggestResult,
)
from indexer.cli.mcp_texts import (
    release_part,
    release_text,
    search_result,
    search_text,
    suggest_result,
    suggest_text,
)
from indexer.cli.printing import printable
from indexer.errors import BodoError
from indexer.release import PressRelease
from indexer.search.request import SearchRequest
from indexer.search.response import Answer, Suggestions

_INSTRUCTIONS = (
    "한국어 보도자료 아카이브입니다. search로 찾고 read_release로 읽으세요. "
    "답에는 citation의 출처와 주소를 적으세요. " + UNTRUSTED
)
_log = logging.getLogger(__name__)


class Archive(Protocol):
    """What answers: an index of one's own (`SearchService`), or another archive (`RemoteArchive`)."""

    def search(self, request: SearchRequest) -> Answer:
        """One page of results."""

    def suggest(self, typed: str, limit: int = ...) -> Suggestions:
        """At most `limit` suggestions."""

    def release(self, release_id: str) -> PressRelease | None:
        """The release with this id; None if there is none."""


@dataclass(frozen=True, slots=True)
class _Tool:
    """A tool: what it takes and gives, what answers, and how the answer is written as a text."""

    name: str
    title: str
    description: str
    arguments: type[BaseModel]
    result: type[BaseModel]
    answer: Callable[[Any], BaseModel]
    write: Callable[[Any], str]

    def to_protocol(self) -> types.Tool:
        """The tool as the protocol describes it."""
        return types.Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=self.arguments.model_json_schema(by_alias=True),
            output_schema=self.result.model_json_schema(mode="serialization"),
            annotations=types.ToolAnnotations(
                read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
            ),
        )

    def call(self, given: dict[str, Any]) -> types.CallToolResult:
        """Answer a call. What goes wrong is in the result, in Korean."""
        try:
            result = self.answer(self.arguments.model_validate(given))
        except ValidationError as error:
            return _failure(self._describe(error))
        except BodoError as error:
            return _failure(str(error))
        except Exception:
            _log.exception("%s", self.name)
            return _failure("답을 만들다가 오류가 났습니다. 서버의 기록(표준 오류)을 확인하세요.")
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=self.write(result))],
            structured_content=result.model_dump(mode="json"),
        )

    def _describe(self, error: ValidationError) -> str:
        known = self.arguments.model_json_schema(by_alias=True)["properties"]
        lines = []
        for name in dict.fromkeys(str(one["loc"][0]) for one in error.errors() if one["loc"]):
            allowed = known.get(name, {}).get("description")
            lines.append(f"{name}: {allowed}" if allowed else f"{name[:80]}: 모르는 인자입니다.")
        return "\n".join(
            [f"{self.name}의 인자가 틀렸습니다.", *lines, f"쓸 수 있는 인자: {', '.join(known)}"]
        )


class Tools:
    """The tools over an archive. `address` is where its pages are, '' if nobody said."""

    def __init__(self, archive: Archive, address: str) -> None:
        self._archive = archive
        self._address = address
        self._tools = {tool.name: tool for tool in self._declare()}

    def list(self) -> list[types.Tool]:
        """All tools."""
        return [tool.to_protocol() for tool in self._tools.values()]

    def call(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        """Answer a call of the tool `name`."""
        if name not in self._tools:
            return _failure(f"그런 도구가 없습니다: {name[:80]}\n있는 것: {', '.join(self._tools)}")
        return self._tools[name].call(arguments)

    def _declare(self) -> tuple[_Tool, ...]:
        return (
            _Tool(
                "search",
                "보도자료 찾기",
                f"보도자료를 찾아 제목, 낸 곳, 날짜, 맞은 대목, 주소를 알려 줍니다. {UNTRUSTED}",
                SearchArguments,
                SearchResult,
                self._search,
                search_text,
            ),
            _Tool(
                "read_release",
                "보도자료 읽기",
                f"보도자료 하나의 본문을 나누어 읽고, 인용할 출처를 알려 줍니다. {UNTRUSTED}",
                ReadArguments,
                ReleasePart,
                self._read,
                release_text,
            ),
            _Tool(
                "suggest",
                "찾을 말 제안",
                "치다 만 말, 첫소리, 한영을 잘못 둔 말에서 찾을 말을 제안합니다. 모두 찾으면 나옵니다.",
                SuggestArguments,
                SuggestResult,
                self._suggest,
                suggest_text,
            ),
        )

    def _search(self, asked: SearchArguments) -> SearchResult:
        request = SearchRequest(
            q=asked.q,
            filters={"outlet": tuple(dict.fromkeys(asked.outlet))},
            published_from=asked.published_from,
            published_to=asked.published_to,
            sort=asked.sort,
            limit=asked.limit,
            cursor=asked.cursor,
        )
        return search_result(self._archive.search(request), self._address)

    def _read(self, asked: ReadArguments) -> ReleasePart:
        release = self._archive.release(asked.id)
        if release is None:
            raise BodoError(f"id가 {asked.id}인 보도자료가 없습니다.", "search로 id를 확인하세요.")
        part = release_part(release, asked.offset, asked.length, self._address)
        if asked.offset and asked.offset >= part.total_chars:
            raise BodoError(
                f"offset {asked.offset:,}은(는) 본문의 끝을 지났습니다.",
                f"본문은 {part.total_chars:,}자입니다.",
            )
        return part

    def _suggest(self, asked: SuggestArguments) -> SuggestResult:
        return suggest_result(self._archive.suggest(asked.q, asked.limit).suggestions)


def run_server(tools: Tools) -> None:
    """Serve the tools on standard input and output until the input ends, or a signal ends the process."""
    # A thread waits for input, and anyio waits for the thread. It only reads, so it may end at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    anyio.run(_serve, tools)


async def _serve(tools: Tools) -> None:
    async def list_tools(_context: object, _params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools.list())

    async def call_tool(_context: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await to_thread.run_sync(tools.call, params.name, params.arguments or {})

    server: Server[Any] = Server(
        "bodo",
        version=__version__,
        title="보도자료 검색",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    async with stdio_server() as (read_stream, write_stream):
        await server.run(read_stream, write_stream, server.create_initialization_options())


def _failure(message: str) -> types.CallToolResult:
    text = "\n".join(map(printable, message.split("\n")))
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=True)
