"""Silence for what a subject logs: an audit sends thousands of requests, and none is news."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the errors that an audit causes out of the log."""
    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(previous)


@contextmanager
def logs_unseen() -> Iterator[None]:
    """Let what the subject logs to the terminal go nowhere, written all the same: it is work of its requests.

    A project without a handler gets one that drops what it is given: else the first `logging.info()` inside a request
    would add one that writes to the terminal, and every later record would cost more than the first.
    """
    terminal = {sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__}
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        turned = [(one, one.setStream(nowhere)) for one in _handlers() if one.stream in terminal]
        added = [] if logging.root.handlers else [logging.NullHandler()]
        for dropping in added:
            logging.root.addHandler(dropping)
        try:
            yield
        finally:
            for dropping in added:
                logging.root.removeHandler(dropping)
            for handler, stream in turned:
                if stream is not None:
                    handler.setStream(stream)


@contextmanager
def warnings_unseen() -> Iterator[None]:
    """Let warnings of the subject's code go nowhere; what is raised, counted or ignored stays as the filters say."""
    shown = warnings.showwarning
    warnings.showwarning = lambda *_args, **_kwargs: None
    try:
        yield
    finally:
        warnings.showwarning = shown


def _handlers() -> list["logging.StreamHandler[Any]"]:
    loggers = (logging.root, *logging.root.manager.loggerDict.values())
    handlers = {one for logger in loggers if isinstance(logger, logging.Logger) for one in logger.handlers}
    return [
        one for one in handlers if isinstance(one, logging.StreamHandler) and not isinstance(one, logging.FileHandler)
    ]
