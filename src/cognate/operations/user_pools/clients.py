"""Operations on clients."""

from cognate.operations.operation import Operations

OPERATIONS: Operations = {}
