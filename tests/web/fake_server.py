"""Runs the web application over the fake service: `python -m tests.web.fake_server PORT WORKERS`."""

import sys

from flask import Flask

from web.serve import run_server


def load_app() -> Flask:
    from tests.web.fake import FakeService
    from web.app import create_app

    return create_app(FakeService())


if __name__ == "__main__":
    run_server(load_app, "127.0.0.1", int(sys.argv[1]), int(sys.argv[2]))
