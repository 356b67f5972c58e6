"""What those that watch a server ask: `/healthz` and `/readyz`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify

from indexer.errors import AnalyzerMismatch, IndexUnavailable
from indexer.json_records import health_record
from web.errors import RETRY_AFTER_S, Failure, problem

if TYPE_CHECKING:
    from indexer.search.service import SearchService

_HINT = "잠시 뒤 다시 물으세요. 까닭과 실행할 명령은 서버의 기록에 있습니다."


def health_blueprint(service: SearchService) -> Blueprint:
    """`/healthz` and `/readyz` over `service`."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def process() -> Response:
        try:
            return jsonify(health_record(service.state()))
        except IndexUnavailable:
            # The process is well. To start it anew would mend no index.
            return jsonify(health_record(None))

    @blueprint.get("/readyz")
    def ready() -> Response:
        try:
            return jsonify(health_record(service.check_live()))
        except IndexUnavailable as error:
            current_app.logger.error("%s", error, exc_info=error.__cause__)
            response = problem(Failure(503, _reason(error, service), _HINT))
            response.status_code = 503
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
            return response

    return blueprint


def _reason(error: IndexUnavailable, service: SearchService) -> str:
    """Why the server is not ready, without what only its operator may know."""
    if isinstance(error, AnalyzerMismatch):
        reason = "색인을 만든 분석기가 이 서버의 분석기와 다릅니다."
    else:
        reason = "지금 쓰이는 색인을 열 수 없습니다."
    try:
        former = service.state().generation
    except IndexUnavailable:
        return reason
    return f"{reason} 앞의 색인 {former}(으)로 계속 답합니다."
