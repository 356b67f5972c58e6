"""`bodo mcp`: the archive as tools of an assistant, over the Model Context Protocol (docs/mcp.md)."""

from __future__ import annotations

import click

from indexer.cli.options import analyzer_option, index_option, only_for_own_index, pass_settings, url_option
from indexer.errors import BodoError
from indexer.remote.connection import site_address
from indexer.settings import Settings


@click.command("mcp")
@url_option
@index_option
@analyzer_option
@pass_settings
def mcp_command(settings: Settings, url: str | None) -> None:
    """AI 비서가 보도자료를 찾고 읽고 인용하게 합니다(MCP, 표준 입출력).

    사람이 직접 실행하는 명령이 아니라 비서의 설정에 적는 명령입니다. 표준 출력에는 프로토콜만 나옵니다.
    """
    try:
        from indexer.cli.mcp_tools import Tools, run_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("anyio", "mcp", "mcp_types", "pydantic"):
            raise
        raise BodoError("MCP 서버에 필요한 꾸러미가 없습니다.", "pip install 'bodo-search[mcp]'") from error
    if url is not None:
        only_for_own_index("index", "analyzer")
        from indexer.remote.archive import RemoteArchive

        archive = RemoteArchive(url)
        run_server(Tools(archive, archive.address))
        return
    from indexer.bootstrap import open_service

    address = site_address(settings.public_url) if settings.public_url else ""
    run_server(Tools(open_service(settings, deadline_s=settings.deadline_s), address))
