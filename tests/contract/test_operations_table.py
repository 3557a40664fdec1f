"""The table of operations: whole, and no longer a start than it has to be."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

from cognate.operations import user_pools
from cognate.operations.operation import Operations

MODULES = [
    importlib.import_module(f"{user_pools.__name__}.{module.name}")
    for module in pkgutil.iter_modules(user_pools.__path__)
]


def test_the_table_has_every_operation_of_every_module_and_no_other():
    of_modules: dict[str, object] = {}
    for module in MODULES:
        operations: Operations = getattr(module, "OPERATIONS", {})
        assert of_modules.keys().isdisjoint(operations)
        of_modules.update(operations)

    assert dict(user_pools.OPERATIONS) == of_modules


def test_an_operation_that_we_lack_is_not_in_the_table():
    assert "NoSuchOperation" not in user_pools.OPERATIONS
    with pytest.raises(KeyError):
        user_pools.OPERATIONS["NoSuchOperation"]


def test_an_operation_is_imported_when_it_is_called_and_not_before():
    script = (
        "import sys\n"
        "from cognate.operations.table import OPERATIONS\n"
        "before = set(sys.modules)\n"
        "OPERATIONS['cognito-idp']['AdminGetUser']\n"
        "package = 'cognate.operations.user_pools.'\n"
        "assert not [name for name in before if name.startswith(package)], before\n"
        "assert package + 'users' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
