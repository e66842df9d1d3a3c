"""What the contract says of values: compiled at the start, it reads and checks requests and replies.

The room of the contract compiles each operation; ``Upload`` is what handlers get of a file.
"""

from app.standard.validation.handlers import Function
from app.standard.validation.head import PCHAR
from app.standard.validation.operation import CompiledOperation
from app.standard.validation.references import ContractError, follow
from app.standard.validation.refusals import InvalidRequest, fault, refuse
from app.standard.validation.responses import ContractBroken
from app.standard.validation.schema import pointer
from app.standard.validation.uploads import Upload
