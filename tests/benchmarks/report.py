"""docs/benchmarks.md, made of docs/benchmarks.json, so that they cannot disagree.

python -m tests.benchmarks.report
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.bench import Limits
from tests.benchmarks.figures import FILE, Record, read_records
from tests.benchmarks.markdown import table
from tests.benchmarks.parts import PARTS

_HEAD = """\
# 속도: 잰 값

[benchmarks.json](benchmarks.json)에서 만든 쪽입니다(`python -m tests.benchmarks.report`). 이 쪽을 고치지 말고 다시 재세요.

```
make bench                            모두 (30분쯤)
make bench ONLY=page INDEX=폴더        한 부분만, 그 폴더의 색인으로
make bench ONLY=build,query INDEX=폴더  빈 폴더면 색인을 거기에 만들어 남깁니다
```

- `CORPUS`는 보도자료의 폴더(그 옆에 `eval-titles`와 `eval-subtitles`), `OPENSEARCH`는 OpenSearch가 있거나 내려받을 폴더입니다. 그동안 다른 일을 시키지 마세요.
- 잰 부분의 값만 바뀝니다. `INDEX`가 없으면 색인을 먼저 만들고, 거기에 걸린 시간을 알려 줍니다(그 부분의 걸린 시간에 듭니다).
- 질의는 제목에서 뽑은 낱말 하나에서 셋({queries:,}개까지)과 부제({queries:,}개까지)입니다. 어느 부분도 코어 2개, 보도자료 167,533건에서 10분을 넘지 않게 줄였습니다.
  그대로의 Whoosh는 {stock_releases:,}건에 질의 {slow_queries:,}개, 뒤쪽은 흔한 낱말 {slow_queries:,}개, 커지는 색인은 {sizes}건까지만 따로 만듭니다.
- 재기 앞에 다른 질의를 같은 수만큼 묻습니다: 기계와 캐시를 데우되, 잴 질의의 답을 미리 담아 두지는 않습니다.
- 시간은 밀리초, p50 / p95입니다. 시간은 기계의 것이고, 비율은 다른 기계에서도 비슷합니다.
- 견줄 때에는 한 프로세스에서 질의마다 번갈아 묻습니다(이쪽, 저쪽, 다음 질의는 저쪽, 이쪽). 비율은 같은 질의에 걸린 두 시간의 비(왼쪽 / 오른쪽)의 중앙값이고, 괄호는
  질의를 다시 뽑은 95 % 구간(부트스트랩)입니다. 하나를 다 재고 다른 것을 재면 기계의 빠르기가 그 사이에 바뀝니다.
"""
_NOT_MEASURED = "아직 재지 않았습니다."


def main() -> None:
    """Write the page."""
    write_page(FILE)


def write_page(file: Path) -> None:
    """Write the page of a file of figures beside it."""
    file.with_suffix(".md").write_text(make_page(read_records(file)), "utf-8")


def make_page(records: Mapping[str, Record]) -> str:
    """The page of some records."""
    return "\n".join((*_head().splitlines(), "", *_overview(records), *_sections(records))) + "\n"


def _head() -> str:
    limits = Limits()
    return _HEAD.format(
        queries=limits.queries,
        slow_queries=limits.slow_queries,
        stock_releases=limits.stock_releases,
        sizes=", ".join(f"{size:,}" for size in limits.sizes),
    )


def _overview(records: Mapping[str, Record]) -> Iterator[str]:
    rows = []
    for part in PARTS.values():
        record = records.get(part.name)
        rows.append((f"[`{part.name}`](#{part.name})", part.what, *_circumstances(record)))
    yield from table(("부분", "재는 것", "잰 날", "코어", "보도자료", "질의", "걸린 시간"), rows)


def _circumstances(record: Record | None) -> tuple[str, ...]:
    if record is None:
        return ("", "", "", "", "")
    took = record["took_s"]
    return (
        record["measured"],
        str(record["cores"]),
        f"{record['releases']:,}",
        f"{record['queries']:,}" if record["queries"] else "",
        "" if took is None else f"{took:,.0f} s",
    )


def _sections(records: Mapping[str, Record]) -> Iterator[str]:
    for part in PARTS.values():
        yield from ("", f"## {part.name}", "", f"{part.what}.", "")
        record = records.get(part.name)
        yield from part.show(record["figures"]) if record else (_NOT_MEASURED,)


if __name__ == "__main__":
    main()
