"""Operations on tags."""

from cognate.operations.operation import Operations

OPERATIONS: Operations = {}
