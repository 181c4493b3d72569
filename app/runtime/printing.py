"""`to_pdf`: HTML becomes a PDF in a child process, which is limited, knows no secret and is killed when late."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

from flask_babel import gettext as _

from app.kernel.errors import Unavailable
from app.runtime import printer

MOST_SECONDS = 60.0
_MOST_AT_ONCE = 2
_PATIENCE_SECONDS = 20.0
_KEPT_VARIABLES = ("PATH", "LANG", "FONTCONFIG_FILE", "FONTCONFIG_PATH")

log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(_MOST_AT_ONCE)


def to_pdf(html: str) -> bytes:
    """The PDF of a whole HTML document. Raises Unavailable, in words for whoever asked, when none can be made now."""
    if not _places.acquire(timeout=_PATIENCE_SECONDS):
        raise Unavailable(_("Too many PDFs are being made at this moment. Try again in a minute; the page is there."))
    try:
        return _printed(html)
    finally:
        _places.release()


def _printed(html: str) -> bytes:
    # Isolated from the folder it is started in, and without the settings that this process was given.
    command = [sys.executable, "-I", printer.__file__]
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own file, run by our own interpreter
            command, input=html.encode(), capture_output=True, timeout=MOST_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        log.error("a PDF was not ready within %s seconds", MOST_SECONDS)
        raise Unavailable(_("The PDF took too long and was given up. The page shows the same.")) from None
    if done.returncode == 0 and done.stdout.startswith(b"%PDF-"):
        return done.stdout
    told = done.stderr.decode("utf-8", "replace").strip()
    log.error("a PDF could not be made (%s): %s", done.returncode, told[-2000:])
    if done.returncode == printer.NOT_INSTALLED:
        packages = ", ".join(told.split())
        raise Unavailable(_("PDFs cannot be made on this server: it lacks %(packages)s.", packages=packages))
    raise Unavailable(_("The PDF could not be made. The page shows the same."))
