"""
uvicorn's server and its settings, without its command line.

The package `uvicorn` imports its command line (with click) and its reloaders as a whole: 40 ms, a
seventh of a start, for what nobody calls here. So a placeholder stands for `uvicorn.main` while the
package is imported. Where a version wants more of it than that, all is imported as it is meant.
"""

import contextlib
import sys
from types import ModuleType

COMMAND_LINE = "uvicorn.main"


def _import_package() -> None:
    if "uvicorn" in sys.modules:
        return
    placeholder = ModuleType(COMMAND_LINE)
    vars(placeholder).update(Server=None, main=None, run=None)
    sys.modules[COMMAND_LINE] = placeholder
    try:
        with contextlib.suppress(ImportError):
            import uvicorn  # noqa: F401 - the package; its parts are imported below
    finally:
        del sys.modules[COMMAND_LINE]


_import_package()

from uvicorn.config import Config  # noqa: E402 - the package comes first
from uvicorn.server import Server  # noqa: E402 - the package comes first

__all__ = ["Config", "Server"]
