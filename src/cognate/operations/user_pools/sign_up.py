"""Operations on sign up."""

from cognate.operations.operation import Operations

OPERATIONS: Operations = {}
