"""Operations on pools."""

from cognate.operations.operation import Operations

OPERATIONS: Operations = {}
