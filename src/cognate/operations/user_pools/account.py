"""Operations on account."""

from cognate.operations.operation import Operations

OPERATIONS: Operations = {}
