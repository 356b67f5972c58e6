"""What a person may set: where things are, with which analyzer and engine, within which limits.

An option of a command wins over the environment, the environment over `bodo.toml` in the current folder, the
file over the defaults. `Settings` declares each setting once.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, get_args, get_type_hints

from indexer.errors import BodoError

SETTINGS_FILE = "bodo.toml"
ENGINES = ("whoosh", "memory", "opensearch")

Value = Path | str | int | float | bool

_KINDS: dict[type[Value], str] = {Path: "경로", str: "이름", int: "정수", float: "수", bool: "true나 false"}
_TOML_TYPES: dict[type[Value], tuple[type, ...]] = {
    Path: (str,), str: (str,), int: (int,), float: (int, float), bool: (bool,),
}  # fmt: skip
# What click takes for a flag's variable.
_TRUE, _FALSE = ("1", "true", "t", "yes", "y", "on"), ("0", "false", "f", "no", "n", "off")
_MAX_SHOWN_CHARS = 80
_INTEGER_BITS = 63
_LINE = re.compile(r"\(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`environment` names the variable of a setting, '' where it has none. A number is in `unit`, at least
    `minimum` (more than it where `minimum_open`) and at most `maximum`; a text is one of `choices`, if any.
    A `secret` is in no message.
    """

    environment: str = ""
    unit: str = ""
    minimum: float = -math.inf
    minimum_open: bool = False
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `memory_mb` is what all processes together may use while they build an index;
    `deadline_s` how long a server searches before it answers with what it has; `follow_links` whether links
    that lead out of the corpus are read; `watch_poll_s` how often `bodo watch` looks at everything instead of
    waiting for events, 0 for not at all; `workers` the number of processes of a server. `site_name` is what
    pages and feeds call the archive; `public_url` is where it is reached from outside; `cors_origin` has the
    sites whose pages may read the JSON endpoint (`web/cors.py`); `rate_limit` is how often one client may
    search (`web/rate_limit.py`), '' for as often as it likes; `trusted_proxies` is how many proxies stand
    before the server.

    `access_log` is where a server writes a line of each request: 'none', '-' for standard error, or a file.
    `log_queries` is whether what was searched for stands in it. A search that takes `slow_search_s` seconds
    has a line of its own; 0 is never. `metrics` is whether there is `/metrics`.

    Those of OpenSearch: `opensearch_url` has the addresses of one or more nodes, with commas between;
    `opensearch_index` is the name under which an archive is in the cluster. Without a `…_ca_file` the
    certificates of the system count. `…_keep` is how many former indexes stay.
    """

    corpus: Annotated[Path, Limits(environment="BODO_CORPUS")] = Path("corpus")
    index: Annotated[Path, Limits(environment="BODO_INDEX")] = Path("index")
    # Which there are is the analyzer's to say.
    analyzer: Annotated[str, Limits(environment="BODO_ANALYZER")] = "mecab"
    engine: Annotated[str, Limits(environment="BODO_ENGINE", choices=ENGINES)] = "whoosh"
    memory_mb: Annotated[int, Limits(environment="BODO_MEMORY_MB", unit="MiB", minimum=128)] = 1_024
    # What people take for an answer at once ends here (Nielsen, Response Times, 1993); Datasette's limit too.
    deadline_s: Annotated[
        float, Limits(environment="BODO_DEADLINE_S", unit="초", minimum=0, minimum_open=True)
    ] = 1.0
    follow_links: Annotated[bool, Limits(environment="BODO_FOLLOW_LINKS")] = False
    watch_poll_s: Annotated[float, Limits(environment="BODO_WATCH_POLL_S", unit="초", minimum=0)] = 0.0
    workers: Annotated[int, Limits(environment="BODO_WORKERS", minimum=1)] = 1
    host: Annotated[str, Limits()] = "127.0.0.1"
    port: Annotated[int, Limits(environment="PORT", minimum=1, maximum=65_535)] = 8_000
    site_name: Annotated[str, Limits(environment="BODO_SITE_NAME")] = "보도자료 검색"
    public_url: Annotated[str, Limits(environment="BODO_PUBLIC_URL")] = ""
    cors_origin: Annotated[str, Limits(environment="BODO_CORS_ORIGIN")] = "*"
    access_log: Annotated[str, Limits(environment="BODO_ACCESS_LOG")] = "none"
    log_queries: Annotated[bool, Limits(environment="BODO_LOG_QUERIES")] = False
    # The time that a search may take by default: what is slower has waited, or asked for much.
    slow_search_s: Annotated[float, Limits(environment="BODO_SLOW_SEARCH_S", unit="초", minimum=0)] = 1.0
    metrics: Annotated[bool, Limits(environment="BODO_METRICS")] = False
    rate_limit: Annotated[str, Limits(environment="BODO_RATE_LIMIT")] = ""
    trusted_proxies: Annotated[int, Limits(environment="BODO_TRUSTED_PROXIES", minimum=0)] = 0
    opensearch_url: Annotated[str, Limits(environment="BODO_OPENSEARCH_URL")] = "http://127.0.0.1:9200"
    opensearch_index: Annotated[str, Limits(environment="BODO_OPENSEARCH_INDEX")] = "bodo"
    opensearch_user: Annotated[str, Limits(environment="BODO_OPENSEARCH_USER")] = ""
    opensearch_password: Annotated[str, Limits(environment="BODO_OPENSEARCH_PASSWORD", secret=True)] = field(
        default="", repr=False
    )
    opensearch_password_file: Annotated[Path, Limits(environment="BODO_OPENSEARCH_PASSWORD_FILE")] = Path()
    opensearch_ca_file: Annotated[Path, Limits(environment="BODO_OPENSEARCH_CA_FILE")] = Path()
    # OpenSearch's own default of a client.
    opensearch_timeout_s: Annotated[
        float, Limits(environment="BODO_OPENSEARCH_TIMEOUT_S", unit="초", minimum=0, minimum_open=True)
    ] = 10.0
    # docs/scale.md says how many an archive needs.
    opensearch_shards: Annotated[
        int, Limits(environment="BODO_OPENSEARCH_SHARDS", minimum=1, maximum=1_024)
    ] = 2
    opensearch_replicas: Annotated[int, Limits(environment="BODO_OPENSEARCH_REPLICAS", minimum=0)] = 1
    opensearch_keep: Annotated[int, Limits(environment="BODO_OPENSEARCH_KEEP", minimum=0)] = 1

    def to_environment(self) -> dict[str, str]:
        """The variables that give another process these settings; those without a variable are left out."""
        variables = {name: setting.limits.environment for name, setting in DECLARED.items()}
        return {variable: str(getattr(self, name)) for name, variable in variables.items() if variable}


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of `Settings`, as it is declared there."""

    name: str
    kind: type[Value]
    default: Value
    limits: Limits

    @property
    def expectation(self) -> str:
        """The allowed values, in Korean."""
        limits = self.limits
        if limits.choices:
            return " 또는 ".join(limits.choices)
        bounds = ""
        if limits.maximum < math.inf:
            bounds = f"{limits.minimum:g}에서 {limits.maximum:g}까지의 "
        elif limits.minimum > -math.inf:
            bounds = f"{limits.minimum:g}보다 큰 " if limits.minimum_open else f"{limits.minimum:g} 이상의 "
        return bounds + _KINDS[self.kind] + (f"({limits.unit})" if limits.unit else "")

    def check(self, value: object) -> Value:
        """A value of TOML as one of this setting. Raises ValueError or OverflowError where it is none."""
        if not isinstance(value, _TOML_TYPES[self.kind]) or isinstance(value, bool) != (self.kind is bool):
            raise ValueError
        if isinstance(value, str):
            if not value or "\0" in value or value not in (self.limits.choices or (value,)):
                raise ValueError
            if self.kind is Path:
                return Path(value)
            value.encode()  # raises for bytes that are no UTF-8, which only the name of a file may have
            return value
        assert isinstance(value, (int, float))
        number = float(value) if self.kind is float else value
        # TOML has integers of 64 bits. The comparisons below are false for NaN.
        if isinstance(number, int) and number.bit_length() > _INTEGER_BITS:
            raise ValueError
        enough = number > self.limits.minimum if self.limits.minimum_open else number >= self.limits.minimum
        if not (enough and number <= self.limits.maximum):
            raise ValueError
        return number

    def parse(self, text: str) -> Value:
        """A text of the environment as a value of this setting. Raises as `check` does."""
        if self.kind is bool:
            if text.strip().lower() not in _TRUE + _FALSE:
                raise ValueError
            return text.strip().lower() in _TRUE
        return self.check(text if self.kind in (str, Path) else self.kind(text))


