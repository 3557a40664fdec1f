"""Operations on users."""

from cognate.operations.operation import Operations

OPERATIONS: Operations = {}
