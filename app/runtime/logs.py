"""Logging: one line per fact, readable on a terminal or JSON, with the request, the tenant and never a token.

Everything goes through the standard library's root logger, so that libraries' records look the same. `LOG_FORMAT`
chooses the shape; the supervisor names each process in `HEED_PROCESS`.
"""

from __future__ import annotations

import logging
import logging.config
import os
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

LogFormat = Literal["console", "json"]

# A link to answer, to follow a case or to unsubscribe, a widget's or connector's key: whoever reads it may use it.
_TOKEN_PATH = re.compile(r"(/(?:r|c|u|w|(?:in|webhooks)/[\w-]+)/[\w.~-]{6})[\w.~%-]+")
_API_KEY = re.compile(r"\bheed_[\w-]{20,}")


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger whose keyword arguments become fields."""
    return cast(FilteringBoundLogger, structlog.get_logger(name))


def shorten_tokens(text: str) -> str:
    """Cut tokens in paths to six characters and API keys to none."""
    return _API_KEY.sub("heed_…", _TOKEN_PATH.sub(r"\1…", text))


def _without_tokens(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = shorten_tokens(value)
    return entry


def _named_process(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    entry["process"] = os.environ.get("HEED_PROCESS", "heed")
    return entry


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named_process,
    ]


def configure(log_format: LogFormat, level: int = logging.INFO) -> None:
    """Send all records of this process, structlog's and the standard library's, through one formatter to stderr."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(dict_config(log_format, level))


def dict_config(log_format: LogFormat, level: int = logging.INFO) -> dict[str, Any]:
    """The standard library's side of it, as plain data: the web server hands it to its worker processes."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"heed": {"()": "app.runtime.logs.formatter", "log_format": log_format}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "heed", "stream": "ext://sys.stderr"}},
        "loggers": {"alembic.runtime.plugins": {"level": "WARNING"}},
        "root": {"handlers": ["stderr"], "level": level},
    }


def formatter(log_format: LogFormat) -> structlog.stdlib.ProcessorFormatter:
    """What turns a record into a line."""
    ending: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if log_format == "console":
        plain = structlog.dev.plain_traceback
        ending = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_tokens,
            ending,
        ],
    )