def _read_declarations() -> dict[str, Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    kinds = {declared.name: get_args(hints[declared.name]) for declared in fields(Settings)}
    return {
        name: Setting(name, kind, getattr(DEFAULTS, name), limits) for name, (kind, limits) in kinds.items()
    }


DEFAULTS = Settings()
DECLARED: Mapping[str, Setting] = _read_declarations()


def load_settings(environment: Mapping[str, str], folder: Path | None) -> Settings:
    """The settings of `environment`, else of `bodo.toml` in `folder`, else the defaults. Without a folder no
    file is read. An empty variable is none. Variables that no setting names are left alone: Kubernetes, for
    one, sets BODO_… beside a service called bodo.

    Raises BodoError where the file cannot be read, is not TOML in UTF-8 or has a key that is no setting, and
    where the file or the environment has a value that is not allowed.
    """
    path = (folder or Path()) / SETTINGS_FILE
    values = _read_file(path) if folder is not None else {}
    loaded: dict[str, Value] = {}
    for name, value in values.items():
        if name not in DECLARED:
            message = f"{path}: 모르는 설정입니다: {name[:_MAX_SHOWN_CHARS]}"
            raise BodoError(message, f"쓸 수 있는 것: {', '.join(DECLARED)}")
        setting = DECLARED[name]
        try:
            loaded[name] = setting.check(value)
        except (ValueError, OverflowError) as error:
            message = f"{path}: {name}에 쓸 수 없는 값입니다{_shown(value, setting)}"
            example = f"{name} = {_to_toml(setting.default)}"
            raise BodoError(message, f"쓸 수 있는 것: {setting.expectation}. 예: {example}") from error
    for name, setting in DECLARED.items():
        variable = setting.limits.environment
        text = environment.get(variable, "") if variable else ""
        try:
            if text:
                loaded[name] = setting.parse(text)
        except (ValueError, OverflowError) as error:
            message = f"환경 변수 {variable}에 쓸 수 없는 값입니다{_shown(text, setting)}"
            example = f"{variable}={setting.default}"
            raise BodoError(message, f"쓸 수 있는 것: {setting.expectation}. 예: {example}") from error
    return Settings(**loaded)  # type: ignore[arg-type]  # each was checked against its declaration


def _read_file(path: Path) -> dict[str, object]:
    """The values of a TOML file; {} where there is none."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise BodoError(f"{path} 파일이 UTF-8이 아닙니다.", "UTF-8로 저장하세요.") from error
    except OSError as error:
        message = f"{path} 파일을 읽을 수 없습니다({error.strerror})."
        raise BodoError(message, "읽기 권한을 확인하세요.") from error
    try:
        return tomllib.loads(text)
    # Python also limits the digits of a number (ValueError) and the depth of an array (RecursionError).
    except (ValueError, RecursionError) as error:
        line = _LINE.search(str(error))
        place = f"{path}:{line[1]}" if line else str(path)
        hint = '한 줄에 하나씩 적으세요. 예: corpus = "corpus"'
        raise BodoError(f"{place}: TOML로 읽을 수 없습니다.", hint) from error


def _shown(value: object, setting: Setting) -> str:
    """What stands behind a message: a text or number that is short; '.' for everything else and a secret."""
    if setting.limits.secret:
        return "."
    if isinstance(value, (str, float)) or (isinstance(value, int) and value.bit_length() <= _INTEGER_BITS):
        return f": {_to_toml(value)[:_MAX_SHOWN_CHARS]}"
    return "."


def _to_toml(value: Value) -> str:
    return f'"{value}"' if isinstance(value, (str, Path)) else str(value).lower()
