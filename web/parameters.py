"""The query string of a URL, read by the same rules for the page and for the JSON endpoint."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

from indexer.errors import RequestError
from indexer.schema import SWITCH_ON, Facet, filter_facets
from indexer.search.request import DEFAULT_LIMIT, SearchRequest, Sort

Parameters = dict[str, list[str]]


def read_parameters(query_string: bytes) -> Parameters:
    """Read the values of each parameter in the order given, percent-encoded or raw UTF-8.

    Raises RequestError naming the parameter whose bytes are not UTF-8 or hold a NUL.
    """
    parameters: Parameters = {}
    for field in filter(None, query_string.split(b"&")):
        raw_name, _, raw_value = field.replace(b"+", b" ").partition(b"=")
        name = unquote_to_bytes(raw_name).decode("utf-8", "replace")
        try:
            value = unquote_to_bytes(raw_value).decode("utf-8")
        except UnicodeDecodeError as error:
            raise RequestError(
                name, f"UTF-8이 아닌 값입니다: {name}", "한글은 UTF-8로 적거나 UTF-8로 퍼센트 인코딩하세요."
            ) from error
        if "\0" in value:
            raise RequestError(name, f"쓸 수 없는 문자(NUL)가 있습니다: {name}", "그 문자를 지우세요.")
        parameters.setdefault(name, []).append(value)
    return parameters


class StrictArgs(ImmutableMultiDict[str, str]):
    """Parameters; `get` reads one that may be given once, and raises RequestError for a repeated one."""

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override] # noqa: ANN401, ARG002
        """The value as it is, or `default`."""
        value = single(dict(self.lists()), key)
        return default if value is None else value


class StrictRequest(Request):
    """A request that takes what stands behind /api/ as it is, where werkzeug replaces what is no UTF-8."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters. Raises RequestError as `read_parameters` does."""
        if not self.path.startswith("/api/"):
            return super().args
        return StrictArgs(read_parameters(self.query_string))


def without_blank(parameters: Parameters) -> Parameters:
    """The parameters without those that a person left blank in a form. A blank query stays: it is told of."""
    return {
        name: values
        for name, given in parameters.items()
        if (values := [value for value in given if value.strip() or name == "q"])
    }


def single(parameters: Parameters, name: str) -> str | None:
    """Return the value of a parameter that may be given once, or None. Raises RequestError if repeated."""
    values = parameters.get(name, [])
    if len(values) > 1:
        raise RequestError(name, f"한 번만 쓸 수 있는 매개변수입니다: {name}", "하나만 남기세요.")
    return values[0] if values else None


def search_request(parameters: Parameters) -> SearchRequest:
    """Make the search that `parameters` ask for. Raises RequestError naming the parameter at fault."""
    limit = single(parameters, "limit")
    sort = single(parameters, "sort")
    return SearchRequest(
        q=single(parameters, "q") or "",
        filters={facet.name: _chosen(parameters, facet) for facet in filter_facets()},
        published_from=_given_day(parameters, "from"),
        published_to=_given_day(parameters, "to"),
        # SearchRequest itself refuses a name that is no Sort.
        sort="relevance" if sort is None else cast(Sort, sort),
        limit=DEFAULT_LIMIT if limit is None else number("limit", limit),
        cursor=single(parameters, "cursor"),
        exact=_switch(parameters, "exact", "1"),
    )


def _chosen(parameters: Parameters, facet: Facet) -> tuple[str, ...]:
    """The values that are chosen of a facet, each once."""
    if facet.filter == "switch":
        return (SWITCH_ON,) if _switch(parameters, facet.name, SWITCH_ON) else ()
    return tuple(dict.fromkeys(parameters.get(facet.name, [])))


def _switch(parameters: Parameters, name: str, on: str) -> bool:
    value = single(parameters, name)
    if value not in (None, on):
        raise RequestError(name, f"{name}에 쓸 수 있는 값은 {on}뿐입니다.", f"{name}={on}처럼 적거나 빼세요.")
    return value is not None


def _given_day(parameters: Parameters, name: str) -> date | None:
    value = single(parameters, name)
    return None if value is None else day(name, value)


def day(name: str, value: str) -> date:
    """Read a day as YYYY-MM-DD. Raises RequestError where it is none."""
    try:
        read = date.fromisoformat(value)
    except ValueError:
        read = None
    # fromisoformat also takes week dates and dates without hyphens.
    if read is None or read.isoformat() != value:
        raise RequestError(name, f"날짜가 아닙니다: {name}={value}", f"{name}=2023-04-25처럼 적으세요.")
    return read


def number(name: str, value: str) -> int:
    """Read a natural number. Raises RequestError where it is none."""
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise RequestError(name, f"자연수가 아닙니다: {name}={value}", f"{name}=20처럼 적으세요.")
    return int(value)
