"""Operations on groups."""

from cognate.operations.operation import Operations

OPERATIONS: Operations = {}
